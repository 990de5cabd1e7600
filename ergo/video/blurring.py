"""Heads blurred: in the preview, which is coded anew in the decoder process, and in single pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from ergo.errors import DecodeFailed
from ergo.types import VideoInfo
from ergo.video.discs import blur_discs
from ergo.video.geometry import PREVIEW_MAX_SIDE_PX, fitted_size
from ergo.video.limits import DecodeLimits, Frame, Stretch
from ergo.video.probing import source_of
from ergo.video.process import DecoderProcess
from ergo.video.reading import decode_budget, shown_frames, time_of, unfinished
from ergo.video.wire import BlurRequest


def blur_preview(
    draft: Path,
    info: VideoInfo,
    stretch: Stretch,
    discs: Float[np.ndarray, "N 4"],
    path: Path,
    limits: DecodeLimits,
    threads: int = 1,
) -> None:
    """Write the preview of a piece anew to `path`, every frame at its own time, with discs blurred.

    Args:
        draft: the piece's preview, in the clear.
        info: the video that it shows.
        stretch: the piece.
        discs: number of the preview's frame as :func:`shown_frames` counts them, rising, and x, y, radius in pixels
            of the displayed video.
        path: file to make.
        limits: what the decoder process may use.
        threads: of decoder and encoder.

    Raises:
        DecodeFailed: the draft cannot be read.
        StorageFull: no room left.
    """
    begin_s = time_of(stretch.begin, info)
    width, height = fitted_size(info.width_px, info.height_px, PREVIEW_MAX_SIDE_PX, even=True)
    scale = np.array([width / info.width_px, height / info.height_px])
    placed = np.column_stack([discs[:, 0], (discs[:, 1:3] + 0.5) * scale - 0.5, discs[:, 3] * scale.max()])
    times_s = info.timestamps_s[shown_frames(info, stretch)] - begin_s
    part = unfinished(path)
    request = BlurRequest(
        budget=decode_budget(info, limits),
        source=source_of(draft, limits),
        frames=len(times_s),
        discs=len(placed),
        length_s=time_of(stretch.end, info) - begin_s,
        path=str(part.resolve()),
        threads=threads,
    )
    try:
        with DecoderProcess(request, (times_s, placed), name=path.name, idle_timeout_s=limits.idle_timeout_s) as child:
            if child.message().kind != "end":
                raise DecodeFailed(f"The decoder of {path.name} answered nonsense.", "Run the job again.")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def blur_frame(frame: Frame, discs: Float[np.ndarray, "N 3"]) -> Frame:
    """The same picture with discs blurred, given as x, y, radius in pixels of the displayed video."""
    rgb = frame.rgb.copy()
    blur_discs(rgb, discs * frame.scale)
    return Frame(index=frame.index, timestamp_s=frame.timestamp_s, rgb=rgb, scale=frame.scale)
