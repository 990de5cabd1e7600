"""How the picture's points move from one sampled frame to the next, kept small, for telling a moving camera.

Frames pass by once, so matches are collected on the way; whose points were people is known only afterwards, and so
the camera's turn is worked out later (:mod:`ergo.fitting.camera_motion`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from ergo.video.limits import Frame

_LONG_SIDE_PX = 320
_CORNERS = 80
_QUIET = 4.0
"""Median change of grey at the corners, out of 255, below which the picture has not moved against its key."""
_FAR = 0.12
"""Median shift since the key picture, in long sides, after which a new key is taken."""
_FEW = 0.5
"""Share of matched corners below which a new key is taken …"""
_LOST = 0.3
"""… and below which, with a picture that looks different as a whole, the shot was cut."""
_ALIKE = 0.6
"""Correlation of two tiny pictures below which they look different as a whole."""
_MOST_BACK_PX = 0.7
"""Corners that do not come back this exactly when followed backwards are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Corners of a key picture found again in a later one.

    `key` is the number of the key picture among the sampled frames; `key_px` and `now_px` are in pixels of the
    displayed video. None of both when nothing moved. `cut` says that a new shot begins with this picture.
    """

    key: int
    key_px: Float[np.ndarray, "N 2"] | None = None
    now_px: Float[np.ndarray, "N 2"] | None = None
    cut: bool = False


class BackgroundWatcher:
    """Follows corners through the frames that pass by; `matches` has one entry a frame afterwards."""

    def __init__(self) -> None:
        self.matches: list[Matches] = []
        self._key: _Key | None = None
        self._last: tuple[int, UInt8[np.ndarray, "h w"]] | None = None

    def watch(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The same frames."""
        for frame in frames:
            self._add(frame)
            yield frame

    def _add(self, frame: Frame) -> None:
        shrink = min(1.0, _LONG_SIDE_PX / max(frame.rgb.shape))
        size = (round(frame.rgb.shape[1] * shrink), round(frame.rgb.shape[0] * shrink))
        grey = cv2.resize(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
        number = len(self.matches)
        if self._key is None or self._last is None:
            self._key = _Key(number, grey)
            self.matches.append(Matches(key=number))
        else:
            px = frame.scale * size[0] / frame.rgb.shape[1]
            self.matches.append(self._match(self._key, self._last, number, grey, px))
        self._last = (number, grey)

    def _match(
        self,
        key: _Key,
        last: tuple[int, UInt8[np.ndarray, "h w"]],
        number: int,
        grey: UInt8[np.ndarray, "h w"],
        scale: float,
    ) -> Matches:
        if key.quiet(grey):
            return Matches(key=key.number)
        here, there = key.follow(grey)
        if key.number != last[0] and key.worn(here, there):
            self._key = key = _Key(*last)
            here, there = key.follow(grey)
        if len(here) < _LOST * max(len(key.corners), 1) and _likeness(key.grey, grey) < _ALIKE:
            self._key = _Key(number, grey)
            return Matches(key=number, cut=True)
        return Matches(key=key.number, key_px=here / np.float32(scale), now_px=there / np.float32(scale))


class _Key:
    """A picture that later ones are compared with."""

    def __init__(self, number: int, grey: UInt8[np.ndarray, "h w"]) -> None:
        self.number = number
        self.grey = grey
        found = cv2.goodFeaturesToTrack(grey, _CORNERS, 0.01, 7, useHarrisDetector=False)
        self.corners = np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2)
        x, y = np.rint(self.corners).astype(int).T
        around = np.arange(-2, 3)
        self._rows = np.clip(y[:, None, None] + around[:, None], 0, grey.shape[0] - 1)
        self._columns = np.clip(x[:, None, None] + around, 0, grey.shape[1] - 1)
        self._patches = grey[self._rows, self._columns].astype(np.int16)

    def quiet(self, grey: UInt8[np.ndarray, "h w"]) -> bool:
        """Whether the corners look as they did, most of them; those a person walks over do not matter."""
        if not len(self.corners):
            return True
        change = np.abs(grey[self._rows, self._columns] - self._patches).mean(axis=(1, 2))
        return float(np.median(change)) < _QUIET

    def follow(self, grey: UInt8[np.ndarray, "h w"]) -> tuple[Float[np.ndarray, "N 2"], Float[np.ndarray, "N 2"]]:
        """Corners here and where they are in `grey`, those only that lead back to where they came from."""
        if not len(self.corners):
            return self.corners, self.corners
        start = self.corners[:, None]
        there, found, _ = cv2.calcOpticalFlowPyrLK(self.grey, grey, start, start.copy(), winSize=(11, 11), maxLevel=3)
        back, again, _ = cv2.calcOpticalFlowPyrLK(grey, self.grey, there, there.copy(), winSize=(11, 11), maxLevel=3)
        good = (found[:, 0] > 0) & (again[:, 0] > 0)
        good &= np.abs(back - start).max(axis=(1, 2)) < _MOST_BACK_PX
        return self.corners[good], there[good, 0]

    def worn(self, here: Float[np.ndarray, "N 2"], there: Float[np.ndarray, "N 2"]) -> bool:
        """Whether so little of this picture is left in view that the last one is the better key."""
        if len(here) < _FEW * len(self.corners):
            return True
        shift = np.median(np.linalg.norm(there - here, axis=1)) if len(here) else 0.0
        return bool(shift > _FAR * max(self.grey.shape))


def _likeness(one: UInt8[np.ndarray, "h w"], other: UInt8[np.ndarray, "h w"]) -> float:
    """Correlation of the two pictures shrunk to a few hundred pixels."""
    small = [cv2.resize(g, (24, 24), interpolation=cv2.INTER_AREA).astype(float).ravel() for g in (one, other)]
    if min(float(s.std()) for s in small) < 1.0:
        return 1.0 if abs(small[0].mean() - small[1].mean()) < 10.0 else 0.0
    return float(np.corrcoef(small[0], small[1])[0, 1])
