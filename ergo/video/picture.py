"""Decoded pictures made upright, scaled and RGB. Runs in the decoder process only."""

from __future__ import annotations

from fractions import Fraction

import av.filter
import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

# Scaling to planar YUV first and converting the small picture to RGB costs half of doing both at once.
_FORMAT = "yuv420p"
# Averages over the area; with bilinear, fine patterns alias when shrinking, and it is slower, too.
_INTERPOLATION = "AREA"
_CLOCK = Fraction(1, 90_000)
_HD_HEIGHT_PX = 720
_MATRICES = frozenset(int(c) for c in (Colorspace.ITU709, Colorspace.ITU601, Colorspace.SMPTE240M, Colorspace.BT2020))
_BT470BG = 5  # the same numbers as ITU601 under another name (ISO 23091-2)
_TURNS = {90: ("transpose", "cclock"), 180: ("hflip", "vflip"), 270: ("transpose", "clock")}


class Upright:
    """Scales decoded frames of any geometry to one upright size, as limited-range yuv420p.

    Args:
        size: width and height after turning.
        rotation_deg: counter-clockwise turn that makes the picture upright: 0, 90, 180 or 270.
    """

    def __init__(self, size: tuple[int, int], rotation_deg: int) -> None:
        self._before = (size[1], size[0]) if rotation_deg in (90, 270) else size
        self._reformatter = VideoReformatter()
        self._turn = _turn(self._before, rotation_deg) if rotation_deg else None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame, scaled and turned; its times are not kept."""
        matrix = colour_matrix(frame)
        width, height = self._before
        flat = self._reformatter.reformat(
            frame,
            width,
            height,
            _FORMAT,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            interpolation=_INTERPOLATION,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        if self._turn is None:
            return flat
        flat.pts, flat.time_base = None, _CLOCK
        self._turn.push(flat)
        turned = self._turn.pull()
        assert isinstance(turned, VideoFrame)  # noqa: S101 (a video graph gives video)
        return turned


class ToRgb:
    """Converts frames to packed RGB of one size."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._reformatter = VideoReformatter()

    def __call__(self, frame: VideoFrame, matrix: int) -> np.ndarray:
        """uint8[H, W, 3], contiguous; `matrix` is :func:`colour_matrix` of the decoded frame."""
        width, height = self._size
        rgb = self._reformatter.reformat(
            frame, width, height, "rgb24", src_colorspace=matrix, interpolation=_INTERPOLATION, threads=1
        )
        return np.ascontiguousarray(rgb.to_ndarray())


def colour_matrix(frame: VideoFrame) -> int:
    """How the frame's YUV is to be read; where it does not say: 709 for HD and 601 below, as players do."""
    if frame.colorspace == _BT470BG:
        return int(Colorspace.ITU601)
    if frame.colorspace in _MATRICES:
        return frame.colorspace
    return int(Colorspace.ITU709 if min(frame.width, frame.height) >= _HD_HEIGHT_PX else Colorspace.ITU601)


def _turn(size: tuple[int, int], rotation_deg: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    last = graph.add_buffer(width=size[0], height=size[1], format=VideoFormat(_FORMAT), time_base=_CLOCK)
    kind, how = _TURNS[rotation_deg]
    steps = [(kind, how)] if kind == "transpose" else [(kind, None), (how, None)]
    for name, argument in steps:
        step = graph.add(name, argument) if argument else graph.add(name)
        last.link_to(step)
        last = step
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
