from __future__ import annotations

import itertools

import numpy as np
import pytest

from ergo.errors import MethodInputError
from ergo.methods import rula
from ergo.methods.catalogue import METHODS
from ergo.methods.lookup import load

RANGES = {entry.name: (entry.low, entry.high) for entry in METHODS["rula"].inputs}
NEUTRAL = {name: low for name, (low, _) in RANGES.items()}


@pytest.fixture(scope="module")
def every():
    """Every combination there is: one axis per input."""
    axes = [np.arange(low, high + 1) for low, high in RANGES.values()]
    grid = np.meshgrid(*axes, indexing="ij", sparse=True)
    return rula.score(**dict(zip(RANGES, grid, strict=True)))


def by_hand(p: dict[str, int]) -> int:
    """The worksheet, with a finger on the printed rows."""
    data = load("rula")
    a = data["table_a"]["rows"][3 * (p["upper_arm"] - 1) + p["lower_arm"] - 1][
        2 * (p["wrist"] - 1) + p["wrist_twist"] - 1
    ]
    b = data["table_b"]["rows"][p["neck"] - 1][2 * (p["trunk"] - 1) + p["legs"] - 1]
    c = a + p["muscle_use_arm"] + p["force_arm"]
    d = b + p["muscle_use_body"] + p["force_body"]
    return data["table_c"]["rows"][min(c, 8) - 1][min(d, 7) - 1]


def test_all_663552_combinations_are_scores_that_never_fall_as_an_item_rises(every):
    assert every.total.size == 663_552
    assert set(np.unique(every.total)) == {1, 2, 3, 4, 5, 6, 7}
    for axis in range(every.total.ndim):
        assert np.diff(every.total, axis=axis).min() >= 0
    assert (every.posture_a.min(), every.posture_a.max()) == (1, 9)
    assert (every.posture_b.min(), every.posture_b.max()) == (1, 9)
    assert np.array_equal(every.level, np.digitize(every.total, [3, 5, 7]) + 1)


def test_a_sample_of_combinations_equals_the_worksheet_by_hand(every):
    rng = np.random.default_rng(7)
    for _ in range(3000):
        points = {name: int(rng.integers(low, high + 1)) for name, (low, high) in RANGES.items()}
        at = tuple(points[name] - low for name, (low, _) in RANGES.items())
        assert every.total[at] == by_hand(points) == rula.score(**points).total, points


@pytest.mark.parametrize(
    ("posture", "posture_a"),
    [((1, 1, 1, 1), 1), ((1, 3, 2, 1), 3), ((2, 1, 1, 1), 2), ((3, 2, 1, 1), 3), ((4, 3, 4, 2), 6), ((6, 1, 4, 2), 9)],
)
def test_cells_of_table_a_copied_from_print(posture, posture_a):
    arm = dict(zip(("upper_arm", "lower_arm", "wrist", "wrist_twist"), posture, strict=True))
    assert rula.score(**NEUTRAL | arm).posture_a == posture_a


@pytest.mark.parametrize(
    ("posture", "posture_b"),
    [((1, 1, 1), 1), ((1, 1, 2), 3), ((2, 3, 1), 4), ((3, 2, 2), 4), ((4, 4, 1), 7), ((6, 6, 2), 9)],
)
def test_cells_of_table_b_copied_from_print(posture, posture_b):
    body = dict(zip(("neck", "trunk", "legs"), posture, strict=True))
    assert rula.score(**NEUTRAL | body).posture_b == posture_b


def test_worked_example_of_the_documentation():
    example = load("rula")["example"]
    result = rula.score(**example["points"])
    for name, value in example["result"].items():
        assert getattr(result, name) == value, name


def test_points_of_the_worked_example_come_from_its_angles():
    points = {
        "upper_arm": rula.upper_arm_points(50, abducted=True),
        "lower_arm": rula.lower_arm_points(80),
        "wrist": rula.wrist_points(10),
        "wrist_twist": rula.wrist_twist_points(0),
        "muscle_use_arm": rula.muscle_use_points(static=False, repeated=False),
        "force_arm": rula.force_points(5, pattern="intermittent"),
        "neck": rula.neck_points(15),
        "trunk": rula.trunk_points(30, twisted=True),
        "legs": rula.legs_points(False),
        "muscle_use_body": rula.muscle_use_points(static=False, repeated=False),
        "force_body": rula.force_points(5, pattern="intermittent"),
    }
    assert points == load("rula")["example"]["points"]


@pytest.mark.parametrize(
    ("function", "angle", "expected"),
    [
        (rula.upper_arm_points, [-20.1, -20, 0, 19.9, 20, 44.9, 45, 89.9, 90, 180], [2, 1, 1, 1, 2, 2, 3, 3, 4, 4]),
        (rula.lower_arm_points, [0, 59.9, 60, 99.9, 100, 150], [2, 2, 1, 1, 2, 2]),
        (rula.wrist_points, [-15, -14.9, -5, -4.9, 0, 4.9, 5, 14.9, 15], [3, 2, 2, 1, 1, 1, 2, 2, 3]),
        (rula.wrist_twist_points, [-45, -44.9, 0, 44.9, 45], [2, 1, 1, 1, 2]),
        (rula.neck_points, [-5.1, -5, 0, 9.9, 10, 19.9, 20, 90], [4, 1, 1, 1, 2, 2, 3, 3]),
        (rula.trunk_points, [-60, -20, -5, -4.9, 0, 4.9, 5, 19.9, 20, 59.9, 60], [4, 3, 2, 1, 1, 1, 2, 2, 3, 3, 4]),
    ],
)
def test_an_angle_on_an_edge_takes_the_higher_score(function, angle, expected):
    assert function(angle).tolist() == expected


@pytest.mark.parametrize(
    ("load_kg", "pattern", "shock", "expected"),
    [
        (0, "intermittent", False, 0),
        (1.9, "static", False, 0),
        (2, "intermittent", False, 1),
        (2, "repeated", False, 2),
        (10, "intermittent", False, 1),
        (10, "static", False, 2),
        (10.1, "intermittent", False, 2),
        (10.1, "repeated", False, 3),
        (0, "intermittent", True, 3),
        (50, "static", True, 3),
    ],
)
def test_force(load_kg, pattern, shock, expected):
    assert rula.force_points(load_kg, pattern=pattern, shock=shock) == expected


def test_adjustments_stay_in_the_range_of_their_item():
    flags = itertools.product([False, True], repeat=3)
    arms = [rula.upper_arm_points(a, raised=r, abducted=b, supported=s) for a in (0, 95) for r, b, s in flags]
    assert min(arms) == 1
    assert rula.upper_arm_points(95, raised=True, abducted=True) == 6
    assert rula.upper_arm_points(0, supported=True) == 1
    assert rula.lower_arm_points(30, out_of_line=True) == 3
    assert rula.neck_points(-30, twisted=True, side_bent=True) == 6
    assert rula.muscle_use_points(static=True, repeated=True) == 1


def test_seat():
    assert rula.trunk_points(0, back_unsupported=True) == 2
    assert rula.trunk_points(40, back_unsupported=True) == 3
    assert rula.trunk_points(-30, back_supported=True, twisted=True) == 2


@pytest.mark.parametrize("name", RANGES)
def test_nan_leaves_only_its_own_frame_not_assessed(name):
    points = NEUTRAL | {name: np.array([NEUTRAL[name], np.nan])}
    result = rula.score(**points)
    assert result.total[0] == 1
    assert np.isnan(result.total[1])
    assert np.isnan(result.level[1])


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("how", ["below", "above", "between", "infinite", "word"])
def test_impossible_points_name_their_item(name, how):
    low, high = RANGES[name]
    bad = {"below": low - 1, "above": high + 1, "between": low + 0.5, "infinite": np.inf, "word": "high"}[how]
    with pytest.raises(MethodInputError, match=name):
        rula.score(**NEUTRAL | {name: bad})


def test_impossible_angles_loads_and_flags_name_themselves():
    with pytest.raises(MethodInputError, match="trunk flexion_deg"):
        rula.trunk_points(np.inf)
    with pytest.raises(MethodInputError, match="load_kg"):
        rula.force_points(-1, pattern="static")
    with pytest.raises(MethodInputError, match="pattern"):
        rula.force_points(1, pattern="often")  # pyright: ignore[reportArgumentType]
    with pytest.raises(MethodInputError, match="raised"):
        rula.upper_arm_points(0, raised=2)


def test_nan_angles_and_flags_give_nan_points():
    assert np.isnan(rula.upper_arm_points([np.nan, 0], raised=[0, np.nan])).all()
    assert np.isnan(rula.trunk_points(0, back_supported=np.nan, back_unsupported=True))
    assert np.isnan(rula.force_points(np.nan, pattern="static"))


def test_risk_step_rises_with_the_level():
    assert rula.risk_step(np.arange(1, 8)).tolist() == [0, 0, 1, 1, 2, 2, 4]
    assert [entry.risk_step for entry in METHODS["rula"].levels] == list(rula.RISK_STEPS)
