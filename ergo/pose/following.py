"""How people are followed from picture to picture, whichever runtime runs the networks.

Two things of BlazePose shape this file. The person detector sees the whole picture at 224 × 224, so small people
escape it: a follower looks at a window about its person. And in video mode the landmark network is aimed by its own
last result, at half the cost of searching each picture: a follower keeps one landmarker per person in that mode.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, Protocol, TypeAlias

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import MAIN_JOINTS, MIRRORED
from ergo.closing import Closing
from ergo.pose.boxes import Box
from ergo.pose.estimator import Detection
from ergo.pose.settings import ModelSize, PoseSettings

Mode: TypeAlias = Literal["IMAGE", "VIDEO"]

_DISCOVERY_MODEL: ModelSize = "lite"  # the detector is the same in all three bundles
_DISCOVERED_MAX = 5
# The runtime's own 0.5 misses people half hidden by what they carry; at 0.3 blank and noisy pictures still show
# nobody. A follower searches where somebody is known to be. The landmark network has the last word in both.
_DISCOVERY_CONFIDENCE = 0.3
_FOLLOWER_CONFIDENCE = 0.25
PRESENCE_CONFIDENCE = 0.5
"""A landmark network less sure than this that anybody is there sees nobody."""
_BLANK = np.zeros((32, 32, 3), np.uint8)

_WINDOW = 1.7  # a window's side over the person's, large enough for a step or a reach between two pictures
_SMALLEST_WINDOW_PX = 96.0
_TOO_TIGHT, _TOO_WIDE = 1.15, 3.2
_MIRROR_APART = 0.1


class Landmarker(Protocol):
    """A person detector and a landmark network.

    In video mode it shows one person, smoothed over time, whom it looks for where it saw them last.
    """

    def detect(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float) -> tuple[Detection, ...]:
        """Whom it sees in the picture, in pixels of it."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


OpenLandmarker: TypeAlias = Callable[[ModelSize, Mode, int, float], Landmarker]
"""Opens one for a size of network and a mode, for at most so many people of at least that confidence."""


def moved(found: Detection, x_px: float, y_px: float) -> Detection:
    """What `found`, seen in a part of the picture that begins at x, y, is in the picture."""
    offset = np.array([x_px, y_px], np.float32)
    return Detection(xy_px=found.xy_px + offset, xyz_m=found.xyz_m, confidence=found.confidence)


def mirrored(found: Detection, width_px: int) -> Detection:
    """What `found`, seen in the mirrored picture of the given width, is in the picture itself."""
    order = list(MIRRORED)
    xy_px, xyz_m = found.xy_px[order].copy(), found.xyz_m[order].copy()
    xy_px[:, 0] = width_px - xy_px[:, 0]
    xyz_m[:, 0] = -xyz_m[:, 0]
    return Detection(xy_px=xy_px, xyz_m=xyz_m, confidence=found.confidence[order])


def _average(one: Detection, two: Detection) -> Detection:
    return Detection(
        xy_px=(one.xy_px + two.xy_px) / 2,
        xyz_m=(one.xyz_m + two.xyz_m) / 2,
        confidence=(one.confidence + two.confidence) / 2,
    )


class _Follower:
    """One person's landmarker, and the window of the picture it looks at.

    The window stays put while the person is well inside, because the landmarker aims in fractions of it.
    """

    def __init__(self, opener: OpenLandmarker, model: ModelSize, mirror: bool, quick: float) -> None:
        self._landmarker = opener(model, "VIDEO", 1, _FOLLOWER_CONFIDENCE)
        self._mirror = _Follower(opener, model, mirror=False, quick=quick) if mirror else None
        self._quick = quick
        self._aside = ThreadPoolExecutor(max_workers=1)  # starts its thread with the first mirrored picture
        self._window: Box | None = None
        self._last_xy_px: Float[np.ndarray, "33 2"] | None = None
        self._on_track = False

    def follow(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, near: Box) -> Detection | None:
        if self._mirror is None:
            return self._follow(rgb, timestamp_s, near)
        width = rgb.shape[1]
        facing = Box(width - near.x_px - near.width_px, near.y_px, near.width_px, near.height_px)
        pending = self._aside.submit(self._mirror.follow, rgb[:, ::-1], timestamp_s, facing)
        found = self._follow(rgb, timestamp_s, near)
        reflection = pending.result()
        if found is None or reflection is None:
            return found
        other = mirrored(reflection, width)
        apart_px = float(np.median(np.linalg.norm(other.xy_px - found.xy_px, axis=1)))
        if apart_px > _MIRROR_APART * found.box.side_px:  # somebody else, or left and right confused
            self._mirror.forget()
            return found
        return _average(found, other)

    def _follow(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, near: Box) -> Detection | None:
        height, width = rgb.shape[:2]
        if self._window is None or not _window_suits(self._window, near, width, height):
            self.forget()
            self._window = _window(near, width, height)
        was_on_track = self._on_track
        found = self._look(rgb, timestamp_s)
        if was_on_track and (found is None or self._moved_far(found)):
            # Lost, it now searches the window; on somebody quick, its aim of the last picture was off: look again.
            found = self._look(rgb, timestamp_s) or found
        self._last_xy_px = None if found is None else found.xy_px
        return found

    def _moved_far(self, found: Detection) -> bool:
        if self._last_xy_px is None:
            return False
        moved_px = np.linalg.norm(found.xy_px - self._last_xy_px, axis=1)[list(MAIN_JOINTS)]
        return float(np.mean(moved_px)) > self._quick * found.box.side_px

    def _look(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float) -> Detection | None:
        window = self._window
        if window is None or min(window.width_px, window.height_px) < 1:
            return None
        x, y = int(window.x_px), int(window.y_px)
        crop = rgb[y : y + int(window.height_px), x : x + int(window.width_px)]
        found = self._landmarker.detect(crop, timestamp_s)
        self._on_track = bool(found)
        return moved(found[0], x, y) if found else None

    def forget(self) -> None:
        """Lose the aim: a blank picture makes the landmarker search the next one."""
        if self._on_track:
            self._landmarker.detect(_BLANK, 0.0)
            self._on_track = False
        self._window = None
        if self._mirror is not None:
            self._mirror.forget()

    def close(self) -> None:
        self._aside.shutdown()
        self._landmarker.close()
        if self._mirror is not None:
            self._mirror.close()


def _window(near: Box, width: int, height: int) -> Box:
    factor = max(_WINDOW, _SMALLEST_WINDOW_PX / max(near.side_px, 1.0))
    return near.grown(factor).clipped(width, height)


def _window_suits(window: Box, near: Box, width: int, height: int) -> bool:
    wanted = near.grown(_TOO_TIGHT).clipped(width, height)
    return window.contains(wanted) and window.side_px <= max(near.side_px * _TOO_WIDE, _SMALLEST_WINDOW_PX * 2)


def _tiles(width: int, height: int) -> tuple[Box, ...]:
    """Overlapping squares that cover the picture, the detector's second chance at small people."""
    side = int(min(width, height) * 0.7)
    columns = int(np.ceil(1.5 * width / side)) - 1
    rows = int(np.ceil(1.5 * height / side)) - 1
    lefts = np.linspace(0, width - side, columns).round().astype(int)
    tops = np.linspace(0, height - side, rows).round().astype(int)
    return tuple(Box(int(x), int(y), side, side) for y in tops for x in lefts)


class FollowingEstimator(Closing):
    """BlazePose of the size the settings ask for, as an :class:`~ergo.pose.estimator.Estimator`.

    Args:
        settings: what is asked for.
        opener: opens the networks in the runtime that is to run them.
    """

    def __init__(self, settings: PoseSettings, opener: OpenLandmarker) -> None:
        self._settings, self._opener = settings, opener
        self._discovery = opener(_DISCOVERY_MODEL, "IMAGE", _DISCOVERED_MAX, _DISCOVERY_CONFIDENCE)
        self._followers: dict[int, _Follower] = {}
        self._spare: list[_Follower] = []

    def estimate(
        self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, *, thorough: bool = False
    ) -> tuple[Detection, ...]:
        """Everybody in the picture; thoroughly means part by part as well. Somebody may come up twice."""
        found = list(self._discovery.detect(rgb, timestamp_s))
        if thorough:
            for tile in _tiles(rgb.shape[1], rgb.shape[0]):
                x, y, side = int(tile.x_px), int(tile.y_px), int(tile.width_px)
                part = self._discovery.detect(rgb[y : y + side, x : x + side], timestamp_s)
                found += [moved(each, x, y) for each in part]
        return tuple(found)

    def follow(self, person: int, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float, near: Box) -> Detection | None:
        """The person about the box `near`; see :class:`~ergo.pose.estimator.Estimator`."""
        if person not in self._followers:
            fresh = self._spare.pop() if self._spare else None
            self._followers[person] = fresh or _Follower(
                self._opener, self._settings.model, self._settings.mirror_average, self._settings.quick
            )
        return self._followers[person].follow(rgb, timestamp_s, near)

    def forget(self, person: int) -> None:
        """Drop what is remembered of `person`; the landmarker waits for the next one."""
        follower = self._followers.pop(person, None)
        if follower is not None:
            follower.forget()
            self._spare.append(follower)

    def close(self) -> None:
        """Close every landmarker; otherwise the runtime complains when Python ends."""
        self._discovery.close()
        for follower in (*self._followers.values(), *self._spare):
            follower.close()
        self._followers.clear()
        self._spare.clear()
