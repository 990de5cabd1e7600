"""``viewer.bin``: mesh, motion, keypoints, angles and scores in one file that the browser reads as typed arrays.

Layout: ``b"ERGO"``, uint32 length of the header, the header (UTF-8 JSON, padded with spaces so that the data
starts at a multiple of 8), then little-endian arrays, each at a multiple of 8 from the start of the data. The
header is ``{"version", "meta", "arrays": {name: {"dtype", "shape", "offset"}}}``; ``assets/viewer/data.js``
is the reader in the browser, :func:`ergo.report.player_file.read_viewer` the one in Python.

Missing values have their own numbers: −32768 in int16 arrays, 255 in ``items``, 0 in ``total``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float, Int16, UInt8
from scipy.spatial.transform import Rotation

from ergo.assess.angle_catalogue import ANGLE_BY_ID
from ergo.assess.items import ITEMS, SIDED
from ergo.assess.moments import Moment
from ergo.assess.overridable import INPUTS
from ergo.assess.overrides import described
from ergo.body.landmarks import Landmark as L
from ergo.body.model import BodyModel
from ergo.body.skeleton import PARENTS, REGION_OF_JOINT, REGIONS
from ergo.body.skinning import full_pose
from ergo.geometry.camera import rays, rotation_world_cam, tilt_from_up
from ergo.methods.catalogue import METHODS
from ergo.report.bands import assumed, bands, is_banded
from ergo.report.causes import Cause, causes_of
from ergo.report.player_file import (
    ANGLE_SCALE,
    KEYPOINT_SCALE,
    QUATERNION_SCALE,
    Arrays,
    packed,
    quantised,
    score_arrays,
)
from ergo.types import SIDES, Analysis, CameraMotion, Keypoints, Motion, Override, TaskContext

BONES_PER_VERTEX: Final = 4
WEIGHT_SUM: Final = 255

STILL_RAD: Final = 1e-4
"""A joint whose rotation vector varies less than this over the motion is stored once, not per frame."""

NOT_GIVEN: Final = "not given"
FROM_MOTION: Final = "from the motion"


def write_viewer(path: Path, analysis: Analysis, body: BodyModel, moments: Sequence[Moment] = ()) -> None:
    """Write what the page needs to play an analysis.

    Args:
        path: the file to make or replace.
        analysis: motion, keypoints, angles and assessments, all over the same T timestamps.
        body: the model that ``analysis.motion.betas`` belong to.
        moments: the worst moments to mark on the timeline.
    """
    arrays = {
        **_body_arrays(body, analysis.motion),
        **_motion_arrays(analysis.motion),
        **_keypoint_arrays(analysis.keypoints, analysis.video.width_px, analysis.video.height_px),
        "angles": quantised(np.where(analysis.angles.valid, analysis.angles.values_deg, np.nan), ANGLE_SCALE),
    }
    arrays |= _turn_arrays(analysis.camera_motion)
    for assessment in analysis.assessments:
        arrays |= score_arrays(assessment)
    path.write_bytes(packed(_meta(analysis, moments), arrays))


# The body


def _body_arrays(body: BodyModel, motion: Motion) -> Arrays:
    shaped = body.shaped(motion.betas)
    joints, weights = strongest_bones(body.weights)
    wide = len(shaped.vertices_m) > np.iinfo(np.uint16).max + 1
    return {
        "vertices_m": shaped.vertices_m.astype(np.float32),
        "faces": body.faces.astype(np.uint32 if wide else np.uint16),
        "skin_joints": joints,
        "skin_weights": weights,
        "colors": body.vertex_rgb,
        "vertex_region": REGION_OF_JOINT[body.weights.argmax(axis=1)].astype(np.uint8),
        "joint_region": REGION_OF_JOINT.astype(np.uint8),
        "joints_rest_m": shaped.joints_m.astype(np.float32),
        "parents": PARENTS.astype(np.int8),
    }


def strongest_bones(
    weights: Float[np.ndarray, "V 55"],
) -> tuple[UInt8[np.ndarray, "V 4"], UInt8[np.ndarray, "V 4"]]:
    """The four strongest joints of each vertex and their weights, scaled so that each row sums to exactly 255.

    The rounding error goes to the strongest joint, where it matters least.
    """
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :BONES_PER_VERTEX]
    strongest = np.take_along_axis(weights, joints, axis=1).astype(np.float64)
    scaled = np.rint(WEIGHT_SUM * strongest / strongest.sum(axis=1, keepdims=True)).astype(np.int64)
    scaled[:, 0] += WEIGHT_SUM - scaled.sum(axis=1)
    return joints.astype(np.uint8), scaled.astype(np.uint8)


# The motion


def _motion_arrays(motion: Motion) -> Arrays:
    seen = motion.valid & np.isfinite(motion.transl).all(axis=1)
    pose = full_pose(motion)
    seen &= np.isfinite(pose).all(axis=(1, 2))
    pose = _held(pose, seen)
    moves = np.ptp(pose, axis=0).max(axis=-1) > STILL_RAD
    bent = (np.abs(pose[0]).max(axis=-1) > STILL_RAD) & ~moves
    return {
        "timestamps_s": motion.timestamps_s.astype(np.float32),
        "valid": seen.astype(np.uint8),
        "moving_joints": np.flatnonzero(moves).astype(np.uint8),
        "rotations": _quaternions(pose[:, moves]),
        "still_joints": np.flatnonzero(bent).astype(np.uint8),
        "still_rotations": _quaternions(pose[:1, bent])[0],
        "transl_m": _held(motion.transl, seen).astype(np.float32),
    }


def _held(values: Float[np.ndarray, "T *rest"], seen: Bool[np.ndarray, "T"]) -> Float[np.ndarray, "T *rest"]:
    """Frames that were not seen take the values of the last seen one (or the first, before it)."""
    if not seen.any():
        return np.zeros_like(values)
    source = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), -1))
    return values[np.where(source < 0, np.argmax(seen), source)]


def _quaternions(pose: Float[np.ndarray, "T M 3"]) -> Int16[np.ndarray, "T M 4"]:
    """xyzw × 32767; each joint's sign is that nearest to the frame before, so that linear steps are short."""
    if pose.size == 0:
        return np.zeros((*pose.shape[:2], 4), np.int16)
    quaternions = Rotation.from_rotvec(pose.reshape(-1, 3)).as_quat().reshape(*pose.shape[:2], 4)
    flips = np.where((quaternions[1:] * quaternions[:-1]).sum(axis=-1) < 0, -1.0, 1.0)
    quaternions[1:] *= np.cumprod(flips, axis=0)[..., None]
    return np.rint(quaternions * QUATERNION_SCALE).astype(np.int16)


# What was seen and scored


def _keypoint_arrays(keypoints: Keypoints, width_px: int, height_px: int) -> Arrays:
    confidence = np.nan_to_num(np.clip(keypoints.confidence, 0, 1))
    return {
        "keypoints": quantised(keypoints.xy_px / np.array([width_px, height_px]), KEYPOINT_SCALE),
        "keypoint_confidence": np.rint(255 * confidence).astype(np.uint8),
    }


# The meta data


def _meta(analysis: Analysis, moments: Sequence[Moment]) -> dict[str, Any]:
    info = analysis.video
    return {
        "video": {"width_px": info.width_px, "height_px": info.height_px, "duration_s": info.duration_s},
        "regions": list(REGIONS),
        "angles": [
            {
                "id": name,
                "label": ANGLE_BY_ID[name].label,
                "unit": ANGLE_BY_ID[name].unit,
                "side": ANGLE_BY_ID[name].side,
                "zero": ANGLE_BY_ID[name].zero,
                "positive": ANGLE_BY_ID[name].positive,
                "reference": ANGLE_BY_ID[name].reference,
            }
            for name in analysis.angles.names
        ],
        "methods": _methods(analysis),
        "moments": [_moment(moment) for moment in moments],
        "overrides": [_override(override) for override in analysis.settings.overrides],
        "gravity": _gravity(analysis),
        "camera": _camera(analysis),
    }


def _methods(analysis: Analysis) -> list[dict[str, Any]]:
    """The methods that were assessed, in order, each with its levels, items and sides."""
    sides: dict[str, list[str]] = {}
    for assessment in analysis.assessments:
        sides.setdefault(assessment.method, []).append(assessment.side or "both")
    return [
        {
            "id": name,
            "label": METHODS[name].label,
            "max": METHODS[name].max_total,
            "scale": METHODS[name].scale,
            "levels": [
                {"level": lv.level, "label": lv.label, "min": lv.low, "max": lv.high, "step": lv.risk_step}
                for lv in METHODS[name].levels
            ],
            "items": [
                {
                    "id": item.id,
                    "label": item.label,
                    "min": item.neutral_points,
                    "max": item.max_points,
                    "steps": list(item.steps),
                    "names": list(item.names),
                    "regions": list(item.regions),
                    "angles": [_cause(name, item.id, cause) for cause in causes_of(name, item.id)],
                    "source": "" if causes_of(name, item.id) else _source(item.id, analysis.settings.context),
                }
                for item in ITEMS[name]
            ],
            "sides": method_sides,
        }
        for name, method_sides in sides.items()
    ]


def _cause(method: str, item: str, cause: Cause) -> dict[str, Any]:
    """An angle that makes the points of an item, with the bands in which they stay the same, if it alone makes them."""
    found = bands(method, item) if is_banded(method, item, cause.angle) else ()
    return {
        "id": cause.angle,
        "word": cause.word,
        "opposite": cause.opposite,
        "bands": [[band.start_deg, band.end_deg, band.points] for band in found],
        "assumed": assumed(method, item) if found else "",
    }


def _source(item: str, context: TaskContext) -> str:
    """Where the points of an item come from that no angle causes."""
    if item in {"load", "force"}:
        return NOT_GIVEN if context.load_kg is None else f"{context.load_kg:g} kg"
    if item == "coupling":
        return context.coupling or NOT_GIVEN
    return FROM_MOTION


def _moment(moment: Moment) -> dict[str, Any]:
    reasons = ", ".join(f"{reason.label.lower()} {reason.points:g}" for reason in moment.reasons)
    return {
        "time_s": moment.time_s,
        "method": moment.method,
        "side": moment.side,
        "total": moment.total,
        "level": moment.level,
        "text": reasons,
    }


def _override(override: Override) -> dict[str, Any]:
    """What was set by hand, when, and the items (method, item, side) that show it."""
    return {
        "text": described(override),
        "start_s": override.start_s,
        "end_s": override.end_s,
        "items": [
            [name, item.id, side or "both"]
            for name, items in ITEMS.items()
            for item in items
            for side in (SIDES if name in SIDED else (None,))
            if INPUTS[override.input].touches(name, item.id, side, override.side)
        ],
    }


def _gravity(analysis: Analysis) -> dict[str, Any]:
    pitch_deg, roll_deg = tilt_from_up(analysis.gravity.up_cam)
    return {
        "pitch_deg": float(pitch_deg),
        "roll_deg": float(roll_deg),
        "sd_deg": float(analysis.gravity.sd_deg),
        "source": analysis.gravity.source,
        "focal_px": float(analysis.camera.K[0, 0]),
    }


def _turn_arrays(camera: CameraMotion | None) -> Arrays:
    """``R_ref_cam`` of each frame, row by row, of a camera that moved."""
    return {} if camera is None else {"camera_turn": camera.R_ref_cam.reshape(-1, 9).astype(np.float32)}


def _camera(analysis: Analysis) -> dict[str, Any] | None:
    """Direction in the world in which the camera saw the hips (unit vector), None when it never did."""
    hips = np.asarray(analysis.keypoints.xy_px, dtype=float)[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1)
    seen = np.isfinite(hips).all(axis=1)
    if not seen.any():
        return None
    ray = rays(np.median(hips[seen], axis=0), analysis.camera.K)
    direction = rotation_world_cam(analysis.gravity.up_cam) @ ray
    return {"direction": [float(v) for v in direction / np.linalg.norm(direction)]}
