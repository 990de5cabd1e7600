"""Single pictures out of a video, for thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ergo.errors import DecodeFailed, NoFrames
from ergo.types import VideoInfo
from ergo.video.geometry import fitted_size, nearest_frames
from ergo.video.limits import DecodeLimits
from ergo.video.probing import source_of
from ergo.video.process import DecoderProcess
from ergo.video.reading import decode_budget, timeline_of
from ergo.video.wire import GrabRequest


def grab_frame(
    path: Path, info: VideoInfo, time_s: float, limits: DecodeLimits, max_side_px: int = 1280
) -> UInt8[np.ndarray, "H W 3"]:
    """The upright picture shown nearest to `time_s`; see :func:`grab_frames`."""
    return grab_frames(path, info, (time_s,), limits, max_side_px)[0]


def grab_frames(
    path: Path, info: VideoInfo, times_s: Sequence[float], limits: DecodeLimits, max_side_px: int = 1280
) -> list[UInt8[np.ndarray, "H W 3"]]:
    """The upright RGB pictures shown nearest to each of `times_s`, in the order asked for, from one process.

    A picture that a damaged file lacks is replaced by the next readable one, or the last before it.

    Raises:
        NoFrames: no picture could be read there.
        VideoTooLarge, DecodeFailed: as for :func:`ergo.video.reading.read_frames`.
    """
    if not times_s:
        return []
    asked = nearest_frames(info.timestamps_s, np.asarray(times_s, dtype=float))
    indices = np.unique(asked).astype(np.int64)
    width, height = fitted_size(info.width_px, info.height_px, max_side_px)
    request = GrabRequest(
        budget=decode_budget(info, limits),
        source=source_of(path, limits),
        timeline=timeline_of(info),
        rotation_deg=info.rotation_deg,
        size=(width, height),
        grabs=len(indices),
    )
    pictures: dict[int, np.ndarray] = {}
    with DecoderProcess(
        request, (info.timestamps_s, indices), name=path.name, idle_timeout_s=limits.idle_timeout_s
    ) as child:
        while (message := child.message()).kind == "frame":
            if message.payload != width * height * 3 or len(pictures) >= len(indices):
                raise DecodeFailed(f"The decoder of {path.name} answered nonsense.", "Convert it to H.264 MP4.")
            rgb = np.empty((height, width, 3), dtype=np.uint8)
            child.read_into(rgb)
            pictures[int(message.fields["index"])] = rgb
    if len(pictures) < len(indices):
        raise NoFrames(f"{path.name} has no readable picture at the times asked for.", "The file is damaged there.")
    return [pictures[int(index)] for index in asked]
