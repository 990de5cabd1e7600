"""ISO 11226 and EN 1005-4: the rules printed in the documentation, read as Python, against the functions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ergo.errors import MethodInputError
from ergo.methods import en1005_4, iso11226
from ergo.methods.lookup import load

NO_YES = (False, True)
HOLDS_S = (0.0, 4.0, 4.1, 59.0, 61.0, 170.0, 300.0)
EDGES_DEG = (-60, -5.1, -5, 0, 20, 20.1, 25, 25.1, 40, 40.1, 45, 45.1, 60, 60.1, 85, 85.1, 120)
PACES = ({"static": True, "per_minute": 0}, {"static": True, "per_minute": 30}, *(
    {"static": False, "per_minute": often} for often in (0, 1.9, 2, 9.9, 10, 30)
))  # fmt: skip


def words(method: str, item: str, **names: Any) -> list[int]:
    bands = load(method)["items"][item]["bands"]
    return [band["points"] for band in bands if eval(band["rule"], names)]  # noqa: S307


def limit(part: Any, angle: float) -> float:
    return float(iso11226.holding_limit_s(part, angle))


@pytest.mark.parametrize("hold_s", HOLDS_S)
def test_iso_rules_in_words_are_what_the_functions_do(hold_s):
    for angle in EDGES_DEG:
        for a, b in itertools.product(NO_YES, repeat=2):
            names = {"inclination": angle, "hold_s": hold_s, "asymmetric": a, "supported": b}
            expected = words("iso11226", "trunk", **names, limit_s=limit("trunk", angle))
            assert expected == [iso11226.trunk_points(angle, hold_s=hold_s, asymmetric=a, supported=b)], names
            names = {"inclination": angle, "hold_s": hold_s, "trunk_supported": a, "head_supported": b}
            expected = words("iso11226", "head", **names, limit_s=limit("head", angle))
            assert expected == [iso11226.head_points(angle, hold_s=hold_s, trunk_supported=a, head_supported=b)], names
            names = {"elevation": angle, "hold_s": hold_s, "awkward": a, "supported": b}
            expected = words("iso11226", "upper_arm", **names, limit_s=limit("upper_arm", angle))
            assert expected == [iso11226.upper_arm_points(angle, hold_s=hold_s, awkward=a, supported=b)], names
        for flag in NO_YES:
            expected = words("iso11226", "neck", flexion=angle, hold_s=hold_s, asymmetric=flag)
            assert expected == [iso11226.neck_points(angle + 10, 10, hold_s=hold_s, asymmetric=flag)]
            expected = words("iso11226", "legs", knee=angle, hold_s=hold_s, sitting=flag)
            assert expected == [iso11226.legs_points(angle, hold_s=hold_s, sitting=flag)]
            expected = words("iso11226", "forearm_hand", hold_s=hold_s, extreme=flag)
            assert expected == [iso11226.forearm_hand_points(hold_s=hold_s, extreme=flag)]


@pytest.mark.parametrize("pace", PACES)
def test_en_rules_in_words_are_what_the_functions_do(pace):
    for angle, flag in itertools.product(EDGES_DEG, NO_YES):
        checks = {
            "trunk": ({"flexion": angle, "supported": flag}, en1005_4.trunk_points(angle, supported=flag, **pace)),
            "trunk_turn": ({"asymmetric": flag}, en1005_4.trunk_turn_points(flag, **pace)),
            "upper_arm": (
                {"elevation": angle, "behind": flag}, en1005_4.upper_arm_points(angle, behind=flag, **pace)
            ),
            "neck": ({"sight": angle}, en1005_4.neck_points(angle, **pace)),
            "neck_turn": (
                {"twist": angle, "side_bent": flag}, en1005_4.neck_turn_points(angle, side_bent=flag, **pace)
            ),
        }  # fmt: skip
        for item, (names, zone) in checks.items():
            assert words("en1005_4", item, **names, **pace) == [zone], (item, names)


def test_holding_times_end_where_they_are_published_and_shrink_in_between():
    for part, first, last, minutes in (
        ("trunk", 20, 60, (4, 1)),
        ("head", 25, 85, (8, 1)),
        ("upper_arm", 20, 60, (3, 1)),
    ):
        times = iso11226.holding_limit_s(part, np.linspace(first, last, 50))  # pyright: ignore[reportArgumentType]
        assert (times[0], times[-1]) == (60 * minutes[0], 60 * minutes[1])
        assert np.diff(times).max() < 0
        assert np.isnan(iso11226.holding_limit_s(part, [first - 0.1, last + 0.1])).all()  # pyright: ignore[reportArgumentType]
    assert iso11226.holding_limit_s("trunk", 40) == 150


ISO_PARTS = tuple(load("iso11226")["example"]["points"])
EN_PARTS = tuple(load("en1005_4")["example"]["points"])


@pytest.mark.parametrize(("module", "parts", "zones"), [(iso11226, ISO_PARTS, 4), (en1005_4, EN_PARTS, 3)])
def test_every_combination_of_zones_is_its_worst(module, parts, zones):
    axes = np.meshgrid(*[np.arange(1, zones + 1)] * len(parts), indexing="ij", sparse=True)
    result = module.score(**dict(zip(parts, axes, strict=True)))
    assert result.total.size == zones ** len(parts)
    assert np.array_equal(result.total, np.indices(result.total.shape).max(axis=0) + 1)
    assert np.array_equal(result.level, result.total - 1 if module is iso11226 else result.total)
    for part in parts:
        one = dict.fromkeys(parts, 1)
        assert np.isnan(module.score(**one | {part: np.nan}).total)
        for bad in (0, zones + 1, 1.5, np.inf):
            with pytest.raises(MethodInputError, match=part):
                module.score(**one | {part: bad})


@pytest.mark.parametrize("module", [iso11226, en1005_4])
def test_worked_examples_of_the_documentation(module):
    example = load(module.__name__.rsplit(".", 1)[1])["example"]
    result = module.score(**example["points"])
    assert {name: getattr(result, name) for name in example["result"]} == example["result"]


def test_zones_of_the_worked_examples_come_from_their_angles():
    held = {"hold_s": 180.0}
    points = load("iso11226")["example"]["points"]
    assert iso11226.trunk_points(40, **held) == points["trunk"]
    assert iso11226.head_points(40, **held) == points["head"]
    assert iso11226.neck_points(40, 40, **held) == points["neck"]
    assert iso11226.upper_arm_points(30, **held) == points["left_upper_arm"]
    points, moving = load("en1005_4")["example"]["points"], {"static": False, "per_minute": 4}
    assert en1005_4.trunk_points(0, **moving) == points["trunk"]
    assert en1005_4.upper_arm_points(70, **moving) == points["left_upper_arm"]
    assert en1005_4.neck_points(-10, **moving) == points["neck"]


def test_an_unknown_leaves_a_zone_open_only_where_it_matters():
    nan = np.nan
    assert np.isnan(iso11226.trunk_points([nan, 0], hold_s=[10, nan])).all()
    assert np.isnan(iso11226.trunk_points(-20, hold_s=10, supported=nan))
    assert np.isnan(iso11226.upper_arm_points(10, hold_s=10, awkward=nan))
    assert en1005_4.trunk_points(10, static=nan, per_minute=nan) == 1
    assert np.isnan(en1005_4.trunk_points(30, static=False, per_minute=nan))
    assert en1005_4.trunk_points(30, static=True, per_minute=nan) == 2
    assert np.isnan(en1005_4.upper_arm_points(70, static=nan, per_minute=0))
    assert en1005_4.upper_arm_points(70, static=nan, per_minute=5) == 3
    assert np.isnan(en1005_4.upper_arm_points(nan, static=True, per_minute=0))


def test_impossible_values_name_themselves():
    with pytest.raises(MethodInputError, match="hold_s"):
        iso11226.trunk_points(0, hold_s=-1)
    with pytest.raises(MethodInputError, match="per_minute"):
        en1005_4.trunk_points(0, static=False, per_minute=np.inf)
    with pytest.raises(MethodInputError, match="part"):
        iso11226.holding_limit_s("legs", 30)  # pyright: ignore[reportArgumentType]
    with pytest.raises(MethodInputError, match="line of sight"):
        en1005_4.neck_points(1000, static=False, per_minute=0)
