"""What the sequence fit is given: the landmarks of one run of frames as points, bones and a viewing ray."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.fitting.sequence import Observations
from ergo.fitting.stick import (
    BONE_OF_POINTS,
    LENGTH_OF_BONE,
    LENGTHS_M,
    LENGTHS_STATURE_M,
    LHI,
    LSH,
    RHI,
    RSH,
    points_of,
)
from ergo.geometry.camera import rays
from ergo.geometry.rotations import rotation_between
from ergo.types import Keypoints

_LIMBS = slice(4, 12)
_TRUNK = [LSH, RSH, LHI, RHI]


def observe(
    keypoints: Keypoints, frames: slice, K: Float[np.ndarray, "3 3"], up_cam: Float[np.ndarray, "3"], stature_m: float
) -> Observations:
    """The observations of `frames`, in all of which the person is there (gaps already bridged).

    The estimator's metric bones are scaled as one so that the limbs together are as long as a typical person's
    of this stature: its absolute size is a guess, the proportions between frames are not.
    """
    xy = points_of(np.asarray(keypoints.xy_px, dtype=float)[frames])
    xyz = points_of(np.asarray(keypoints.xyz_m, dtype=float)[frames])
    confidence = points_of(np.asarray(keypoints.confidence, dtype=float)[frames][..., None])[..., 0]
    bones = np.einsum("kp,tpc->tkc", BONE_OF_POINTS, xyz)
    typical = LENGTHS_M[LENGTH_OF_BONE[_LIMBS]].sum() * stature_m / LENGTHS_STATURE_M
    bones *= typical / np.linalg.norm(bones[:, _LIMBS], axis=-1).mean(axis=0).sum()
    ray_frame = rotation_between(np.array([0.0, 0.0, 1.0]), rays(xy[:, _TRUNK].mean(axis=1), K))
    return Observations(
        xy_px=xy,
        confidence=confidence,
        bones_m=np.einsum("tij,tkj->tki", ray_frame, bones),
        ray_frame=ray_frame,
        timestamps_s=np.asarray(keypoints.timestamps_s, dtype=float)[frames],
        K=K,
        up_cam=up_cam,
        body_height_px=_body_height_px(xy),
        stature_m=stature_m,
    )


def _body_height_px(xy_px: Float[np.ndarray, "T 17 2"]) -> float:
    """Size of the person in the picture, also when bent: the taller of two robust measures."""
    upright = np.percentile(np.linalg.norm(xy_px[:, 12] - xy_px[:, [10, 11]].mean(axis=1), axis=1), 80)
    return float(max(upright, np.median(np.ptp(xy_px[..., 1], axis=1)), 1.0))
