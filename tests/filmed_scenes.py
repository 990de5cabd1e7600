"""Awkward scenes made of the example clips: cropped, turned, darkened, pasted together, shown at another speed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
RATE_HZ = 15
WALL = (203, 197, 186)

Picture = np.ndarray
Scene = list[Picture]


@cache
def example(name: str) -> tuple[Picture, ...]:
    """The pictures of an example clip, 640 × 480, 15 a second."""
    with av.open(str(EXAMPLES / f"{name}.mp4")) as container:
        return tuple(frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))


def film(path: Path, pictures: Iterable[Picture], rate_hz: float = RATE_HZ) -> Path:
    """Write the pictures as H.264; odd last rows and columns are cut off."""
    shown = list(pictures)
    height, width = (side // 2 * 2 for side in shown[0].shape[:2])
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1000))
        stream.options = {"preset": "ultrafast", "crf": "20"}
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in shown:
            even = np.ascontiguousarray(picture[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(stream.encode())
    return path


def each(name: str, change: Callable[[Picture], Picture]) -> Scene:
    """Every picture of an example, changed."""
    return [change(picture) for picture in example(name)]


def cropped(name: str, left: float, top: float, right: float, bottom: float, scale: float = 1.0) -> Scene:
    """A part of the picture, given in shares of width and height."""

    def change(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        part = picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
        return cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    return each(name, change)


def turned(name: str, quarters: int) -> Scene:
    """The picture turned counter-clockwise by quarters, as if the phone had been held so."""
    return each(name, lambda picture: np.rot90(picture, quarters))


def canvas(width_px: int = 960, height_px: int = 540) -> Picture:
    """An empty room: a light wall, a darker floor."""
    picture = np.empty((height_px, width_px, 3), np.uint8)
    picture[:] = WALL
    picture[int(0.72 * height_px) :] = (150, 144, 138)
    return picture


def pasted(picture: Picture, part: Picture, left_px: float, top_px: float) -> Picture:
    """`picture` with `part` on it, blended where it is RGBA; what lies beyond the edge is cut off."""
    left, top = round(left_px), round(top_px)
    height, width = picture.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + part.shape[1], width), min(top + part.shape[0], height)
    result = picture.copy()
    if x1 > x0 and y1 > y0:
        shown = part[y0 - top : y1 - top, x0 - left : x1 - left]
        cover = shown[..., 3:] / 255.0 if part.shape[2] == 4 else 1.0
        result[y0:y1, x0:x1] = cover * shown[..., :3] + (1 - cover) * result[y0:y1, x0:x1]
    return result


_STAGE = (230, 150, 420, 400)  # left, top, right, bottom of where the worker of twist_transfer is


@cache
def figures() -> tuple[Picture, ...]:
    """The worker of twist_transfer with the box and without the room, RGBA, every second picture (GrabCut)."""
    left, top, right, bottom = _STAGE
    cut = []
    for picture in example("twist_transfer")[::2]:
        part = np.ascontiguousarray(picture[top:bottom, left:right])
        mask = np.zeros(part.shape[:2], np.uint8)
        inner = (6, 6, part.shape[1] - 12, part.shape[0] - 12)
        cv2.setRNGSeed(0)
        cv2.grabCut(part, mask, inner, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_RECT)
        solid = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
        cut.append(np.dstack([part, cv2.GaussianBlur(solid, (3, 3), 0)]))
    return tuple(cut)


def dressed(figure: Picture, hue_shift: int, scale: float = 1.0) -> Picture:
    """The figure in clothes of another colour (0 to 179, OpenCV's hue), larger or smaller."""
    hsv = cv2.cvtColor(np.ascontiguousarray(figure[..., :3]), cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + hue_shift) % 180
    painted = np.dstack([cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), figure[..., 3]])
    return cv2.resize(painted, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
