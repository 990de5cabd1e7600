"""BlazePose in torch, for machines with a GPU: the networks of the very bundles that MediaPipe runs elsewhere.

What MediaPipe's runtime does around its networks is in :mod:`ergo.pose.blazepose` and :mod:`ergo.pose.smoothing`.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from ergo.pose.blazepose import (
    DETECTOR_PX,
    LANDMARKS_PX,
    Look,
    Region,
    anchors,
    candidates,
    cut_out,
    decoded,
    merged,
    region_about,
    whole,
)
from ergo.pose.estimator import Detection
from ergo.pose.following import PRESENCE_CONFIDENCE, FollowingEstimator, Mode
from ergo.pose.models import model_path
from ergo.pose.settings import ModelSize, PoseSettings
from ergo.pose.smoothing import LandmarkSmoother
from ergo.pose.tflite_file import read_bundle
from ergo.pose.torch_network import Network

_DETECTOR, _LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
_MARKS, _PRESENCE, _HEAT, _WORLD = 0, 1, 3, 4  # outputs of the landmark network; 2 is the silhouette


def open_torch(settings: PoseSettings, device: str) -> FollowingEstimator:
    """The estimator of the size the settings ask for, on ``cpu`` or ``cuda``.

    Raises:
        ModelError: a model file is missing, damaged or not understood, or the GPU cannot take it.
    """
    networks = Networks(device)
    networks.landmarks(settings.model)  # before other threads use the GPU

    def opener(model: ModelSize, mode: Mode, people: int, confidence: float) -> TorchLandmarker:
        return TorchLandmarker(networks, model, mode, people, confidence)

    return FollowingEstimator(settings, opener)


class Networks:
    """The networks of one estimator on one device, each loaded when it is first asked for and shared from then on.

    Args:
        device: ``cpu`` or ``cuda``.
        half: landmark networks compute in half precision.
        options: further ones of :class:`~ergo.pose.torch_network.Network`.

    Raises:
        ModelError: on use, when a model file is missing, damaged or not understood.
    """

    def __init__(self, device: str, *, half: bool = False, **options: bool) -> None:
        self._device, self._half, self._options = device, half, options
        self._landmarks: dict[ModelSize, Network] = {}
        self._detector: Network | None = None
        self.anchors = anchors()

    def detector(self) -> Network:
        """The person detector, the same in all bundles: boxes and scores."""
        if self._detector is None:
            graph = read_bundle(model_path("pose_landmarker_lite.task"), _DETECTOR)
            # It sees −1…1. In half precision a weak score may fall on the other side of the bar: it stays in float32.
            self._detector = Network(graph, (0, 1), self._device, scale=2 / 255, offset=-1.0, **self._options)
        return self._detector

    def landmarks(self, size: ModelSize) -> Network:
        """The landmark network of a size: landmarks, presence, heat maps, landmarks in metres."""
        if size not in self._landmarks:
            graph = read_bundle(model_path(f"pose_landmarker_{size}.task"), _LANDMARKS)
            wanted = (_MARKS, _PRESENCE, _HEAT, _WORLD)
            self._landmarks[size] = Network(
                graph, wanted, self._device, scale=1 / 255, half=self._half, **self._options
            )
        return self._landmarks[size]


class TorchLandmarker:
    """A detector and a landmark network, as :class:`~ergo.pose.following.Landmarker` wants them."""

    def __init__(self, networks: Networks, model: ModelSize, mode: Mode, people: int, confidence: float) -> None:
        self._anchors = networks.anchors
        self._detector, self._landmarks = networks.detector(), networks.landmarks(model)
        self._people, self._confidence = people, confidence
        self._smoother = LandmarkSmoother() if mode == "VIDEO" else None
        self._region: Region | None = None
        self._last_ms = -1

    def detect(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float) -> tuple[Detection, ...]:
        """Whom the networks see; in video mode where they saw them last, if they did."""
        rgb = np.ascontiguousarray(rgb)
        if self._smoother is None:
            looks = [self._look(rgb, region) for region in self._search(rgb)]
            return tuple(_detection(look.xy_px, look.xyz_m, look.visibility, look.presence) for look in looks if look)
        self._last_ms = max(self._last_ms + 1, round(timestamp_s * 1000))
        regions = [self._region] if self._region is not None else self._search(rgb)
        look = self._look(rgb, regions[0]) if regions else None
        self._region = None if look is None else look.next_region
        if look is None:
            self._smoother.lost()
            return ()
        smooth = self._smoother(look, self._last_ms)
        return (_detection(smooth.xy_px, smooth.xyz_m, smooth.visibility, look.presence),)

    def _search(self, rgb: UInt8[np.ndarray, "H W 3"]) -> list[Region]:
        square = whole(rgb.shape[1], rgb.shape[0])
        rows, logits = self._detector(cut_out(rgb, square, DETECTOR_PX, "black"))
        found = merged(candidates(rows[0], logits[0, :, 0], self._confidence, self._anchors))
        points_px = [square.to_picture(points[:2]) for points in found.points[: self._people]]
        return [region_about(centre, above) for centre, above in points_px]

    def _look(self, rgb: UInt8[np.ndarray, "H W 3"], region: Region) -> Look | None:
        marks, presence, heat, world = self._landmarks(cut_out(rgb, region, LANDMARKS_PX, "stretched"))
        if not presence[0, 0] > PRESENCE_CONFIDENCE:
            return None
        return decoded(marks.reshape(39, 5), heat[0], world.reshape(39, 3), region)

    def close(self) -> None:
        """Nothing is held but memory, which goes with the networks."""


def _detection(xy_px: np.ndarray, xyz_m: np.ndarray, visibility: np.ndarray, presence: np.ndarray) -> Detection:
    return Detection(
        xy_px=xy_px.astype(np.float32),
        xyz_m=xyz_m.astype(np.float32),
        confidence=np.minimum(visibility, presence).clip(0.0, 1.0).astype(np.float32),
    )
