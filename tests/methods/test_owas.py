from __future__ import annotations

import itertools

import numpy as np
import pytest

from ergo.errors import MethodInputError
from ergo.methods import owas
from ergo.methods.lookup import load

RANGES = {"back": (1, 4), "arms": (1, 3), "legs": (1, 7), "load": (1, 3)}

PUBLISHED = {
    "11": "111111111222222111111", "12": "111111111222222111111", "13": "111111111223223111112",
    "21": "223223223333333222233", "22": "223223233344344334234", "23": "334223333344444444234",
    "31": "111111112333444111111", "32": "223111112444444333111", "33": "223111233444444444111",
    "41": "233223223444444444234", "42": "334234334444444444234", "43": "444234334444444444234",
}  # fmt: skip
"""Legs 1–7 and load 1–3 of each back and arms, written a second time so that a slip in the data shows."""


def test_all_252_combinations_are_the_printed_category_and_code():
    grid = np.meshgrid(*[np.arange(low, high + 1) for low, high in RANGES.values()], indexing="ij")
    result = owas.score(**dict(zip(RANGES, grid, strict=True)))
    assert result.total.size == 252
    for back, arms, legs, kg in itertools.product(*[range(low, high + 1) for low, high in RANGES.values()]):
        at = (back - 1, arms - 1, legs - 1, kg - 1)
        assert result.total[at] == int(PUBLISHED[f"{back}{arms}"][3 * (legs - 1) + kg - 1]), at
        assert result.code[at] == int(f"{back}{arms}{legs}{kg}")
    assert np.array_equal(result.level, result.total)
    assert np.diff(result.total, axis=3).min() >= 0  # more load is never better


def test_the_share_of_the_time_never_lowers_a_category_and_an_edge_belongs_below():
    shares = np.linspace(0, 1, 101)
    for part in owas.PARTS:
        codes = np.arange(1, {"back": 4, "arms": 3, "legs": 7}[part] + 1)
        category = owas.time_category(part, codes[:, None], shares)
        assert np.diff(category, axis=1).min() >= 0
        assert (category[:, 0] == 1).all()
    assert owas.time_category("back", 2, [0.3, 0.301, 0.8, 0.81, 1.0]).tolist() == [1, 2, 2, 3, 3]
    assert owas.time_category("legs", 4, [0.1, 0.3, 0.31, 0.7, 0.71]).tolist() == [1, 2, 3, 3, 4]
    assert np.isnan(owas.time_category("arms", 2, np.nan))


def test_every_rule_in_words_is_what_its_function_does():
    items = load("owas")["items"]

    def words(part: str, **names: object) -> list[int]:
        return [band["points"] for band in items[part]["bands"] if eval(band["rule"], dict(names))]  # noqa: S307

    for flexion, sideways in itertools.product(np.arange(-90, 130, 2.5), (False, True)):
        assert words("back", flexion=flexion, sideways=sideways) == [owas.back_points(flexion, sideways=sideways)]
    for left, right in itertools.product(np.arange(0, 181, 7.5), repeat=2):
        assert words("arms", left=left, right=right) == [owas.arms_points(left, right)]
    for kg in (0, 9.9, 10, 10.1, 20, 20.1, 60):
        assert words("load", load=kg) == [owas.load_points(kg)]
    for bearing, other in itertools.product((0, 30, 30.1, 90), repeat=2):
        for one_leg, sitting, kneeling, walking in itertools.product((False, True), repeat=4):
            states = {"one_leg": one_leg, "sitting": sitting, "kneeling": kneeling, "walking": walking}
            standing = not (sitting or kneeling or walking)
            expected = words("legs", bearing=bearing, other=other, standing=standing, **states)
            assert expected == [owas.legs_points(bearing, other, **states)], states


def test_what_is_unknown_is_nan_unless_something_known_decides():
    assert np.isnan(owas.back_points([np.nan, 0], sideways=[0, np.nan])).all()
    assert np.isnan(owas.arms_points(np.nan, 100))
    assert owas.legs_points(np.nan, np.nan, sitting=1) == 1
    assert owas.legs_points(np.nan, np.nan, walking=1) == 7
    assert owas.legs_points(10, np.nan, one_leg=1) == 3
    assert np.isnan(owas.legs_points(10, np.nan))
    assert np.isnan(owas.legs_points(10, 10, sitting=np.nan, kneeling=1))
    for name in RANGES:
        codes = {key: low for key, (low, _) in RANGES.items()} | {name: np.array([1, np.nan])}
        result = owas.score(**codes)
        assert result.total[0] == 1
        assert np.isnan([result.total[1], result.code[1], result.level[1]]).all()


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("how", ["below", "above", "between", "infinite", "word"])
def test_impossible_codes_name_their_part(name, how):
    low, high = RANGES[name]
    bad = {"below": low - 1, "above": high + 1, "between": low + 0.5, "infinite": np.inf, "word": "bent"}[how]
    with pytest.raises(MethodInputError, match=name):
        owas.score(**{key: value[0] for key, value in RANGES.items()} | {name: bad})


def test_impossible_shares_and_parts_name_themselves():
    with pytest.raises(MethodInputError, match="share_of_time"):
        owas.time_category("back", 1, 1.2)
    with pytest.raises(MethodInputError, match="part"):
        owas.time_category("load", 1, 0.2)  # pyright: ignore[reportArgumentType]


def test_worked_example_of_the_documentation_from_its_angles():
    example = load("owas")["example"]
    points = {
        "back": owas.back_points(50, sideways=True),
        "arms": owas.arms_points(10, 10),
        "legs": owas.legs_points(40, 40),
        "load": owas.load_points(15),
    }
    assert points == example["points"]
    result = owas.score(**points)
    assert {name: getattr(result, name) for name in example["result"]} == example["result"]
