"""``motion.npz``: the motion under the keys of AMASS, readable with ``numpy.load`` and by tools that read AMASS.

Keys: ``poses[T,165]`` (axis-angle: root, 21 body joints, jaw, eyes, left hand, right hand), ``trans[T,3]``,
``betas[B]``, ``gender``, ``mocap_frame_rate``, and beside them ``joints_m[T,55,3]``, ``timestamps_s[T]``,
``valid[T]``, ``up_cam[3]``. Unlike AMASS the world is Y up, and frames without the person are NaN.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ergo.body.skinning import full_pose
from ergo.types import Gravity, Motion


def write_motion(path: Path, motion: Motion, gravity: Gravity) -> None:
    """Write `motion` to `path` (compressed npz, no pickles)."""
    steps = np.diff(motion.timestamps_s)
    np.savez_compressed(
        path,
        poses=full_pose(motion).reshape(len(motion.transl), -1).astype(np.float32),
        trans=motion.transl.astype(np.float32),
        betas=motion.betas.astype(np.float32),
        gender=np.array(motion.sex),
        mocap_frame_rate=np.array(1.0 / np.median(steps) if len(steps) else 0.0),
        joints_m=motion.joints_m.astype(np.float32),
        timestamps_s=motion.timestamps_s,
        valid=motion.valid,
        up_cam=gravity.up_cam,
    )
