"""How far apart two skeletons are, and which of two pictures' people belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

from ergo.body.landmarks import LANDMARK, MAIN_JOINTS
from ergo.pose.estimator import Detection

_JOINTS = [LANDMARK["nose"], *MAIN_JOINTS]
_HEAD = [LANDMARK["nose"], LANDMARK["left_shoulder"], LANDMARK["right_shoulder"]]
_NEVER = 1e6

# Distances in body sizes (see skeleton_distance).
_SAME_BODY = 0.12
_SAME_HEAD = 0.06
_MAYBE_SAME_HEAD = 0.1
_MAYBE_SAME = 0.3
_MAYBE_SAME_OVERLAP = 0.6
_PART_SIZE, _PART_INSIDE = 0.6, 0.6
_DOUBTFUL_INSIDE = 0.75
_LEAST_WEIGHT = 0.05


def skeleton_distance(
    a_px: Float[np.ndarray, "33 2"],
    b_px: Float[np.ndarray, "33 2"],
    weights: Float[np.ndarray, "33"],
    size_px: float,
) -> float:
    """Mean distance of nose and main joints, in body sizes.

    The idea of object keypoint similarity (COCO: distances over the object's scale), kept linear so that it still
    tells near from far when two skeletons do not overlap.
    """
    weight = np.maximum(weights[_JOINTS], _LEAST_WEIGHT)
    apart_px = np.linalg.norm(a_px[_JOINTS] - b_px[_JOINTS], axis=1)
    return float((weight * apart_px).sum() / (weight.sum() * max(size_px, 1.0)))


def detection_distance(one: Detection, other: Detection) -> float:
    """:func:`skeleton_distance` of two detections of one picture, over the larger of their sizes."""
    size_px = max(one.box.side_px, other.box.side_px)
    return skeleton_distance(one.xy_px, other.xy_px, np.minimum(one.confidence, other.confidence), size_px)


def assign(
    cost: Float[np.ndarray, "rows columns"], gate: Float[np.ndarray, "rows"] | float
) -> tuple[tuple[int, int], ...]:
    """The pairs (row, column) of least total cost, no pair dearer than its row's gate.

    As many pairs as the gates allow are made; among those the cheapest.
    """
    if cost.size == 0:
        return ()
    allowed = cost <= np.broadcast_to(np.asarray(gate, float), (len(cost),))[:, None]
    rows, columns = linear_sum_assignment(np.where(allowed, cost, _NEVER))
    return tuple((int(r), int(c)) for r, c in zip(rows, columns, strict=True) if allowed[r, c])


def same_body(one: Detection, other: Detection) -> bool:
    """Whether two detections of one picture are the same person, but for the network's error.

    Nose and shoulders alone decide, too: behind a desk the network draws the hidden legs differently each time.
    """
    return detection_distance(one, other) <= _SAME_BODY or _head_distance(one, other) <= _SAME_HEAD


def _head_distance(one: Detection, other: Detection) -> float:
    apart_px = np.linalg.norm(one.xy_px[_HEAD] - other.xy_px[_HEAD], axis=1).mean()
    return float(apart_px) / max(one.standing_height_px, other.standing_height_px, 1.0)


def _belief(detection: Detection) -> float:
    """Mean confidence of nose and main joints."""
    return float(detection.confidence[_JOINTS].mean())


def newcomers(found: Sequence[Detection], known: Sequence[Detection]) -> tuple[Detection, ...]:
    """Those of `found` that can only be people other than the `known` and each other.

    Left out are skeletons near a known one, boxes that mostly agree with a known person's, small skeletons within a
    large one, and doubtful ones within that of somebody better seen: searches of parts of a picture take a foot, a
    hand or what is held in it for a distant person. Large ones that are well seen come first.
    """
    everybody = list(known)
    fresh: list[Detection] = []
    for detection in sorted(found, key=lambda d: -d.box.side_px * _belief(d)):
        if not any(_may_be_part_of(detection, other) for other in everybody):
            everybody.append(detection)
            fresh.append(detection)
    return tuple(fresh)


def _may_be_part_of(detection: Detection, other: Detection) -> bool:
    box, larger = detection.box, other.box
    return (
        detection_distance(detection, other) <= _MAYBE_SAME
        or _head_distance(detection, other) <= _MAYBE_SAME_HEAD
        or box.overlap(larger) >= _MAYBE_SAME_OVERLAP
        or (box.side_px < _PART_SIZE * larger.side_px and box.share_inside(larger) > _PART_INSIDE)
        or (_belief(detection) < _belief(other) and box.share_inside(larger) > _DOUBTFUL_INSIDE)
    )
