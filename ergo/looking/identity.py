"""Who is who in neighbouring pieces of a film.

Each piece was tracked by itself. Where two of them overlap, the same skeleton in the same pictures is the same person;
whoever left before a piece began and comes back in it is known again as the tracker would know them, by place, size and
clothes (:mod:`ergo.pose.tracking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int

from ergo.pose.association import assign, skeleton_distance
from ergo.pose.clothes import Colours, only_this_one, somebody_else
from ergo.pose.estimator import Detection
from ergo.pose.people import Person
from ergo.pose.tracking import Sighting, strangeness
from ergo.types import Keypoints

_SAME = 0.2
"""Mean distance in body sizes, where both pieces show somebody, up to which it is one person."""
_NEAR_CUT_S = 1.0
_RETURN_S = 600.0
_ALIKE = 0.6


@dataclass(slots=True, eq=False)
class Somebody:
    """One person of the film: by piece, what was seen of them there."""

    seen: dict[int, Sighting] = field(default_factory=dict)
    clothes: Colours = field(default_factory=lambda: np.full(6, np.nan))

    def add(self, piece: int, sighting: Sighting) -> None:
        """Take in what was seen of them in a piece, in the order of the pieces."""
        self.seen[piece] = sighting
        self.clothes = np.where(np.isfinite(sighting.clothes), sighting.clothes, self.clothes)

    @property
    def last(self) -> Keypoints:
        """Their landmarks in the last piece in which they were seen."""
        return self.seen[max(self.seen)].keypoints


def who_is_who(
    people: Sequence[Sequence[Sighting]], frames: Sequence[Int[np.ndarray, "T"]], cuts_s: Sequence[float]
) -> list[Somebody]:
    """Everybody of the film, in order of appearance.

    Args:
        people: by piece, who was seen in it.
        frames: by piece, which frames of the film its pictures were.
        cuts_s: when each piece's own part begins.
    """
    everybody: list[Somebody] = []
    for piece, sightings in enumerate(people):
        left = list(sightings)
        if piece:
            neighbours = [body for body in everybody if piece - 1 in body.seen]
            common = np.intersect1d(frames[piece - 1], frames[piece], return_indices=True)[1:]
            cost = [
                [_overlap_distance(body, s, piece, common, cuts_s[piece], everybody) for s in left]
                for body in neighbours
            ]
            left = _matched(neighbours, left, cost, _SAME, piece)
            away = [body for body in everybody if piece not in body.seen]
            cost = [[_return_distance(body, s, everybody) for s in left] for body in away]
            left = _matched(away, left, cost, 1.0, piece)
        for sighting in left:
            everybody.append(Somebody())
            everybody[-1].add(piece, sighting)
    return everybody


def _matched(
    bodies: Sequence[Somebody], sightings: Sequence[Sighting], cost: list[list[float]], gate: float, piece: int
) -> list[Sighting]:
    """Give each body the sighting that fits best; those that fit nobody are returned."""
    if not bodies or not sightings:
        return list(sightings)
    pairs = assign(np.array(cost), np.full(len(bodies), gate))
    for row, column in pairs:
        bodies[row].add(piece, sightings[column])
    taken = {column for _, column in pairs}
    return [sighting for column, sighting in enumerate(sightings) if column not in taken]


def _overlap_distance(
    body: Somebody,
    sighting: Sighting,
    piece: int,
    common: tuple[np.ndarray, np.ndarray],
    cut_s: float,
    everybody: Sequence[Somebody],
) -> float:
    """Mean distance in the pictures that both pieces show, those about the cut if there are any."""
    before, after = body.seen[piece - 1].keypoints, sighting.keypoints
    rows, columns = common
    both = before.found[rows] & after.found[columns]
    near = both & (np.abs(after.timestamps_s[columns] - cut_s) <= _NEAR_CUT_S)
    chosen = near if near.any() else both
    if not chosen.any() or _wears_others_clothes(body, sighting, everybody):
        return np.inf
    return float(np.mean(apart(before, after, rows[chosen], columns[chosen])))


def apart(
    one: Keypoints, other: Keypoints, rows: Int[np.ndarray, "N"], columns: Int[np.ndarray, "N"]
) -> Float[np.ndarray, "N"]:
    """Distance of two skeletons in body sizes, picture by picture."""
    return np.array(
        [
            skeleton_distance(
                one.xy_px[row],
                other.xy_px[column],
                np.minimum(one.confidence[row], other.confidence[column]),
                max(_detection(one, int(row)).standing_height_px, 1.0),
            )
            for row, column in zip(rows, columns, strict=True)
        ]
    )


def _return_distance(body: Somebody, sighting: Sighting, everybody: Sequence[Somebody]) -> float:
    """The tracker's measure for somebody who may have come back, 1 being its limit."""
    left, came = body.last, sighting.keypoints
    last, first = int(np.flatnonzero(left.found)[-1]), int(np.flatnonzero(came.found)[0])
    left_s, came_s = float(left.timestamps_s[last]), float(came.timestamps_s[first])
    if not 0 < came_s - left_s <= _RETURN_S or _wears_others_clothes(body, sighting, everybody):
        return np.inf
    detection = _detection(left, last)
    person = Person(0, detection, left_s, detection.standing_height_px)
    others = [other.clothes for other in everybody if other is not body]
    alike = only_this_one(sighting.clothes, body.clothes, others)
    return strangeness(person, _detection(came, first), came_s) * (_ALIKE if alike else 1.0)


def _wears_others_clothes(body: Somebody, sighting: Sighting, everybody: Sequence[Somebody]) -> bool:
    others = [other.clothes for other in everybody if other is not body]
    return bool(others) and somebody_else(sighting.clothes, body.clothes, others)


def _detection(points: Keypoints, row: int) -> Detection:
    return Detection(xy_px=points.xy_px[row], xyz_m=points.xyz_m[row], confidence=points.confidence[row])
