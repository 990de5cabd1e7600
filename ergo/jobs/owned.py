"""The jobs of one owner: what everybody outside gets to see of the service, each call checked.

A job of somebody else is a job that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ergo.access.audit import note
from ergo.access.limits import RateLimit
from ergo.access.visitor import Visitor
from ergo.errors import JobNotFound, TooManyRequests
from ergo.jobs.service import JobService
from ergo.jobs.wire import JobStatus
from ergo.storage.uploads import UploadService
from ergo.types import AnalysisSettings


class OwnedJobs:
    """The calls of :class:`~ergo.jobs.service.JobService` as `visitor` may use them."""

    def __init__(self, jobs: JobService, visitor: Visitor, starts: RateLimit) -> None:
        self._jobs = jobs
        self._starts = starts
        self.visitor = visitor
        self.owner = visitor.owner

    def check(self, job_id: str) -> str:
        """`job_id` itself when it is a job of this owner. Raises JobNotFound."""
        if self._jobs.owner_of(job_id) != self.owner:
            note(self.visitor, "open", job_id, "refused")
            raise JobNotFound(
                f"There is no job {job_id[:40]!r}.", "It may have been deleted; start the analysis again."
            )
        return job_id

    def submit(
        self, video_key: str, settings: AnalysisSettings, *, title: str = "", notify_url: str | None = None
    ) -> str:
        """See :meth:`JobService.submit`; raises TooManyRequests, too."""
        may_start(self._starts, self.visitor)
        submit = self._jobs.submit
        return self._started(submit(video_key, settings, owner=self.owner, title=title, notify_url=notify_url))

    def submit_url(self, url: str, settings: AnalysisSettings, *, notify_url: str | None = None) -> str:
        """See :meth:`JobService.submit_url`; raises TooManyRequests, too."""
        may_start(self._starts, self.visitor)
        return self._started(self._jobs.submit_url(url, settings, owner=self.owner, notify_url=notify_url))

    def submit_again(self, job_id: str, settings: AnalysisSettings) -> str:
        """See :meth:`JobService.submit_again`; raises TooManyRequests, too."""
        self.check(job_id)
        may_start(self._starts, self.visitor)
        return self._started(self._jobs.submit_again(job_id, settings, owner=self.owner))

    def settings(self, job_id: str) -> AnalysisSettings:
        """What a job was started with. Raises JobNotFound."""
        return self._jobs.settings(self.check(job_id))

    def status(self, job_id: str) -> JobStatus:
        """Where a job is. Raises JobNotFound."""
        return self._jobs.status(self.check(job_id))

    def watch(self, job_id: str) -> Iterator[JobStatus]:
        """See :meth:`JobService.watch`."""
        return self._jobs.watch(self.check(job_id))

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop. Raises JobNotFound."""
        self._jobs.cancel(self.check(job_id))
        note(self.visitor, "cancel", job_id)

    def result(self, job_id: str) -> dict[str, Any]:
        """The content of result.json; see :meth:`JobService.result`."""
        found = self._jobs.result(self.check(job_id))
        note(self.visitor, "open", job_id)
        return found

    def result_url(self, job_id: str, name: str, download: bool = False) -> str:
        """A signed URL of a result file; see :meth:`JobService.result_url`."""
        return self._jobs.result_url(self.check(job_id), name, download)

    def recent(self, limit: int = 20, before: str | None = None) -> list[JobStatus]:
        """See :meth:`JobService.recent`; none for scripts, who all share one owner."""
        return [] if self.visitor.kind == "script" else self._jobs.recent(self.owner, limit, before)

    def _started(self, job_id: str) -> str:
        note(self.visitor, "start", job_id)
        return job_id


def check_video(uploads: UploadService, video_key: str, visitor: Visitor) -> str:
    """`video_key` itself when it is an upload of this visitor. Raises AccessDenied, KeyNotFound."""
    uploads.meta_for(video_key, visitor.owner)
    return video_key


def may_start(starts: RateLimit, visitor: Visitor) -> None:
    """Counts something that is started. Raises TooManyRequests."""
    name = f"address {visitor.address}" if visitor.kind == "script" else visitor.owner
    wait_s = starts.wait_s(name)
    if wait_s > 0:
        note(visitor, "start", "", "too many")
        raise TooManyRequests("You have started a lot within the last hour.", f"Wait {max(1, round(wait_s))} s.")
