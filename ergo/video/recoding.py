"""A preview coded anew with parts of its pictures blurred. Runs in the decoder process only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.video.frame import VideoFrame

from ergo.video.container import opened
from ergo.video.discs import blur_discs
from ergo.video.outbox import Outbox
from ergo.video.picture import colour_matrix
from ergo.video.preview import CLOCK, PreviewWriter
from ergo.video.wire import BlurRequest

if TYPE_CHECKING:  # a decoder starts in half the time without it
    from jaxtyping import Float, UInt8

_FORMAT = "yuv420p"


def answer_blur(
    request: BlurRequest, times_s: Float[np.ndarray, "frames"], discs: Float[np.ndarray, "N 4"], outbox: Outbox
) -> None:
    """Write the preview anew and send an ``end`` message.

    Raises:
        StorageFull: no room left.
    """
    begins = np.searchsorted(discs[:, 0], np.arange(len(times_s) + 1))
    between_s = (times_s[1:] + times_s[:-1]) / 2
    writer: PreviewWriter | None = None
    with opened(request.source) as (container, stream):
        stream.codec_context.thread_count = request.threads
        for frame in container.decode(stream):
            time_s = float((frame.pts or 0) * (frame.time_base or CLOCK))
            number = int(np.searchsorted(between_s, time_s))
            if writer is None:
                size, span_s = (frame.width, frame.height), (0.0, request.length_s)
                matrix = colour_matrix(frame)
                writer = PreviewWriter(request.path, size, span_s, matrix=matrix, threads=request.threads)
            writer.write(_blurred(frame, discs[begins[number] : begins[number + 1], 1:]), time_s)
            outbox.alive()
    if writer is not None:
        writer.close()
    outbox.send("end")


def _blurred(frame: VideoFrame, discs: Float[np.ndarray, "n 3"]) -> VideoFrame:
    """The same picture with discs blurred, in a copy: the decoder builds later pictures on its own."""
    if not len(discs):
        return frame
    planes = frame.to_ndarray()
    for plane, scale in _planes(planes, frame.width, frame.height):
        # colour has half the pixels, whose middles lie between those of brightness
        blur_discs(plane, np.column_stack([(discs[:, :2] + 0.5) * scale - 0.5, discs[:, 2] * scale]))
    blurred = VideoFrame.from_ndarray(planes, format=_FORMAT)
    blurred.colorspace, blurred.color_range = frame.colorspace, frame.color_range
    return blurred


def _planes(planes: UInt8[np.ndarray, "rows W"], width: int, height: int) -> list[tuple[np.ndarray, float]]:
    """Views of brightness and the two colours, with their scale."""
    flat, luma, chroma = planes.reshape(-1), width * height, width * height // 4
    ends = (luma, luma + chroma, luma + 2 * chroma)
    return [
        (flat[:luma].reshape(height, width), 1.0),
        *((flat[end - chroma : end].reshape(height // 2, width // 2), 0.5) for end in ends[1:]),
    ]
