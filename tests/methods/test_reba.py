from __future__ import annotations

import numpy as np
import pytest

from ergo.errors import MethodInputError
from ergo.methods import reba
from ergo.methods.catalogue import METHODS
from ergo.methods.lookup import load

RANGES = {entry.name: (entry.low, entry.high) for entry in METHODS["reba"].inputs}
NEUTRAL = {name: low for name, (low, _) in RANGES.items()}


@pytest.fixture(scope="module")
def every():
    """Every combination there is: one axis per input."""
    axes = [np.arange(low, high + 1) for low, high in RANGES.values()]
    grid = np.meshgrid(*axes, indexing="ij", sparse=True)
    return reba.score(**dict(zip(RANGES, grid, strict=True)))


def by_hand(p: dict[str, int]) -> int:
    """The worksheet, with a finger on the printed rows."""
    data = load("reba")
    a = data["table_a"]["rows"][5 * (p["neck"] - 1) + p["trunk"] - 1][p["legs"] - 1]
    b = data["table_b"]["rows"][2 * (p["upper_arm"] - 1) + p["lower_arm"] - 1][p["wrist"] - 1]
    return data["table_c"]["rows"][a + p["load"] - 1][b + p["coupling"] - 1] + p["activity"]


def test_all_138240_combinations_are_scores_that_never_fall_as_an_item_rises(every):
    assert every.total.size == 138_240
    assert set(np.unique(every.total)) == set(range(1, 16))
    for axis in range(every.total.ndim):
        assert np.diff(every.total, axis=axis).min() >= 0
    assert (every.score_a.max(), every.score_b.max()) == (12, 12)
    assert np.array_equal(every.level, np.digitize(every.total, [2, 4, 8, 11]))


def test_a_sample_of_combinations_equals_the_worksheet_by_hand(every):
    rng = np.random.default_rng(11)
    for _ in range(3000):
        points = {name: int(rng.integers(low, high + 1)) for name, (low, high) in RANGES.items()}
        at = tuple(points[name] - low for name, (low, _) in RANGES.items())
        assert every.total[at] == by_hand(points) == reba.score(**points).total, points


@pytest.mark.parametrize(
    ("posture", "posture_a"),
    [((1, 1, 1), 1), ((1, 3, 2), 4), ((2, 3, 1), 4), ((3, 1, 3), 5), ((2, 5, 4), 9), ((3, 5, 4), 9)],
)
def test_cells_of_table_a_copied_from_print(posture, posture_a):
    body = dict(zip(("neck", "trunk", "legs"), posture, strict=True))
    assert reba.score(**NEUTRAL | body).posture_a == posture_a


@pytest.mark.parametrize(
    ("posture", "posture_b"),
    [((1, 1, 1), 1), ((2, 2, 3), 4), ((3, 1, 2), 4), ((4, 2, 1), 5), ((5, 1, 3), 8), ((6, 2, 3), 9)],
)
def test_cells_of_table_b_copied_from_print(posture, posture_b):
    arm = dict(zip(("upper_arm", "lower_arm", "wrist"), posture, strict=True))
    assert reba.score(**NEUTRAL | arm).posture_b == posture_b


def test_worked_example_of_the_documentation():
    example = load("reba")["example"]
    result = reba.score(**example["points"])
    for name, value in example["result"].items():
        assert getattr(result, name) == value, name


def test_points_of_the_worked_example_come_from_its_angles():
    points = {
        "neck": reba.neck_points(25),
        "trunk": reba.trunk_points(45, twisted=True),
        "legs": reba.legs_points(40),
        "load": reba.load_points(12),
        "upper_arm": reba.upper_arm_points(70),
        "lower_arm": reba.lower_arm_points(40),
        "wrist": reba.wrist_points(20),
        "coupling": reba.coupling_points("fair"),
        "activity": reba.activity_points(static=False, repeated=True, rapid=False),
    }
    assert points == load("reba")["example"]["points"]


@pytest.mark.parametrize(
    ("function", "angle", "expected"),
    [
        (reba.upper_arm_points, [-20.1, -20, 20, 20.1, 45, 45.1, 90, 90.1], [2, 1, 1, 2, 2, 3, 3, 4]),
        (reba.lower_arm_points, [59.9, 60, 100, 100.1], [2, 1, 1, 2]),
        (reba.wrist_points, [-15.1, -15, 0, 15, 15.1], [2, 1, 1, 1, 2]),
        (reba.neck_points, [-5.1, -5, 0, 10, 20, 20.1], [2, 1, 1, 1, 1, 2]),
        (reba.trunk_points, [-20.1, -20, -5.1, -5, 5, 5.1, 20, 20.1, 60, 60.1], [3, 2, 2, 1, 1, 2, 2, 3, 3, 4]),
        (reba.legs_points, [0, 29.9, 30, 60, 60.1, 140], [1, 1, 2, 2, 3, 3]),
        (reba.load_points, [0, 4.9, 5, 10, 10.1], [0, 0, 1, 1, 2]),
    ],
)
def test_an_angle_on_an_edge_takes_the_lower_score(function, angle, expected):
    assert function(angle).tolist() == expected


def test_adjustments_stay_in_the_range_of_their_item():
    assert reba.neck_points(30, twisted=True, side_bent=True) == 3
    assert reba.trunk_points(70, twisted=True, side_bent=True) == 5
    assert reba.upper_arm_points(100, raised=True, abducted=True) == 6
    assert reba.upper_arm_points(0, supported=True) == 1
    assert reba.legs_points(80, unstable=True) == 4
    assert reba.legs_points(80, sitting=True) == 1
    assert reba.load_points(30, shock=True) == 3
    assert reba.activity_points(static=True, repeated=True, rapid=True) == 3


@pytest.mark.parametrize("name", RANGES)
def test_nan_leaves_only_its_own_frame_not_assessed(name):
    points = NEUTRAL | {name: np.array([NEUTRAL[name], np.nan])}
    result = reba.score(**points)
    assert result.total[0] == 1
    assert np.isnan(result.total[1])
    assert np.isnan(result.level[1])


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("how", ["below", "above", "between", "infinite", "word"])
def test_impossible_points_name_their_item(name, how):
    low, high = RANGES[name]
    bad = {"below": low - 1, "above": high + 1, "between": low + 0.5, "infinite": np.inf, "word": "high"}[how]
    with pytest.raises(MethodInputError, match=name):
        reba.score(**NEUTRAL | {name: bad})


def test_impossible_angles_loads_grips_and_flags_name_themselves():
    with pytest.raises(MethodInputError, match="neck flexion_deg"):
        reba.neck_points(1000)
    with pytest.raises(MethodInputError, match="load_kg"):
        reba.load_points(np.inf)
    with pytest.raises(MethodInputError, match="coupling"):
        reba.coupling_points("nice")  # pyright: ignore[reportArgumentType]
    with pytest.raises(MethodInputError, match="sitting"):
        reba.legs_points(0, sitting=0.5)


def test_levels_and_risk_steps_follow_the_catalogue():
    totals = np.arange(1, 16)
    for entry in METHODS["reba"].levels:
        inside = (totals >= entry.low) & (totals <= entry.high)
        assert (reba.level(totals)[inside] == entry.level).all()
        assert (reba.risk_step(totals)[inside] == entry.risk_step).all()
