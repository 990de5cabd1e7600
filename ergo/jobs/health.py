"""How the service is: what an operator or a monitor asks, told by the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ergo.errors import StorageError
from ergo.jobs.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Jobs that wait and that run, and for how long the oldest of each has been there, in seconds (0: there is none).

    `trouble` names what is wrong with the store, None if it answers; `free_bytes` is None where room has no end.
    """

    queued: int = 0
    running: int = 0
    oldest_queued_s: float = 0.0
    oldest_running_s: float = 0.0
    free_bytes: int | None = None
    trouble: str | None = None


class HealthLook:
    """Looks at the ledger at most once in `every_s`, however many ask: each look costs two listings."""

    def __init__(self, ledger: Ledger, *, every_s: float = 5.0, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._ledger, self._every_s, self._clock_s = ledger, every_s, clock_s
        self._seen, self._seen_s = Health(), float("-inf")
        self._lock = threading.Lock()

    def now(self) -> Health:
        """How it was at most `every_s` ago."""
        with self._lock:
            if self._clock_s() - self._seen_s > self._every_s:
                self._seen, self._seen_s = self._look(), self._clock_s()
            return self._seen

    def _look(self) -> Health:
        try:
            queued, running = self._ledger.queued(), self._ledger.running()
            free_bytes = self._ledger.store.free_bytes()
        except StorageError as error:
            return Health(trouble=error.code)
        return Health(
            queued=len(queued),
            running=len(running),
            oldest_queued_s=_age_s(queued),
            oldest_running_s=_age_s(running),
            free_bytes=free_bytes,
        )


def _age_s(entries: list[Entry]) -> float:
    return max(0.0, time.time() - min(entries).created_us / 1e6) if entries else 0.0
