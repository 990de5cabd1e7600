"""``angles.npz``: the joint angles as arrays. With ``motion.npz`` it is all that scores are made of, so that a stored
result can be scored again with other inputs at once."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np

from ergo.arrays import read_arrays
from ergo.errors import SettingsError
from ergo.types import JointAngles, Motion

ANGLES_FILE, MOTION_FILE = "angles.npz", "motion.npz"


def write_angle_arrays(path: Path, angles: JointAngles) -> None:
    """Names, values and standard deviations in float32 (NaN where missing), validity, times in seconds."""
    np.savez_compressed(
        path,
        names=np.array(angles.names),
        values_deg=angles.values_deg.astype(np.float32),
        sd_deg=angles.sd_deg.astype(np.float32),
        valid=angles.valid,
        timestamps_s=angles.timestamps_s,
    )


def as_kept(motion: Motion, angles: JointAngles) -> tuple[Motion, JointAngles]:
    """Both with the precision of the files, so that scores from the files are the scores of the analysis itself."""

    def rounded(values: np.ndarray) -> np.ndarray:
        return np.asarray(values).astype(np.float32).astype(np.float64)

    numbers = ("betas", "global_orient", "body_pose", "jaw_pose", "left_hand_pose", "right_hand_pose", "transl")
    return (
        replace(motion, joints_m=rounded(motion.joints_m), **{n: rounded(getattr(motion, n)) for n in numbers}),
        replace(angles, values_deg=rounded(angles.values_deg), sd_deg=rounded(angles.sd_deg)),
    )


def read_measured(angles: bytes, motion: bytes) -> tuple[Motion, JointAngles]:
    """What the two files of a result hold.

    Raises:
        SettingsError: one of them is damaged.
    """
    try:
        return _motion(read_arrays(io.BytesIO(motion))), _angles(read_arrays(io.BytesIO(angles)))
    except (ValueError, LookupError, TypeError) as error:
        raise SettingsError(
            f"The angles of this result cannot be read ({type(error).__name__}).", "Analyse the video again."
        ) from error


def _angles(stored: dict[str, np.ndarray]) -> JointAngles:
    return JointAngles(
        names=tuple(str(name) for name in stored["names"]),
        values_deg=stored["values_deg"].astype(np.float64),
        sd_deg=stored["sd_deg"].astype(np.float64),
        valid=stored["valid"],
        timestamps_s=stored["timestamps_s"],
    )


def _motion(stored: dict[str, np.ndarray]) -> Motion:
    frames = len(stored["trans"])
    pose = stored["poses"].astype(np.float64).reshape(frames, -1, 3)  # root, 21 of the body, jaw, eyes, hands
    return Motion(
        betas=stored["betas"].astype(np.float64),
        global_orient=pose[:, 0],
        body_pose=pose[:, 1:22],
        jaw_pose=pose[:, 22],
        left_hand_pose=pose[:, 25:40],
        right_hand_pose=pose[:, 40:55],
        expression=np.zeros((frames, 10)),
        transl=stored["trans"].astype(np.float64),
        joints_m=stored["joints_m"].astype(np.float64),
        timestamps_s=stored["timestamps_s"],
        valid=stored["valid"],
    )
