"""Looks for faces in a film, whoever they belong to: behind a counter, far away, walking past, on posters and screens.

The picture is looked at in overlapping squares and as a whole, a few looks a second. A square in which nothing has
changed since it was looked at needs no second look: what was found in it is still there. The others take turns, those
first in which something has changed beside the people who are followed, and of them the one that has waited longest.
Which square is looked at when depends on the pictures alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Self

import numpy as np
from jaxtyping import Bool, Float, UInt8

from ergo.pose.boxes import Box
from ergo.pose.face_finder import PICTURE_PX, FaceFinder
from ergo.pose.face_tracks import WEAK, FaceSighting
from ergo.video.limits import Frame

_SQUARES = 3.0
"""So many squares fit in the picture's longer side: a face of 14 pixels in 960 has 8 of the network's."""
_OVERLAP = 0.19
_CELLS = 120
_CHANGED = 10
"""A square has changed when one of its cells, so many along the longer side, has: its mean grey, of 255, by this."""
_BODY_ROOM = 1.25
_LARGE, _LARGE_SURE = 0.07, 0.7
"""Boxes and walls are taken for large faces; what is larger than this share of the picture must be this sure."""
_WHOLE_S = 1.5
_STIRRED_S = 2.5


@dataclass(slots=True, eq=False, kw_only=True)
class _Look:
    """One look: at which part of which picture, how long after the last one there, and what it found, once known."""

    square: Box
    own: Box
    number: int
    before_s: float
    faces: Future[Float[np.ndarray, "N 4"]]


@dataclass(slots=True, eq=False)
class _Square:
    """A part of the picture to look at, and within it the part in whose middle none of the others has it better.

    `cells` is what that looks like where nobody is before it (NaN: never seen).
    """

    box: Box
    own: Box
    cells: Float[np.ndarray, "h w"]
    looked_s: float = -math.inf
    changed: bool = True
    stirred: bool = False
    """Something has changed, be it the people followed."""

    def compare(self, cells: Float[np.ndarray, "h w"], bodies: Bool[np.ndarray, "h w"]) -> None:
        """Whether it still looks as it did, where nobody is."""
        alike = np.abs(cells - self.cells) < _CHANGED
        self.stirred |= not alike.all()
        self.changed |= not (alike | bodies).all()

    def waits(self, time_s: float) -> bool:
        """Whether it is to be looked at again; the whole picture, and for the people followed alone, now and then."""
        rest_s = 0.0 if self.changed and self.box != self.own else _WHOLE_S if self.changed else _STIRRED_S
        return (self.changed or self.stirred) and time_s - self.looked_s >= rest_s

    def take(self, cells: Float[np.ndarray, "h w"], bodies: Bool[np.ndarray, "h w"], time_s: float) -> None:
        """It is looked at as it is now."""
        self.looked_s, self.changed, self.stirred = time_s, False, False
        self.cells = np.where(bodies, self.cells, cells)


class FaceWatcher:
    """Looks for faces, aside; leaving the context waits for the last look. Give it each picture once, in order.

    Args:
        finder: the network; nobody else uses it meanwhile.
        looks_hz: looks for each second of film, beside those at the first picture, which is looked at all over.
    """

    def __init__(self, finder: FaceFinder, looks_hz: float) -> None:
        self._finder = finder
        self._looks_hz = looks_hz
        self._aside = ThreadPoolExecutor(max_workers=1)  # starts its thread with the first look
        self._squares: list[_Square] = []
        self._looks: list[_Look] = []
        self._due = 0.0
        self._times_s: list[float] = []
        self._scale = self._shrink = 1.0
        self._cells: list[UInt8[np.ndarray, "h w"]] = []
        self._hidden: list[Bool[np.ndarray, "h w"]] = []

    def add(self, frame: Frame, bodies: Sequence[Box]) -> None:
        """Look at what is due of the next picture, in which these are the people followed."""
        time_s, (height, width) = frame.timestamp_s, frame.rgb.shape[:2]
        cells = _cells(frame.rgb)
        hidden = _covered(cells.shape, bodies, max(height, width))
        if self._squares:
            self._due = min(self._due, 1.0) + self._looks_hz * (time_s - self._times_s[-1])
        else:
            parts = squares(width, height)
            unseen = np.full(cells.shape, np.nan, np.float32)
            self._shrink = max(cells.shape) / max(height, width)
            self._squares = [_Square(box, own, unseen[_place(own, self._shrink)]) for box, own in parts]
            self._due = float(len(parts))
        self._times_s.append(time_s)
        self._cells.append(cells)
        self._hidden.append(hidden)
        self._scale = frame.scale
        for square in self._squares:
            own = _place(square.own, self._shrink)
            square.compare(cells[own], hidden[own])
        waiting = [square for square in self._squares if square.waits(time_s)]
        for square in sorted(waiting, key=lambda s: (not s.changed, s.looked_s))[: int(self._due)]:
            self._look(frame.rgb, square)
            own = _place(square.own, self._shrink)
            square.take(cells[own], hidden[own], time_s)
            self._due -= 1.0

    @property
    def looks(self) -> int:
        """How many there were yet."""
        return len(self._looks)

    def sightings(self) -> list[FaceSighting]:
        """Every face seen yet, in the order of the looks."""
        if not self._looks:
            return []
        cells, hidden = np.stack(self._cells), np.stack(self._hidden)
        return [sighting for look in self._looks for sighting in self._found(look, cells, hidden)]

    def _found(
        self, look: _Look, cells: UInt8[np.ndarray, "T h w"], hidden: Bool[np.ndarray, "T h w"]
    ) -> Iterator[FaceSighting]:
        """What a look found: there from when it was seen to when what is seen there changes, both ways."""
        to_picture = look.square.side_px / PICTURE_PX
        for x, y, side, score in look.faces.result():
            left, top = look.square.x_px + x * to_picture, look.square.y_px + y * to_picture
            reach = side * to_picture / 2
            large = 2 * reach > _LARGE * self._squares[0].box.side_px
            if (large and score < _LARGE_SURE) or not look.own.contains(Box(left, top, 0.0, 0.0)):
                continue  # the square beside it sees it better
            about = Box(max(left - reach, 0.0), max(top - reach, 0.0), 2 * reach, 2 * reach)
            rows, columns = _place(about, self._shrink)
            there = _unchanged(cells[:, rows, columns], hidden[:, rows, columns], look.number)
            yield FaceSighting(
                at_s=self._times_s[look.number],
                times_s=np.array(self._times_s[there]),
                before_s=look.before_s if there.start == look.number else 0.0,
                middle_px=(np.array([left, top]) + 0.5) / self._scale - 0.5,
                side_px=side * to_picture / self._scale,
                score=score,
            )

    def _look(self, rgb: UInt8[np.ndarray, "H W 3"], square: _Square) -> None:
        time_s = self._times_s[-1]
        self._looks.append(
            _Look(
                square=square.box,
                own=square.own,
                number=len(self._times_s) - 1,
                before_s=time_s - square.looked_s if math.isfinite(square.looked_s) else 0.0,
                faces=self._aside.submit(self._finder.find, _view(rgb, square.box), WEAK),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.shutdown(cancel_futures=True)


@contextmanager
def watching_faces(looks_hz: float) -> Iterator[FaceWatcher]:
    """A watcher with a network of its own.

    Raises:
        ModelError: the model file is missing or damaged.
    """
    with FaceFinder() as finder, FaceWatcher(finder, looks_hz) as watcher:
        yield watcher


def squares(width: int, height: int) -> tuple[tuple[Box, Box], ...]:
    """The whole picture in a square, which is larger, and overlapping squares; and the part that each is best for."""
    longer = max(width, height)
    side = min(round(longer / _SQUARES), width, height)
    whole = Box(0, 0, longer, longer)
    across, down = _spans(width, side), _spans(height, side)
    return (whole, whole), *(
        (Box(left, top, side, side), Box(x, y, right - x, bottom - y))
        for top, y, bottom in down
        for left, x, right in across
    )


def _spans(size: int, side: int) -> list[tuple[int, int, int]]:
    """Where squares begin along one side of the picture, and from where to where each is the nearest."""
    count = max(1, math.ceil((size - side) / (side * (1 - _OVERLAP))) + 1)
    begins = np.linspace(0, size - side, count).round().astype(int).tolist()
    bounds = [0, *((a + side + b) // 2 for a, b in pairwise(begins)), size]
    return list(zip(begins, bounds[:-1], bounds[1:], strict=True))


def _place(part: Box, scale: float) -> tuple[slice, slice]:
    """Rows and columns of a part of the picture in one that is `scale` times as large."""
    left, top = int(part.x_px * scale), int(part.y_px * scale)
    right, bottom = int((part.x_px + part.width_px) * scale), int((part.y_px + part.height_px) * scale)
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def _view(rgb: UInt8[np.ndarray, "H W 3"], square: Box) -> UInt8[np.ndarray, "192 192 3"]:
    """A square of the picture at the network's size, black where it goes beyond."""
    import cv2  # noqa: PLC0415  only the pictures need it

    part = rgb[_place(square, 1.0)]
    scale = PICTURE_PX / square.side_px
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    view = np.zeros((PICTURE_PX, PICTURE_PX, 3), np.uint8)
    view[: size[1], : size[0]] = cv2.resize(
        part, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    )
    return view


def _cells(rgb: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "h w"]:
    """Mean greys, `_CELLS` along the longer side; of every fourth row, which is as good and quicker."""
    import cv2  # noqa: PLC0415

    scale = _CELLS / max(rgb.shape)
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    grey = cv2.cvtColor(np.ascontiguousarray(rgb[::4]), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def _covered(shape: tuple[int, ...], bodies: Sequence[Box], longer: int) -> Bool[np.ndarray, "h w"]:
    """Cells that people are before, with some room about them."""
    hidden, scale = np.zeros(shape, bool), max(shape) / longer
    for body in bodies:
        x, y = body.centre_px
        across, down = (_BODY_ROOM * size / 2 for size in (body.width_px, body.height_px))
        left, right, top, bottom = (max(0, round(v * scale)) for v in (x - across, x + across, y - down, y + down))
        hidden[top:bottom, left:right] = True
    return hidden


def _unchanged(cells: UInt8[np.ndarray, "T h w"], hidden: Bool[np.ndarray, "T h w"], number: int) -> slice:
    """The pictures about one in which these cells are like in it, or somebody is before them."""
    change = np.abs(cells.astype(np.int16) - cells[number]) >= _CHANGED
    other = np.flatnonzero((change & ~hidden).any(axis=(1, 2)))
    first, last = other[other < number], other[other > number]
    return slice(int(first[-1]) + 1 if len(first) else 0, int(last[0]) if len(last) else len(cells))
