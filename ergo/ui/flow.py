"""What happens on the page: each handler takes plain values and yields what changes.

A job never lives here. The handlers that follow one only watch the ledger, so closing the page, a reload or a restart
of the app loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from ergo.errors import ErgoError, InputError, SettingsError
from ergo.jobs.ledger import Ledger, result_key
from ergo.jobs.owned import OwnedJobs
from ergo.jobs.retention import expired_on
from ergo.jobs.services import Services
from ergo.jobs.wire import JobStatus
from ergo.person import person_from, split_at
from ergo.report.measured import ANGLES_FILE
from ergo.types import AnalysisSettings
from ergo.ui import comparison, panel, results, texts
from ergo.ui.history import History
from ergo.ui.preliminary import preliminary
from ergo.ui.settings_form import settings_from_form
from ergo.ui.uploader import greeting
from ergo.ui.viewer import viewer_value
from ergo.ui.visit import visitor_of
from ergo.ui.what_if import kept_overrides, what_if_value, without_lift

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

    def __init__(self, services: Services, places: Places, history: History) -> None:
        self._history = history
        self._services = services
        self._ledger = Ledger(services.store)
        self._places = places

    # -- opening the page ---------------------------------------------------------------------------------------

    def open(self, memory: Mapping[str, Any] | None, request: gr.Request) -> Iterator[Updates]:
        """The page was loaded: show its owner's jobs, go on with the one in the address or still running."""
        places, jobs = self._places, self._jobs(request)
        asked = request.query_params.get("job")
        job_id = asked or (None if "new" in request.query_params else self._unfinished(jobs, memory))
        yield {
            places.memory: {"job": job_id or (memory or {}).get("job")},
            places.uploader: greeting(True, self._services.settings),
        }
        if not job_id:
            yield {places.recent: self._history.shown(jobs)}
        if job_id:
            yield from self.follow(jobs, job_id, request.query_params.get("with"))

    def _jobs(self, request: gr.Request) -> OwnedJobs:
        """The jobs of whoever asks."""
        return self._services.owned(visitor_of(request))

    @staticmethod
    def _unfinished(jobs: OwnedJobs, memory: Mapping[str, Any] | None) -> str | None:
        job_id = (memory or {}).get("job")
        if not isinstance(job_id, str):
            return None
        try:
            return None if jobs.status(job_id).terminal else job_id
        except ErgoError:  # the job was deleted meanwhile: nothing to go back to
            return None

    # -- starting -----------------------------------------------------------------------------------------------

    def start(self, request: gr.Request, upload: Mapping[str, Any], *form: Any) -> Iterator[Updates]:
        """Start the analysis of the videos that are there, and of the others as soon as they have arrived."""
        mine = self._jobs(request)
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
                jobs[str(video["videoKey"])] = self._begin(video, settings, mine)
        except ErgoError as error:
            trouble = panel.trouble(error.message, error.hint, code=error.code)
            yield {self._places.panel: trouble} if len(videos) == 1 else {self._places.notice: panel.notice(error)}
            return
        only = next(iter(jobs.values())) if len(upload["videos"]) == 1 else None
        if only:
            yield from self._follow_new(mine, only)
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

    def _begin(self, video: Mapping[str, Any], settings: AnalysisSettings, mine: OwnedJobs) -> str | None:
        """The job of a video that is there, None for one that is still on its way."""
        key = str(video["videoKey"])
        if not video["ready"]:
            return self._services.waiting.wish(key, settings, owner=mine.owner)
        return mine.submit(key, settings, title=str(video["name"]))

    def arrived(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """The only video has arrived and its analysis has begun by itself: follow it."""
        yield from self._follow_new(self._jobs(request), str(_data(event)["job"]))

    def cleared(self) -> str:
        """No video is chosen any more: what was said about one no longer holds."""
        return ""

    def again(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """Run a job once more on the same video with the same settings."""
        yield from self._repeat(request, _data(event))

    def level(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """Analyse again with the camera tilt that was set by hand."""
        data = _data(event)
        yield from self._repeat(
            request, data, camera_pitch_deg=float(data["pitch_deg"]), camera_roll_deg=float(data["roll_deg"])
        )

    def keep(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """Analyse again with the inputs that were set by hand."""
        data = _data(event)
        try:
            said = kept_overrides(data)
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._repeat(request, data, overrides=said)

    def strike(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """Analyse again without a lift that is none."""
        data = _data(event)
        try:
            said = without_lift(
                self._ledger.manifest(self._jobs(request).check(str(data["job"]))).settings.overrides, data
            )
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._repeat(request, data, overrides=said)

    def other_person(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """Analyse another of the tracked people in the same video, several tracks as one person, or a part of one."""
        data = _data(event)
        try:
            person = person_from(str(data["person"]))
            if data.get("keep") in ("before", "after"):
                person = split_at(person, _seconds(data.get("cut_s")), data["keep"])
        except SettingsError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        # what was set by hand was said of the person before
        yield from self._repeat(request, data, person=person, overrides=())

    def _repeat(self, request: gr.Request, data: Mapping[str, Any], **changes: Any) -> Iterator[Updates]:
        mine = self._jobs(request)
        try:
            earlier = self._ledger.manifest(mine.check(str(data["job"])))
            settings = replace(earlier.settings, **changes)
            job_id = mine.submit_again(earlier.job_id, settings)
        except ErgoError as error:
            yield {self._places.panel: panel.trouble(error.message, error.hint, code=error.code)}
            return
        yield from self._follow_new(mine, job_id)

    def _follow_new(self, jobs: OwnedJobs, job_id: str) -> Iterator[Updates]:
        yield {self._places.memory: {"job": job_id}, self._places.notice: ""}
        yield from self.follow(jobs, job_id)

    # -- following ----------------------------------------------------------------------------------------------

    def attach(self, request: gr.Request, event: gr.EventData) -> Iterator[Updates]:
        """The browser was asleep or offline: follow its job again."""
        yield from self.follow(self._jobs(request), str(_data(event)["job"]))

    def cancel(self, request: gr.Request, event: gr.EventData) -> None:
        """Stop a job; whoever follows it sees that."""
        try:
            self._jobs(request).cancel(str(_data(event)["job"]))
        except ErgoError as error:
            gr.Warning(str(error))

    def follow(self, jobs: OwnedJobs, job_id: str, beside: str | None = None) -> Iterator[Updates]:
        """Watch a job until it ends, then show what came of it, with those of its owner it can be compared with.

        `beside` is the job it is compared with already.
        """
        try:
            for status in jobs.watch(job_id):
                if not status.terminal:
                    glimpses = self._services.jobs.preliminary(job_id) if status.state == "running" else ()
                    yield {self._places.panel: panel.watching(status, preliminary(glimpses))}
                elif status.state == "completed":
                    yield self._result(jobs, status, beside)
                else:
                    yield {self._places.panel: panel.ended(status)}
        except ErgoError as error:
            message, hint, code = error.message, error.hint, error.code
            if code == "JobNotFound":
                expired = expired_on(self._services.store, job_id, jobs.owner)
                (message, hint), code = (texts.expired(expired), "Expired") if expired else (texts.UNKNOWN_JOB, code)
            yield {
                self._places.panel: panel.trouble(message, hint, code=code),
                self._places.recent: self._history.shown(jobs),
            }

    def _result(self, jobs: OwnedJobs, status: JobStatus, beside: str | None) -> Updates:
        job_id = status.job_id

        def link(name: str, download: bool) -> str:
            return jobs.result_url(job_id, name, download=download)

        result, sizes = jobs.result(job_id), self._sizes(job_id)
        return {
            self._places.panel: panel.finished(status, self._compare_with(jobs, job_id)),
            self._places.verdict: results.verdict(result, status.title),
            self._places.comparison: self._comparison(jobs, status, result, beside),
            self._places.viewer: {**viewer_value(link), "job": job_id, **self._what_if(job_id, sizes)},
            self._places.story: results.story(result, job_id, link, sizes),
        }

    @staticmethod
    def _comparison(jobs: OwnedJobs, status: JobStatus, result: Mapping[str, Any], beside: str | None) -> str:
        if not beside:
            return ""
        try:
            other, title = jobs.result(beside), jobs.status(beside).title
        except ErgoError as error:
            return panel.notice(error)
        return comparison.comparison(other, result, (title, status.title), (beside, status.job_id))

    @staticmethod
    def _compare_with(jobs: OwnedJobs, job_id: str) -> str:
        return comparison.chooser(job_id, jobs.recent(COMPARED_JOBS))

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


def _seconds(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        raise SettingsError(
            f"The moment is {text!r}.", "Give the second of the film at which the other person begins."
        ) from None


def _data(event: gr.EventData) -> Mapping[str, Any]:
    """What the browser sent along with an event."""
    return event._data or {}
