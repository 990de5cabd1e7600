"""Jobs as the page, the API and the command line see them."""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import dropwhile, islice
from typing import Any

from ergo.errors import (
    AccessDenied,
    JobCancelled,
    JobFailed,
    JobNotFound,
    KeyNotFound,
    SettingsError,
    StoreUnreachable,
    VideoUnreachable,
    from_code,
)
from ergo.jobs.ledger import KEYPOINTS_FILE, OUTAGE_S, Ledger, job_prefix, result_key
from ergo.jobs.preliminary import Preliminary
from ergo.jobs.runner import Runner
from ergo.jobs.shared import Shared
from ergo.jobs.submissions import cost_of
from ergo.jobs.wire import JobState, JobStatus, Manifest, ProgressRecord, check_settings
from ergo.looking.glimpse import Glimpse
from ergo.storage.signing import UrlSigner
from ergo.storage.uploads import UploadService
from ergo.types import AnalysisSettings, Progress
from ergo.video.web import check_url, name_of

ARCHIVE = "all.zip"
HOOK_ROUTE = "/ergo/hooks/runpod/"

_RESULT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_TITLE_CHARS = 200
_DELETE_WAIT_S = 3.0
_PRELIMINARY_FRESH_S = 2.0
_DELETE_TRIES = 10


class JobService:
    """Submits, watches, cancels and reads jobs of a ledger that `runner` looks after.

    `rented` says that its machines cost something; a status may be `fresh_s` seconds old.
    """

    def __init__(
        self,
        ledger: Ledger,
        uploads: UploadService,
        signer: UrlSigner,
        runner: Runner,
        *,
        url_ttl_s: int,
        rented: bool = False,
        fresh_s: float = 0.0,
    ) -> None:
        self._ledger = ledger
        self._uploads = uploads
        self._signer = signer
        self._runner = runner
        self._ttl_s = url_ttl_s
        self._rented = rented
        self._shared: Shared[JobStatus] = Shared(fresh_s)
        self._preliminary = Preliminary(ledger, max(fresh_s, _PRELIMINARY_FRESH_S))

    def start(self) -> None:
        """Begin to run jobs; those left by an earlier run included."""
        self._runner.start()

    def stop(self) -> None:
        """Stop looking after jobs; workers that run go on, and the next start finds them."""
        self._runner.stop()

    def submit(
        self,
        video_key: str,
        settings: AnalysisSettings,
        *,
        owner: str = "local",
        title: str = "",
        notify_url: str | None = None,
    ) -> str:
        """Put an analysis into the queue; its job id, which nobody can guess.

        `notify_url` is a public address that gets a POST with the job's id and state once it has ended.

        Raises:
            SettingsError: a setting is out of range (names the field).
            UploadRejected: the upload is not complete.
            AccessDenied, KeyNotFound: not a video of this owner.
        """
        return self._submit(video_key, settings, owner, title, again_of=None, notify_url=notify_url)

    def submit_url(
        self,
        url: str,
        settings: AnalysisSettings,
        *,
        owner: str = "local",
        title: str = "",
        notify_url: str | None = None,
    ) -> str:
        """Put an analysis of the video at a public address into the queue; its job id. A worker fetches the video.

        Raises:
            SettingsError: a setting is out of range (names the field).
            VideoUnreachable: not the form of an address that may be fetched; others are told by the job.
            UploadRejected: the owner's quota is used up.
        """
        check_url(url)
        check_settings(settings)
        _check_notify_url(notify_url)
        key = self._uploads.from_url(url, name_of(url), owner)
        return self.submit(key, settings, owner=owner, title=title, notify_url=notify_url)

    def submit_again(self, job_id: str, settings: AnalysisSettings, *, owner: str = "local") -> str:
        """Put another analysis of a job's video into the queue; its job id.

        What the earlier analysis saw is used again where that will do, which takes seconds; the video is looked at
        anew when the quality or `blur_faces` differs, or the earlier job left no landmarks. The earlier job stays as
        it is.

        Raises:
            JobNotFound: no such job.
            SettingsError: a setting is out of range (names the field).
            AccessDenied, KeyNotFound: not a video of this owner, or no longer there.
        """
        manifest = self._ledger.manifest(job_id)
        if manifest.owner != owner:
            raise AccessDenied("This video belongs to somebody else.", "Upload it yourself.")
        settings = check_settings(settings)
        landmarks = self._ledger.store.head(result_key(job_id, KEYPOINTS_FILE))
        usable = (
            landmarks is not None
            and self._ledger.state(job_id) == "completed"
            and settings.quality == manifest.settings.quality
            and settings.blur_faces == manifest.settings.blur_faces
        )
        return self._submit(manifest.video_key, settings, owner, manifest.title, again_of=job_id if usable else None)

    def _submit(
        self,
        video_key: str,
        settings: AnalysisSettings,
        owner: str,
        title: str,
        *,
        again_of: str | None,
        notify_url: str | None = None,
    ) -> str:
        settings = check_settings(settings)
        _check_notify_url(notify_url)
        named = title
        if again_of is None:  # else what was seen in the video is enough, which may have had its time
            named = self._uploads.check_ready(video_key, owner).filename
        clean = "".join(char for char in title if char.isprintable()).strip()[:_TITLE_CHARS]
        manifest = Manifest(
            job_id=secrets.token_hex(16),
            owner=owner,
            title=clean or named,
            video_key=video_key,
            settings=settings,
            created_s=time.time(),
            again_of=again_of,
            notify_url=notify_url,
        )
        self._ledger.create(manifest)
        self._runner.nudge()
        return manifest.job_id

    def settings(self, job_id: str) -> AnalysisSettings:
        """What a job was started with. Raises JobNotFound."""
        return self._ledger.manifest(job_id).settings

    def owner_of(self, job_id: str) -> str:
        """To whom a job belongs. Raises JobNotFound."""
        return self._ledger.manifest(job_id).owner

    def status(self, job_id: str) -> JobStatus:
        """Where a job is. Raises JobNotFound."""
        return self._shared.get(job_id, lambda: self._look_up(job_id))

    def _look_up(self, job_id: str) -> JobStatus:
        manifest = self._ledger.manifest(job_id)
        state = self._ledger.state(job_id)
        record = self._ledger.progress(job_id)
        position = self._queue_position(job_id) if state == "queued" else None
        return JobStatus(
            job_id=job_id,
            state=state,
            progress=_shown(state, record, position),
            error=self._ledger.error(job_id) if state == "failed" else None,
            queue_position=position,
            created_s=manifest.created_s,
            title=manifest.title,
            video_key=manifest.video_key,
            cost=cost_of(self._ledger, job_id) if self._rented else None,
        )

    def preliminary(self, job_id: str) -> tuple[Glimpse, ...]:
        """Glimpses of the pieces of a long film that have been looked at; none before and after. Raises JobNotFound."""
        return self._preliminary.of(job_id)

    def watch(self, job_id: str, poll_s: float = 0.5) -> Iterator[JobStatus]:
        """The status now and whenever it changes, until the job ends.

        Raises:
            JobNotFound: there is no such job, or it was deleted meanwhile.
            StoreUnreachable: the store does not answer, at first or for a quarter of an hour.
        """
        before: JobStatus | None = None
        reached_s = time.monotonic()
        while True:
            try:
                status = self.status(job_id)
            except StoreUnreachable:  # the job may well go on
                if before is None or time.monotonic() - reached_s > OUTAGE_S:
                    raise
                status = before
            else:
                reached_s = time.monotonic()
            if before is None or _news(before, status):
                yield status
                before = status
            if status.terminal:
                return
            time.sleep(poll_s)

    def hint(self, job_id: str, token: str) -> None:
        """Somebody says that something happened to a job: look now. Raises AccessDenied for a wrong token."""
        if not hmac.compare_digest(hook_token(self._signer, job_id).encode(), token.encode()):
            raise AccessDenied("The token does not fit the job.", "Use the address that was given.")
        self._runner.nudge()

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; one that has ended stays as it is. Raises JobNotFound."""
        state = self._ledger.state(job_id)
        if state in ("queued", "running"):
            self._ledger.ask_cancel(job_id)
        if state == "queued":
            self._ledger.end_cancelled(job_id)  # a runner that claims it at this moment finds it ended
        self._shared.forget(job_id)
        self._runner.nudge()

    def result(self, job_id: str) -> dict[str, Any]:
        """The content of result.json.

        Raises:
            JobNotFound: no such job.
            KeyNotFound: the job has not ended yet.
            JobCancelled, ErgoError: it ended without a result; the error is the one the worker met.
        """
        state = self._ledger.state(job_id)
        if state == "completed":
            return json.loads(self._ledger.store.get(result_key(job_id, "result.json")))
        if state == "cancelled":
            raise JobCancelled("The job was cancelled.", "Start the analysis again.")
        if state == "failed":
            error = self._ledger.error(job_id)
            if error is None:
                raise JobFailed("The job failed.", "Start the analysis again.")
            raise from_code(error.code, error.message, error.hint)
        raise KeyNotFound("The job has no result yet.", "Wait until it has completed.")

    def result_names(self, job_id: str) -> list[str]:
        """Names of the result files. Raises JobNotFound."""
        prefix = result_key(job_id, "")
        return [info.key.removeprefix(prefix) for info in self._ledger.store.list(prefix)]

    def result_url(self, job_id: str, name: str, download: bool = False) -> str:
        """A signed URL of a result file, or of all of them as ``all.zip``.

        With `download` the browser saves the file instead of showing it.

        Raises:
            JobNotFound: no such job.
            KeyNotFound: no such file (yet).
        """
        manifest = self._ledger.manifest(job_id)
        save_as = f"{file_stem(manifest.title)} {name}" if download else None
        if name == ARCHIVE:
            if self._ledger.state(job_id) != "completed":
                raise KeyNotFound("The job has no result yet.", "Wait until it has completed.")
            key = f"{job_prefix(job_id)}result"
            return self._signer.url("zip", key, ttl_s=self._ttl_s, name=f"{file_stem(manifest.title)} ergo.zip")
        if not _RESULT_NAME.fullmatch(name) or self._ledger.store.head(result_key(job_id, name)) is None:
            raise KeyNotFound(f"The job has no file {name[:80]!r}.", "Choose one of the result files.")
        return self._ledger.store.get_url(result_key(job_id, name), ttl_s=self._ttl_s, download_name=save_as)

    def video_url(self, job_id: str) -> str:
        """A signed URL of the video as it was uploaded. Raises JobNotFound."""
        return self._ledger.store.get_url(self._ledger.manifest(job_id).video_key, ttl_s=self._ttl_s)

    def recent(self, owner: str = "local", limit: int = 20, before: str | None = None) -> list[JobStatus]:
        """The latest jobs of an owner, newest first; with the job `before` those that are older than it."""
        found, entries = [], reversed(self._ledger.of_owner(owner))
        if before is not None:
            entries = islice(dropwhile(lambda entry: entry.job_id != before, entries), 1, None)
        for entry in entries:
            if len(found) == limit:
                break
            try:
                found.append(self.status(entry.job_id))
            except (JobNotFound, JobFailed):
                continue  # deleted a moment ago, or written by a version that this one cannot read
        return found

    def delete(self, job_id: str) -> list[str]:
        """Delete a job, its results and, unless another job uses it, its video; one that runs is cancelled first.

        Returns what the store still lists of it: nothing, when all went well. Raises JobNotFound.
        """
        manifest = self._ledger.manifest(job_id)
        self.cancel(job_id)
        deadline_s = time.monotonic() + _DELETE_WAIT_S
        while self._ledger.state(job_id) == "running" and time.monotonic() < deadline_s:
            time.sleep(0.05)
        prefixes, left = [job_prefix(job_id)], list[str]()
        for _ in range(_DELETE_TRIES):  # a worker that still runs may write once more before it finds its job gone
            self._shared.forget(job_id)
            self._ledger.delete(manifest)
            self._runner.nudge()
            if len(prefixes) == 1 and not self._used_elsewhere(manifest) and self._uploads.made(manifest.video_key):
                self._uploads.delete(manifest.video_key)
                prefixes.append(f"{manifest.video_key.rpartition('/')[0]}/")
            left = [info.key for prefix in prefixes for info in self._ledger.store.list(prefix)]
            if not left:
                break
            time.sleep(0.2)
        return left

    def _used_elsewhere(self, manifest: Manifest) -> bool:
        for entry in self._ledger.of_owner(manifest.owner):
            try:
                if self._ledger.manifest(entry.job_id).video_key == manifest.video_key:
                    return True
            except JobNotFound:
                continue
        return False

    def _queue_position(self, job_id: str) -> int | None:
        waiting = [entry.job_id for entry in self._ledger.queued()]
        return waiting.index(job_id) + 1 if job_id in waiting else None


def _check_notify_url(url: str | None) -> None:
    """Whether it has the form of an address; where it leads is looked at when it is called. Raises SettingsError."""
    try:
        if url is not None:
            check_url(url)
    except VideoUnreachable:
        raise SettingsError("notify_url is not an address.", "Give one like https://host/path.") from None


def hook_token(signer: UrlSigner, job_id: str) -> str:
    """What a report about a job has to carry."""
    return signer.tag(f"hook {job_id}")


def _shown(state: JobState, record: ProgressRecord | None, position: int | None) -> Progress:
    progress = record.progress if record else Progress(seq=0, stage="queue", fraction=0.0)
    if state == "completed":
        return Progress(seq=progress.seq + 1, stage="done", fraction=1.0, message="", eta_s=0.0)
    if state == "queued" and position is not None:
        before = position - 1
        return replace(progress, message=f"Waiting, {before} before this one" if before else "Next in line")
    if record is not None and progress.eta_s is not None:
        age_s = max(0.0, time.time() - record.written_s)
        return replace(progress, eta_s=max(0.0, progress.eta_s - age_s) if state == "running" else None)
    return progress


def _news(before: JobStatus, now: JobStatus) -> bool:
    """Whether a watcher should hear of it; the remaining time alone, which always changes, is no news."""
    if (now.state, now.error, now.queue_position) != (before.state, before.error, before.queue_position):
        return True
    return now.progress.seq > before.progress.seq


def file_stem(title: str) -> str:
    """A file name's beginning made from a title."""
    stem = title.rpartition(".")[0] or title
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", stem).strip(" .")[:80] or "ergo"
