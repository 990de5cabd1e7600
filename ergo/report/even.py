"""A motion on an even clock and without gaps, for formats that know neither times nor missing frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation, Slerp

from ergo.body.skinning import full_pose
from ergo.errors import SettingsError
from ergo.types import Motion

_EVEN_S = 1e-3
"""Times this near to the ticks of a clock are taken as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvenMotion:
    """`pose` is axis-angle in radians, `seen` tells the frames that are not held or bridged."""

    rate_hz: float
    pose: Float[np.ndarray, "T 55 3"]
    transl: Float[np.ndarray, "T 3"]
    seen: Bool[np.ndarray, "T"]


def even(motion: Motion) -> EvenMotion:
    """The motion at its usual rate. What lies between two seen frames goes the short way from one to the other; before
    the first and after the last one the body stands still.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    pose, times = full_pose(motion), motion.timestamps_s
    seen = motion.valid & np.isfinite(pose).all(axis=(1, 2)) & np.isfinite(motion.transl).all(axis=1)
    if not seen.any():
        raise SettingsError("The person was seen in no frame.", "Pick a person who is in the picture.")
    step_s = float(np.median(np.diff(times))) if len(times) > 1 else 1 / 30
    ticks = times[0] + step_s * np.arange(round((times[-1] - times[0]) / step_s) + 1)
    on_clock = len(ticks) == len(times) and np.abs(ticks - times).max() < _EVEN_S
    if on_clock and seen.all():
        return EvenMotion(rate_hz=1 / step_s, pose=pose, transl=motion.transl, seen=seen)
    known = times[seen]
    wanted = np.clip(times if on_clock else ticks, known[0], known[-1])
    nearest = np.abs(times[:, None] - wanted).argmin(axis=0) if len(times) < 2 else _nearest(times, wanted)
    return EvenMotion(
        rate_hz=1 / step_s,
        pose=np.stack([_turned(known, pose[seen, joint], wanted) for joint in range(pose.shape[1])], axis=1),
        transl=np.stack([np.interp(wanted, known, motion.transl[seen, axis]) for axis in range(3)], axis=1),
        seen=seen[nearest],
    )


def _nearest(times: Float[np.ndarray, "N"], wanted: Float[np.ndarray, "M"]) -> np.ndarray:
    after = np.clip(np.searchsorted(times, wanted), 1, len(times) - 1)
    return np.where(wanted - times[after - 1] < times[after] - wanted, after - 1, after)


def _turned(
    times: Float[np.ndarray, "N"], turns: Float[np.ndarray, "N 3"], wanted: Float[np.ndarray, "M"]
) -> np.ndarray:
    if len(times) == 1:
        return np.repeat(turns, len(wanted), axis=0)
    return Slerp(times, Rotation.from_rotvec(turns))(wanted).as_rotvec()
