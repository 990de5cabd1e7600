"""What a finished job would score with other inputs, from the two files that hold its angles."""

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest
from assess_people import angles_of
from kept_jobs import keep_job, new_ledger
from lifting_people import HANGING, moving, pair
from made_analysis import made_analysis

from ergo.assess.score import assess
from ergo.body.load import load_body
from ergo.errors import ErgoError, JobNotFound, SettingsError
from ergo.jobs.rescoring import Rescorer
from ergo.report.measured import ANGLES_FILE, MOTION_FILE, write_angle_arrays
from ergo.report.motion_file import write_motion
from ergo.types import AnalysisSettings, Gravity, Override, TaskContext
from ergo.ui.what_if import WhatIfCalls, kept_overrides, what_if_value, without_lift

CONTEXT = TaskContext(load_kg=8.0)
UPRIGHT = Override(input="trunk_flexion", value=0.0)
LEVEL_ARMS = Override(input="upper_arm_flexion", value=10.0, side="left", start_s=0.5, end_s=2.0)


@pytest.fixture(scope="module")
def analysis():
    """With angles as precise as the files keep them."""
    made = made_analysis(load_body(None))
    return replace(
        made, angles=replace(made.angles, values_deg=made.angles.values_deg.astype(np.float32).astype(float))
    )


@pytest.fixture(scope="module")
def files(analysis, tmp_path_factory):
    folder = tmp_path_factory.mktemp("result")
    write_angle_arrays(folder / ANGLES_FILE, analysis.angles)
    write_motion(folder / MOTION_FILE, analysis.motion, analysis.gravity)
    return {name: (folder / name).read_bytes() for name in (ANGLES_FILE, MOTION_FILE)} | {"result.json": b"{}"}


@pytest.fixture
def ledger(tmp_path):
    return new_ledger(tmp_path)


@pytest.fixture
def job_id(ledger, files):
    return keep_job(ledger, files, AnalysisSettings(context=CONTEXT))


@pytest.mark.parametrize("overrides", [(), (UPRIGHT,), (UPRIGHT, LEVEL_ARMS)])
def test_it_scores_as_the_analysis_itself_would(ledger, job_id, analysis, overrides):
    made = Rescorer(ledger).rescored(job_id, overrides)
    wanted = assess(analysis.motion, analysis.angles, CONTEXT, overrides)
    assert [(a.method, a.side) for a in made.assessments] == [(a.method, a.side) for a in wanted]
    for one, other in zip(made.assessments, wanted, strict=True):
        np.testing.assert_array_equal(one.total, other.total)
        np.testing.assert_array_equal(one.total_high, other.total_high)
        for item, points in one.parts.items():
            np.testing.assert_array_equal(points, other.parts[item])


def test_what_was_kept_before_is_replaced_and_the_later_of_two_holds(ledger, files):
    job_id = keep_job(ledger, files, AnalysisSettings(context=CONTEXT, overrides=(UPRIGHT,)))
    plain, rescorer = keep_job(ledger, files, AnalysisSettings(context=CONTEXT)), Rescorer(ledger)
    for one, other in zip(*(rescorer.rescored(job, ()).assessments for job in (job_id, plain)), strict=True):
        np.testing.assert_array_equal(one.total, other.total)
    bent = Override(input="trunk_flexion", value=70.0)
    assert rescorer.rescored(plain, (bent, UPRIGHT)).overrides == (UPRIGHT,)


def test_results_without_angles_say_so(ledger, files):
    old = keep_job(ledger, {"result.json": b"{}", MOTION_FILE: files[MOTION_FILE]})
    with pytest.raises(SettingsError, match="keeps no angles") as caught:
        Rescorer(ledger).rescored(old, ())
    assert "again" in caught.value.hint
    damaged = keep_job(ledger, files | {ANGLES_FILE: b"PK not really"})
    with pytest.raises(SettingsError, match="cannot be read"):
        Rescorer(ledger).rescored(damaged, ())


@pytest.mark.parametrize("wrong", ["0" * 32, "", "../other", "local"])
def test_a_job_that_is_not_there_is_not_found(ledger, job_id, wrong):
    with pytest.raises(JobNotFound):
        Rescorer(ledger).rescored(wrong, ())


def test_a_deleted_job_is_not_answered_from_memory(ledger, job_id):
    rescorer = Rescorer(ledger)
    rescorer.rescored(job_id, ())
    ledger.delete(ledger.manifest(job_id))
    with pytest.raises(JobNotFound):
        rescorer.rescored(job_id, ())


def test_only_the_last_few_films_stay_in_memory(ledger, files):
    jobs = [keep_job(ledger, files) for _ in range(3)]
    rescorer = Rescorer(ledger, kept=2)
    seen = [rescorer.rescored(job, ()).seen for job in jobs]
    assert rescorer.rescored(jobs[2], ()).seen is seen[2]
    assert rescorer.rescored(jobs[1], ()).seen is seen[1]
    assert rescorer.rescored(jobs[0], ()).seen is not seen[0]
    assert rescorer.rescored(jobs[2], ()).seen is not seen[2]  # the one that was asked for least lately


def test_spans_outside_of_the_film_are_refused(ledger, job_id):
    with pytest.raises(SettingsError, match="trunk_flexion"):
        Rescorer(ledger).rescored(job_id, (Override(input="trunk_flexion", value=0.0, start_s=60.0),))


# -- as the page asks -----------------------------------------------------------------------------------------------


def plain(**changes):
    return {"input": "trunk_flexion", "value": 0.0} | changes


def test_the_page_is_told_scores_and_inputs(ledger, job_id):
    calls = WhatIfCalls(Rescorer(ledger))
    answer = calls.rescore({"job": job_id, "overrides": [plain(text="as shown", span="as shown")], "inputs": True})
    content = zlib.decompress(base64.b64decode(answer["file"]))
    assert content.startswith(b"ERGO")
    for word in (b'"summaries"', b'"input.trunk_flexion"', b'"rula.left.total"', b'"Trunk bend 0'):
        assert word in content
    short = zlib.decompress(base64.b64decode(calls.rescore({"job": job_id, "overrides": []})["file"]))
    assert b'"input.trunk_flexion"' not in short


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"job": "0" * 32, "overrides": []}, "JobNotFound"),
        ({"overrides": []}, "InputError"),
        ({"job": "0" * 32, "overrides": "all"}, "InputError"),
        ({"job": "0" * 32, "overrides": [plain()] * 201}, "InputError"),
        ({"job": "0" * 32, "overrides": [plain(value="far")]}, "SettingsError"),
        ({"job": "0" * 32, "overrides": [plain(colour="red")]}, "SettingsError"),
    ],
)
def test_what_cannot_be_is_an_answer(ledger, data, code):
    answer = WhatIfCalls(Rescorer(ledger)).rescore(data)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"] and answer["error"]["hint"]


def test_what_is_kept_is_signed_and_what_was_kept_before_stays_as_it_was():
    signed = {"who": "B. Jones", "why": "sleeve", "made_utc": "2026-01-02T03:04:05+00:00"}
    before = plain(input="trunk_twisted", value=False, **signed)
    old, new = kept_overrides({"overrides": [before, plain()], "who": " A. Smith ", "why": "table"})
    assert (old.who, old.why, old.made_utc) == tuple(signed.values())
    assert (new.who, new.why, new.value) == ("A. Smith", "table", 0.0)
    assert new.made_utc > old.made_utc
    with pytest.raises(ErgoError, match="who"):
        kept_overrides({"overrides": [plain()], "who": "x" * 101})


def test_half_the_load_is_offered_where_it_is_known():
    labels = [change["label"] for change in what_if_value(AnalysisSettings(context=CONTEXT))["redesigns"]]
    assert "Half the load" in labels
    assert "Half the load" not in [c["label"] for c in what_if_value(AnalysisSettings())["redesigns"]]


# -- lifts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lifter(tmp_path_factory):
    """The files of somebody who picks up a box."""
    places = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]
    folder, motion = tmp_path_factory.mktemp("lift"), moving(places)
    write_angle_arrays(folder / ANGLES_FILE, angles_of(motion.timestamps_s, trunk_flexion=30.0))
    write_motion(folder / MOTION_FILE, motion, Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=2.0, source="user"))
    return {name: (folder / name).read_bytes() for name in (ANGLES_FILE, MOTION_FILE)} | {"result.json": b"{}"}


def test_lifts_and_the_day_follow_at_once_and_so_do_the_cards(ledger, lifter):
    job = keep_job(ledger, lifter, AnalysisSettings(height_m=1.75, context=CONTEXT))
    rescorer, half = Rescorer(ledger), Override(input="load_kg", value=4.0)
    (before,), (after,) = (rescorer.rescored(job, said).lifting.lifts for said in ((), (half,)))
    assert before.limit.rwl == after.limit.rwl and before.limit.index == pytest.approx(2 * after.limit.index)
    calls = WhatIfCalls(rescorer)
    told = [plain(input="load_kg", value=4.0), plain(input="repetitions_per_day", value=200.0)]
    cards, changed = (calls.rescore({"job": job, "overrides": said})["cards"] for said in ([], told))
    assert "needs repetitions a day" in cards["lifft"] and "chance of" in changed["lifft"]
    assert f"LI {after.limit.index:.1f}" in changed["niosh"] and cards["niosh"] != changed["niosh"]
    assert cards["duet"] != changed["duet"] and cards["iso11226"] == changed["iso11226"]
    assert "of the time at this level" in changed["rula"]


def test_a_lift_that_is_struck_out_stands_signed_beside_what_was_set_before(ledger, lifter):
    said = {"startS": "1.40", "endS": "3.00", "who": "A. Smith ", "why": "a wave"}
    before, none = without_lift((UPRIGHT,), said)
    assert before == UPRIGHT
    assert (none.input, none.value, none.start_s, none.end_s) == ("lift", False, 1.4, 3.0)
    assert (none.who, none.why) == ("A. Smith", "a wave") and none.made_utc
    made = Rescorer(ledger).rescored(keep_job(ledger, lifter), (before, none))
    assert made.lifting.lifts == ()
    with pytest.raises(SettingsError, match="end_s"):
        without_lift((), said | {"endS": "1.0"})
