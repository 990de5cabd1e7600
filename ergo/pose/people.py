"""What the tracker remembers of each person: samples over time and a short memory of place, speed and size."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import LANDMARK, LANDMARK_COUNT, MAIN_JOINTS
from ergo.pose.boxes import Box
from ergo.pose.clothes import Colours
from ergo.pose.estimator import Detection
from ergo.pose.hands import HandSamples
from ergo.types import Keypoints

_FIRST_ROOM = 64
_COLUMNS = 6  # x, y in the picture, x, y, z in space, confidence
_TRUNK = [LANDMARK[f"{side}_{joint}"] for side in ("left", "right") for joint in ("shoulder", "hip")]
_VELOCITY_MEMORY_S = 0.4
_SIZE_MEMORY_S = 1.0
_COAST_S = 0.5
_LEAST_BOX = 0.4
_CLOTHES_SHARE = 0.1
_FASTEST = 4  # joints: a hand at work with its arm, or a leg


class Samples:
    """Detections of one person by picture number, in one float32 array that grows by doubling."""

    def __init__(self) -> None:
        self._rows = np.empty((_FIRST_ROOM, LANDMARK_COUNT, _COLUMNS), np.float32)
        self._frames = np.empty(_FIRST_ROOM, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def span(self) -> tuple[int, int]:
        """Numbers of the first and the last picture with a sample; there must be one."""
        return int(self._frames[0]), int(self._frames[self._count - 1])

    def extend(self, later: Samples) -> None:
        """Add the samples of pictures after the last one."""
        self._rows = np.concatenate([self._rows[: self._count], later._rows])
        self._frames = np.concatenate([self._frames[: self._count], later._frames])
        self._count += later._count

    def put(self, frame: int, detection: Detection, scale: float, skipped: float | None = None) -> None:
        """Add the detection of picture number `frame`; `scale` is the picture's pixels per displayed pixel.

        When nobody looked at the picture before, `skipped` says where in time it lies between its neighbours, 0 to 1;
        it is filled in if the earlier one has a sample.
        """
        row = np.empty((LANDMARK_COUNT, _COLUMNS), np.float32)
        row[:, :2] = detection.xy_px / scale
        row[:, 2:5] = detection.xyz_m
        row[:, 5] = detection.confidence
        if skipped is not None and self._count and self._frames[self._count - 1] == frame - 2:
            earlier = self._rows[self._count - 1]
            self._append(frame - 1, earlier + np.float32(skipped) * (row - earlier))
        self._append(frame, row)

    def hold(self) -> None:
        """Take the picture after the last sample to be like it."""
        self._append(int(self._frames[self._count - 1]) + 1, self._rows[self._count - 1])

    def _append(self, frame: int, row: Float[np.ndarray, "33 6"]) -> None:
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
            self._frames = np.concatenate([self._frames, np.empty_like(self._frames)])
        self._rows[self._count] = row
        self._frames[self._count] = frame
        self._count += 1

    def keypoints(self, timestamps_s: Float[np.ndarray, "T"], track_id: int) -> Keypoints:
        """The samples on the common time grid, NaN where there are none."""
        dense = np.full((len(timestamps_s), LANDMARK_COUNT, _COLUMNS), np.nan, np.float32)
        dense[self._frames[: self._count]] = self._rows[: self._count]
        return Keypoints(
            xy_px=dense[..., :2].copy(),
            xyz_m=dense[..., 2:5].copy(),
            confidence=dense[..., 5].copy(),
            timestamps_s=timestamps_s,
            track_id=track_id,
        )


@dataclass(slots=True, eq=False)
class Person:
    """One person being followed; `number` is unique in the video and never used again.

    `pace` is how fast the fastest joints moved at the last look, in sizes a second; infinite before the second one.
    """

    number: int
    last: Detection
    last_s: float
    size_px: float  # standing height
    samples: Samples = field(default_factory=Samples)
    hands: HandSamples = field(default_factory=HandSamples)
    velocity_px_s: Float[np.ndarray, "2"] = field(default_factory=lambda: np.zeros(2))
    pace: float = np.inf
    clothes: Colours = field(default_factory=lambda: np.full(6, np.nan))
    first: Detection = field(init=False)
    first_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.first_s = self.last, self.last_s

    def see(self, detection: Detection, time_s: float) -> None:
        """Take in where the person is now: place, size and a velocity smoothed over 0.4 s."""
        elapsed_s = time_s - self.last_s
        if elapsed_s > 0:
            step_px = (detection.xy_px[_TRUNK] - self.last.xy_px[_TRUNK]).mean(axis=0)
            share = min(elapsed_s / _VELOCITY_MEMORY_S, 1.0)
            self.velocity_px_s = self.velocity_px_s + share * (step_px / elapsed_s - self.velocity_px_s)
            moved_px = np.linalg.norm(detection.xy_px - self.last.xy_px, axis=1)[list(MAIN_JOINTS)]
            self.pace = float(np.sort(moved_px)[-_FASTEST:].mean()) / (self.size_px * elapsed_s)
            share = min(elapsed_s / _SIZE_MEMORY_S, 1.0)
            self.size_px += share * (detection.standing_height_px - self.size_px)
        self.last, self.last_s = detection, time_s

    def wear(self, seen: Colours) -> None:
        """Take in the colours of the clothes, to be called while nobody stands in front."""
        moved = np.where(np.isfinite(seen), self.clothes + _CLOTHES_SHARE * (seen - self.clothes), self.clothes)
        self.clothes = np.where(np.isfinite(self.clothes), moved, seen)

    def go_on_as(self, later: Person) -> None:
        """Take over what was seen of `later`, who turned out to be the same person."""
        self.samples.extend(later.samples)
        self.hands.extend(later.hands)
        self.last, self.last_s, self.size_px = later.last, later.last_s, later.size_px

    def keypoints(self, timestamps_s: Float[np.ndarray, "T"], *, hands: bool) -> Keypoints:
        """Everything seen of the person on the common time grid, with what was read of the hands when they were."""
        points = self.samples.keypoints(timestamps_s, self.number)
        return replace(points, hands=self.hands.hands(timestamps_s)) if hands else points

    def expected(self, time_s: float) -> Detection:
        """The last skeleton moved on at constant velocity, for half a second at most."""
        coast_s = min(time_s - self.last_s, _COAST_S)
        offset = (self.velocity_px_s * coast_s).astype(np.float32)
        return replace(self.last, xy_px=self.last.xy_px + offset)

    def expected_box(self, time_s: float) -> Box:
        """The box of :meth:`expected`, a square of two fifths of the person's height at least."""
        box = self.expected(time_s).box
        least = _LEAST_BOX * self.size_px
        if box.side_px >= least:
            return box
        x, y = box.centre_px
        return Box(x - least / 2, y - least / 2, least, least)
