"""The second thread of a worker: signs of life, progress into the ledger, and the order to stop.

It stops the work by ending the whole process group, because a decoder or a numeric library deep in its work hears
nothing softer.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType

from ergo.errors import ErgoError
from ergo.jobs.eta import EtaEstimator
from ergo.jobs.ledger import Ledger
from ergo.jobs.processes import kill_group, machine
from ergo.jobs.segments import beat_worker
from ergo.jobs.wire import Heartbeat, JobErrorInfo, ProgressRecord
from ergo.types import Progress

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseSettings:
    """How often a worker looks up from its work, in seconds."""

    poll_s: float = 0.5
    heartbeat_s: float = 2.0
    progress_s: float = 1.0  # R2 takes one write a second for each key
    timeout_s: float = 24 * 3600.0


class Pulse:
    """Runs beside the analysis of one attempt; use as a context manager around the work.

    Attempt 0 is a worker that only helps: it has no progress of its own, and leaves when the job has ended. `worker` is
    the name under which the process takes pieces.

    `report` may be called from the working thread as often as it likes: it only remembers.
    """

    def __init__(
        self,
        ledger: Ledger,
        job_id: str,
        attempt: int,
        settings: PulseSettings,
        *,
        worker: str = "",
        end_group: Callable[[int], None] = kill_group,
    ) -> None:
        self._ledger = ledger
        self._job_id = job_id
        self._attempt = attempt
        self._settings = settings
        self._worker = worker
        self._end_group = end_group
        self._started_s = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._lock = threading.Lock()
        self._latest: Progress | None = None
        self._eta = EtaEstimator()
        before = ledger.progress(job_id)  # of an attempt that died: numbers go on rising from there
        self._base_seq = before.progress.seq + 1 if before else 0
        self._floor = before.progress.fraction if before else 0.0
        self._written_seq = -1
        self._written_s = -math.inf
        self._beat = 0
        self._beat_s = -math.inf

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def report(self, progress: Progress) -> None:
        """Take note of how far the work has come."""
        with self._lock:
            self._latest = progress

    def _run(self) -> None:
        while True:
            last = self._done.is_set()
            try:
                self._look_up(last)
            except (ErgoError, OSError):
                _log.exception("the ledger could not be reached")  # the work goes on; the next look may succeed
            if last:
                return
            self._done.wait(self._settings.poll_s)

    def _look_up(self, last: bool) -> None:
        if not last:
            self._stop_if_told()
        now_s = time.monotonic()
        if now_s - self._beat_s >= self._settings.heartbeat_s:
            self._beat_s = now_s
            self._beat += 1
            beat = Heartbeat(attempt=self._attempt, beat=self._beat, machine=machine(), pid=os.getpid())
            if self._attempt:
                self._ledger.beat(self._job_id, beat)
            if self._worker:
                beat_worker(self._ledger, self._job_id, self._worker, beat)
        if self._attempt and now_s - self._written_s >= self._settings.progress_s:
            self._write_progress(now_s)

    def _write_progress(self, now_s: float) -> None:
        with self._lock:
            progress = self._latest
        if progress is None or progress.seq <= self._written_seq:
            return
        estimate_s = self._eta.update(now_s - self._started_s, progress.fraction)
        eta_s = progress.eta_s if progress.eta_s is not None else estimate_s
        self._floor = max(self._floor, min(1.0, progress.fraction))
        record = ProgressRecord(
            progress=replace(
                progress,
                seq=self._base_seq + progress.seq,
                fraction=self._floor,
                eta_s=eta_s if eta_s is not None and math.isfinite(eta_s) else None,
            ),
            attempt=self._attempt,
            written_s=time.time(),
        )
        self._written_s = now_s
        self._ledger.write_progress(self._job_id, record)
        self._written_seq = progress.seq

    def _stop_if_told(self) -> None:
        ended = self._ledger.is_over(self._job_id)
        if self._ledger.cancel_asked(self._job_id) and not ended:
            self._ledger.end_cancelled(self._job_id)
            ended = True
        if not ended and time.monotonic() - self._started_s > self._settings.timeout_s:
            self._ledger.end_failed(self._job_id, _too_long(self._settings.timeout_s))
            ended = True
        if ended or (self._attempt and self._ledger.attempts(self._job_id) > self._attempt):
            _log.warning("told to stop")
            self._end_group(os.getpgrp())


def _too_long(timeout_s: float) -> JobErrorInfo:
    return JobErrorInfo(
        code="JobFailed",
        message=f"The analysis took longer than {timeout_s / 3600:.3g} hours and was stopped.",
        hint="Choose a lower quality, cut the video, or raise ERGO_JOB_TIMEOUT_S.",
    )
