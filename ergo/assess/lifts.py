"""Possible lifts in a motion: the hands rest at one place, travel as one, and come to rest at another.

A film of joints cannot tell whether the hands hold something. So what is found are *possible* lifts (lowers and
transfers among them), each with the signs that speak for it. A reach (the arms hung before), a squat with the arms held
out (no rest at the bottom) and arms that swing in walking are not taken for lifts. Thresholds are engineering choices,
tested on recordings with and without lifts (``benchmarks/lifts.py``, docs/accuracy.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.hand_path import RATE_HZ, HandPath
from ergo.fitting.gaps import runs
from ergo.types import SIDES, Side

HandsUsed: TypeAlias = Literal["both", "left", "right"]
Kind: TypeAlias = Literal["lift", "lower", "transfer"]
Belief: TypeAlias = Literal["likely", "possible"]

REST_VERTICAL_M_S, REST_LEVEL_M_S = 0.20, 0.40
"""A hand slower than both is at rest: single pictures tell height better than depth."""
REST_S, TURN_S = 0.25, 0.1
"""A grasp or a release takes this long; a turn of the hands is one too where they came free or let go, as smoothing
rounds it off."""
FREE_S = 1.5
"""So long before a turn, or after it, hands that were or will be free are looked for."""
IN_FRONT_M, ONE_IN_FRONT_M = 0.15, 0.20
"""Both hands, or a single one, at least this far in front of the hips: arms that hang or swing are not."""
APART_M = (0.04, 0.85)
"""Knuckles of two hands on one thing are this far apart."""
UNEVEN_M = 0.30
"""… and no more than this different in height."""
RISE_M, LEVEL_M = 0.15, 0.30
"""Travel that counts: so much up or down, or so much to another place."""
ONE_HAND_RISE_M = 0.30
"""A single hand does much else, so it must travel further, and be stooped or squatted for."""
STILL_HELD = 0.85
"""Share of the way on which the hands must stay a pair in front of the body."""
WITH_THE_BODY_M = 0.10
"""Hands that move less than this in the frame of the trunk only ride along."""
WALKED_M = 0.5
PAUSE_S = 1.0
"""Walking after a rest shorter than this belongs to the lift before: one goes on carrying."""
BENT_TRUNK_DEG, BENT_KNEE_DEG = 25.0, 45.0
STEADY_M = 0.05
"""Standard deviation of the distance between two hands that hold one rigid thing."""
CUT_RISE_M = 0.25
"""A way up whose end the film does not show counts from this much travel on; any other that is cut off does not."""
LIKELY_SIGNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A possible lift, lower or transfer between two places, by the samples of its :class:`HandPath`.

    The hands are at the origin from `arrived` to `start` and at the destination from `end` to `settled`; with `cut` the
    film ends on the way. `walked_m` is how far the hips went in between, `signs` what speaks for something being held.
    """

    hands: HandsUsed
    kind: Kind
    arrived: int
    start: int
    end: int
    settled: int
    cut: bool
    walked_m: float
    signs: tuple[str, ...]

    @property
    def belief(self) -> Belief:
        """``likely`` with three signs of both hands or more."""
        return "likely" if self.hands == "both" and len(self.signs) >= LIKELY_SIGNS else "possible"

    @property
    def sides(self) -> tuple[Side, ...]:
        """The hands that took part."""
        return SIDES if self.hands == "both" else (self.hands,)


def place_of(path: HandPath, hands: HandsUsed) -> Float[np.ndarray, "G 3"]:
    """The middle of the hands in use."""
    return path.hands_m.mean(axis=1) if hands == "both" else path.hands_m[:, SIDES.index(hands)]


def find_lifts(path: HandPath) -> tuple[Lift, ...]:
    """Every possible lift, by time; a single hand only where both do not lift."""
    both = list(_found(path, "both"))
    single = [
        lift
        for side in SIDES
        for lift in _found(path, side)
        if not any(lift.start < other.end and other.start < lift.end for other in both)
    ]
    return tuple(sorted([*both, *_one_at_a_time(single)], key=lambda lift: lift.start))


def _one_at_a_time(lifts: list[Lift]) -> list[Lift]:
    """Of single hands that move at the same time the one that moves first."""
    kept: list[Lift] = []
    for lift in sorted(lifts, key=lambda one: one.start):
        if not kept or lift.start >= kept[-1].end:
            kept.append(lift)
    return kept


@dataclass(frozen=True, slots=True)
class _Way:
    """Samples between two rests (or the ends of what is seen)."""

    arrived: int
    start: int
    end: int
    settled: int
    cut: bool


def _found(path: HandPath, hands: HandsUsed) -> Iterator[Lift]:
    held = _as_if_held(path, hands)
    ways = [way for way in _ways(path, hands, held) if _stays_held(held, way)]
    for way in _joined(path, ways):
        lift = _lift(path, hands, way, held)
        if lift is not None:
            yield lift


def _as_if_held(path: HandPath, hands: HandsUsed) -> Bool[np.ndarray, "G"]:
    """Where the hands could hold something: in front of the body, two of them as a pair."""
    with np.errstate(invalid="ignore"):  # NaN is no
        if hands != "both":
            return path.in_front_m[:, SIDES.index(hands)] >= ONE_IN_FRONT_M
        apart, uneven = path.apart_m, np.abs(path.hands_m[:, 0, 1] - path.hands_m[:, 1, 1])
        pair = (apart >= APART_M[0]) & (apart <= APART_M[1]) & (uneven <= UNEVEN_M)
        return pair & (path.in_front_m.min(axis=1) >= IN_FRONT_M)


def _ways(path: HandPath, hands: HandsUsed, held: Bool[np.ndarray, "G"]) -> Iterator[_Way]:
    """From each rest to the next, or to the end of what is seen."""
    place = place_of(path, hands)
    for seen in runs(np.asarray(np.isfinite(place).all(axis=1))):
        if seen.stop - seen.start < 3:
            continue
        velocity = np.gradient(place[seen], axis=0) * RATE_HZ
        slow = np.zeros(len(place), dtype=bool)
        slow[seen] = np.abs(velocity[:, 1]) < REST_VERTICAL_M_S
        slow[seen] &= np.hypot(velocity[:, 0], velocity[:, 2]) < REST_LEVEL_M_S
        rests = [rest for rest in runs(slow) if _is_rest(rest, held)]
        for rest, after in zip(rests, [*rests[1:], None], strict=False):
            end, settled = (seen.stop - 1,) * 2 if after is None else (after.start, after.stop - 1)
            if end > rest.stop - 1:
                yield _Way(rest.start, rest.stop - 1, end, settled, after is None)


def _is_rest(rest: slice, held: Bool[np.ndarray, "G"]) -> bool:
    samples, free = rest.stop - rest.start, int(FREE_S * RATE_HZ)
    if samples >= REST_S * RATE_HZ:
        return True
    near = held[max(0, rest.start - free) : rest.stop + free]
    return samples >= TURN_S * RATE_HZ and not near.all()


def _stays_held(held: Bool[np.ndarray, "G"], way: _Way) -> bool:
    """On the way, and as it is begun: a reach starts from hands that hang."""
    begun = held[max(0, way.start - int(REST_S * RATE_HZ)) : way.start + 1]
    return bool(begun[-1]) and min(begun.mean(), held[way.start : way.end + 1].mean()) >= STILL_HELD


def _joined(path: HandPath, ways: list[_Way]) -> list[_Way]:
    """Ways in one where a short rest is followed by walking: lift, pause, carry, put down is one lift."""
    joined: list[_Way] = []
    for way in ways:
        before = joined[-1] if joined else None
        short = before is not None and way.start - before.end < PAUSE_S * RATE_HZ
        if before is not None and short and _walked_m(path, way.start, way.end) >= WALKED_M:
            joined[-1] = _Way(before.arrived, before.start, way.end, way.settled, way.cut)
        else:
            joined.append(way)
    return joined


def _walked_m(path: HandPath, start: int, end: int) -> float:
    moved = path.hips_m[end] - path.hips_m[start]
    return float(np.hypot(moved[0], moved[2]))


def _lift(path: HandPath, hands: HandsUsed, way: _Way, held: Bool[np.ndarray, "G"]) -> Lift | None:
    place = place_of(path, hands)
    moved = place[way.end] - place[way.start]
    rise, level = float(moved[1]), float(np.hypot(moved[0], moved[2]))
    walked = _walked_m(path, way.start, way.end)
    if not _far_enough(path, hands, way, rise, level, walked):
        return None
    kind: Kind = "transfer" if abs(rise) < RISE_M else "lift" if rise > 0 else "lower"
    return Lift(
        hands=hands,
        kind=kind,
        arrived=way.arrived,
        start=way.start,
        end=way.end,
        settled=way.settled,
        cut=way.cut,
        walked_m=walked if walked >= WALKED_M else 0.0,
        signs=tuple(_signs(path, hands, way, held, rise)),
    )


def _far_enough(path: HandPath, hands: HandsUsed, way: _Way, rise: float, level: float, walked: float) -> bool:
    if way.cut and (rise < CUT_RISE_M or hands != "both"):
        return False
    if hands != "both":
        return abs(rise) >= ONE_HAND_RISE_M and _bent_for(path, way) and walked < WALKED_M
    if abs(rise) < RISE_M and level < LEVEL_M:
        return False
    in_trunk = path.in_trunk_m.mean(axis=1)
    rides_along = np.linalg.norm(in_trunk[way.end] - in_trunk[way.start]) < WITH_THE_BODY_M
    return not rides_along or level >= LEVEL_M


def _bent_for(path: HandPath, way: _Way) -> bool:
    """Whether the worker stooped or squatted at either end."""
    ends = [way.start, way.end]
    return bool((path.trunk_deg[ends] > BENT_TRUNK_DEG).any() or (path.knee_deg[ends] > BENT_KNEE_DEG).any())


def _signs(path: HandPath, hands: HandsUsed, way: _Way, held: Bool[np.ndarray, "G"], rise: float) -> Iterator[str]:
    """What speaks for something being held."""
    if hands == "both":
        if float(np.nanstd(path.apart_m[way.start : way.end + 1])) < STEADY_M:
            yield "the hands keep their distance"
        if not held[max(0, way.start - int(2 * RATE_HZ)) : way.start + 1].all():
            yield "the hands came apart or from the side"
        if not held[way.end : way.end + int(2 * RATE_HZ) + 1].all():
            yield "the hands let go afterwards"
    if not way.cut:
        yield "the hands rest at both ends"
    if _bent_for(path, way):
        yield "the body goes down for it"
    if abs(rise) >= 2 * RISE_M:
        yield "a long way up or down"
