"""How far apart two skeletons are, and which of two pictures' people belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment

from ergo.pose.estimator import Detection
from ergo.pose.landmarks import LANDMARK, MAIN_JOINTS

_JOINTS = [LANDMARK["nose"], *MAIN_JOINTS]
_NEVER = 1e6
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


def maybe_same_body(one: Detection, other: Detection, closer_than: float, overlap: float) -> bool:
    """Whether two detections of one picture may be the same person: near skeletons, or boxes that mostly agree."""
    return detection_distance(one, other) <= closer_than or one.box.overlap(other.box) >= overlap


def without_duplicates(found: Sequence[Detection], closer_than: float, overlap: float) -> tuple[Detection, ...]:
    """The detections without what may be second sightings; of two, the more confident one stays."""
    order: Int[np.ndarray, "N"] = np.argsort([-float(d.confidence.mean()) for d in found], kind="stable")
    kept: list[Detection] = []
    for index in order:
        if not any(maybe_same_body(found[index], other, closer_than, overlap) for other in kept):
            kept.append(found[index])
    return tuple(kept)
