"""Doubt about landmarks that the network made up.

The network always answers with 33 landmarks, and its visibility says 0.99 for shoulders it invented above a pair
of legs. What can be checked is the picture's edge, and the proportions of the body.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.landmarks import LANDMARK
from ergo.pose.estimator import Detection

NOT_SEEN = 0.05
"""What a landmark's confidence falls to when the picture cannot show it: angles that need it are not measured."""
_EDGE_MARGIN = 0.005
_MIN_SEEN_JOINTS = 5

# Limits on lengths in the picture over the length the landmarks have in metres, each relative to the body's own
# overall scale (median): a bone may look short (it points at the camera) but never much longer than it is.
_BONES: tuple[tuple[str, str], ...] = (
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
    ("left_shoulder", "left_elbow"),
    ("right_shoulder", "right_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_elbow", "right_wrist"),
    ("left_hip", "left_knee"),
    ("right_hip", "right_knee"),
    ("left_knee", "left_ankle"),
    ("right_knee", "right_ankle"),
)
_BONE_ENDS = np.array([[LANDMARK[a], LANDMARK[b]] for a, b in _BONES])
_LONGEST = 1.6
_UPPER = tuple(LANDMARK[name] for name in ("left_shoulder", "right_shoulder", "nose"))
_HEAD = tuple(LANDMARK[name] for name in ("nose", "left_ear", "right_ear"))
_HIPS = (LANDMARK["left_hip"], LANDMARK["right_hip"])
_END_SEEN = 0.3
_HANGING = 0.1
_LOWER = tuple(LANDMARK[name] for name in ("left_hip", "right_hip", "left_knee", "right_knee"))

# Adults (Drillis & Contini 1966, fractions of stature): trunk 0.288, thigh 0.245, shank 0.246, upper arm 0.186,
# forearm 0.146. Ratios to the trunk with room for children, loose clothes and the network's own error.
_TRUNK_RATIOS: tuple[tuple[str, str, float, float], ...] = (
    ("hip", "knee", 0.45, 1.5),
    ("knee", "ankle", 0.45, 1.5),
    ("shoulder", "elbow", 0.30, 1.1),
    ("elbow", "wrist", 0.25, 1.0),
)


def outside_picture(xy_px: Float[np.ndarray, "33 2"], width_px: int, height_px: int) -> Bool[np.ndarray, "33"]:
    """Landmarks that the picture cannot show, because they lie beyond its edge."""
    margin = _EDGE_MARGIN * max(width_px, height_px)
    x, y = xy_px[:, 0], xy_px[:, 1]
    return (x < -margin) | (y < -margin) | (x > width_px + margin) | (y > height_px + margin)


def trunk_implausible(xyz_m: Float[np.ndarray, "33 3"]) -> bool:
    """Whether the trunk's length fits neither the limbs' nor any adult's proportions, in space."""

    def length(one: str, other: str) -> float:
        ends = [(LANDMARK[f"{s}_{one}"], LANDMARK[f"{s}_{other}"]) for s in ("left", "right")]
        return float(np.mean([np.linalg.norm(xyz_m[a] - xyz_m[b]) for a, b in ends]))

    trunk = length("shoulder", "hip")
    if not 0.2 < trunk < 0.9:
        return True
    wrong = sum(not low < length(one, other) / trunk < high for one, other, low, high in _TRUNK_RATIOS)
    return wrong >= 2


def _trunk_has_an_end(confidence: Float[np.ndarray, "33"]) -> bool:
    """Whether head or hips are seen with the shoulders: two bare legs pass for arms, but nothing is at their ends."""
    return bool(max(confidence[list(_HEAD)].max(), confidence[list(_HIPS)].max()) >= _END_SEEN)


def _hangs_from_above(detection: Detection, confidence: Float[np.ndarray, "33"]) -> bool:
    """Whether a head hangs down from hips nobody sees: an arm that reaches into the picture passes for that.

    The hips of somebody who stoops so deeply are the highest part of them, and the last to be hidden.
    """
    hips, shoulders = list(_HIPS), list(_UPPER[:2])
    sinks_px = detection.xy_px[shoulders, 1].mean() - detection.xy_px[hips, 1].mean()
    return bool(confidence[hips].max() < _END_SEEN and sinks_px > _HANGING * detection.standing_height_px)


def overlong_bones(detection: Detection) -> Bool[np.ndarray, "33"]:
    """Main joints at the end of a bone that the picture shows far longer than it is in space."""
    ends = detection.xy_px[_BONE_ENDS]
    shown_px = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    space = detection.xyz_m[_BONE_ENDS][:, :, :2]  # across the line of sight: what the picture should show
    flat_m = np.linalg.norm(space[:, 0] - space[:, 1], axis=1)
    scale = np.median(shown_px / np.maximum(flat_m, 0.05))
    wrong = shown_px > _LONGEST * scale * np.maximum(flat_m, 0.12)
    doubtful = np.zeros(len(detection.confidence), bool)
    doubtful[_BONE_ENDS[wrong][:, 1]] = True
    return doubtful


def doubted(detection: Detection, width_px: int, height_px: int) -> Detection | None:
    """`detection` with the confidence of doubtful landmarks lowered, or None when too little of a body is left.

    Landmarks beyond the picture's edge and at the end of bones of impossible length fall to :data:`NOT_SEEN`. When
    the trunk's proportions are wrong, everything above the hips or below them does, whichever has less of it in the
    picture.
    """
    confidence = detection.confidence.copy()
    outside = outside_picture(detection.xy_px, width_px, height_px)
    confidence[outside | overlong_bones(detection)] = NOT_SEEN
    if not _trunk_has_an_end(confidence) or _hangs_from_above(detection, confidence):
        return None
    if trunk_implausible(detection.xyz_m):
        upper, lower = confidence[list(_UPPER)].mean(), confidence[list(_LOWER)].mean()
        hips = LANDMARK["left_hip"]
        made_up = np.arange(len(confidence)) < hips if upper <= lower else np.arange(len(confidence)) >= hips
        confidence[made_up] = NOT_SEEN
    result = replace(detection, confidence=confidence)
    head_seen = bool(
        confidence[list(_HEAD)].max() >= _END_SEEN
    )  # with both shoulders and one arm: somebody from the side
    if result.seen_joints + head_seen < _MIN_SEEN_JOINTS or not np.isfinite(result.xy_px).all():
        return None
    return result
