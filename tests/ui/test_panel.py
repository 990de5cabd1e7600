"""What the page says of a job in each of its states."""

from __future__ import annotations

from typing import Any

import pytest

from ergo.errors import NotAVideo, SettingsError
from ergo.jobs.wire import JobErrorInfo, JobStatus
from ergo.types import STAGES, Progress, TaskContext
from ergo.ui import panel, texts
from ergo.ui.history import Summary, history
from ergo.ui.settings_form import parse_number, settings_from_form

EVIL = '<script>alert("x")</script>'


def _status(**changes: Any) -> JobStatus:
    values: dict[str, Any] = {
        "job_id": "abc",
        "state": "running",
        "progress": Progress(seq=3, stage="people", fraction=0.426, message="picture 12 of 240", eta_s=95.0),
        "error": None,
        "queue_position": None,
        "created_s": 1000.0,
        "title": "packing.mp4",
        "video_key": "uploads/x",
    }
    return JobStatus(**(values | changes))


def test_running_job_shows_stage_percent_and_time_left() -> None:
    html = panel.watching(_status())
    assert 'data-view="job" data-job="abc" data-state="running"' in html
    assert "43 %" in html and "about 2 min left" in html and "picture 12 of 240" in html
    assert html.count('class="done"') == 2 and html.count('aria-current="step"') == 1
    assert texts.SAFE_TO_LEAVE in html and 'data-action="cancel"' in html


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_words_and_place(stage: Any) -> None:
    html = panel.watching(_status(progress=Progress(seq=1, stage=stage, fraction=0.5)))
    assert texts.STAGE_NOW[stage] in html


def test_waiting_job_shows_its_place() -> None:
    progress = Progress(seq=0, stage="queue", fraction=0.0, message="Waiting, 2 before this one")
    html = panel.watching(_status(state="queued", queue_position=3, progress=progress))
    assert "number 3 in the queue" in html
    assert "2 before" not in html
    assert "next in line" in panel.watching(_status(state="queued", queue_position=1, progress=progress))


def test_failed_job_says_what_and_what_to_do() -> None:
    error = JobErrorInfo(code="NoVideoStream", message="lunch.mp4 holds no picture.", hint="Choose the film itself.")
    html = panel.ended(_status(state="failed", error=error))
    assert 'data-code="NoVideoStream"' in html and "lunch.mp4 holds no picture." in html
    assert "Choose the film itself." in html and 'data-action="again"' in html and 'role="alert"' in html


def test_cancelled_and_silent_ends_have_words() -> None:
    assert "cancelled" in panel.ended(_status(state="cancelled"))
    assert "without saying why" in panel.ended(_status(state="failed"))


def test_names_and_messages_are_escaped() -> None:
    progress = Progress(seq=1, stage="people", fraction=0.1, message=EVIL)
    error = JobErrorInfo(code=EVIL, message=EVIL, hint=EVIL)
    pages = [
        panel.watching(_status(title=EVIL, progress=progress, job_id=EVIL)),
        panel.ended(_status(title=EVIL, state="failed", error=error)),
        panel.finished(_status(job_id=EVIL)),
        history([_status(title=EVIL, job_id=EVIL)], [(None, EVIL)], now_s=2000.0),
        panel.notice(NotAVideo(EVIL, EVIL)),
    ]
    assert all("<script" not in page for page in pages)


def test_my_analyses_link_back_and_say_how_they_ended() -> None:
    jobs = [_status(state="completed"), _status(state="failed", job_id="def")]
    html = history(jobs, [(Summary(verdict="<b>REBA 9</b>", picture=None), "/p.jpg"), (None, "")], 1000.0 + 7300)
    assert 'href="?job=abc"' in html and "REBA 9" in html and "2 h ago" in html and 'src="/p.jpg"' in html
    assert "failed" in html and html.count('data-do="share"') == 1 and html.count('data-do="delete"') == 2
    assert "for you alone" in history([], [])
    assert 'data-do="older"' not in html
    assert 'data-do="older"' in history(jobs[1:], [(None, "")], 1000.0, more=True)


@pytest.mark.parametrize(
    ("typed", "value"), [("", None), (" ", None), (None, None), ("12", 12.0), ("12,5", 12.5), ("0", 0.0)]
)
def test_numbers_as_people_type_them(typed: str | None, value: float | None) -> None:
    assert parse_number(typed, "Load") == value


@pytest.mark.parametrize("typed", ["ten", "1e999", "nan", "12 kg"])
def test_what_is_no_number_names_the_field(typed: str) -> None:
    with pytest.raises(SettingsError, match="Load"):
        parse_number(typed, "Load")


UNSAID = ("medium", "", "neutral", "", *["unknown"] * 5, "unknown", "unknown", "", "", "unknown", "", "", True)


def test_unanswered_questions_stay_unknown() -> None:
    settings = settings_from_form(UNSAID)
    context = settings.context
    assert settings.height_m is None and settings.camera_pitch_deg is None and settings.camera_roll_deg is None
    assert (context.load_kg, context.shock, context.coupling, context.force_pattern) == (None, None, None, None)
    assert (context.arms_supported, context.legs_supported) == (None, None)
    assert context == TaskContext()
    assert settings.blur_faces


def test_answers_arrive_where_they_belong() -> None:
    task = ("12,5", "repeated", "no", "poor", "yes", "no")
    said = ("high", "172", "female", *task, "moderate", "yes", "3", "1400", 4, "15", "-3", False)
    settings = settings_from_form(said)
    assert (settings.quality, settings.height_m, settings.sex) == ("high", 1.72, "female")
    assert (settings.camera_pitch_deg, settings.camera_roll_deg) == (15.0, -3.0)
    assert not settings.blur_faces
    context = settings.context
    assert (context.load_kg, context.force_pattern, context.shock) == (12.5, "repeated", False)
    assert (context.coupling, context.arms_supported, context.legs_supported) == ("poor", True, False)
    assert (context.lifting_duration, context.control_at_destination) == ("moderate", True)
    assert (context.lifts_per_minute, context.repetitions_per_day, context.exertion) == (3.0, 1400.0, 4)
