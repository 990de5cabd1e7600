"""What a pose estimator is, whichever network is inside."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import MAIN_JOINTS
from ergo.pose.boxes import Box
from ergo.types import checked

STATURE_M = 1.7
_VISIBLE = 0.3


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One person in one picture: the 33 landmarks of :mod:`ergo.body.landmarks`.

    `xy_px` in pixels of the picture given (may lie outside it), `xyz_m` camera-aligned metres about the hips
    (X right, Y down, Z away), `confidence` 0–1.
    """

    xy_px: Float[np.ndarray, "33 2"]
    xyz_m: Float[np.ndarray, "33 3"]
    confidence: Float[np.ndarray, "33"]

    @property
    def box(self) -> Box:
        """Box of the landmarks that were seen; of all, when hardly any was."""
        seen = self.confidence >= _VISIBLE
        return Box.around(self.xy_px[seen] if seen.sum() >= 4 else self.xy_px)

    @property
    def standing_height_px(self) -> float:
        """How tall the person would stand here: 1.7 m at the pixels a metre takes. Bending down changes nothing."""
        flat_px = self.xy_px - self.xy_px.mean(axis=0)
        flat_m = self.xyz_m[:, :2] - self.xyz_m[:, :2].mean(axis=0)
        return STATURE_M * float(np.linalg.norm(flat_px) / max(float(np.linalg.norm(flat_m)), 0.1))

    @property
    def seen_joints(self) -> int:
        """How many of the twelve main joints were seen."""
        return int((self.confidence[list(MAIN_JOINTS)] >= _VISIBLE).sum())


class Estimator(Protocol):
    """Finds people in pictures of one video, given in order of time.

    Used as a context manager; `close` gives its memory back. Not to be shared between threads.
    """

    def estimate(
        self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, *, thorough: bool = False
    ) -> tuple[Detection, ...]:
        """Everybody in the picture, in no particular order; nothing is remembered from earlier pictures.

        A thorough search may take several times as long and find smaller or half-hidden people; the same person
        may come up twice.
        """
        ...

    def follow(self, person: int, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, near: Box) -> Detection | None:
        """The one person expected about the box `near`, or None when nobody is found there.

        `person` is any number that stays with the person: the estimator may remember where they were.
        """
        ...

    def forget(self, person: int) -> None:
        """Drop what is remembered of `person` (lost, or found to be somebody else)."""
        ...

    def close(self) -> None:
        """Give back the networks' memory; the estimator cannot be used afterwards."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
