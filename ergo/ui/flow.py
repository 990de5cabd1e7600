"""What happens on the page: each handler takes plain values and yields what changes.

A job never lives here. The handlers that follow one only watch the ledger, so closing the page, a reload or a restart
of the app loses nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from ergo.errors import ErgoError, InputError, SettingsError
from ergo.jobs.ledger import Ledger, result_key
from ergo.jobs.services import Services
from ergo.jobs.wire import JobStatus
from ergo.report.measured import ANGLES_FILE
from ergo.types import AnalysisSettings, person_from
from ergo.ui import comparison, panel, results, texts
from ergo.ui.preliminary import preliminary
from ergo.ui.settings_form import settings_from_form
from ergo.ui.uploader import greeting
from ergo.ui.viewer import viewer_value
from ergo.ui.what_if import kept_overrides, what_if_value, without_lift

RECENT_JOBS = 6
COMPARED_JOBS = 20

Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The components that the handlers write to."""

    uploader: gr.HTML
    notice: gr.HTML
    recent: gr.HTML
    panel: gr.HTML
    verdict: gr.HTML
    comparison: gr.HTML
    viewer: gr.HTML
    story: gr.HTML
    memory: gr.BrowserState


class Flow:
    """The handlers of one page, bound to its services and components."""

    def __init__(self, services: Services, places: Places) -> None:
        self._services = services
        self._ledger = Ledger(services.store)
        self._places = places

    # -- opening the page ---------------------------------------------------------------------------------------

    def open(self, memory: Mapping[str, Any] | None, request: gr.Request) -> Iterator[Updates]:
        """The page was loaded: know the browser, show its jobs, go on with the one in the address or still running."""
        places = self._places
        owner = _owner(memory)
        asked = request.query_params.get("job")
        job_id = asked or (None if "new" in request.query_params else self._unfinished(memory))
        yield {
            places.memory: {"owner": owner, "job": job_id or (memory or {}).get("job")},
            places.uploader: greeting(owner, self._services.settings),
            places.recent: panel.recent(self._services.jobs.recent(owner, RECENT_JOBS)),
        }
        if job_id:
            yield from self.follow(job_id, owner, request.query_params.get("with"))

    def _unfinished(self, memory: Mapping[str, Any] | None) -> str | None:
        job_id = (memory or {}).get("job")
        if not isinstance(job_id, str):
            return None
        try:
            return None if self._services.jobs.status(job_id).terminal else job_id
        except ErgoError:  # the job was deleted meanwhile: nothing to go back to
            return None

    # -- starting -----------------------------------------------------------------------------------------------

    def start(self, upload: Mapping[str, Any], memory: Mapping[str, Any], *form: Any) -> Iterator[Updates]:
        """Start the analysis of the videos that are there, and of the others as soon as they have arrived."""
        videos = [video for video in (upload or {}).get("videos", ()) if not video.get("job")]
        try:
            if not videos:
                raise _nothing_to_start(bool((upload or {}).get("videos")))
            settings = settings_from_form(form)
        except (InputError, SettingsError) as error:
            yield {self._places.notice: panel.notice(error)}
            return
        jobs: dict[str, str | None] = {}
        try:
            for video in videos:
                jobs[str(video["videoKey"])] = self._begin(video, settings, memory)
        except ErgoError as error:
            trouble = panel.trouble(error.message, error.hint, code=error.code)
            yield {self._places.panel: trouble} if len(videos) == 1 else {self._places.notice: panel.notice(error)}
            return
        only = next(iter(jobs.values())) if len(upload["videos"]) == 1 else None
        if only:
            yield from self._follow_new(only, memory)
            return
        begun = {key: job_id for key, job_id in jobs.items() if job_id}
        yield {
            self._places.uploader: {
                **upload,
                "jobs": {**upload.get("jobs", {}), **begun},
                "starts": [key for key in jobs if key not in begun],
            },
            self._places.notice: panel.promise(len(begun), len(jobs) - len(begun)),
        }

    def _begin(self, video: Mapping[str, Any], settings: AnalysisSettings, memory: Mapping[str, Any]) -> str | None:
        """The job of a video that is there, None for one that is still on its way."""
        key, owner = str(video["videoKey"]), _owner(memory)
        if not video["ready"]:
            return self._services.waiting.wish(key, settings, owner=owner)
        return self._services.jobs.submit(key, settings, owner=owner, title=str(video["name"]))

    def arrived(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """The only video has arrived and its analysis has begun by itself: follow it."""
        yield from self._follow_new(str(_data(event)["job"]), memory)

    def cleared(self) -> str:
        """No video is chosen any more: what was said about one no longer holds."""
        return ""

    def again(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """Run a job once more on the same video with the same settings."""
        yield from self._repeat(memory, _data(event))

    def level(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """Analyse again with the camera tilt that was set by hand."""
        data = _data(event)
        yield from self._repeat(
            memory, data, camera_pitch_deg=float(data["pitch_deg"]), camera_roll_deg=float(data["roll_deg"])
        )

    def keep(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """Analyse again with the inputs that were set by hand."""
        data = _data(event)
        try:
            said = kept_overrides(data)
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._repeat(memory, data, overrides=said)

    def strike(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """Analyse again without a lift that is none."""
        data = _data(event)
        try:
            said = without_lift(self._ledger.manifest(str(data["job"])).settings.overrides, data)
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._repeat(memory, data, overrides=said)

    def other_person(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """Analyse another of the tracked people in the same video, or several tracks as one person."""
        try:
            person = person_from(str(_data(event)["person"]))
        except SettingsError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        # what was set by hand was said of the person before
        yield from self._repeat(memory, _data(event), person=person, overrides=())

    def _repeat(self, memory: Mapping[str, Any], data: Mapping[str, Any], **changes: Any) -> Iterator[Updates]:
        try:
            earlier = self._ledger.manifest(str(data["job"]))
            settings = replace(earlier.settings, **changes)
            job_id = self._services.jobs.submit_again(earlier.job_id, settings, owner=_owner(memory))
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._follow_new(job_id, memory)

    def _follow_new(self, job_id: str, memory: Mapping[str, Any]) -> Iterator[Updates]:
        yield {self._places.memory: {"owner": _owner(memory), "job": job_id}, self._places.notice: ""}
        yield from self.follow(job_id, _owner(memory))

    # -- following ----------------------------------------------------------------------------------------------

    def attach(self, memory: Mapping[str, Any], event: gr.EventData) -> Iterator[Updates]:
        """The browser was asleep or offline: follow its job again."""
        yield from self.follow(str(_data(event)["job"]), _owner(memory))

    def cancel(self, event: gr.EventData) -> None:
        """Stop a job; whoever follows it sees that."""
        try:
            self._services.jobs.cancel(str(_data(event)["job"]))
        except ErgoError as error:
            gr.Warning(str(error))

    def follow(self, job_id: str, owner: str = "", beside: str | None = None) -> Iterator[Updates]:
        """Watch a job until it ends, then show what came of it, with what of `owner` it can be compared with.

        `beside` is the job it is compared with already.
        """
        try:
            for status in self._services.jobs.watch(job_id):
                if not status.terminal:
                    glimpses = self._services.jobs.preliminary(job_id) if status.state == "running" else ()
                    yield {self._places.panel: panel.watching(status, preliminary(glimpses))}
                elif status.state == "completed":
                    yield self._result(status, owner, beside)
                else:
                    yield {self._places.panel: panel.ended(status)}
        except ErgoError as error:
            message, hint = (error.message, error.hint) if error.code != "JobNotFound" else texts.UNKNOWN_JOB
            yield {self._places.panel: panel.trouble(message, hint, code=error.code)}

    def _result(self, status: JobStatus, owner: str, beside: str | None) -> Updates:
        jobs, job_id = self._services.jobs, status.job_id

        def link(name: str, download: bool) -> str:
            return jobs.result_url(job_id, name, download=download)

        result, sizes = jobs.result(job_id), self._sizes(job_id)
        return {
            self._places.panel: panel.finished(status, self._compare_with(job_id, owner)),
            self._places.verdict: results.verdict(result, status.title),
            self._places.comparison: self._comparison(status, result, beside),
            self._places.viewer: {**viewer_value(link), "job": job_id, **self._what_if(job_id, sizes)},
            self._places.story: results.story(result, job_id, link, sizes),
        }

    def _comparison(self, status: JobStatus, result: Mapping[str, Any], beside: str | None) -> str:
        if not beside:
            return ""
        jobs = self._services.jobs
        try:
            other, title = jobs.result(beside), jobs.status(beside).title
        except ErgoError as error:
            return panel.notice(error)
        return comparison.comparison(other, result, (title, status.title), (beside, status.job_id))

    def _compare_with(self, job_id: str, owner: str) -> str:
        return comparison.chooser(job_id, self._services.jobs.recent(owner, COMPARED_JOBS)) if owner else ""

    def _what_if(self, job_id: str, sizes: Mapping[str, int]) -> dict[str, Any]:
        """Other inputs can be tried where the result keeps its angles."""
        if ANGLES_FILE not in sizes:
            return {}
        return {"what_if": what_if_value(self._ledger.manifest(job_id).settings)}

    def _sizes(self, job_id: str) -> dict[str, int]:
        prefix = result_key(job_id, "")
        return {info.key.removeprefix(prefix): info.size_bytes for info in self._services.store.list(prefix)}


def _nothing_to_start(running: bool) -> InputError:
    if running:
        return InputError("What is chosen is being analysed already.", "Add another video, or open the analysis.")
    return InputError("There is no video yet.", "Choose one, or wait until the page has looked at it.")


def _data(event: gr.EventData) -> Mapping[str, Any]:
    """What the browser sent along with an event."""
    return event._data or {}


def _owner(memory: Mapping[str, Any] | None) -> str:
    """The name of this browser: random, made at its first visit, kept by it alone."""
    owner = (memory or {}).get("owner")
    return owner if isinstance(owner, str) and owner else f"b-{secrets.token_hex(16)}"
