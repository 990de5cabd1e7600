"""Which way is up in the picture: the tilt of the camera, with its uncertainty.

Trunk inclination is measured against gravity, so a degree of tilt error is a degree of trunk error in every frame.
Three sources, the best one that is there wins:

- ``user``: pitch and roll were given
- ``lines``: straight edges of the room (door frames, shelves, floors) run along one vertical and two horizontal
  directions (:mod:`ergo.fitting.room`); searched around what the body says, so that slanted things cannot win alone
- ``body``: in its most upright frames a standing person's shoulders are above the ankles
- ``prior``: nothing was seen; a hand-held phone looks down a little
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.fitting.edges import Edges
from ergo.fitting.room import find_room
from ergo.geometry.camera import up_from_tilt
from ergo.geometry.rotations import angle_between_deg, unit
from ergo.types import Gravity

USER_SD_DEG = 1.0
BODY_SD_DEG = 6.0
"""Mean error of the upright-body estimate on the development clips."""
PRIOR_SD_DEG = 12.0
PRIOR_PITCH_DEG = 12.0

LINES_FLOOR_DEG = 0.35
"""What no number of edges takes away: lenses, slanted walls."""
LINES_SD_FACTOR = 1.5
"""Errors on clips with known tilt over the spread that the edges themselves tell."""


def from_user(pitch_deg: float | None, roll_deg: float | None) -> Gravity | None:
    """The user's own tilt; a missing one of the two is taken as 0. None when neither was given."""
    if pitch_deg is None and roll_deg is None:
        return None
    return Gravity(up_cam=up_from_tilt(pitch_deg or 0.0, roll_deg or 0.0), sd_deg=USER_SD_DEG, source="user")


def from_body(points_m: Float[np.ndarray, "T 33 3"], legs_seen: np.ndarray) -> Gravity:
    """Up from the frames in which the person stands most upright.

    Args:
        points_m: joints in the camera frame.
        legs_seen: [T] frames in which the ankles can be trusted.
    """
    usable = points_m[np.isfinite(points_m).all(axis=(1, 2)) & legs_seen]
    if len(usable) == 0:
        return Gravity(up_cam=up_from_tilt(PRIOR_PITCH_DEG, 0.0), sd_deg=PRIOR_SD_DEG, source="prior")
    shoulders = usable[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(axis=1)
    hips = usable[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1)
    ankles = usable[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].mean(axis=1)
    bend = angle_between_deg(shoulders - hips, hips - ankles)
    for hip, knee, ankle in ((L.LEFT_HIP, L.LEFT_KNEE, L.LEFT_ANKLE), (L.RIGHT_HIP, L.RIGHT_KNEE, L.RIGHT_ANKLE)):
        bend = bend + 0.5 * angle_between_deg(usable[:, knee] - usable[:, hip], usable[:, ankle] - usable[:, knee])
    upright = bend <= np.percentile(bend, 30)
    up = unit(unit(shoulders - ankles)[upright].mean(axis=0))
    bent = float(np.percentile(bend, 30))
    # Somebody who never stands up tells little of the vertical.
    return Gravity(up_cam=up, sd_deg=float(np.clip(BODY_SD_DEG * bent / 30.0, BODY_SD_DEG, 20.0)), source="body")


def refine_with_lines(gravity: Gravity, edges: Edges) -> Gravity:
    """The vertical of the room's edges near `gravity`; `gravity` itself when they are no surer than it is.

    Both are in the same reference frame.
    """
    room = find_room(edges, gravity.up_cam, max(gravity.sd_deg, BODY_SD_DEG))
    if room is None:
        return gravity
    sd_deg = float(np.hypot(LINES_FLOOR_DEG, LINES_SD_FACTOR * room.sd_deg))
    if sd_deg > max(gravity.sd_deg, BODY_SD_DEG):
        return gravity
    return Gravity(up_cam=room.up_cam, sd_deg=sd_deg, source="lines")
