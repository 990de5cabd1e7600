"""Finds faces in a square of the picture, with MediaPipe's BlazeFace for far faces.

The Tasks API's FaceDetector knows the anchors of the network for near faces only. So the network is run as one that
describes pictures: what comes out are its raw boxes and scores, 48 × 48 of them.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

from ergo.closing import Closing
from ergo.pose.mediapipe_image import mediapipe_image
from ergo.pose.models import model_path
from ergo.pose.native_log import without_chatter

PICTURE_PX = 192
"""Side of the network's input: it finds faces of 8 to 120 of these pixels."""
_MODEL = "face_detector_full_range.tflite"
_CELLS = 48
_SAME = 0.3
"""Boxes that share this much of what they cover together are of one face."""


class FaceFinder(Closing):
    """The face network, to be closed by whoever opened it.

    Raises:
        ModelError: the model file is missing or damaged.
    """

    def __init__(self) -> None:
        path = model_path(_MODEL)
        with without_chatter():
            from mediapipe.tasks.python import BaseOptions, vision  # noqa: PLC0415  heavy, and only needed here

            self._task = vision.ImageEmbedder.create_from_options(
                vision.ImageEmbedderOptions(base_options=BaseOptions(model_asset_path=str(path)))
            )
            self.find(np.zeros((PICTURE_PX, PICTURE_PX, 3), np.uint8), 1.0)  # further log lines come with the first

    def find(self, rgb: UInt8[np.ndarray, "192 192 3"], least: float) -> Float[np.ndarray, "N 4"]:
        """Middle, side and score (0–1, `least` at least) of each face, in pixels of the picture; best first."""
        answer = self._task.embed(mediapipe_image(rgb))
        boxes, scores = (np.asarray(each.embedding, dtype=float) for each in answer.embeddings)
        score = 1.0 / (1.0 + np.exp(-np.clip(scores, -50.0, 50.0)))
        cells = np.flatnonzero(score >= least)
        boxes = boxes.reshape(_CELLS**2, -1)[cells]
        row, column = np.divmod(cells, _CELLS)
        middle = (np.column_stack([column, row]) + 0.5) * (PICTURE_PX / _CELLS) + boxes[:, :2]
        return _apart(np.column_stack([middle, boxes[:, 2:4].mean(axis=1), score[cells]]))

    def close(self) -> None:
        """Close the network; otherwise the runtime complains when Python ends."""
        self._task.close()


def _apart(faces: Float[np.ndarray, "N 4"]) -> Float[np.ndarray, "M 4"]:
    """The best of each heap of overlapping squares."""
    left = faces[np.argsort(-faces[:, 3], kind="stable")]
    kept = [np.zeros((0, 4))]
    while len(left):
        best = left[:1]
        side = np.minimum(best[:, 2], left[:, 2]), (best[:, 2] + left[:, 2]) / 2
        shared = np.clip(np.minimum(side[1][:, None] - np.abs(left[:, :2] - best[:, :2]), side[0][:, None]), 0, None)
        common = shared.prod(axis=1)
        share = common / np.maximum(best[:, 2] ** 2 + left[:, 2] ** 2 - common, 1e-9)
        kept.append(best)
        left = left[1:][share[1:] < _SAME]
    return np.concatenate(kept)
