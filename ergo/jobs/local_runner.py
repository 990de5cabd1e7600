"""Runs jobs as processes of this machine, a few at once, first come first served.

All decisions are made from the ledger on each look, so it makes no difference whether this runner started a worker,
an earlier one before a restart, or another app on the same data folder.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ergo.config import Settings
from ergo.cores import workers_here
from ergo.errors import ErgoError, JobNotFound
from ergo.jobs.helpers import Helpers
from ergo.jobs.ledger import Entry, Ledger, job_prefix
from ergo.jobs.looking_after import LookingAfter
from ergo.jobs.notices import Notices
from ergo.jobs.processes import is_worker, kill_group, machine, start_worker
from ergo.jobs.segments import clear_segments
from ergo.jobs.wire import TERMINAL, Claim, JobErrorInfo
from ergo.jobs.work import DEFAULT_ENTRY, load_work

_log = logging.getLogger(__name__)

_LOG_TAIL_BYTES = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """How the local runner behaves; times in seconds.

    `lease_s` is how long a worker that cannot be seen as a process may be silent before its job is started again.
    A process that is seen to live may be silent for `hang_s`, and for `start_s` before its first sign of life; then
    it is ended. `cancel_grace_s` is how long a worker has to stop by itself. While nothing waits or runs, `idle_s` pass
    between two looks, which cost money where the store is a bucket; a submission from here wakes the runner at once.
    """

    poll_s: float = 0.5
    idle_s: float = 0.5
    heartbeat_s: float = 2.0
    lease_s: float = 30.0
    hang_s: float = 300.0
    start_s: float = 300.0
    cancel_grace_s: float = 1.2
    max_attempts: int = 3
    entry: str = DEFAULT_ENTRY


class LocalRunner(LookingAfter):
    """The :class:`~ergo.jobs.runner.Runner` of this machine."""

    def __init__(self, ledger: Ledger, app_settings: Settings, settings: RunnerSettings, notices: Notices) -> None:
        super().__init__("local runner", notices)
        self._ledger = ledger
        self._app_settings = app_settings
        self._workers = app_settings.local_workers or workers_here()
        self._settings = settings
        self._runner_id = secrets.token_hex(8)
        self._work = app_settings.data_dir.absolute() / "work"
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._helpers = Helpers(ledger, load_work(settings.entry), self._start_helper)
        self._beats: dict[tuple[str, int], tuple[int, float]] = {}
        self._leaving_since_s: dict[str, float] = {}

    def _prepare(self) -> None:
        self._sweep_work()

    def _look(self) -> float:
        try:
            running, queued = self._ledger.running(), self._ledger.queued()
        except (ErgoError, OSError):
            _log.exception("the ledger cannot be read")
            return self._settings.poll_s
        self._look_for_stuck(running)
        self._look_at_unlisted({entry.job_id for entry in [*running, *queued]})
        busy = sum(self._guarded(self._look_after, entry) for entry in running)
        alone = self._workers == 1
        helping = 0 if alone else sum(self._guarded(partial(self._spread, room=0), entry) for entry in running)
        for entry in sorted(set(queued) - set(running)):
            room = busy + helping < self._workers
            busy += self._guarded(partial(self._take, room=room), entry)
        for entry in running:
            room = self._workers - busy - helping
            if room <= 0 or busy > len(running):
                break
            helping += self._guarded(partial(self._spread, room=room), entry)
        return self._settings.poll_s if running or queued or self._children else self._settings.idle_s

    def _look_at_unlisted(self, known: set[str]) -> None:
        """Children whose jobs are on no list: ended and seen off by another runner, or deleted."""
        for job_id in [job_id for job_id in self._children if job_id not in known]:
            try:
                self._ledger.state(job_id)
            except JobNotFound:
                child = self._children.pop(job_id)
                kill_group(child.pid)
                child.wait()
                self._ledger.store.delete_prefix(job_prefix(job_id))  # what it wrote after the deletion
                shutil.rmtree(self._work / job_id, ignore_errors=True)
                continue
            if self._children[job_id].poll() is not None:
                del self._children[job_id]

    def _take(self, entry: Entry, *, room: bool) -> bool:
        """Look at a waiting job; start it when there is room."""
        state = self._ledger.state(entry.job_id)
        if state in TERMINAL:
            self._forget(entry)
            return False
        if state == "running":
            self._ledger.hint_running(entry)  # a crash came between the claim and the hint
            return True
        if self._ledger.cancel_asked(entry.job_id):
            self._ledger.end_cancelled(entry.job_id)
            self._forget(entry)
            return False
        if room:
            self._launch(entry, 1)
        return room

    def _spread(self, entry: Entry, *, room: int) -> int:
        """Let up to `room` more processes help with a long job; how many help it (room 0) or were started."""
        if room == 0:
            return self._helpers.of(entry.job_id)
        before = self._helpers.of(entry.job_id)
        return self._helpers.spread(entry.job_id, room) - before

    def _look_after(self, entry: Entry) -> bool:
        """Look at a job that has been claimed."""
        if self._ledger.state(entry.job_id) in TERMINAL:
            return self._see_off(entry)
        attempt = self._ledger.attempts(entry.job_id)
        if self._alive(entry.job_id, attempt):
            self._insist_on_cancel(entry)
            return True
        if self._ledger.state(entry.job_id) in TERMINAL:  # it ended between the two looks
            return self._see_off(entry)
        return self._after_death(entry, attempt)

    def _see_off(self, entry: Entry) -> bool:
        """After a job's end: its worker has a moment to leave by itself, then the place is free."""
        child = self._children.get(entry.job_id)
        if child is not None and child.poll() is None:
            first_s = self._leaving_since_s.setdefault(entry.job_id, time.monotonic())
            if time.monotonic() - first_s < self._settings.cancel_grace_s:
                return True
            kill_group(child.pid)
            child.wait()
        self._forget(entry)
        return False

    def _insist_on_cancel(self, entry: Entry) -> None:
        child = self._children.get(entry.job_id)
        if child is None or not self._ledger.cancel_asked(entry.job_id):
            return
        first_s = self._leaving_since_s.setdefault(entry.job_id, time.monotonic())
        if time.monotonic() - first_s >= self._settings.cancel_grace_s:
            kill_group(child.pid)
            child.wait()
            self._ledger.end_cancelled(entry.job_id)

    def _alive(self, job_id: str, attempt: int) -> bool:
        """Whether the worker of the latest attempt lives, as far as can be told from here."""
        beat = self._ledger.heartbeat(job_id, attempt)
        silent_s = self._silent_s(job_id, attempt, beat.beat if beat else 0)
        hangs = silent_s > (self._settings.hang_s if beat else self._settings.start_s)
        child = self._children.get(job_id)
        if child is not None:
            if child.poll() is None and hangs:
                kill_group(child.pid)
                child.wait()
            return child.poll() is None
        if beat is not None and beat.machine == machine():
            seen = is_worker(beat.pid, job_id)
            if seen and hangs:
                kill_group(beat.pid)
                return False
            if seen is not None:
                return seen
        return silent_s <= self._settings.lease_s

    def _silent_s(self, job_id: str, attempt: int, beat: int) -> float:
        """Seconds without a new heartbeat, by this runner's clock (which stands still while a laptop sleeps)."""
        now_s = time.monotonic()
        seen = self._beats.get((job_id, attempt))
        if seen is None or seen[0] != beat:
            self._beats[job_id, attempt] = seen = (beat, now_s)
        return now_s - seen[1]

    def _after_death(self, entry: Entry, attempt: int) -> bool:
        """A worker has gone without ending its job: start it again, or give up."""
        child = self._children.pop(entry.job_id, None)
        if self._ledger.cancel_asked(entry.job_id):
            self._ledger.end_cancelled(entry.job_id)
            self._forget(entry)
            return False
        self._keep_log(entry.job_id, attempt)
        if attempt >= self._settings.max_attempts:
            self._ledger.end_failed(entry.job_id, _gave_up(attempt, child.returncode if child else None))
            self._forget(entry)
            return False
        _log.warning("the worker of job %s died in attempt %d, starting again", entry.job_id, attempt)
        self._launch(entry, attempt + 1)
        return True

    def _launch(self, entry: Entry, attempt: int) -> None:
        claim = Claim(attempt=attempt, runner_id=self._runner_id, claimed_s=time.time())
        won = self._ledger.claim(entry.job_id, claim)
        self._ledger.hint_running(entry)
        if won:
            self._children[entry.job_id] = start_worker(
                [
                    entry.job_id,
                    *("--attempt", str(attempt)),
                    *self._manners(),
                ],
                self._app_settings,
                self._log_path(entry.job_id, attempt),
            )

    def _start_helper(self, job_id: str) -> subprocess.Popen[bytes]:
        log = self._work / job_id / "helpers.log"
        return start_worker([job_id, "--help-out", *self._manners()], self._app_settings, log)

    def _manners(self) -> list[str]:
        settings = self._settings
        return [
            *("--entry", settings.entry),
            *("--poll-s", str(settings.poll_s)),
            *("--heartbeat-s", str(settings.heartbeat_s)),
            *("--lease-s", str(settings.lease_s)),
            *("--hang-s", str(settings.hang_s)),
        ]

    def _forget(self, entry: Entry) -> None:
        """End what still runs, clear the scratch folder, what was on the way to a result, and the hints."""
        child = self._children.pop(entry.job_id, None)
        if child is not None and child.poll() is None:
            kill_group(child.pid)
            child.wait()
        self._helpers.end(entry.job_id)
        self._leaving_since_s.pop(entry.job_id, None)
        self._beats = {key: seen for key, seen in self._beats.items() if key[0] != entry.job_id}
        shutil.rmtree(self._work / entry.job_id, ignore_errors=True)
        self._notices.ended(entry.job_id)
        clear_segments(self._ledger, entry.job_id)
        self._ledger.clear_hints(entry)

    def _log_path(self, job_id: str, attempt: int) -> Path:
        return self._work / job_id / f"worker-{attempt}.log"

    def _keep_log(self, job_id: str, attempt: int) -> None:
        try:
            with self._log_path(job_id, attempt).open("rb") as log:
                log.seek(max(0, log.seek(0, 2) - _LOG_TAIL_BYTES))
                self._ledger.write_log(job_id, attempt, log.read())
        except FileNotFoundError:
            return  # it ran on another machine

    def _sweep_work(self) -> None:
        """Remove scratch folders of jobs that ended while nobody looked."""
        if not self._work.is_dir():
            return
        for folder in self._work.iterdir():
            if self._ledger.is_over(folder.name):
                shutil.rmtree(folder, ignore_errors=True)


def _gave_up(attempts: int, returncode: int | None) -> JobErrorInfo:
    how = f" (signal {-returncode})" if returncode is not None and returncode < 0 else ""
    return JobErrorInfo(
        code="JobFailed",
        message=f"The worker died {attempts} times without saying why{how}.",
        hint="The machine may be short of memory: choose a lower quality or a shorter video.",
    )
