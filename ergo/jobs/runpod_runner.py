"""Runs jobs on RunPod's serverless GPUs: a reconciler that compares the ledger with what RunPod says.

It keeps nothing that matters: every decision is made from the ledger, so it may stop, start again, or run twice. RunPod
runs a job at least once, sometimes more; what counts is what lies in the bucket.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ergo.config import Settings
from ergo.errors import ErgoError, FleetError
from ergo.jobs.cost import estimated_usd, price_of
from ergo.jobs.ledger import Entry, Ledger
from ergo.jobs.looking_after import LookingAfter
from ergo.jobs.notices import Notices
from ergo.jobs.runpod_client import ENDED, MOST_S, RunPodClient
from ergo.jobs.runpod_watch import NO_WORKERS, Watch
from ergo.jobs.segments import Segments, clear_segments, current_plan
from ergo.jobs.submissions import note, reserve, submissions, write_cost
from ergo.jobs.wire import (
    TERMINAL,
    Claim,
    Cost,
    JobErrorInfo,
    Manifest,
    ProgressRecord,
    Submission,
    error_info,
)
from ergo.jobs.work import DEFAULT_ENTRY, load_work
from ergo.types import Progress

_log = logging.getLogger(__name__)

_SLOWEST_BYTES_PER_S = 60_000  # of film: half a megabit a second, so that a size bounds a length
_BASE_S, _PER_FILM_S = 1800.0, 10.0
_WAIT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """How the runner behaves; times in seconds.

    RunPod is asked at most once each `call_every_s` for each job. `lease_s` is how long a running worker may be silent,
    `start_s` before its first sign of life; `settle_s` is what a job that RunPod calls over has to write its result,
    and a submission to be noted; `no_workers_s` is how long a job waits for an endpoint without workers, and
    `alert_s` how long before the operator is told: one that is scaled to zero needs a moment.
    """

    poll_s: float = 2.0
    call_every_s: float = 5.0
    lease_s: float = 60.0
    start_s: float = 600.0
    settle_s: float = 15.0
    cancel_grace_s: float = 8.0
    no_workers_s: float = 1800.0
    alert_s: float = 300.0
    cost_every_s: float = 5.0
    max_attempts: int = 3
    entry: str = DEFAULT_ENTRY


class RunPodRunner(LookingAfter):
    """The :class:`~ergo.jobs.runner.Runner` of a serverless endpoint.

    `webhook` gives the address to which RunPod reports a job, None for none.
    """

    def __init__(
        self,
        ledger: Ledger,
        app_settings: Settings,
        client: RunPodClient,
        notices: Notices,
        settings: FleetSettings | None = None,
        webhook: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        super().__init__("runpod runner", notices)
        self._ledger = ledger
        self._client = client
        self._webhook = webhook
        self._settings = settings or FleetSettings()
        self._work = load_work(self._settings.entry)
        self._workers = app_settings.runpod_workers
        self._price = price_of(app_settings.runpod_gpu)
        self._runner_id = secrets.token_hex(8)
        self._watches: dict[str, Watch] = {}
        self._waiting_since_s: dict[tuple[str, str], float] = {}

    def _look(self) -> float:
        try:
            entries = sorted({*self._ledger.running(), *self._ledger.queued()})
        except (ErgoError, OSError):
            _log.exception("the ledger cannot be read")
            entries = []
        self._look_for_stuck(entries)
        for entry in entries:
            self._guarded(self._answered, entry)
        return self._settings.poll_s

    def _answered(self, entry: Entry) -> int:
        """Look after a job; where RunPod does not answer, say so. 1, as one job was looked after."""
        try:
            self._look_after(entry)
        except FleetError as error:
            _log.warning("job %s: %s", entry.job_id, error)
            self._tell(entry.job_id, self._ledger.attempts(entry.job_id), "RunPod does not answer; trying again")
        return 1

    def _look_after(self, entry: Entry) -> None:
        job_id = entry.job_id
        state = self._ledger.state(job_id)
        if state in TERMINAL:
            self._forget(entry, completed=state == "completed")
        elif self._ledger.cancel_asked(job_id):
            self._cancel(entry)
        elif (attempt := self._ledger.attempts(job_id)) == 0:
            self._launch(entry, 1)
        else:
            self._watch(entry, attempt)

    def _launch(self, entry: Entry, attempt: int) -> None:
        claim = Claim(attempt=attempt, runner_id=self._runner_id, claimed_s=time.time())
        won = self._ledger.claim(entry.job_id, claim)
        self._ledger.hint_running(entry)
        if won:
            self._submit(entry.job_id, attempt, f"attempt-{attempt}")

    def _submit(self, job_id: str, attempt: int, name: str) -> None:
        manifest = self._ledger.manifest(job_id)
        order: dict[str, object] = {"action": "analyse", "job_id": job_id, "owner": manifest.owner, "attempt": attempt}
        if not attempt:
            order = {"action": "help", "job_id": job_id, "owner": manifest.owner}
        execution_s = self._execution_s(manifest)
        ttl_s = min(execution_s + _WAIT_S, MOST_S)
        webhook = self._webhook(job_id)
        remote_id = self._client.run(order, execution_s=execution_s, ttl_s=ttl_s, webhook=webhook)
        note(self._ledger, job_id, name, Submission(attempt=attempt, remote_id=remote_id, submitted_s=time.time()))

    def _execution_s(self, manifest: Manifest) -> float:
        """How long the work may take, from the most that the film can last by its size."""
        info = self._ledger.store.head(manifest.video_key)
        film_s = (info.size_bytes if info else 0) / _SLOWEST_BYTES_PER_S
        return min(_BASE_S + _PER_FILM_S * film_s, MOST_S)

    def _watch(self, entry: Entry, attempt: int) -> None:
        """Look at a job that was submitted."""
        job_id, name = entry.job_id, f"attempt-{attempt}"
        submitted = submissions(self._ledger, job_id)
        if name not in submitted:
            # Claimed by a runner that may have died before it submitted, or before it noted that it had.
            if self._waited_s(job_id, name) > self._settings.settle_s:
                self._submit(job_id, attempt, name)
            return
        watch = self._watches.setdefault(job_id, Watch(self._settings.call_every_s))
        lead = submitted[name].remote_id
        watch.poll(self._client, lead, [each.remote_id for each in submitted.values() if each.remote_id])
        why = self._death(job_id, attempt, lead, watch)
        if why is not None:
            self._after_death(entry, attempt, lead, why)
            return
        if watch.no_workers() and watch.in_state_s(lead) > self._settings.alert_s:
            self._notices.alert("no workers", job_id, f"Job {job_id} waits. {NO_WORKERS}.")
        if self._ledger.heartbeat(job_id, attempt) is None:
            self._tell(job_id, attempt, watch.words(lead))
        else:
            self._spread(job_id, submitted, watch)
        self._account(job_id, watch, submitted)

    def _death(self, job_id: str, attempt: int, lead: str, watch: Watch) -> str | None:
        """Why the worker of an attempt is taken to be dead, None while it is not."""
        seen = watch.states.get(lead)
        if seen is None:
            return None
        if seen.state in ENDED:
            over = watch.in_state_s(lead) > self._settings.settle_s
            return f"RunPod says {seen.state.lower().replace('_', ' ')}: {_one_line(seen.reason)}" if over else None
        if seen.state != "IN_PROGRESS":
            waits = watch.no_workers() and watch.in_state_s(lead) > self._settings.no_workers_s
            return NO_WORKERS if waits else None
        beat = self._ledger.heartbeat(job_id, attempt)
        silent_s = watch.silent_s(attempt, beat.beat if beat else -1)
        patience_s = self._settings.lease_s if beat else self._settings.start_s
        return f"the worker showed no life for {patience_s:.0f} s" if silent_s > patience_s else None

    def _after_death(self, entry: Entry, attempt: int, lead: str, why: str) -> None:
        """Give the job to another worker, or give up."""
        if self._ledger.state(entry.job_id) in TERMINAL:  # it ended between the two looks
            self._forget(entry)
            return
        _log.warning("attempt %d of job %s ended: %s", attempt, entry.job_id, why)
        self._client.cancel(lead)
        if why == NO_WORKERS or attempt >= self._settings.max_attempts:
            self._ledger.end_failed(entry.job_id, _gave_up(attempt, why))
            self._forget(entry)
        else:
            self._launch(entry, attempt + 1)

    def _spread(self, job_id: str, submitted: dict[str, Submission], watch: Watch) -> None:
        """Let more workers help with a long video, as many as have something to do."""
        plan = current_plan(self._ledger, job_id) if self._workers > 1 else None
        if plan is None:
            return
        segments = Segments(self._ledger, job_id, plan, self._work.pieces(plan), "")
        segments.survey()
        helpers = [name for name in submitted if name.startswith("helper-")]
        ids = [submitted[name].remote_id for name in helpers]
        active = sum(remote_id != "" and not watch.has_ended(remote_id) for remote_id in ids)
        wanted = min(self._workers - 1, segments.count - len(segments.done) - 1)
        for number in range(len(helpers), len(helpers) + wanted - active):
            if not segments.untaken or number >= self._settings.max_attempts * segments.count:
                return
            name = f"helper-{number:04d}"
            if reserve(self._ledger, job_id, name, Submission(attempt=0, remote_id="", submitted_s=time.time())):
                self._submit(job_id, 0, name)

    def _cancel(self, entry: Entry) -> None:
        """The worker stops by itself and says so; where none lives, this does it."""
        waited_s = self._waited_s(entry.job_id, "cancel")
        alive = self._ledger.heartbeat(entry.job_id, self._ledger.attempts(entry.job_id)) is not None
        if not alive or waited_s > self._settings.cancel_grace_s:
            self._ledger.end_cancelled(entry.job_id)
            self._forget(entry)

    def _forget(self, entry: Entry, *, completed: bool = False) -> None:
        """Stop what still runs elsewhere, delete what was on the way to a result, and take the job off the lists.

        The worker that has just completed it is about to answer, and is left to.
        """
        job_id = entry.job_id
        submitted = submissions(self._ledger, job_id)
        watch = self._watches.pop(job_id, None) or Watch(self._settings.call_every_s)
        leaving = f"attempt-{self._ledger.attempts(job_id)}" if completed else ""
        for name, each in submitted.items():
            if name != leaving and each.remote_id and not watch.has_ended(each.remote_id):
                try:
                    self._client.cancel(each.remote_id)
                except FleetError as error:  # it ends by itself: its worker finds the job ended
                    _log.warning("job %s: %s", job_id, error)
        if submitted:
            self._account(job_id, watch, submitted, last=True)
        self._waiting_since_s = {key: s for key, s in self._waiting_since_s.items() if key[0] != job_id}
        self._notices.ended(job_id)
        clear_segments(self._ledger, job_id)
        self._ledger.clear_hints(entry)

    def _waited_s(self, job_id: str, what: str) -> float:
        now_s = time.monotonic()
        return now_s - self._waiting_since_s.setdefault((job_id, what), now_s)

    def _tell(self, job_id: str, attempt: int, message: str) -> None:
        """Progress in the place of a worker that cannot say anything yet."""
        watch = self._watches.setdefault(job_id, Watch(self._settings.call_every_s))
        if watch.message == message:
            return
        watch.message = message
        before = self._ledger.progress(job_id)
        latest = before.progress if before else Progress(seq=0, stage="queue", fraction=0.0)
        told = replace(latest, seq=latest.seq + 1, message=message, eta_s=None)
        self._ledger.write_progress(job_id, ProgressRecord(progress=told, attempt=attempt, written_s=time.time()))

    def _account(self, job_id: str, watch: Watch, submitted: dict[str, Submission], *, last: bool = False) -> None:
        """Write down what the job has cost, now and then."""
        gpu_s = watch.gpu_s(submitted)
        if gpu_s - watch.accounted_s < self._settings.cost_every_s and not (last and gpu_s):
            return
        watch.accounted_s = gpu_s
        usd = gpu_s * self._price.usd_per_s
        self._notices.spent(job_id, usd)
        record = self._ledger.progress(job_id)
        estimate = usd if last else estimated_usd(usd, record.progress.fraction if record else 0.0)
        write_cost(self._ledger, job_id, Cost(usd=usd, estimate_usd=estimate, gpu_s=gpu_s, prices_of=self._price.as_of))


def _gave_up(attempts: int, why: str) -> JobErrorInfo:
    if why == NO_WORKERS:
        return error_info(FleetError(f"{NO_WORKERS}.", "RunPod takes workers away from endpoints that lie idle."))
    return JobErrorInfo(
        code="JobFailed",
        message=f"The analysis was tried {attempts} times on RunPod without a result ({why}).",
        hint="Look at the endpoint's logs on RunPod; a lower quality or a shorter video needs less memory.",
    )


def _one_line(reason: str) -> str:
    return " ".join(reason.split())[:200] or "no reason given"
