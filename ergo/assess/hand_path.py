"""Where the hands are over time, against feet, hips and trunk: what lifts are found from.

Everything is sampled at :data:`RATE_HZ` and smoothed, so that speeds mean the same at any frame rate. Gaps up to 0.3 s
are bridged, longer ones stay NaN. World Y is up and the floor is at Y = 0 (:mod:`ergo.fitting.placement`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ergo.assess.signals import LONGEST_FILLED_GAP_S
from ergo.body.skeleton import JOINT_INDEX
from ergo.fitting.gaps import bridge_gaps, smooth
from ergo.geometry.rotations import frame_from_axes, unit
from ergo.types import SIDES, Motion

RATE_HZ = 20.0
SMOOTHING_S = 0.1
UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPath:
    """Hands and body at G regular times; NaN where the worker is not seen.

    `hands_m` are the middle knuckles, left and right; `ankles_m` the middle between the ankles, `hips_m` between the
    hips; `facing` the horizontal direction the body faces; `in_front_m` how far each hand is in front of the hips;
    `in_trunk_m` the hands' place in the frame of hips and shoulders; `trunk_deg` the trunk's lean to gravity;
    `knee_deg` the larger knee flexion.
    """

    times_s: Float[np.ndarray, "G"]
    hands_m: Float[np.ndarray, "G 2 3"]
    ankles_m: Float[np.ndarray, "G 3"]
    hips_m: Float[np.ndarray, "G 3"]
    facing: Float[np.ndarray, "G 3"]
    in_front_m: Float[np.ndarray, "G 2"]
    in_trunk_m: Float[np.ndarray, "G 2 3"]
    trunk_deg: Float[np.ndarray, "G"]
    knee_deg: Float[np.ndarray, "G"]

    @property
    def apart_m(self) -> Float[np.ndarray, "G"]:
        """Distance between the hands."""
        return np.linalg.norm(self.hands_m[:, 0] - self.hands_m[:, 1], axis=1)


_JOINTS = ("hip", "knee", "ankle", "foot", "shoulder", "middle1")


def hand_path(motion: Motion) -> HandPath:
    """The path of the hands of one person."""
    names = [f"{side}_{part}" for part in _JOINTS for side in SIDES]
    joints = motion.joints_m[:, [JOINT_INDEX[name] for name in names]].astype(np.float64)
    joints[~motion.valid] = np.nan
    times, regular = _resampled(joints.reshape(len(joints), 3 * len(names)), motion.timestamps_s)
    at = dict(zip(names, np.moveaxis(regular.reshape(len(times), len(names), 3), 1, 0), strict=True))

    def middle(part: str) -> Float[np.ndarray, "G 3"]:
        return (at[f"left_{part}"] + at[f"right_{part}"]) / 2

    hips, shoulders = middle("hip"), middle("shoulder")
    across = at["left_hip"] - at["right_hip"]
    facing = unit(np.cross(across * (1.0 - UP), UP))
    hands = np.stack([at[f"{side}_middle1"] for side in SIDES], axis=1)
    trunk = frame_from_axes(shoulders - hips, at["left_shoulder"] - at["right_shoulder"])
    knees = [
        _bend_deg(at[f"{side}_hip"], at[f"{side}_knee"], at[f"{side}_ankle"]) for side in SIDES
    ]  # fmt: skip
    return HandPath(
        times_s=times,
        hands_m=hands,
        ankles_m=middle("ankle"),
        hips_m=hips,
        facing=_turned_with_feet(facing, at),
        in_front_m=np.sum((hands - hips[:, None]) * facing[:, None], axis=2),
        in_trunk_m=np.einsum("gji,gkj->gki", trunk, hands - hips[:, None]),
        trunk_deg=np.degrees(np.arccos(np.clip(unit(shoulders - hips)[:, 1], -1.0, 1.0))),
        knee_deg=np.fmax(*knees),
    )


def _resampled(values: np.ndarray, timestamps_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`values` at regular times, smoothed; NaN where a gap is longer than 0.3 s."""
    if len(timestamps_s) == 0:
        return timestamps_s, values
    times = timestamps_s[0] + np.arange(int((timestamps_s[-1] - timestamps_s[0]) * RATE_HZ + 1e-6) + 1) / RATE_HZ
    bridged, known = bridge_gaps(values, timestamps_s)
    regular = np.full((len(times), values.shape[1]), np.nan)
    if known.any():
        seen_s = timestamps_s[known]
        after = np.clip(np.searchsorted(seen_s, times), 0, len(seen_s) - 1)
        before = np.maximum(after - (seen_s[after] > times), 0)
        there = (seen_s[after] - seen_s[before] <= LONGEST_FILLED_GAP_S) & (times <= seen_s[-1]) & (times >= seen_s[0])
        columns = [np.interp(times, seen_s, column) for column in bridged[known].T]
        regular = np.where(there[:, None], np.stack(columns, axis=1), np.nan)
    return times, smooth(regular, times, SMOOTHING_S)


def _bend_deg(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip(np.sum(unit(b - a) * unit(c - b), axis=1), -1.0, 1.0)))


def _turned_with_feet(facing: np.ndarray, at: dict[str, np.ndarray]) -> np.ndarray:
    """The mid-sagittal direction of the neutral body: between where the hips and where the feet point.

    NIOSH measures asymmetry from the feet and hips, not from a twisted trunk (Applications Manual, p. 11).
    """
    feet = sum(unit((at[f"{side}_foot"] - at[f"{side}_ankle"]) * (1.0 - UP)) for side in SIDES)
    return unit(facing + np.nan_to_num(unit(np.asarray(feet))))
