"""Lifts, repetition and dose as HTML, from a real assessment of a made-up motion."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from assess_people import angles_of
from lifting_people import HANGING, moving, pair

from ergo.assess.task import assess_task
from ergo.report.task import task_content, write_lifts
from ergo.types import AnalysisSettings, TaskContext
from ergo.ui.lifts import SHOWN, lifts_section
from ergo.ui.repetition import dose_section, repetition_section

PICK = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]


def assessed(**context: Any):
    motion = moving(PICK)
    bend = 40 * (1 - np.cos(motion.timestamps_s * 2.4))
    angles = angles_of(motion.timestamps_s, trunk_flexion=bend)
    return assess_task(motion, angles, AnalysisSettings(context=TaskContext(**context)))


def content(**context: Any) -> dict[str, Any]:
    return json.loads(json.dumps(task_content(assessed(**context)), allow_nan=False))


def test_a_lift_seeks_the_player_and_tells_its_limit() -> None:
    result = content(load_kg=12.0, coupling="good", lifting_duration="short", lifts_per_minute=1.0)
    html = lifts_section(result)
    (lift,) = result["lifting"]["lifts"]
    assert f'data-seek-s="{lift["origin"]["time_s"]:.3f}"' in html
    limit = lift["limits"][0]
    assert f"{limit['rwl']:.1f} kg" in html and f"LI {limit['index']:.1f}" in html
    assert "0 kg" not in re.findall(r"<strong>([^<]*)</strong>", html)


def test_without_a_load_the_index_asks_for_it_and_the_tools_say_what_they_need() -> None:
    html = lifts_section(content())
    assert "The lifting index needs the load." in html and "LI " not in html
    assert "needs the load and repetitions a day" in html
    assert "needs the effort of the hand and repetitions a day" in html
    assert "not assessable under a minute" in html


def test_everything_told_gives_both_tools_a_number() -> None:
    html = lifts_section(content(load_kg=12.0, repetitions_per_day=400.0, exertion=4))
    assert html.count("chance of") == 2 and "needs" not in html


def test_no_lift_is_said_and_old_results_have_no_section() -> None:
    html = lifts_section(content(load_kg=0.0))
    assert "No lift found" in html and "said to be empty" in html
    assert lifts_section({}) == repetition_section({}) == dose_section({}) == ""


def test_what_niosh_does_not_allow_is_said() -> None:
    result = content(load_kg=12.0)
    limit = result["lifting"]["lifts"][0]["limits"][0]
    limit |= {"rwl": 0.0, "rwl_low": 0.0, "index": None, "index_high": None}
    assert "outside what NIOSH allows" in lifts_section(result)


def test_many_lifts_are_cut_short() -> None:
    result = content()
    result["lifting"]["lifts"] = [copy.deepcopy(result["lifting"]["lifts"][0]) for _ in range(SHOWN + 6)]
    html = lifts_section(result)
    assert html.count('class="card lift"') == SHOWN and "6 more are in lifts.csv" in html


def test_repetition_and_dose_of_a_short_film() -> None:
    result = content()
    html = repetition_section(result)
    assert "not assessable" in html and "A minute" not in html
    trunk = next(dose for dose in result["doses"] if dose["part"] == "trunk")
    assert dose_section(result).count("<polyline") >= 2
    assert f"over 20° <b>{trunk['seconds_above']['20']:.1f} s" in dose_section(result)


def test_a_part_little_seen_is_not_assessed() -> None:
    result = content()
    result["doses"][0] |= {"assessed": False, "coverage": 0.61}
    result["cycles"]["parts"][0] |= {"count": None, "coverage": 0.61}
    assert "not assessed, seen 61 % of the film" in dose_section(result)
    assert "not assessed, seen 61 % of the film" in repetition_section(result)


@pytest.mark.parametrize("context", [{}, {"load_kg": 12.0}])
def test_the_table_of_lifts_has_the_same_numbers(tmp_path: Path, context: dict[str, float]) -> None:
    task = assessed(**context)
    write_lifts(tmp_path / "lifts.csv", task.lifting)
    head, row = (line.split(",") for line in (tmp_path / "lifts.csv").read_text().splitlines())
    values = dict(zip(head, row, strict=True))
    limit = task.lifting.lifts[0].limits[0]
    assert values["hands"] == "both" and float(values["origin_rwl"]) == pytest.approx(limit.rwl, abs=0.01)
    assert (values["origin_index"] == "") == (not context)
