import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.errors import JobFailed, SettingsError
from ergo.jobs import wire
from ergo.jobs.strict import WrongShape, parse
from ergo.types import STAGES, AnalysisSettings, Progress, TaskContext

MANIFEST = wire.Manifest(
    job_id="0" * 32,
    owner="ann@x.org",
    title="Früh",
    video_key="uploads/x",
    settings=AnalysisSettings(quality="high", height_m=1.7, context=TaskContext(load_kg=12.0, shock=False)),
    created_s=1.5,
)


def progresses():
    return st.builds(
        Progress,
        seq=st.integers(0),
        stage=st.sampled_from(STAGES),
        fraction=st.floats(0, 1),
        message=st.text(max_size=20),
        eta_s=st.none() | st.floats(0, 1e6),
    )


def test_a_manifest_comes_back():
    assert wire.decode(wire.Manifest, wire.encode(MANIFEST)) == MANIFEST


@given(progresses())
def test_progress_and_status_come_back(progress):
    record = wire.ProgressRecord(progress=progress, attempt=1, written_s=2.0)
    assert wire.decode(wire.ProgressRecord, wire.encode(record)) == record
    status = wire.JobStatus(
        job_id="a",
        state="failed",
        progress=progress,
        error=wire.JobErrorInfo(code="NotAVideo", message="m", hint="h"),
        queue_position=None,
        created_s=1.0,
        title="t",
        video_key="k",
    )
    assert wire.decode(wire.JobStatus, wire.encode(status)) == status


def changed(**values):
    data = json.loads(wire.encode(MANIFEST))
    for path, value in values.items():
        *outer, last = path.split("__")
        inner = data
        for name in outer:
            inner = inner[name]
        inner[last] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        changed(schema="ergo.manifest/2"),
        changed(extra=1),
        changed(title=5),
        changed(created_s="1"),
        changed(created_s=True),
        changed(created_s=float("nan")),
        changed(settings__quality="best"),
        changed(settings__context__load_kg="12"),
        changed(settings__context__unknown=1),
        changed(settings=[]),
        changed(settings__height_m=17.0),
    ],
)
def test_a_damaged_manifest_is_refused(raw):
    with pytest.raises(JobFailed, match="cannot be read"):
        wire.decode(wire.Manifest, raw)


def test_a_missing_field_is_named():
    data = json.loads(wire.encode(MANIFEST))
    del data["title"]
    with pytest.raises(JobFailed, match="title: is missing"):
        wire.decode(wire.Manifest, json.dumps(data).encode())


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_any_json_is_either_settings_or_a_settings_error(data):
    try:
        assert isinstance(wire.settings_from(data), AnalysisSettings)
    except SettingsError as error:
        assert error.hint


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"quality": "best"}, "quality"),
        ({"person": 1.5}, "person"),
        ({"person": -1}, "person"),
        ({"person": []}, "person"),
        ({"person": [2, 2]}, "person"),
        ({"person": [2, -5]}, "person"),
        ({"person": [2, "5"]}, "person"),
        ({"height_m": True}, "height_m"),
        ({"context": {"shock": 1}}, "context.shock"),
        ({"context": {"load_kg": -1}}, "load_kg"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named(data, field):
    with pytest.raises(SettingsError, match=field):
        wire.settings_from(data)


def test_settings_that_python_let_pass_are_caught():
    settings = AnalysisSettings()
    object.__setattr__(settings, "sex", "other")
    with pytest.raises(SettingsError, match="sex"):
        wire.check_settings(settings)
    good = AnalysisSettings(height_m=2)
    assert wire.check_settings(good) == good


def test_whole_numbers_pass_as_lengths_but_booleans_do_not():
    assert parse(TaskContext, {"load_kg": 3}).load_kg == 3.0
    with pytest.raises(WrongShape, match="load_kg"):
        parse(TaskContext, {"load_kg": True})


def test_several_tracks_can_be_one_person():
    settings = wire.settings_from({"person": [2, 5]})
    assert settings.person == (2, 5)
    assert wire.check_settings(settings) == settings
    assert wire.settings_from(json.loads(json.dumps(asdict(settings)))) == settings


def test_settings_come_back_from_their_json():
    assert wire.settings_from(json.loads(json.dumps(asdict(MANIFEST.settings)))) == MANIFEST.settings
