"""From pictures to networks and from networks to people: the arithmetic of BlazePose around its two networks.

The detector says where somebody is: a box, a point between the hips, and a point above whose distance tells the size
and whose direction is up. The landmark network looks at an upright square about that, and says where landmarks are in
it, how sure it is, and two more points that aim the next look. All of it as MediaPipe's graphs do (Apache-2.0,
``pose_detector_graph.cc``, ``pose_landmarks_detector_graph.cc`` and the calculators they name), with the same OpenCV
calls where pixels are concerned, in plain functions over arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, UInt8

DETECTOR_PX = 224
LANDMARKS_PX = 256
"""Sides of the pictures that the two networks see."""
LANDMARKS = 33

_GRIDS = ((8, 2), (16, 2), (32, 6))  # one anchor for each layer of that stride
_SCORE_LIMIT = 100.0
_SAME_PERSON = 0.5
_ROOM = 1.25
_HEAT_WINDOW = 7
_SURE_ENOUGH = 0.5

Edge: TypeAlias = Literal["black", "stretched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A square of the picture: its middle and side in pixels, and the turn of its contents, clockwise positive."""

    centre_px: Float[np.ndarray, "2"]
    side_px: float
    turn_rad: float = 0.0

    @property
    def axes(self) -> Float[np.ndarray, "2 2"]:
        """Columns: where the square's right and its down point in the picture."""
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.array([[cos, -sin], [sin, cos]])

    def to_picture(self, xy: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "N 2"]:
        """Pixels of the picture for places in the square, 0 to 1 from its left upper corner."""
        return self.centre_px + (xy - 0.5) @ self.axes.T * self.side_px


def whole(width_px: int, height_px: int) -> Region:
    """The square that just holds the whole picture."""
    return Region(centre_px=np.array([width_px / 2, height_px / 2]), side_px=float(max(width_px, height_px)))


def region_about(centre_px: Float[np.ndarray, "2"], above_px: Float[np.ndarray, "2"]) -> Region:
    """The square about somebody whose middle is the one point and whose size and upright the other point tells."""
    along = above_px.astype(float) - centre_px
    return Region(
        centre_px=centre_px.astype(float),
        side_px=2 * _ROOM * float(np.linalg.norm(along)),
        turn_rad=float(np.arctan2(along[0], -along[1])),
    )


def cut_out(rgb: UInt8[np.ndarray, "H W 3"], region: Region, side_px: int, edge: Edge) -> UInt8[np.ndarray, "S S 3"]:
    """The square as an upright picture of `side_px`; beyond the picture's edge it is black, or its last pixels.

    Places are rounded to 1/32 px, as ``warpPerspective`` of OpenCV 4 does inside MediaPipe. That of OpenCV 5 no longer
    does, which moves landmarks by up to a few pixels where the network is in doubt.
    """
    import cv2  # noqa: PLC0415  only where networks run in torch

    right, down = (region.axes * region.side_px / side_px).T
    corner = region.centre_px - region.axes @ np.full(2, region.side_px / 2)
    count = np.arange(side_px)
    x, y = ((corner[k] + count * right[k] + (count * down[k])[:, None]).astype(np.float32) for k in (0, 1))
    pixels, shares = cv2.convertMaps(x, y, cv2.CV_16SC2)
    beyond = cv2.BORDER_CONSTANT if edge == "black" else cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(rgb, pixels, shares, cv2.INTER_LINEAR, borderMode=beyond), np.uint8)


def anchors() -> Float[np.ndarray, "2254 2"]:
    """The places that the detector's rows speak about, 0 to 1, in their order."""
    rows = []
    for stride, layers in _GRIDS:
        steps = (np.arange(DETECTOR_PX // stride) + 0.5) * stride / DETECTOR_PX
        y, x = np.meshgrid(steps, steps, indexing="ij")
        rows.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), layers, axis=0))
    return np.concatenate(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the detector takes for people, best first, in the detector's square, 0 to 1: box corners, points, scores.

    Of the four points the first is between the hips; the second tells size and upright.
    """

    boxes: Float[np.ndarray, "N 4"]
    points: Float[np.ndarray, "N 4 2"]
    scores: Float[np.ndarray, "N"]


def candidates(
    rows: Float[np.ndarray, "2254 12"],
    logits: Float[np.ndarray, "2254"],
    least: float,
    about: Float[np.ndarray, "2254 2"],
) -> Candidates:
    """What the detector says of at least `least` confidence about its anchors, best first."""
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(float), -_SCORE_LIMIT, _SCORE_LIMIT)))
    kept = np.flatnonzero((scores >= least) & (rows[:, 2:4] >= 0).all(axis=1))
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    places = rows[kept].astype(float).reshape(-1, 6, 2) / DETECTOR_PX
    middles, sizes, points = places[:, 0] + about[kept], places[:, 1], places[:, 2:] + about[kept, None]
    boxes = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
    return Candidates(boxes=boxes, points=points, scores=scores[kept])


def merged(found: Candidates) -> Candidates:
    """One candidate for each person: the best, averaged with those that overlap it by half, weighted by score."""
    rest = np.arange(len(found.scores))
    boxes, points, scores = [], [], []
    while len(rest):
        same = _overlap(found.boxes[rest], found.boxes[rest[0]]) > _SAME_PERSON
        together = rest[same] if same.any() else rest[:1]
        weights = found.scores[together] / found.scores[together].sum()
        boxes.append(np.tensordot(weights, found.boxes[together], 1))
        points.append(np.tensordot(weights, found.points[together], 1))
        scores.append(found.scores[rest[0]])
        if not same.any():  # a box without area overlaps nothing, itself included: there MediaPipe stops
            break
        rest = rest[~same]
    return Candidates(
        boxes=np.array(boxes).reshape(-1, 4),
        points=np.array(points).reshape(-1, 4, 2),
        scores=np.array(scores, dtype=float),
    )


def _overlap(boxes: Float[np.ndarray, "N 4"], box: Float[np.ndarray, "4"]) -> Float[np.ndarray, "N"]:
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    shared = np.clip(sides, 0, None).prod(axis=1)
    joint = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod() - shared
    return np.divide(shared, joint, out=np.zeros(len(boxes)), where=joint > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the landmark network saw in one region: landmarks in pixels of the picture and in metres, confidences
    (of being visible and of being in the picture), and the region for the next look."""

    xy_px: Float[np.ndarray, "33 2"]
    xyz_m: Float[np.ndarray, "33 3"]
    visibility: Float[np.ndarray, "33"]
    presence: Float[np.ndarray, "33"]
    next_region: Region


def decoded(
    raw: Float[np.ndarray, "39 5"],
    heat: Float[np.ndarray, "64 64 39"],
    world: Float[np.ndarray, "39 3"],
    region: Region,
) -> Look:
    """Landmarks in the picture from what the network says about `region`."""
    xy = refined(raw[:, :2].astype(float) / LANDMARKS_PX, heat)
    points_px = region.to_picture(xy)
    space = world[:LANDMARKS].astype(float)
    space[:, :2] = space[:, :2] @ region.axes.T
    sure = 1 / (1 + np.exp(-raw[:LANDMARKS, 3:].astype(float)))
    return Look(
        xy_px=points_px[:LANDMARKS],
        xyz_m=space,
        visibility=sure[:, 0],
        presence=sure[:, 1],
        next_region=region_about(points_px[LANDMARKS], points_px[LANDMARKS + 1]),
    )


def refined(xy: Float[np.ndarray, "39 2"], heat: Float[np.ndarray, "64 64 39"]) -> Float[np.ndarray, "39 2"]:
    """Landmarks moved to the middle of the heat about them, where the heat is sure of them; places are 0 to 1."""
    height, width, _ = heat.shape
    reach = _HEAT_WINDOW // 2
    columns, rows = np.trunc(xy * [width, height]).astype(int).T  # towards zero, as C does
    inside = (columns >= 0) & (columns < width) & (rows >= 0)  # MediaPipe lets those just below the square pass
    steps = np.arange(-reach, reach + 1)
    x = columns[:, None, None] + steps[None, None, :]
    y = rows[:, None, None] + steps[None, :, None]
    here = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    marks = np.arange(len(xy))[:, None, None]
    logits = heat[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1), marks].astype(float)
    weight = np.where(here, 1 / (1 + np.exp(-logits)), 0.0)
    total = weight.sum(axis=(1, 2))
    sure = inside & (weight.max(axis=(1, 2)) >= _SURE_ENOUGH)
    total = np.where(total > 0, total, 1.0)
    middle = np.stack([(weight * x).sum(axis=(1, 2)) / width, (weight * y).sum(axis=(1, 2)) / height], axis=1)
    return np.where(sure[:, None], middle / total[:, None], xy)
