"""NIOSH, LiFFT and DUET over the lifts of a film: what is known, what is unknown, what is left out."""

from __future__ import annotations

import math

import pytest
from lifting_people import HANGING, moving, pair

from ergo.assess.fatigue import assess_fatigue
from ergo.assess.lifting import assess_lifting
from ergo.methods import duet, lifft, niosh
from ergo.types import AnalysisSettings, TaskContext

PICK = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]
SURE = {"load_kg": 12.0, "coupling": "fair", "lifting_duration": "moderate", "lifts_per_minute": 3.0}


def lifting(places=PICK, height_m=1.75, **context):
    return assess_lifting(moving(places), AnalysisSettings(height_m=height_m, context=TaskContext(**context)))


def many(count: int, period_s: float):
    """The same lift again and again."""
    places = []
    for number in range(count):
        places += [(number * period_s + time, hands) for time, hands in PICK[:-1]]
    return [*places, (count * period_s, HANGING)]


def test_everything_told_gives_the_equation_of_the_measured_places():
    found = lifting(**SURE, control_at_destination=False)
    (lift,) = found.lifts
    place, limit = lift.measured.origin, lift.limit
    by_hand = niosh.recommended_weight(
        reach=place.reach_cm, height=place.height_cm, travel=lift.measured.travel_cm,
        asymmetry_deg=place.asymmetry_deg, lifts_per_minute=3, duration="moderate", coupling="fair",
    )  # fmt: skip
    assert limit.rwl == limit.rwl_low == pytest.approx(by_hand.rwl)
    assert limit.index == limit.index_high == pytest.approx(12 / by_hand.rwl)
    assert limit.rwl_p05 < limit.rwl < limit.rwl_p95
    assert limit.limiting == by_hand.most_limiting() and lift.counts == "origin"
    assert found.composite == pytest.approx(limit.index)
    assert not any("not given" in text for text in found.assumptions)


def test_unknown_is_a_range_and_an_index_needs_the_load():
    found = lifting(height_m=None)
    (lift,) = found.lifts
    assert lift.limit.rwl_low < lift.limit.rwl
    assert math.isnan(lift.limit.index) and math.isnan(found.composite)
    words = " ".join(found.assumptions)
    for missing in ("Load", "Duration", "Grip", "Control", "Height of the worker"):
        assert f"{missing}" in words and "not given" in words


def test_control_at_the_destination_makes_the_lower_limit_count():
    above = [(0.0, HANGING), (1.5, pair(0.75, 0.3)), (3.2, pair(1.6, 0.6)), (4.7, HANGING)]
    assert lifting(above, **SURE, control_at_destination=True).lifts[0].counts == "destination"
    assert lifting(above, **SURE, control_at_destination=False).lifts[0].counts == "origin"
    unknown = lifting(above, **SURE)
    assert unknown.lifts[0].counts == "origin" and unknown.composite < unknown.composite_high


def test_frequency_is_never_made_up():
    short = lifting(load_kg=10.0)
    assert short.frequency.source == "unknown" and math.isnan(short.frequency.per_minute)
    assert any("cannot be told from" in text for text in short.assumptions)
    told = lifting(load_kg=10.0, lifts_per_minute=6.0)
    assert told.frequency.source == "told" and told.lifts[0].limit.rwl < short.lifts[0].limit.rwl
    minute = lifting(many(14, 5.0), load_kg=10.0)
    assert minute.frequency.source == "assumed"
    assert minute.frequency.per_minute == pytest.approx(60 / 5.0, rel=0.05)
    assert any("assumed" in text for text in minute.assumptions)


def test_lifts_alike_are_one_task_and_others_another():
    other = [(0.0, HANGING), (1.5, pair(0.9, 0.6)), (3.0, pair(1.5, 0.35)), (4.5, HANGING)]
    places = many(2, 5.0)[:-1] + [(10.0 + time, hands) for time, hands in other]
    found = lifting(places, load_kg=8.0, lifts_per_minute=3.0, lifting_duration="short", coupling="good",
                    control_at_destination=False)  # fmt: skip
    assert found.tasks == ((0, 1), (2,))
    assert [lift.task for lift in found.lifts] == [0, 0, 1]
    assert found.composite > max(lift.limit.index for lift in found.lifts)


def test_empty_hands_lift_nothing():
    found = lifting(load_kg=0.0)
    assert found.lifts == () and "empty" in found.assumptions[0]


def test_the_day_needs_what_a_film_does_not_show():
    found = lifting(**SURE)
    back, hand = assess_fatigue(found, TaskContext(**SURE))
    assert back.missing == ("repetitions a day",) and math.isnan(back.damage)
    assert hand.missing == ("the effort of the hand", "repetitions a day")

    context = TaskContext(**SURE, repetitions_per_day=400.0, exertion=4)
    back, hand = assess_fatigue(found, context)
    lever = found.lifts[0].measured.lever_cm
    assert back.damage == pytest.approx(lifft.damage(12, lever, 400))
    assert hand.damage == pytest.approx(duet.damage(4, 400)) and hand.level == 1
    assert back.probability == pytest.approx(lifft.probability(back.damage)) and back.missing == ()


def test_lifft_needs_a_lift():
    nothing = lifting([(0.0, HANGING), (3.0, HANGING)], load_kg=10.0)
    back, _ = assess_fatigue(nothing, TaskContext(load_kg=10.0, repetitions_per_day=100.0))
    assert back.missing == ("a lift with both hands in the film",)
