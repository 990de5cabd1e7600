"""The calls that a script needs; the first three in names and shapes that existing clients already speak.

    generate_upload_url(filename)          {"status", "upload_url", "video_key"}
    start_processing(video_key, quality, settings, video_url, notify_url)
                                           {"status", "job_id", "message"}
    get_status(job_id)                     {"status", "job_status": {"status", "progress", "download_url"}}
    again(job_id, overrides, settings)     {"status", "job_id", "message"}
    compare(before, after)                 {"status", "comparison": {"sides", "lifts", "cautions"}}

Errors are answers too: {"status": "error", "code", "message", "hint"}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from ergo.access.limits import RateLimit
from ergo.access.visitor import SCRIPT, Visitor
from ergo.assess.overrides import layered
from ergo.errors import ErgoError, InputError, SettingsError
from ergo.jobs.owned import OwnedJobs, may_start
from ergo.jobs.service import ARCHIVE, JobService
from ergo.jobs.wire import overrides_from, settings_from
from ergo.report.compare import as_plain, compare
from ergo.storage.uploads import UploadService
from ergo.types import Override

STARTS_PER_HOUR = 300


class LegacyApi:
    """The calls on given services.

    Args:
        base_url: where the site is reached, e.g. ``https://ergo.example/``, if known: then URLs in the answers are
            absolute, otherwise relative to the site.
        visitor: who calls; the videos and jobs are theirs.
        starts: how often somebody may start something.
    """

    def __init__(
        self,
        uploads: UploadService,
        jobs: JobService,
        *,
        base_url: str = "",
        visitor: Visitor = SCRIPT,
        starts: RateLimit | None = None,
    ) -> None:
        self._uploads = uploads
        self._service = jobs
        self._base_url = base_url
        self._starts = starts or RateLimit(STARTS_PER_HOUR, 3600.0)
        self._jobs = OwnedJobs(jobs, visitor, self._starts)
        self._visitor = visitor

    def at(self, base_url: str, visitor: Visitor) -> LegacyApi:
        """The same calls for `visitor`, who reaches the site at `base_url`, unless that was given before."""
        return LegacyApi(
            self._uploads,
            self._service,
            base_url=self._base_url or base_url,
            visitor=visitor,
            starts=self._starts,
        )

    def generate_upload_url(self, filename: str) -> dict[str, Any]:
        """Where to PUT a video of this name, and the key to start its processing with."""

        def answer() -> dict[str, Any]:
            may_start(self._starts, self._visitor)
            url, video_key = self._uploads.single_url(filename, self._visitor.owner)
            return {"upload_url": self._absolute(url), "video_key": video_key}

        return _answered(answer)

    def start_processing(
        self,
        video_key: str = "",
        quality: str = "medium",
        settings: str = "",
        video_url: str = "",
        notify_url: str = "",
    ) -> dict[str, Any]:
        """Start the analysis of an uploaded video, or of the one at a public address.

        `quality` is low, medium, high or ultra, `settings` a JSON object. `notify_url` gets a POST with
        {"job_id", "state", "text"} once the job has ended; Slack's incoming webhooks are understood.
        """

        def answer() -> dict[str, Any]:
            wanted = settings_from({"quality": quality, **_object(settings)})
            if bool(video_key) == bool(video_url):
                raise InputError("One video is needed.", "Send either video_key or video_url.")
            submit = self._jobs.submit_url if video_url else self._jobs.submit
            job_id = submit(video_url or video_key, wanted, notify_url=notify_url or None)
            return {"job_id": job_id, "message": "The analysis has been queued."}

        return _answered(answer)

    def get_status(self, job_id: str) -> dict[str, Any]:
        """Where a job is: status, progress in percent, and a link to the results once it has completed."""

        def answer() -> dict[str, Any]:
            status = self._jobs.status(job_id)
            completed = status.state == "completed"
            url = self._absolute(self._jobs.result_url(job_id, ARCHIVE)) if completed else None
            job: dict[str, Any] = {
                "status": status.state,
                "progress": int(status.progress.fraction * 100),
                "download_url": url,
            }
            if status.error is not None:
                job["error"] = {
                    "code": status.error.code,
                    "message": status.error.message,
                    "hint": status.error.hint,
                }
            return {"job_status": job}

        return _answered(answer)

    def again(self, job_id: str, overrides: str = "", settings: str = "") -> dict[str, Any]:
        """Analyse the video of a job again with other settings, as a new job; seconds, as the pictures were looked at.

        `overrides`, a JSON list, is laid over what was set by hand before. `settings`, a JSON object, replaces what it
        names (`context` by its fields) and leaves the rest as it was.
        """

        def answer() -> dict[str, Any]:
            earlier = self._jobs.settings(job_id)
            wanted = settings_from(_changed(asdict(earlier), _object(settings)))
            said = layered(wanted.overrides, _dated(overrides_from(_list(overrides))))
            again = self._jobs.submit_again(job_id, replace(wanted, overrides=said))
            return {"job_id": again, "message": "The analysis has been queued."}

        return _answered(answer)

    def compare(self, before: str, after: str) -> dict[str, Any]:
        """What changed between the results of two jobs, and how sure that is."""

        def answer() -> dict[str, Any]:
            return {"comparison": as_plain(compare(self._jobs.result(before), self._jobs.result(after)))}

        return _answered(answer)

    def _absolute(self, url: str) -> str:
        return urljoin(self._base_url, url) if self._base_url else url


def _object(text: str) -> dict[str, Any]:
    """A JSON object from text; empty for no text. Raises SettingsError."""
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SettingsError("The settings are not a JSON object.", 'Send text such as {"context": {"load_kg": 12}}.')
    return value


def _list(text: str) -> list[Any]:
    """A JSON list from text; empty for no text. Raises SettingsError."""
    try:
        value = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise SettingsError("overrides is not a JSON list.", 'Send text such as [{"input": "load_kg", "value": 6}].')
    return value


def _changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Settings with what is named replaced; of the context only the fields that are named."""
    context = changes.get("context")
    if isinstance(context, dict):
        changes = {**changes, "context": {**settings["context"], **context}}
    return {**settings, **changes}


def _dated(overrides: Sequence[Override]) -> list[Override]:
    made_utc = datetime.now(UTC).isoformat(timespec="seconds")
    return [replace(override, made_utc=override.made_utc or made_utc) for override in overrides]


def _answered(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"status": "success", **answer()}
    except ErgoError as error:
        return {"status": "error", "code": error.code, "message": error.message, "hint": error.hint}
