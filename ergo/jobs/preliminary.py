"""What is known of a long film while it is still being looked at: glimpses of the pieces that are done."""

from __future__ import annotations

import re

from ergo.errors import JobFailed, KeyNotFound
from ergo.jobs.ledger import Ledger, job_prefix
from ergo.jobs.shared import Shared
from ergo.looking.glimpse import Glimpse, decode_glimpse

_GLIMPSE = re.compile(r"(?P<plan>[0-9a-f]{16})/(?P<number>\d+)\.json")
_MOST_KEPT = 5000


class Preliminary:
    """Reads the glimpses of the jobs of `ledger`, each once; which there are is at most `fresh_s` seconds old."""

    def __init__(self, ledger: Ledger, fresh_s: float) -> None:
        self._ledger = ledger
        self._shared: Shared[tuple[Glimpse, ...]] = Shared(fresh_s)
        self._read: dict[str, Glimpse] = {}

    def of(self, job_id: str) -> tuple[Glimpse, ...]:
        """Those of a job, in the order of the film; none for a short film, or one that has been joined."""
        return self._shared.get(job_id, lambda: self._look(job_id))

    def _look(self, job_id: str) -> tuple[Glimpse, ...]:
        prefix = f"{job_prefix(job_id)}segments/"
        newest, keys = {}, {}
        for info in self._ledger.store.list(prefix):
            if found := _GLIMPSE.fullmatch(info.key.removeprefix(prefix)):
                newest[found["plan"]] = max(info.modified_s, newest.get(found["plan"], 0.0))
                keys.setdefault(found["plan"], []).append(info.key)
        if not keys:
            return ()
        latest = max(newest, key=lambda plan: newest[plan])  # a film is looked at again when it lies on its side
        glimpses = [seen for key in keys[latest] if (seen := self._glimpse(key)) is not None]
        return tuple(sorted(glimpses, key=lambda seen: seen.begin_s))

    def _glimpse(self, key: str) -> Glimpse | None:
        if key not in self._read:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            try:
                self._read[key] = decode_glimpse(self._ledger.store.get(key))
            except (KeyNotFound, JobFailed):  # the pieces have been joined meanwhile, or another version wrote it
                return None
        return self._read[key]
