"""Keypoints → Motion: the stages of the fit in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import BODY_POSE, JAW, LEFT_HAND_POSE, RIGHT_HAND_POSE
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.cores import Spread, in_turn
from ergo.fitting.gaps import bridge_gaps, complete, runs
from ergo.fitting.hands import TurnedHands, pose_wrists, turn_hands
from ergo.fitting.head import FACES_M, Template, head_turn
from ergo.fitting.inverse_kinematics import solve_rotations
from ergo.fitting.lift import lift
from ergo.fitting.observe import observe
from ergo.fitting.placement import hips_to, stand_on_ground
from ergo.fitting.prior import load_prior
from ergo.fitting.sequence import Observations, SequenceFit, SequenceSettings
from ergo.fitting.stick import POINTS, LandmarkOffsets
from ergo.geometry.camera import rotation_world_cam
from ergo.types import Gravity, Keypoints, Motion, Quality, Sex

_BLOCK_FRAMES = 400
"""Frames fitted and posed at once, so that an hour of video needs no more memory than a minute."""
_OVERLAP_FRAMES = 40
"""Frames that two blocks share; the result fades from one to the other."""
_ITERATIONS: Mapping[Quality, int] = MappingProxyType({"low": 5, "medium": 5, "high": 10, "ultra": 10})
"""At five a second more change the mean error by less than 0.1°; at twelve the far arm takes ten to come round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How the body is fitted."""

    sequence: SequenceSettings = field(default_factory=SequenceSettings)
    offsets: LandmarkOffsets = field(default_factory=LandmarkOffsets)
    face_m: Template = field(default_factory=lambda: FACES_M["medium"])

    @classmethod
    def for_quality(cls, quality: Quality) -> FitSettings:
        """Settings that know how a face is seen at this quality, and how long the fit takes to settle."""
        return cls(sequence=SequenceSettings(iterations=_ITERATIONS[quality]), face_m=FACES_M[quality])


def fit_motion(
    keypoints: Keypoints,
    K: Float[np.ndarray, "3 3"],
    gravity: Gravity,
    body: BodyModel,
    betas: Float[np.ndarray, "B"],
    *,
    sex: Sex = "neutral",
    settings: FitSettings | None = None,
    spread: Spread = in_turn,
) -> Motion:
    """The SMPL-X motion that follows the landmarks, in the gravity-aligned world with the ground at Y = 0.

    Args:
        keypoints: one person's landmarks.
        K: intrinsics of the camera in displayed pixels.
        gravity: up in the camera frame.
        body: the body whose joints are posed.
        betas: its shape.
        sex: recorded with the motion.
        settings: weights of the fit.
        spread: how the blocks of the film are fitted; they do not depend on each other.
    """
    settings = settings or FitSettings()
    shaped = body.shaped(betas)
    bridged = _bridge(keypoints)
    valid = complete(np.asarray(bridged.xy_px))
    R_world_cam = rotation_world_cam(gravity.up_cam)
    points = np.full((len(valid), POINTS, 3), np.nan)
    for run in runs(valid):
        points[run] = _fit_run(bridged, run, K, gravity, shaped.stature_m, settings, spread)
    points = points @ R_world_cam.T
    heads = head_turn(lift(bridged, K), settings.face_m)
    hands = turn_hands(keypoints, points, K, R_world_cam)
    pose, joints = _pose_in_blocks(points, heads, hands, shaped.joints_m, body.hands_mean)
    transl = _place(points, joints, shaped, bridged.timestamps_s)
    return Motion(
        betas=np.asarray(betas, dtype=float),
        global_orient=pose[:, 0],
        body_pose=pose[:, BODY_POSE],
        left_hand_pose=pose[:, LEFT_HAND_POSE],
        right_hand_pose=pose[:, RIGHT_HAND_POSE],
        jaw_pose=pose[:, JAW],
        expression=np.zeros((len(points), 10)),
        transl=transl,
        joints_m=joints + transl[:, None],
        timestamps_s=np.asarray(keypoints.timestamps_s, dtype=float),
        valid=valid,
        sex=sex,
        hands_seen=None if hands is None else hands.seen,
    )


def _bridge(keypoints: Keypoints) -> Keypoints:
    xy, xyz, confidence = (
        bridge_gaps(np.where(keypoints.found.reshape(-1, *[1] * (a.ndim - 1)), a, np.nan), keypoints.timestamps_s)[0]
        for a in (np.asarray(keypoints.xy_px), np.asarray(keypoints.xyz_m), np.asarray(keypoints.confidence))
    )
    return Keypoints(
        xy_px=xy, xyz_m=xyz, confidence=confidence, timestamps_s=keypoints.timestamps_s, track_id=keypoints.track_id
    )


def _fit_run(
    keypoints: Keypoints,
    run: slice,
    K: Float[np.ndarray, "3 3"],
    gravity: Gravity,
    stature_m: float,
    settings: FitSettings,
    spread: Spread,
) -> Float[np.ndarray, "t 17 3"]:
    """Points of one unbroken run in the camera frame, fitted in overlapping blocks."""
    fitted = np.zeros((run.stop - run.start, POINTS, 3))
    weight = np.zeros(len(fitted))
    blocks = _blocks(run)
    seen = [observe(keypoints, block, K, gravity.up_cam, stature_m) for block in blocks]
    for block, points in zip(blocks, spread(partial(_fit_block, settings), seen), strict=True):
        first, last = block.start == run.start, block.stop == run.stop
        share = _fade(block.stop - block.start, first=first, last=last)
        own = slice(block.start - run.start, block.stop - run.start)
        fitted[own] += share[:, None, None] * points
        weight[own] += share
    return fitted / weight[:, None, None]


def _blocks(run: slice) -> list[slice]:
    """A run in blocks, each of which shares frames with the one before."""
    starts = [run.start]
    while starts[-1] + _BLOCK_FRAMES < run.stop:
        starts.append(starts[-1] + _BLOCK_FRAMES - _OVERLAP_FRAMES)
    return [slice(start, min(start + _BLOCK_FRAMES, run.stop)) for start in starts]


def _fit_block(settings: FitSettings, seen: Observations) -> Float[np.ndarray, "t 17 3"]:
    return SequenceFit(seen, settings.sequence, settings.offsets, load_prior()).run()[0]


def _fade(frames: int, *, first: bool, last: bool) -> Float[np.ndarray, "t"]:
    ramp = (np.arange(_OVERLAP_FRAMES) + 0.5) / _OVERLAP_FRAMES
    share = np.ones(frames)
    if not first:
        share[:_OVERLAP_FRAMES] = ramp[:frames]
    if not last:
        share[-_OVERLAP_FRAMES:] = ramp[::-1][-frames:]
    return share


def _pose_in_blocks(
    points: Float[np.ndarray, "T 17 3"],
    heads: Float[np.ndarray, "T 3"],
    hands: TurnedHands | None,
    joints_rest_m: np.ndarray,
    hands_mean: np.ndarray,
) -> tuple[Float[np.ndarray, "T 55 3"], Float[np.ndarray, "T 55 3"]]:
    pose = np.full((len(points), 55, 3), np.nan)
    joints = np.full((len(points), 55, 3), np.nan)
    for start in range(0, len(points), _BLOCK_FRAMES):
        block = slice(start, start + _BLOCK_FRAMES)
        pose[block] = solve_rotations(points[block], heads[block], joints_rest_m)
        if hands is not None:
            pose[block] = pose_wrists(pose[block], hands.rotation[block], hands.timestamps_s[block], joints_rest_m)
        pose[block, LEFT_HAND_POSE] += hands_mean[0]
        pose[block, RIGHT_HAND_POSE] += hands_mean[1]
        joints[block] = forward_kinematics(rotation_matrices(pose[block]), joints_rest_m)[1]
    return pose, joints


def _place(
    points: np.ndarray, joints: np.ndarray, shaped: ShapedBody, timestamps_s: Float[np.ndarray, "T"]
) -> Float[np.ndarray, "T 3"]:
    """smplx's ``transl``: horizontally from the picture (starting near the origin), vertically from the ground."""
    transl = hips_to(points, joints, timestamps_s)
    known: Bool[np.ndarray, "T"] = complete(transl)
    if known.any():
        transl = transl - transl[np.flatnonzero(known)[0]] * np.array([1.0, 0.0, 1.0])
    floor_rest_m = float(shaped.vertices_m[:, 1].min())
    transl[:, 1] = stand_on_ground(joints, shaped.joints_m, floor_rest_m, timestamps_s)
    return transl
