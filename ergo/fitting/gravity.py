"""Which way is up in the picture: the tilt of the camera, with its uncertainty.

Trunk inclination is measured against gravity, so a degree of tilt error is a degree of trunk error in every frame.
Three sources, the best one that is there wins:

- ``user``: pitch and roll were given
- ``lines``: straight edges of the room (door frames, shelves, floors) run along one vertical and two horizontal
  directions (:mod:`ergo.fitting.room`); searched around what the body says, so that slanted things cannot win alone
- ``body``: in their most upright frames people's shoulders are above the ankles; everybody in the picture has a
  vote, and so has the way cameras are held
- ``prior``: no legs were seen; a hand-held phone is about level and looks down a little
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.landmarks import Landmark as L
from ergo.fitting.edges import Edges
from ergo.fitting.room import find_room
from ergo.geometry.camera import up_from_tilt
from ergo.geometry.rotations import angle_between_deg, unit
from ergo.types import Gravity

USER_SD_DEG = 1.0
BODY_SD_DEG = 7.0
"""How far one upright body may be off: with it, 68 % of 40 clips with known tilt lie within one standard deviation."""
UPRIGHT_DEG = 40.0
"""Bend of hips and knees together from which on a body is trusted less, in proportion."""
CROUCHING_SD_DEG = 20.0
PRIOR_SD_DEG = 15.0
PRIOR_PITCH_DEG = 12.0

GUESS_SD_DEG = 6.0
"""However sure people's bodies are, edges are looked for as far around them as this, and believed when no less sure."""
LINES_FLOOR_DEG = 0.35
"""What no number of edges takes away: lenses, slanted walls."""
LINES_SD_FACTOR = 1.5
"""Errors on clips with known tilt over the spread that the edges themselves tell."""
LEAST_UPRIGHT = 3.0
ASKEW_SD_DEG = 5.5
"""With fewer upright edges than that, up follows from horizontal ones being at right angles, which boxes that stand
askew are not."""


def from_user(pitch_deg: float | None, roll_deg: float | None) -> Gravity | None:
    """The user's own tilt; a missing one of the two is taken as 0. None when neither was given."""
    if pitch_deg is None and roll_deg is None:
        return None
    return Gravity(up_cam=up_from_tilt(pitch_deg or 0.0, roll_deg or 0.0), sd_deg=USER_SD_DEG, source="user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One person's joints in the camera frame, metres, and the frames in which their ankles can be trusted."""

    points_m: Float[np.ndarray, "T 33 3"]
    legs_seen: Bool[np.ndarray, "T"]


def from_bodies(people: Sequence[Seen]) -> Gravity:
    """Up as all people and the way cameras are held tell it together, each by its own certainty.

    Somebody's vote is the direction from ankles to shoulders in the frames in which they stand most upright.
    """
    usual = up_from_tilt(PRIOR_PITCH_DEG, 0.0)
    votes = [vote for vote in map(_vote, people) if vote is not None]
    if not votes:
        return Gravity(up_cam=usual, sd_deg=PRIOR_SD_DEG, source="prior")
    ups, sd_deg = np.array([usual, *(up for up, _ in votes)]), np.array([PRIOR_SD_DEG, *(sd for _, sd in votes)])
    precision = sd_deg**-2
    return Gravity(up_cam=unit(precision @ ups), sd_deg=float(precision.sum() ** -0.5), source="body")


def _vote(person: Seen) -> tuple[Float[np.ndarray, "3"], float] | None:
    """Up by one body and how far it may be off; None where the legs are never seen."""
    usable = person.points_m[np.isfinite(person.points_m).all(axis=(1, 2)) & person.legs_seen]
    if len(usable) == 0:
        return None
    shoulders = usable[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(axis=1)
    hips = usable[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1)
    ankles = usable[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].mean(axis=1)
    bend = angle_between_deg(shoulders - hips, hips - ankles)
    for hip, knee, ankle in ((L.LEFT_HIP, L.LEFT_KNEE, L.LEFT_ANKLE), (L.RIGHT_HIP, L.RIGHT_KNEE, L.RIGHT_ANKLE)):
        bend = bend + 0.5 * angle_between_deg(usable[:, knee] - usable[:, hip], usable[:, ankle] - usable[:, knee])
    least = float(np.percentile(bend, 30))
    up = unit(unit(shoulders - ankles)[bend <= least].mean(axis=0))
    # Somebody who never stands up tells little of the vertical.
    return up, float(np.clip(BODY_SD_DEG * least / UPRIGHT_DEG, BODY_SD_DEG, CROUCHING_SD_DEG))


def refine_with_lines(gravity: Gravity, edges: Edges) -> Gravity:
    """The vertical of the room's edges near `gravity`; `gravity` itself when they are no surer than it is.

    Both are in the same reference frame.
    """
    room = find_room(edges, gravity.up_cam, max(gravity.sd_deg, GUESS_SD_DEG))
    if room is None:
        return gravity
    askew_deg = ASKEW_SD_DEG if room.upright < LEAST_UPRIGHT else 0.0
    sd_deg = float(np.linalg.norm([LINES_FLOOR_DEG, LINES_SD_FACTOR * room.sd_deg, askew_deg]))
    if sd_deg > max(gravity.sd_deg, GUESS_SD_DEG):
        return gravity
    return Gravity(up_cam=room.up_cam, sd_deg=sd_deg, source="lines")
