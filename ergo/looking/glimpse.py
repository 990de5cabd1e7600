"""What one piece of a film tells before the others are there: a first, rough look at how the trunk leans.

It is not a result: the person is the likeliest worker of this piece alone, the camera counts as level, and the body
has not been fitted. So taken, the trunk was 9.9° off on average over eleven clips with known joints.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ergo.body.landmarks import LANDMARK
from ergo.errors import JobFailed
from ergo.types import Keypoints

if TYPE_CHECKING:  # the page reads glimpses and need not load what a worker makes them with
    from ergo.looking.part import Part
    from ergo.looking.plan import Plan

SCHEMA = "ergo.glimpse/1"
STEP_S = 1.0
_SEEN = 0.3
_LEAST_SEEN = 0.5
_HIPS = [LANDMARK["left_hip"], LANDMARK["right_hip"]]
_SHOULDERS = [LANDMARK["left_shoulder"], LANDMARK["right_shoulder"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """How the trunk leans from the picture's vertical in a piece's own part, a value for each second.

    `trunk_deg` is None where nobody was seen for half of a second; `film_s` is the length of the whole film.
    """

    begin_s: float
    end_s: float
    film_s: float
    trunk_deg: tuple[float | None, ...]


def glimpse(plan: Plan, number: int, part: Part) -> Glimpse:
    """A first look at piece `number`, of which `part` was seen."""
    from ergo.pose.ghosts import lasting  # noqa: PLC0415
    from ergo.pose.selection import rank_people  # noqa: PLC0415
    from ergo.video.reading import time_of  # noqa: PLC0415

    piece, info = plan.pieces[number], plan.video
    begin_s, end_s = time_of(piece.begin, info), time_of(piece.end, info)
    people = rank_people(lasting([sighting.keypoints for sighting in part.people]), info)
    steps = max(1, round((end_s - begin_s) / STEP_S))
    trunk_deg: tuple[float | None, ...] = (None,) * steps
    if people:
        edges_s = np.linspace(begin_s, end_s, steps + 1)
        trunk_deg = tuple(_typical(people[0], lo, hi) for lo, hi in pairwise(edges_s))
    return Glimpse(begin_s=begin_s, end_s=end_s, film_s=info.duration_s, trunk_deg=trunk_deg)


def _typical(person: Keypoints, begin_s: float, end_s: float) -> float | None:
    """The median over a second, None where the trunk was seen for less than half of it."""
    rows = (person.timestamps_s >= begin_s) & (person.timestamps_s < end_s)
    seen = rows & (person.confidence[:, [*_SHOULDERS, *_HIPS]] >= _SEEN).all(axis=1)
    if not seen.any() or seen.sum() < _LEAST_SEEN * rows.sum():
        return None
    axis = person.xyz_m[seen][:, _SHOULDERS].mean(axis=1) - person.xyz_m[seen][:, _HIPS].mean(axis=1)
    upright = -axis[:, 1] / np.maximum(np.linalg.norm(axis, axis=1), 1e-6)  # Y points down
    return round(float(np.degrees(np.median(np.arccos(np.clip(upright, -1.0, 1.0))))), 1)


def encode_glimpse(seen: Glimpse) -> bytes:
    """A glimpse as JSON, the same bytes for the same glimpse."""
    return json.dumps({"schema": SCHEMA, **asdict(seen)}).encode()


def decode_glimpse(raw: bytes) -> Glimpse:
    """What :func:`encode_glimpse` wrote. Raises JobFailed for anything else."""
    try:
        about = json.loads(raw)
        if about.pop("schema") != SCHEMA:
            raise ValueError("schema")
        trunk_deg = tuple(None if value is None else float(value) for value in about.pop("trunk_deg"))
        return Glimpse(**{name: float(value) for name, value in about.items()}, trunk_deg=trunk_deg)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobFailed(f"A glimpse cannot be read ({type(error).__name__}).", "Run the job again.") from error
