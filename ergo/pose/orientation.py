"""Which way up the film is, told by the people in it.

A phone that lay flat when filming began, or a converter that dropped the note about rotation, gives pictures that lie
on their side. The network finds sideways people as surely as upright ones, so nothing else would tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import LANDMARK
from ergo.pose.estimator import Estimator
from ergo.pose.plausibility import doubted
from ergo.types import Keypoints, VideoInfo

_SEEN = 0.3
_MOST = 0.8  # share of the pictures that must agree
_AGREE_DEG = 50.0
_HANGING_DEG = 130.0
_FEW = 2
_SURE = 0.5
_HEAD_TO_KNEES = [LANDMARK[f"{side}_{joint}"] for side in ("left", "right") for joint in ("ear", "hip", "knee")]


def _middle(xy_px: Float[np.ndarray, "T 33 2"], joint: str) -> Float[np.ndarray, "T 2"]:
    return xy_px[:, [LANDMARK[f"left_{joint}"], LANDMARK[f"right_{joint}"]]].mean(axis=1)


def _seen(confidence: Float[np.ndarray, "T 33"], joint: str) -> np.ndarray:
    return confidence[:, [LANDMARK[f"left_{joint}"], LANDMARK[f"right_{joint}"]]].max(axis=1) >= _SEEN


def _from_up_deg(direction: Float[np.ndarray, "T 2"]) -> Float[np.ndarray, "T"]:
    """Angle of a direction in the picture from straight up, clockwise."""
    return np.degrees(np.arctan2(direction[:, 0], -direction[:, 1]))


def _apart_deg(one: Float[np.ndarray, "T"], other: float) -> Float[np.ndarray, "T"]:
    return np.abs((one - other + 180.0) % 360.0 - 180.0)


def quarter_turn(xy_px: Float[np.ndarray, "T 33 2"], confidence: Float[np.ndarray, "T 33"]) -> int:
    """Counter-clockwise turn (0, 90, 180 or 270 degrees) that puts a person on their feet.

    Sideways means that trunk and thighs both lie sideways in four fifths of the pictures: a stoop turns the trunk
    alone. Upside down may also be told by the trunk when the legs are hidden. Pictures without the person are NaN.
    """
    there = np.isfinite(xy_px[:, 0, 0])
    xy_px, confidence = xy_px[there], confidence[there]
    trunk_seen = _seen(confidence, "ear") & _seen(confidence, "shoulder") & _seen(confidence, "hip")
    thighs_seen = trunk_seen & _seen(confidence, "knee")
    if not trunk_seen.any():
        return 0
    hips = _middle(xy_px, "hip")
    trunk = _from_up_deg(_middle(xy_px, "shoulder") - hips)
    thighs = _from_up_deg(hips - _middle(xy_px, "knee"))
    for turn in (90, 180, 270):
        both = thighs_seen & (_apart_deg(trunk, turn) < _AGREE_DEG) & (_apart_deg(thighs, turn) < _AGREE_DEG)
        if both.sum() >= _MOST * trunk_seen.sum():
            return turn
    hanging = trunk_seen & ~thighs_seen & (np.abs(trunk) > _HANGING_DEG)
    return 180 if hanging.sum() >= _MOST * trunk_seen.sum() else 0


def turn_of_film(people: Sequence[Keypoints]) -> int:
    """The turn that the first person needs, 0 when anybody stands upright as filmed."""
    turns = [quarter_turn(np.asarray(p.xy_px, float), np.asarray(p.confidence, float)) for p in people]
    return turns[0] if turns and all(turns) else 0


def turn_that_shows_people(pictures: Sequence[UInt8[np.ndarray, "H W 3"]], estimator: Estimator) -> int:
    """For a film in which nobody was found: the turn after which most pictures show somebody upright, else 0."""
    best, most = 0, min(_FEW, len(pictures)) - 1
    for turn in (90, 180, 270):
        shown = sum(_somebody_upright(np.rot90(rgb, turn // 90), estimator) for rgb in pictures)
        if shown > most:
            best, most = turn, shown
    return best


def _somebody_upright(rgb: UInt8[np.ndarray, "H W 3"], estimator: Estimator) -> bool:
    """Whether the picture shows a person on their feet from head to knees; a pair of legs passes for half of one."""
    height, width = rgb.shape[:2]
    found = [doubted(each, width, height) for each in estimator.estimate(np.ascontiguousarray(rgb), 0.0)]
    return any(
        one is not None
        and one.confidence[_HEAD_TO_KNEES].min() >= _SURE
        and quarter_turn(one.xy_px[None], one.confidence[None]) == 0
        for one in found
    )


def turned(info: VideoInfo, turn_deg: int) -> VideoInfo:
    """The same video, shown turned counter-clockwise by a multiple of 90 degrees."""
    size = (info.width_px, info.height_px) if turn_deg % 180 == 0 else (info.height_px, info.width_px)
    return replace(info, rotation_deg=(info.rotation_deg + turn_deg) % 360, width_px=size[0], height_px=size[1])
