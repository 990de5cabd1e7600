import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.errors import SettingsError
from ergo.methods.catalogue import METHODS
from ergo.report.compare import as_json, as_text, compare, read_result, sentence


def side(peak, chance=None, **changes):
    levels = {str(entry.level): 0.0 for entry in METHODS["reba"].levels}
    entry = next(lv for lv in METHODS["reba"].levels if lv.low <= peak <= lv.high)
    return {
        "peak": float(peak),
        "peak_level": entry.level,
        "peak_p05": float(peak),
        "peak_p95": float(peak),
        "peak_chance": {str(peak): 1.0} if chance is None else chance,
        "median": 3.0,
        "p90": 4.0,
        "coverage": 1.0,
        "share_of_time": levels | {str(entry.level): 1.0},
        "share_of_parts": {"trunk": {"1": 0.25, "2": 0.0, "3": 0.75, "4": 0.0, "5": 0.0}},
    } | changes


def result(of_side, **changes):
    reba = METHODS["reba"]
    levels = [{"level": lv.level, "label": lv.label, "text": lv.text} for lv in reba.levels]
    parts = [{"id": "trunk", "label": "Trunk", "neutral_points": 1}]
    methods = {"reba": {"label": "REBA", "max": 15, "levels": levels, "parts": parts, "sides": {"left": of_side}}}
    return {"schema": "ergo.result/1", "settings": {"quality": "low", "context": {}}, "methods": methods} | changes


def only(before, after):
    (entry,) = compare(result(before), result(after)).sides
    return entry


def test_a_sure_improvement_is_more_than_the_uncertainty():
    entry = only(side(9), side(5))
    assert (entry.peak.difference, entry.chance_lower, entry.verdict) == (-4, 1.0, "lower")
    assert "more than the uncertainty" in sentence(entry)
    assert only(side(5), side(9)).verdict == "higher"


def test_overlapping_errors_are_within_the_uncertainty():
    entry = only(side(9, {"8": 0.5, "9": 0.5}), side(8, {"8": 0.5, "9": 0.5}))
    assert entry.chance_lower == pytest.approx(0.25)
    assert entry.verdict == "uncertain"
    assert "within the uncertainty" in sentence(entry)


def test_without_drawn_errors_nothing_is_claimed():
    assert only(side(9, {}), side(5, {})).verdict == "unknown"
    assert only(side(9, {}), side(9, {})).verdict == "same"
    assert only(side(9) | {"peak": None}, side(9)).verdict == "unknown"


def test_time_and_items_are_compared():
    calmer = {"trunk": {"1": 0.9, "2": 0.0, "3": 0.1, "4": 0.0, "5": 0.0}}
    entry = only(side(9), side(5, share_of_parts=calmer))
    assert entry.worse_share["trunk"].before == pytest.approx(0.75)
    assert entry.worse_share["trunk"].after == pytest.approx(0.1)
    assert entry.level_share[3].difference == -1.0
    assert entry.level_share[2].difference == 1.0


chances = st.dictionaries(st.integers(1, 15), st.integers(1, 9), min_size=1, max_size=5).map(
    lambda counts: {str(total): count / sum(counts.values()) for total, count in counts.items()}
)


@given(chances, chances)
def test_lower_and_higher_are_mirrors_and_leave_room_for_the_same(one, two):
    there, back = only(side(5, one), side(6, two)), only(side(6, two), side(5, one))
    assert there.chance_lower == pytest.approx(back.chance_higher)
    assert there.chance_lower + there.chance_higher <= 1 + 1e-9
    same = sum(share * two.get(total, 0.0) for total, share in one.items())
    assert there.chance_lower + there.chance_higher + same == pytest.approx(1.0)


def test_what_makes_them_hard_to_compare_is_said():
    before = result(side(9), settings={"quality": "low", "context": {"load_kg": 12.0}})
    after = result(side(9), settings={"quality": "high", "context": {"load_kg": None}}, overrides=[{}])
    text = " ".join(compare(before, after).cautions)
    for word in ("Load kg is told of one", "quality", "set by hand in the one after"):
        assert word in text


@pytest.mark.parametrize("wrong", [{}, [], {"schema": "ergo.result/1", "methods": {}}])
def test_what_is_no_result_is_refused(wrong):
    with pytest.raises(SettingsError):
        compare(result(side(5)), wrong)


def test_for_people_and_programs(tmp_path: Path):
    found = compare(result(side(9)), result(side(5)))
    assert "peak 9 → 5" in as_text(found)
    assert json.loads(as_json(found))["sides"][0]["verdict"] == "lower"
    (tmp_path / "result.json").write_text(json.dumps(result(side(5))))
    assert read_result(tmp_path) == read_result(tmp_path / "result.json")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_result(tmp_path / "nothing.json")


def test_results_of_before_are_still_readable():
    old = copy.deepcopy(result(side(9)))
    del old["methods"]["reba"]["sides"]["left"]["peak_chance"]
    del old["methods"]["reba"]["sides"]["left"]["share_of_parts"]
    assert compare(old, result(side(5))).sides[0].worse_share["trunk"].before is None
