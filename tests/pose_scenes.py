"""Made-up people in made-up pictures: skeletons with known identity, and an estimator that sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ergo.body.landmarks import LANDMARK, LANDMARK_COUNT
from ergo.pose.boxes import Box
from ergo.pose.estimator import Detection
from ergo.types import VideoInfo
from ergo.video.limits import Frame

WIDTH_PX, HEIGHT_PX = 1280, 720

_HALF = {  # left side of a standing adult, metres about the hips, Y down
    "shoulder": (0.18, -0.50, 0.0),
    "elbow": (0.22, -0.22, 0.0),
    "wrist": (0.24, 0.03, -0.05),
    "pinky": (0.25, 0.10, -0.05),
    "index": (0.23, 0.11, -0.06),
    "thumb": (0.22, 0.07, -0.07),
    "hip": (0.10, 0.0, 0.0),
    "knee": (0.11, 0.42, 0.0),
    "ankle": (0.12, 0.84, 0.02),
    "heel": (0.12, 0.88, 0.05),
    "foot_index": (0.14, 0.90, -0.12),
    "ear": (0.07, -0.72, 0.0),
    "eye": (0.03, -0.74, -0.08),
    "eye_inner": (0.02, -0.74, -0.09),
    "eye_outer": (0.04, -0.74, -0.08),
}


def standing() -> np.ndarray:
    """float32[33, 3]: an adult facing the camera, arms hanging; the person's left is at +X."""
    xyz_m = np.zeros((LANDMARK_COUNT, 3), np.float32)
    for name, (x, y, z) in _HALF.items():
        xyz_m[LANDMARK[f"left_{name}"]] = x, y, z
        xyz_m[LANDMARK[f"right_{name}"]] = -x, y, z
    xyz_m[LANDMARK["nose"]] = 0.0, -0.70, -0.1
    xyz_m[LANDMARK["mouth_left"]] = 0.02, -0.66, -0.08
    xyz_m[LANDMARK["mouth_right"]] = -0.02, -0.66, -0.08
    return xyz_m


def detection(
    x_px: float, y_px: float = 380.0, *, px_per_m: float = 200.0, xyz_m: np.ndarray | None = None
) -> Detection:
    """A person whose hips are at the given pixel."""
    body = standing() if xyz_m is None else xyz_m.astype(np.float32)
    return Detection(
        xy_px=(np.array([x_px, y_px]) + body[:, :2] * px_per_m).astype(np.float32),
        xyz_m=body,
        confidence=np.full(LANDMARK_COUNT, 0.95, np.float32),
    )


Scene = Callable[[int], list[Detection]]


@dataclass
class SceneEstimator:
    """Sees the people of a scene with some noise, in any order, each as often as told.

    A follower finds whoever is nearest to where it looks, as the real one does: telling people apart is left to
    the tracker.
    """

    scene: Scene
    rate_hz: float = 10.0
    noise_px: float = 0.0
    copies: int = 1
    seed: int = 0
    searches: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def _look(self, timestamp_s: float) -> list[Detection]:
        people = [p for p in self.scene(round(timestamp_s * self.rate_hz)) for _ in range(self.copies)]
        noisy = []
        for index in self._random.permutation(len(people)):
            one = people[int(index)]
            shake = self._random.normal(0, self.noise_px, one.xy_px.shape).astype(np.float32)
            noisy.append(Detection(xy_px=one.xy_px + shake, xyz_m=one.xyz_m, confidence=one.confidence))
        return noisy

    def estimate(self, rgb: np.ndarray, timestamp_s: float, *, thorough: bool = False) -> tuple[Detection, ...]:
        self.searches += 1
        return tuple(self._look(timestamp_s))

    def follow(self, person: int, rgb: np.ndarray, timestamp_s: float, near: Box) -> Detection | None:
        def apart(found: Detection) -> float:
            return float(np.hypot(*np.subtract(found.box.centre_px, near.centre_px)))

        people = [p for p in self._look(timestamp_s) if apart(p) < near.side_px]
        return min(people, key=apart, default=None)

    def forget(self, person: int) -> None:
        pass

    def close(self) -> None:
        pass

    def __enter__(self) -> SceneEstimator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def frames(count: int, rate_hz: float = 10.0, scale: float = 1.0) -> Iterator[Frame]:
    """Empty pictures at an even rate."""
    rgb = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for index in range(count):
        yield Frame(index=3 * index, timestamp_s=index / rate_hz, rgb=rgb, scale=scale)


def info(count: int = 100, rate_hz: float = 10.0) -> VideoInfo:
    """The video those pictures come from."""
    return VideoInfo(
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        rotation_deg=0,
        duration_s=count / rate_hz,
        fps=rate_hz,
        frame_count=count,
        codec="h264",
        timestamps_s=np.arange(count) / rate_hz,
    )
