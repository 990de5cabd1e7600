"""Motions of somebody whose hands go from place to place."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from assess_people import STANDING_M, motion_of

from ergo.body.skeleton import JOINT_INDEX
from ergo.types import Motion

HANGING = ((0.27, 0.75, 0.02), (-0.27, 0.75, 0.02))
"""Knuckles beside the thighs."""
ANKLE_HEIGHT_M = 0.08


def pair(height_m: float, reach_m: float, *, aside_m: float = 0.0, width_m: float = 0.4) -> tuple:
    """Knuckles of both hands on a box: `reach_m` in front of the ankles, `aside_m` to the left."""
    return ((aside_m + width_m / 2, height_m, reach_m), (aside_m - width_m / 2, height_m, reach_m))


def moving(places: list[tuple[float, tuple]], *, rate_hz: float = 15.0, until_s=None, walked_m=None) -> Motion:
    """Hands at rest at each place from its time for 0.5 s, then on the way to the next one, smoothly.

    Args:
        places: (time in seconds, knuckles left and right); the last one lasts 0.8 s.
        until_s: where the film ends, if before that.
        walked_m: how far the whole body has gone forward, a function of the time.
    """
    t = np.arange(int((until_s or places[-1][0] + 0.8) * rate_hz) + 1) / rate_hz
    motion = motion_of(STANDING_M, t)
    joints = motion.joints_m.copy()
    for side, index in (("left", 0), ("right", 1)):
        hand = np.array([_at(places, index, time) for time in t])
        shoulder = joints[:, JOINT_INDEX[f"{side}_shoulder"]]
        joints[:, JOINT_INDEX[f"{side}_wrist"]] = hand - [0.0, 0.0, 0.08]
        joints[:, JOINT_INDEX[f"{side}_elbow"]] = (shoulder + hand) / 2
        for finger in ("index1", "middle1", "pinky1"):
            joints[:, JOINT_INDEX[f"{side}_{finger}"]] = hand
    if walked_m is not None:
        joints[..., 2] += np.array([walked_m(time) for time in t])[:, None]
    return replace(motion, joints_m=joints)


def _at(places: list[tuple[float, tuple]], hand: int, time: float) -> np.ndarray:
    rest_s = 0.5
    for (begun, here), (after, there) in pairwise(places):
        if time < after:
            share = np.clip((time - begun - rest_s) / max(after - begun - rest_s, 1e-9), 0.0, 1.0)
            smooth = share**2 * (3 - 2 * share)
            return np.array(here[hand]) + smooth * (np.array(there[hand]) - np.array(here[hand]))
    return np.array(places[-1][1][hand])
