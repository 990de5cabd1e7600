"""What all runners have in common: a thread that looks after the ledger again and again."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from ergo.errors import ErgoError, JobNotFound
from ergo.jobs.ledger import Entry
from ergo.jobs.notices import Notices

_log = logging.getLogger(__name__)


class LookingAfter(ABC):
    """Owns the thread of a :class:`~ergo.jobs.runner.Runner`, whose `_look` it calls: at once when nudged, else when
    the time is over that the last look asked for."""

    def __init__(self, name: str, notices: Notices) -> None:
        self._name, self._notices = name, notices
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look after the ledger; jobs of earlier runs included."""
        if self._thread is None:
            self._stopping.clear()
            self._prepare()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop looking; workers go on."""
        if self._thread is not None:
            self._stopping.set()
            self._wake.set()
            self._thread.join()
            self._thread = None

    def nudge(self) -> None:
        """Look now."""
        self._wake.set()

    def _prepare(self) -> None:
        """What comes before the first look; nothing, where a runner does not say otherwise."""
        return

    @abstractmethod
    def _look(self) -> float:
        """Look after everything; how many seconds may pass until the next look."""

    @abstractmethod
    def _forget(self, entry: Entry) -> None:
        """The job has ended, or was deleted."""

    def _guarded(self, act: Callable[[Entry], int], entry: Entry) -> int:
        """`act(entry)`, such as how many places the job takes up. One job's trouble must not stop the others."""
        try:
            return act(entry)
        except JobNotFound:
            self._forget(entry)
        except (ErgoError, OSError):
            _log.exception("job %s could not be looked after", entry.job_id)
        return 0

    def _look_for_stuck(self, running: Sequence[Entry]) -> None:
        try:
            self._notices.watch(running)
        except (ErgoError, OSError):
            _log.exception("it could not be seen whether jobs come on")

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._wake.wait(self._look())
