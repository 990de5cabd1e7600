"""The lifts of two results beside each other, from real assessments of made-up motions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assess_people import angles_of
from lifting_people import HANGING, moving, pair

from ergo.assess.task import assess_task
from ergo.methods.catalogue import METHODS
from ergo.report.compare import as_json, as_text, compare
from ergo.report.compare_lifts import compare_lifts, hardest, lift_numbers, lift_sentence
from ergo.report.task import task_content
from ergo.types import AnalysisSettings, Override, TaskContext
from ergo.ui.comparison import comparison

LOW = [(0.0, HANGING), (1.5, pair(0.3, 0.5)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]
SAME_DAY = {"load_kg": 10.0, "coupling": "good", "lifting_duration": "short", "lifts_per_minute": 1.0,
            "repetitions_per_day": 300.0}  # fmt: skip


def result(*overrides: Override, places: Any = LOW, **context: Any) -> dict[str, Any]:
    motion = moving(places)
    settings = AnalysisSettings(height_m=1.75, context=TaskContext(**context), overrides=overrides)
    return json.loads(json.dumps(task_content(assess_task(motion, angles_of(motion.timestamps_s), settings))))


def compared(before: dict[str, Any], after: dict[str, Any]):
    found = compare_lifts(before, after)
    assert found is not None
    return found


BEFORE = result(**SAME_DAY)
NEARER = [Override(input="lift_from_reach_cm", value=25.0), Override(input="lift_from_height_cm", value=75.0)]


def test_a_redesign_that_is_surely_easier_and_one_that_is_not():
    easier = compared(BEFORE, result(*NEARER, **(SAME_DAY | {"load_kg": 4.0})))
    assert easier.verdict == "lower" and easier.chance_lower > 0.95
    assert lift_sentence(easier).startswith("easier, by more than the uncertainty (")
    assert lift_numbers(easier) == f"LI {easier.index.before:.1f} → {easier.index.after:.1f}"
    assert easier.day["lifft"].difference < 0 and easier.day["duet"].difference is None
    hardly = compared(BEFORE, result(**(SAME_DAY | {"load_kg": 9.5})))
    assert hardly.verdict == "uncertain" and "within the uncertainty" in lift_sentence(hardly)
    assert compared(BEFORE, BEFORE).verdict == "same"
    harder = compared(result(*NEARER, **(SAME_DAY | {"load_kg": 4.0})), BEFORE)
    assert harder.verdict == "higher" and harder.chance_higher == pytest.approx(easier.chance_lower)
    assert "harder" in lift_sentence(harder)


def test_without_a_load_the_weight_allowed_is_compared():
    found = compared(result(), result(*NEARER))
    assert found.index.difference is None and found.rwl_kg.difference > 0
    assert found.strain < 0 and "kg allowed" in lift_numbers(found)
    assert "easier" in lift_sentence(found) or "within" in lift_sentence(found)


def test_lifts_that_were_struck_out_and_results_of_before_there_were_any():
    none = result(Override(input="lift", value=False), **SAME_DAY)
    found = compared(BEFORE, none)
    assert (found.verdict, found.lifts.before, found.lifts.after) == ("unknown", 1, 0)
    assert lift_numbers(found).endswith("→ no lift") and lift_sentence(found) == "one has no lift with both hands"
    assert compare_lifts(none, none) is None and compare_lifts({}, BEFORE) is None
    nothing_allowed = compared(BEFORE, result(Override(input="lift_from_reach_cm", value=90.0), **SAME_DAY))
    assert nothing_allowed.verdict == "unknown"


def test_the_hardest_lift_is_that_of_the_highest_index():
    limit = {"end": "origin", "rwl": 9.0, "index": 0.5}
    heavy = {"end": "origin", "rwl": 12.0, "index": 1.5}
    lifts = [{"counts": "origin", "limits": [each]} for each in (limit, heavy)]
    assert hardest({"lifts": lifts}) is heavy
    out_of_reach = {"counts": "origin", "limits": [{"end": "origin", "rwl": 0.0, "index": None}]}
    assert hardest({"lifts": [*lifts, out_of_reach]}) is out_of_reach["limits"][0]
    assert hardest({"lifts": [{"counts": None, "limits": []}]}) is None


def test_it_stands_with_the_scores_as_text_as_json_and_on_the_page():
    reba = METHODS["reba"].levels[0]
    side = {"peak": 1.0, "peak_level": 0, "median": 1.0, "p90": 1.0, "coverage": 1.0, "share_of_time": {"0": 1.0}}
    levels = [{"level": reba.level, "label": reba.label}]
    method = {"label": "REBA", "max": 15, "levels": levels, "parts": [], "sides": {"left": side}}
    one, two = (
        {"schema": "ergo.result/1", "settings": {}, "methods": {"reba": method}, **task}
        for task in (BEFORE, result(*NEARER, **(SAME_DAY | {"load_kg": 4.0})))
    )
    found = compare(one, two)
    assert "NIOSH      lift   LI " in as_text(found)
    assert json.loads(as_json(found))["lifts"]["verdict"] == "lower"
    html = comparison(one, two, ("a", "b"), ("a" * 32, "b" * 32))
    assert 'class="card compare-row lower" data-method="niosh"' in html and "LiFFT, a day" in html
