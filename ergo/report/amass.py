"""The motion as AMASS has it: Z up, even rate, no gaps, all keys of an SMPL-X sequence of that archive.

``motion.npz`` keeps what was seen as it was seen (Y up, real times, NaN where nobody was); this file is for tools that
expect the archive's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.report.even import even
from ergo.types import Motion, Sex

_Z_UP = Rotation.from_euler("x", 90, degrees=True)  # x stays, y becomes z, z becomes −y


def write_amass(path: Path, motion: Motion, joints_rest_m: Float[np.ndarray, "55 3"], sex: Sex) -> None:
    """Write the motion of a body whose joints lie there in the T-pose.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    moving = even(motion)
    pose = moving.pose.copy()
    pose[:, 0] = (_Z_UP * Rotation.from_rotvec(pose[:, 0])).as_rotvec()
    pelvis = joints_rest_m[0]  # the root turns about it, so what turns the world moves the body, too
    flat = pose.reshape(len(pose), -1)
    np.savez_compressed(
        path,
        surface_model_type="smplx",
        gender=sex,
        mocap_frame_rate=moving.rate_hz,
        mocap_time_length=len(pose) / moving.rate_hz,
        betas=motion.betas,
        num_betas=len(motion.betas),
        trans=_Z_UP.apply(moving.transl + pelvis) - pelvis,
        poses=flat,
        root_orient=flat[:, :3],
        pose_body=flat[:, 3:66],
        pose_jaw=flat[:, 66:69],
        pose_eye=flat[:, 69:75],
        pose_hand=flat[:, 75:],
        seen=moving.seen,
    )
