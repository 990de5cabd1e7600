"""NIOSH, LiFFT and DUET over the lifts of a film: what is known, what is unknown, what is left out."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from lifting_people import HANGING, moving, pair

from ergo.assess.fatigue import assess_fatigue
from ergo.assess.lifting import assess_lifting
from ergo.assess.overrides import described
from ergo.methods import duet, lifft, niosh
from ergo.types import AnalysisSettings, Override, TaskContext

PICK = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]
SURE = {"load_kg": 12.0, "coupling": "fair", "lifting_duration": "moderate", "lifts_per_minute": 3.0}


def told(*overrides, height_m=1.75, **context):
    return AnalysisSettings(height_m=height_m, context=TaskContext(**context), overrides=overrides)


def lifting(places=PICK, height_m=1.75, **context):
    return assess_lifting(moving(places), told(height_m=height_m, **context))


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
    back, hand = assess_fatigue(found, told(**SURE))
    assert back.missing == ("repetitions a day",) and math.isnan(back.damage)
    assert hand.missing == ("the effort of the hand", "repetitions a day")

    back, hand = assess_fatigue(found, told(**SURE, repetitions_per_day=400.0, exertion=4))
    lever = found.lifts[0].measured.lever_cm
    assert back.damage == pytest.approx(lifft.damage(12, lever, 400))
    assert hand.damage == pytest.approx(duet.damage(4, 400)) and hand.level == 1
    assert back.probability == pytest.approx(lifft.probability(back.damage)) and back.missing == ()


def test_lifft_needs_a_lift():
    nothing = lifting([(0.0, HANGING), (3.0, HANGING)], load_kg=10.0)
    back, _ = assess_fatigue(nothing, told(load_kg=10.0, repetitions_per_day=100.0))
    assert back.missing == ("a lift with both hands in the film",)


# -- set by hand ----------------------------------------------------------------------------------------------------


FILM = moving(many(3, 6.0))
EVERY = assess_lifting(FILM, told(**SURE))
SECOND_S = EVERY.lifts[1].measured.origin.time_s
FOR_SECOND = {"start_s": SECOND_S - 0.1, "end_s": SECOND_S + 0.1}


def with_said(*overrides, film=FILM, **context):
    return assess_lifting(film, told(*overrides, **(context or SURE)))


def test_a_lift_is_struck_out_by_hand_and_counts_nowhere():
    left = with_said(Override(input="lift", value=False, **FOR_SECOND))
    starts_s = [lift.measured.origin.time_s for lift in EVERY.lifts]
    assert [lift.measured.origin.time_s for lift in left.lifts] == [starts_s[0], starts_s[2]]
    assert left.frequency.count == EVERY.frequency.count - 1
    assert "1 possible lift was struck out by hand." in left.assumptions
    nothing = with_said(Override(input="lift", value=False), Override(input="repetitions_per_day", value=100.0))
    assert nothing.lifts == () and math.isnan(nothing.composite)
    assert with_said(Override(input="lift", value=True)).lifts == EVERY.lifts


@pytest.mark.parametrize(
    ("override", "better"),
    [
        (Override(input="load_kg", value=6.0), lambda limit, old: limit.index == pytest.approx(old.index / 2)),
        (Override(input="coupling", value="good"), lambda limit, old: limit.rwl > old.rwl),
        (Override(input="lifting_duration", value="long"), lambda limit, old: limit.rwl < old.rwl),
        (Override(input="lifts_per_minute", value=8.0), lambda limit, old: limit.rwl < old.rwl),
        (Override(input="lift_from_reach_cm", value=25.0), lambda limit, old: limit.multipliers["hm"] == 1.0),
        (Override(input="lift_from_height_cm", value=75.0), lambda limit, old: limit.multipliers["vm"] == 1.0),
        (Override(input="lift_from_turn_deg", value=45.0), lambda limit, old: limit.multipliers["am"] < 0.9),
    ],
    ids=lambda value: value.input if isinstance(value, Override) else "",
)
def test_what_is_set_reaches_the_limits_of_the_lifts_of_its_span(override, better):
    for span in ({}, FOR_SECOND):
        if span and override.input == "lifts_per_minute":
            continue  # of the whole job
        found = with_said(replace(override, **span))
        assert better(found.lifts[1].limit, EVERY.lifts[1].limit)
        if span:
            assert found.lifts[0].measured == EVERY.lifts[0].measured and found.lifts[0].load_kg == 12.0
            assert described(override) in found.lifts[1].by_hand and found.lifts[0].by_hand == ()


def test_what_is_set_of_a_place_has_no_error_and_moves_the_travel():
    said = [Override(input=f"lift_{end}_{name}", value=value) for end, height in (("from", 75.0), ("to", 105.0))
            for name, value in (("reach_cm", 30.0), ("height_cm", height), ("turn_deg", 0.0))]  # fmt: skip
    measured = with_said(*said).lifts[0].measured
    assert (measured.origin.reach_cm, measured.origin.reach_sd_cm) == (30.0, 0.0)
    assert (measured.travel_cm, measured.travel_sd_cm) == (30.0, 0.0)
    limit = with_said(*said).lifts[0].limit
    assert limit.rwl_p05 == limit.rwl == limit.rwl_p95
    one_end = with_said(said[1]).lifts[0].measured
    assert one_end.travel_cm == pytest.approx(abs(one_end.destination.height_cm - 75.0))
    assert one_end.travel_sd_cm == one_end.destination.height_sd_cm
    far = Override(input="lift_from_reach_cm", value=200.0 / 2, rule="at_most")
    assert with_said(far).lifts[0].measured == EVERY.lifts[0].measured  # nothing is beyond that


def test_a_destination_that_the_film_cuts_off_can_be_told():
    cut = moving(PICK, until_s=2.6)
    assert with_said(film=cut).lifts[0].measured.lift.cut
    said = [Override(input=f"lift_to_{name}", value=value) for name, value in
            (("reach_cm", 50.0), ("height_cm", 150.0), ("turn_deg", 0.0))]  # fmt: skip
    assert len(with_said(*said, film=cut).lifts[0].limits) == 2
    assert len(with_said(*said[:2], film=cut).lifts[0].limits) == 1


def test_each_lift_has_its_own_load():
    heavy = with_said(Override(input="load_kg", value=24.0, **FOR_SECOND))
    assert [lift.load_kg for lift in heavy.lifts] == [12.0, 24.0, 12.0]
    assert heavy.lifts[1].limit.index == pytest.approx(2 * EVERY.lifts[1].limit.index)
    assert heavy.composite == pytest.approx(EVERY.composite * 4 / 3)  # one task: the mean of its loads
    settings = told(Override(input="load_kg", value=24.0, **FOR_SECOND), **SURE, repetitions_per_day=300.0)
    back, _ = assess_fatigue(assess_lifting(FILM, settings), settings)
    levers = [lift.measured.lever_cm for lift in heavy.lifts]
    assert back.damage == pytest.approx(sum(lifft.damage([12, 24, 12], levers, 100.0)))
    empty = with_said(Override(input="load_kg", value=0.0, **FOR_SECOND))
    assert len(empty.lifts) == 2 and "hands are said to be empty" in empty.assumptions[0]
    unknown = with_said(Override(input="load_kg", value=24.0, **FOR_SECOND), coupling="good")
    assert math.isnan(unknown.lifts[0].limit.index) and unknown.lifts[1].limit.index > 0
    assert math.isnan(unknown.composite) and any("Load not given" in text for text in unknown.assumptions)


def test_the_day_is_set_by_hand():
    said = (Override(input="repetitions_per_day", value=300.0), Override(input="exertion", value=4.0),
            Override(input="lift_lever_cm", value=20.0))  # fmt: skip
    settings = told(*said, **SURE)
    back, hand = assess_fatigue(assess_lifting(FILM, settings), settings)
    assert back.damage == pytest.approx(lifft.damage(12, 20, 300))
    assert hand.damage == pytest.approx(duet.damage(4, 300))


def test_what_reaches_no_lift_is_said():
    found = with_said(Override(input="lift", value=False, start_s=50.0, end_s=51.0))
    assert found.lifts == EVERY.lifts
    assert found.assumptions[0].startswith("Lift: no, set by hand from 50.0 to 51.0 s: no lift was found")
