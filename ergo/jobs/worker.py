"""Does one job: ``python -m ergo.jobs.worker JOB_ID``, or helps with its pieces: ``… JOB_ID --help-out``.

Doing a job twice, even at the same time, is harmless: results are the same, and ``result.json`` comes last.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ergo.config import Settings
from ergo.errors import ErgoError, JobFailed, KeyNotFound, StoreUnreachable
from ergo.jobs.fetching import footage_of
from ergo.jobs.ledger import KEYPOINTS_FILE, OUTAGE_S, PREVIEW_FILE, Ledger, result_key
from ergo.jobs.pieces import look_at_all, look_at_some
from ergo.jobs.processes import lead_group
from ergo.jobs.pulse import Pulse, PulseSettings
from ergo.jobs.segments import Patience, Segments, clear_segments, current_plan, keep_plan
from ergo.jobs.wire import TERMINAL, Claim, JobErrorInfo, Manifest, error_info
from ergo.jobs.work import DEFAULT_ENTRY, Work, load_work
from ergo.logs import set_up_logs
from ergo.progress import Clock, silent
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner

if TYPE_CHECKING:
    from ergo.video.footage import Footage
    from ergo.video.web import Reach

_log = logging.getLogger(__name__)

_BEATS_UNTIL_DEAD = 5
_ASK_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker process works with.

    `reach` is how far the fetching of a video from the web may go; to public addresses, if not given.
    """

    ledger: Ledger
    work: Work
    settings: Settings
    pulse: PulseSettings
    patience: Patience
    reach: Reach | None = None
    name: str = field(default_factory=lambda: secrets.token_hex(8))

    def run_attempt(self, job_id: str, attempt: int) -> bool:
        """Do a claimed attempt of a job to its end, or until others end it; False when it failed.

        Failures are written into the ledger.

        Raises:
            JobNotFound: there is no such job.
        """

        def act(folder: Path) -> None:
            manifest = self.ledger.manifest(job_id)
            with Pulse(self.ledger, job_id, attempt, self.pulse, worker=self.name) as pulse:
                result = self._analyse_into_store(manifest, folder, Clock(pulse.report))
            # outside of the pulse: from here on nobody stops it, and result.json says that all is there
            self.ledger.store.put_file(result_key(job_id, "result.json"), result)
            clear_segments(self.ledger, job_id)

        return self._guarded(job_id, attempt, act)

    def help_out(self, job_id: str) -> bool:
        """Look at pieces of a job while there are any; whether that went well.

        Raises:
            JobNotFound: there is no such job.
        """

        def act(folder: Path) -> None:
            manifest, plan = self.ledger.manifest(job_id), current_plan(self.ledger, job_id)
            if plan is None:
                return
            with Pulse(self.ledger, job_id, 0, self.pulse, worker=self.name):
                footage = self._footage(manifest, folder, Clock(silent))
                segments = self._segments(job_id, plan)
                look_at_some(segments, self.work, footage, plan, folder, self.settings, self.ledger)

        return self._guarded(job_id, 0, act)

    def _guarded(self, job_id: str, attempt: int, act: Callable[[Path], None]) -> bool:
        """`act` in a folder of its own; its failure is the job's."""
        if self.ledger.state(job_id) in TERMINAL:
            return False
        # by the worker's name: a job that is delivered twice may come to two workers on one disk
        folder = self.settings.data_dir.absolute() / "work" / job_id / self.name
        try:
            while not self._outlasted(job_id, folder, act):
                shutil.rmtree(folder, ignore_errors=True)
        except Exception as error:  # whatever it was, the user gets a calm answer and the operator the traceback
            if self.ledger.is_over(job_id):  # others ended it, and cleared away what this one was working with
                return True
            self._fail(job_id, attempt, error)
            return False
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return True

    def _fail(self, job_id: str, attempt: int, error: Exception) -> None:
        if isinstance(error, ErgoError):
            _log.warning("%s: %s", error.code, error)
            self.ledger.end_failed(job_id, error_info(error))
        else:
            _log.error("job %s broke", job_id, exc_info=error)
            self.ledger.write_log(job_id, attempt, "".join(traceback.format_exception(error)).encode(errors="replace"))
            self.ledger.end_failed(job_id, _broken(job_id))

    def _outlasted(self, job_id: str, folder: Path, act: Callable[[Path], None]) -> bool:
        """Whether `act` came to its end; False when the store had stopped answering and has begun again.

        Doing it once more costs little: pieces that are stored are not looked at again.

        Raises:
            StoreUnreachable: it has not answered for a quarter of an hour.
        """
        folder.mkdir(parents=True)
        try:
            act(folder)
            return True
        except StoreUnreachable:
            _log.warning("the store does not answer: waiting", exc_info=True)
        since_s = time.monotonic()
        while True:
            try:
                return self.ledger.is_over(job_id)
            except StoreUnreachable:
                if time.monotonic() - since_s > OUTAGE_S:
                    raise
            time.sleep(_ASK_AGAIN_S)

    def _analyse_into_store(self, manifest: Manifest, folder: Path, clock: Clock) -> Path:
        """Analyse, store every result file but result.json, and return where that one lies."""
        out_dir = folder / "out"
        earlier = _earlier(self.ledger, manifest, folder)
        if earlier is not None:
            self.work.again(earlier, out_dir, manifest.settings, self.settings, clock)
        else:
            self._analyse(manifest, folder, out_dir, clock)
        last = out_dir / "result.json"
        if not last.is_file():
            raise JobFailed("The analysis ended without a result.", "Run the job again.")
        for path in sorted(out_dir.iterdir()):
            if path.is_file() and path != last:
                self.ledger.store.put_file(result_key(manifest.job_id, path.name), path)
        return last

    def _analyse(self, manifest: Manifest, folder: Path, out_dir: Path, clock: Clock) -> None:
        """Plan, look at all pieces together with whoever helps, and finish."""
        job_id, work, settings = manifest.job_id, self.work, manifest.settings
        footage = self._footage(manifest, folder, clock)
        plan: bytes | None = current_plan(self.ledger, job_id)
        if plan is None:
            plan = keep_plan(self.ledger, job_id, work.plan(footage, settings, self.settings, clock), again=False)
        clock.enter("people")
        while plan is not None:
            segments = self._segments(job_id, plan)
            look_at_all(segments, work, footage, plan, folder, self.settings, clock, self.pulse.poll_s)
            parts = folder / "parts"
            shutil.rmtree(parts, ignore_errors=True)
            parts.mkdir()
            segments.collect(parts)
            again = work.finish(plan, parts, out_dir, settings, self.settings, clock)
            plan = None if again is None else keep_plan(self.ledger, job_id, again, again=True)

    def _segments(self, job_id: str, plan: bytes) -> Segments:
        return Segments(self.ledger, job_id, plan, self.work.pieces(plan), self.name, self.patience)

    def _footage(self, manifest: Manifest, folder: Path, clock: Clock) -> Footage:
        return footage_of(self.ledger.store, manifest, folder, self.settings, clock, self.reach)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the worker process; 0 when the job has completed."""
    arguments = _arguments(argv)
    lead_group()
    app_settings = Settings()
    set_up_logs(app_settings, arguments.job_id)
    # a worker signs no URLs, so it gets a signer of its own and never sees the secret
    ledger = Ledger(open_store(app_settings, UrlSigner(secrets.token_bytes(32))))
    worker = Worker(
        ledger=ledger,
        work=load_work(arguments.entry),
        settings=app_settings,
        pulse=PulseSettings(
            poll_s=arguments.poll_s, heartbeat_s=arguments.heartbeat_s, timeout_s=app_settings.job_timeout_s
        ),
        patience=Patience(lease_s=arguments.lease_s, hang_s=arguments.hang_s),
    )
    try:
        if arguments.help_out:
            return 0 if worker.help_out(arguments.job_id) else 1
        attempt = arguments.attempt or _take_attempt(ledger, arguments.job_id, worker.pulse)
        return 0 if worker.run_attempt(arguments.job_id, attempt) else 1
    except ErgoError as error:
        _log.error("%s: %s", error.code, error)
        return 1


def _earlier(ledger: Ledger, manifest: Manifest, work: Path) -> Path | None:
    """The results of the job that this one repeats; None when it repeats none, or that one was deleted meanwhile."""
    if manifest.again_of is None:
        return None
    folder = work / "earlier"
    folder.mkdir()
    try:
        for name in (KEYPOINTS_FILE, PREVIEW_FILE):
            ledger.store.fetch(result_key(manifest.again_of, name), folder / name)
    except KeyNotFound:
        return None
    return folder


def _take_attempt(ledger: Ledger, job_id: str, settings: PulseSettings) -> int:
    """The next attempt, claimed for this process, unless another worker shows life."""
    ledger.manifest(job_id)
    latest = ledger.attempts(job_id)
    if latest:
        before = ledger.heartbeat(job_id, latest)
        time.sleep(_BEATS_UNTIL_DEAD * settings.heartbeat_s)
        after = ledger.heartbeat(job_id, latest)
        if after is not None and after != before:
            raise JobFailed(f"Another worker is at job {job_id}.", "Wait for it, or cancel the job.")
    claim = Claim(attempt=latest + 1, runner_id="by hand", claimed_s=time.time())
    if not ledger.claim(job_id, claim):
        raise JobFailed(f"Another worker has just taken job {job_id}.", "Wait for it, or cancel the job.")
    return claim.attempt


def _broken(job_id: str) -> JobErrorInfo:
    return JobErrorInfo(
        code="JobFailed",
        message="The analysis stopped because of a mistake in Ergo, not because of your video.",
        hint=f"Try again; if it happens again, report it together with error.log of job {job_id}.",
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ergo.jobs.worker", description="Do one job of the ledger.")
    parser.add_argument("job_id")
    parser.add_argument("--attempt", type=int, default=0, help="the attempt that was claimed for this process")
    parser.add_argument("--help-out", action="store_true", help="only look at pieces that nobody has taken yet")
    parser.add_argument("--entry", default=DEFAULT_ENTRY, help="module that does the analysis")
    parser.add_argument("--poll-s", type=float, default=0.5, help="how often to look for a cancellation")
    parser.add_argument("--heartbeat-s", type=float, default=2.0, help="how often to give a sign of life")
    parser.add_argument("--lease-s", type=float, default=30.0, help="silence after which a worker elsewhere is dead")
    parser.add_argument("--hang-s", type=float, default=300.0, help="silence after which a process of here is dead")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
