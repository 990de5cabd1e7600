"""How the joint angles of :data:`ergo.assess.angle_catalogue.ANGLES` are measured from a motion.

Every angle is read off joint positions (and, for head against trunk, off segment frames), never off axis-angles,
so that bodies with different rest poses give the same angles. Definitions follow the methods that use them:
the trunk and the head are measured against gravity (RULA, REBA, OWAS, ISO 11226), the upper arm against the trunk
for RULA and REBA and against gravity for ISO 11226, EN 1005-4 and OWAS.

Below 15° of elevation the plane of an arm cannot be told, so flexion and abduction are both reported as 0
(ISB's plane of elevation is ill-defined there: Wu et al., J. Biomech. 38, 2005, section 2.4).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation

from ergo.assess.angle_catalogue import ANGLES, NOT_MEASURED
from ergo.assess.error_model import Sight
from ergo.body.hands import hand_frame, palmar, wrist_angles_deg
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import full_pose, rotation_matrices
from ergo.geometry.rotations import angle_between_deg, frame_from_axes, signed_angle_deg, unit
from ergo.types import SIDES, Gravity, JointAngles, Keypoints, Motion, Quality, Side

MIN_CONFIDENCE = 0.2
"""A landmark with less confidence is not in the picture; the angles that need it are not seen.

Above it the confidence of the estimator hardly tells how large the error is (measured on clips with known joints)."""

ARM_PLANE_MIN_DEG = 15.0
"""Elevation below which the plane of an arm is not told."""


ROTATION_ELBOW_MIN_DEG = 60.0
"""Elbow flexion below which the plane of upper arm and forearm, against which the forearm is turned, is not told: at
less, the fitted elbow errs by as much as it is bent (docs/accuracy.md)."""


def measure(
    motion: Motion, keypoints: Keypoints, gravity: Gravity, K: Float[np.ndarray, "3 3"], quality: Quality
) -> JointAngles:
    """All joint angles of a motion.

    An angle is NaN where the person is not seen, where one of its landmarks is seen with less than
    :data:`MIN_CONFIDENCE`, where it needs a hand that was not seen well, or always when no landmarks tell it.

    Args:
        motion: in the gravity-aligned world.
        keypoints: the landmarks the motion was fitted to, same frames.
        gravity: its uncertainty is added to the angles that are measured against it.
        K: intrinsics of the camera in displayed pixels.
        quality: how closely the pictures were looked at.
    """
    measured = _trunk_and_head(motion)
    for side in SIDES:
        measured |= _limbs(motion, side) | _hand(motion, side)
    seen = np.nan_to_num(np.asarray(keypoints.confidence), nan=0.0) >= MIN_CONFIDENCE
    sight = Sight(motion, keypoints, gravity, K, quality)
    values, sd = np.full((2, len(motion.timestamps_s), len(ANGLES)), np.nan)
    for column, angle in enumerate(ANGLES):
        if angle.id in NOT_MEASURED:
            continue
        visible = seen[:, list(angle.landmarks)].all(axis=1) if angle.landmarks else np.ones(len(values), dtype=bool)
        values[:, column] = np.where(visible & motion.valid, measured[angle.id], np.nan)
        own_sd = sight.standard_deviation(angle.error, angle.side, angle.landmarks)
        sd[:, column] = np.hypot(own_sd, gravity.sd_deg if angle.reference == "gravity" else 0.0)
    valid = np.isfinite(values)
    return JointAngles(
        names=tuple(angle.id for angle in ANGLES),
        values_deg=values,
        sd_deg=np.where(valid, sd, np.nan),
        valid=valid,
        timestamps_s=motion.timestamps_s,
    )


def _joint(motion: Motion, name: str) -> Float[np.ndarray, "T 3"]:
    return motion.joints_m[:, JOINT_INDEX[name]]


def _trunk_axes(motion: Motion) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trunk vector (hips to shoulders), line of the hips and line of the shoulders, both to the left."""
    hips = _joint(motion, "left_hip") - _joint(motion, "right_hip")
    shoulders = _joint(motion, "left_shoulder") - _joint(motion, "right_shoulder")
    trunk = (
        _joint(motion, "left_shoulder")
        + _joint(motion, "right_shoulder")
        - _joint(motion, "left_hip")
        - _joint(motion, "right_hip")
    ) / 2
    return trunk, hips, shoulders


def _trunk_and_head(motion: Motion) -> dict[str, Float[np.ndarray, "T"]]:
    up = np.array([0.0, 1.0, 0.0])
    trunk, hips, shoulders = _trunk_axes(motion)
    left = unit(hips * np.array([1.0, 0.0, 1.0]))  # the hip axis made horizontal
    forward = np.cross(left, up)
    direction = unit(trunk)
    sagittal = np.degrees(np.arctan2(np.sum(direction * forward, axis=1), direction[:, 1]))
    lateral = np.degrees(np.arcsin(np.clip(np.sum(direction * left, axis=1), -1.0, 1.0)))

    world = _world_rotations(motion, ("spine3", "head"))
    yaw, pitch, roll = _yaw_pitch_roll(np.swapaxes(world["spine3"], -1, -2) @ world["head"])
    head_up = world["head"][:, :, 1]
    head_pitch = np.degrees(np.arctan2(np.sum(head_up * forward, axis=1), head_up[:, 1]))
    return {
        "trunk_flexion": sagittal,
        "trunk_inclination": angle_between_deg(trunk, np.broadcast_to(up, trunk.shape)),
        "trunk_side_bend": -lateral,
        "trunk_twist": signed_angle_deg(hips, shoulders, trunk),
        "neck_flexion": pitch,
        "neck_side_bend": roll,
        "neck_twist": yaw,
        "head_inclination": head_pitch,
    }


def _world_rotations(motion: Motion, names: tuple[str, ...]) -> dict[str, Float[np.ndarray, "T 3 3"]]:
    """World rotations of spine joints, from the root down the chain that ends in the head."""
    chain = ("pelvis", "spine1", "spine2", "spine3", "neck", "head")
    pose = full_pose(motion)[:, [JOINT_INDEX[name] for name in chain]]
    local = rotation_matrices(pose)
    world, found = np.eye(3), {}
    for index, name in enumerate(chain):
        world = world @ local[:, index]
        if name in names:
            found[name] = world
    return found


def _yaw_pitch_roll(turn: Float[np.ndarray, "T 3 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Twist to the left, flexion forward and bend to the right of one frame in another, degrees."""
    angles = np.full((len(turn), 3), np.nan)
    known = np.isfinite(turn).all(axis=(1, 2))
    if known.any():
        angles[known] = Rotation.from_matrix(turn[known]).as_euler("YXZ", degrees=True)
    return angles[:, 0], angles[:, 1], angles[:, 2]


def _limbs(motion: Motion, side: Side) -> dict[str, Float[np.ndarray, "T"]]:
    shoulder, elbow, wrist, hip, knee, ankle = (
        _joint(motion, f"{side}_{part}") for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    )
    trunk, hips, shoulders = _trunk_axes(motion)
    outward = 1.0 if side == "left" else -1.0
    upper, lower, thigh, shank = elbow - shoulder, wrist - elbow, knee - hip, ankle - knee

    thorax = frame_from_axes(trunk, shoulders)
    arm = np.einsum("tji,tj->ti", thorax, unit(upper))
    elevation = angle_between_deg(upper, -trunk)
    flexion, abduction = _plane_of_elevation(arm * np.array([outward, 1.0, 1.0]), elevation)

    pelvis = frame_from_axes(trunk, hips)
    leg = np.einsum("tji,tj->ti", pelvis, unit(thigh))
    middle = (_joint(motion, "left_shoulder") + _joint(motion, "right_shoulder")) / 2
    reach = np.einsum("tji,tj->ti", thorax, wrist - middle)[:, 0] * outward
    half_width = np.linalg.norm(shoulders, axis=1) / 2
    return {
        f"{side}_shoulder_flexion": flexion,
        f"{side}_shoulder_abduction": abduction,
        f"{side}_shoulder_elevation": elevation,
        f"{side}_arm_elevation_gravity": angle_between_deg(upper, np.broadcast_to([0.0, -1.0, 0.0], upper.shape)),
        f"{side}_elbow_flexion": angle_between_deg(upper, lower),
        f"{side}_hip_flexion": np.degrees(np.arctan2(leg[:, 2], -leg[:, 1])),
        f"{side}_knee_flexion": angle_between_deg(thigh, shank),
        f"{side}_hand_across_cm": -100.0 * reach,
        f"{side}_hand_out_cm": 100.0 * (reach - half_width),
    }


def _hand(motion: Motion, side: Side) -> dict[str, Float[np.ndarray, "T"]]:
    """The wrist's angles from the hand's own frame, and the forearm's rotation against the plane of the bent arm.

    The forearm's rotation is that of the line across the hand, freed of the wrist's flexion and deviation, about the
    forearm: 0 where the thumb points along the plane of upper arm and forearm, towards the shoulder.
    """
    shoulder, elbow, wrist = (_joint(motion, f"{side}_{part}") for part in ("shoulder", "elbow", "wrist"))
    unseen = np.ones(len(wrist), bool) if motion.hands_seen is None else ~motion.hands_seen[:, SIDES.index(side)]
    forearm, hand = unit(wrist - elbow), hand_frame(motion.joints_m, side)
    flexion, deviation = wrist_angles_deg(hand, forearm, palmar(side))
    across = np.cross(hand[:, :, 2], forearm)
    across = across * np.sign(np.sum(across * hand[:, :, 0], axis=1, keepdims=True))  # to the thumb's side
    turned = signed_angle_deg(shoulder - elbow, across, forearm) * (1.0 if side == "left" else -1.0)
    straight = angle_between_deg(elbow - shoulder, wrist - elbow) < ROTATION_ELBOW_MIN_DEG
    values = {
        f"{side}_wrist_flexion": flexion,
        f"{side}_wrist_deviation": deviation,
        f"{side}_forearm_rotation": np.where(straight, np.nan, turned),
    }
    return {name: np.where(unseen, np.nan, value) for name, value in values.items()}


def _plane_of_elevation(
    arm: Float[np.ndarray, "T 3"], elevation_deg: Float[np.ndarray, "T"]
) -> tuple[Float[np.ndarray, "T"], Float[np.ndarray, "T"]]:
    """Elevation split into its sagittal (flexion) and frontal (abduction) components.

    The elevation is the magnitude, the plane it lies in decides the share: an arm raised 90° halfway between front
    and side is 90·cos 45° flexed and as much abducted. `arm` is (outward, up, forward) in the trunk's frame.
    """
    plane = np.arctan2(arm[:, 0], arm[:, 2])  # 0 straight ahead, 90° to the side
    told: Bool[np.ndarray, "T"] = elevation_deg >= ARM_PLANE_MIN_DEG
    flexion = np.where(told, elevation_deg * np.cos(plane), 0.0)
    abduction = np.where(told, elevation_deg * np.sin(plane), 0.0)
    missing = ~np.isfinite(elevation_deg)
    return np.where(missing, np.nan, flexion), np.where(missing, np.nan, abduction)
