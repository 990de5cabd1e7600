"""NIOSH lifting equation by hand from its formulas and tables; DUET against the numbers of its paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.errors import MethodInputError
from ergo.methods import duet, niosh
from ergo.methods.lookup import load

ZEROS = {  # lifts a minute from which each column of table 5 is 0
    ("short", 74): 13, ("short", 75): 16, ("moderate", 74): 11, ("moderate", 75): 13, ("long", 74): 9, ("long", 75): 11,
}  # fmt: skip


def _limit(H, V, D, A, F, duration, coupling, **more):
    return niosh.recommended_weight(
        reach=H, height=V, travel=D, asymmetry_deg=A, lifts_per_minute=F, duration=duration, coupling=coupling, **more
    )


def test_the_best_lift_is_the_load_constant():
    best = _limit(25, 75, 25, 0, 0.2, "short", "good")
    assert best.rwl == pytest.approx(23.0) and best.firwl == pytest.approx(23.0)


def test_a_limit_is_the_product_of_its_multipliers():
    """By hand from the equation in inches and pounds, with FM and CM read from their tables."""
    origin = _limit(12, 22, 36, 30, 3, "short", "fair", constants=niosh.US)
    by_hand = {
        "hm": 10 / 12, "vm": 1 - 0.0075 * 8, "dm": 0.82 + 1.8 / 36, "am": 1 - 0.0032 * 30, "fm": 0.88, "cm": 0.95,
    }  # fmt: skip
    for name, value in by_hand.items():
        assert getattr(origin, name) == pytest.approx(value), name
    assert origin.rwl == pytest.approx(51 * (10 / 12) * 0.94 * 0.87 * 0.904 * 0.88 * 0.95)
    assert origin.firwl == pytest.approx(51 * (10 / 12) * 0.94 * 0.87 * 0.904 * 0.95)
    assert origin.most_limiting() == "hm"


def test_at_the_destination_frequency_takes_the_height_of_the_origin_and_coupling_its_own():
    destination = _limit(25, 100, 60, 0, 11, "moderate", "fair", height_at_origin=40)
    assert destination.cm == 1.0 and destination.fm == 0.0
    assert _limit(25, 100, 60, 0, 11, "moderate", "fair").fm == 0.23


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_three_tasks_add_up_to_the_composite_index_by_its_definition(order):
    """Made-up tasks, worked by hand from the definition of CLI; no example of the manual.

    Single-task indices: 10/(20·0.94) = 0.53, 12/(16·0.91) = 0.82, 5/(10·0.84) = 0.60. The second task leads, then the
    third, then the first, so the frequencies sum to 2, 6 and 7 a minute: FM 0.91, 0.75 and 0.70.
    """
    firwl, weight, frequency = np.array([[20, 16, 10], [10, 12, 5], [1, 2, 4]])[:, list(order)]
    tasks = {"firwl": firwl, "load_weight": weight, "lifts_per_minute": frequency, "height": 50}
    by_hand = 12 / (16 * 0.91) + 5 / 10 * (1 / 0.75 - 1 / 0.91) + 10 / 20 * (1 / 0.70 - 1 / 0.75)
    assert niosh.composite_index(**tasks, duration="short") == pytest.approx(by_hand)


def test_the_composite_index_takes_mean_loads_first_and_largest_loads_after():
    tasks = {"firwl": [20, 16], "load_weight": [10, 12], "lifts_per_minute": [1, 2], "height": 50}
    by_hand = 12 / (16 * 0.91) + 14 / 20 * (1 / 0.88 - 1 / 0.91)
    assert niosh.composite_index(**tasks, largest_load=[14, 15], duration="short") == pytest.approx(by_hand)


@pytest.mark.parametrize("duration", niosh.DURATIONS)
@pytest.mark.parametrize("height", [74, 75])
def test_every_row_of_table_5_is_found_and_zero_where_it_ends(duration, height):
    table = load("niosh")["frequency"]["rows"]
    column = 1 + 2 * niosh.DURATIONS.index(duration) + (height >= 75)
    for row in table:
        assert niosh.frequency_multiplier(row[0], duration, height) == row[column], row
    end = ZEROS[duration, height]
    assert niosh.frequency_multiplier([end - 1, end - 0.9, end, 30], duration, height).tolist()[1:] == [0, 0, 0]
    assert niosh.frequency_multiplier(end - 1, duration, height) > 0
    assert niosh.frequency_multiplier(0, duration, height) == table[0][column]


def test_between_rows_the_frequency_is_linear():
    assert niosh.frequency_multiplier(2.4, "short", 50) == pytest.approx(0.91 + 0.4 * (0.88 - 0.91))


def test_beyond_its_limits_each_multiplier_is_zero():
    assert niosh.horizontal_multiplier([10, 25, 50, 63, 63.1]) == pytest.approx([1, 1, 0.5, 25 / 63, 0])
    assert niosh.vertical_multiplier([0, 75, 175, 175.1]) == pytest.approx([0.775, 1, 0.7, 0])
    assert niosh.distance_multiplier([0, 25, 100, 175, 175.1]) == pytest.approx([1, 1, 0.865, 0.82 + 4.5 / 175, 0])
    assert niosh.asymmetry_multiplier([0, 90, -90, 135, 135.1]) == pytest.approx([1, 0.712, 0.712, 0.568, 0])
    assert niosh.coupling_multiplier("fair", [74, 75]).tolist() == [0.95, 1]
    assert np.isinf(niosh.lifting_index(5, 0)) and niosh.lifting_index(0, 0) == 0


@given(st.floats(0, 80), st.floats(0, 190), st.floats(0, 190), st.floats(0, 180), st.floats(0, 20))
def test_no_lift_is_allowed_more_than_the_load_constant(H, V, D, A, F):
    limit = _limit(H, V, D, A, F, "moderate", "fair")
    assert 0 <= limit.rwl <= limit.firwl <= 23 + 1e-9


def test_levels_and_missing_values():
    assert niosh.level([0.5, 1, 1.01, 3, 3.01, np.inf]).tolist() == [1, 1, 2, 2, 3, 3]
    assert np.isnan(_limit(np.nan, 75, 25, 0, 1, "short", "good").rwl)
    assert np.isnan(niosh.lifting_index(10, np.nan)) and np.isnan(niosh.level(np.nan))


def test_impossible_inputs_name_themselves():
    with pytest.raises(MethodInputError, match="reach"):
        niosh.horizontal_multiplier(-1)
    with pytest.raises(MethodInputError, match="duration"):
        niosh.frequency_multiplier(1, "day", 75)  # pyright: ignore[reportArgumentType]
    with pytest.raises(MethodInputError, match="coupling"):
        niosh.coupling_multiplier("nice", 75)  # pyright: ignore[reportArgumentType]
    with pytest.raises(MethodInputError, match="exertion"):
        duet.damage(2.5, 10)


def test_duet_examples_of_the_paper():
    """Pages 10 to 12, figures 2 and 3."""
    one = duet.damage(2, 5400)
    assert one == pytest.approx(0.0074, abs=5e-5) and duet.probability(one) == pytest.approx(0.265, abs=5e-4)
    four = duet.damage([2, 4, 10, 2], [5184, 180, 60, 3752])
    assert four == pytest.approx([0.0071, 0.00227, 0.58252, 0.00514], abs=6e-6 * 10)
    assert four.sum() == pytest.approx(0.59703, abs=5e-5)
    # the paper prints 60.5 % here, but its own equation 6 gives 60.0 % for the damage it prints
    assert duet.probability(four.sum()) == pytest.approx(0.600, abs=5e-4)
    assert four[2] / four.sum() == pytest.approx(0.976, abs=5e-4)


@pytest.mark.parametrize(
    ("exertion", "per_minute", "damage_per_hour"),
    [(2, 3.75, 0.00030825), (4, 1.5, 0.0011385), (6, 4.5, 0.0313875), (2, 10, 0.000822), (2, 30, 0.002466)],
)
def test_duet_table_3_damage_an_hour(exertion, per_minute, damage_per_hour):
    # the paper's own third row is 4.5 · 60 · 0.00011625 = 0.0313875
    assert duet.damage(exertion, 60 * per_minute) == pytest.approx(damage_per_hour, rel=0.01)


def test_duet_cut_point_has_the_probability_the_paper_gives():
    assert duet.probability(0.03) == pytest.approx(0.362, abs=0.0005)
    assert duet.level([0.03, 0.031]).tolist() == [1, 2]
    assert duet.probability(0) == 0
