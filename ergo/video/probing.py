"""What a video is, before any picture of it is used."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from ergo.errors import DecodeFailed, VideoTooLarge
from ergo.types import VideoInfo
from ergo.video.limits import DecodeLimits
from ergo.video.process import DecoderProcess
from ergo.video.sniff import container_format
from ergo.video.wire import Budget, ProbeRequest, Source


def probe(path: Path, limits: DecodeLimits) -> VideoInfo:
    """Look at the video in a locked-down process: size, rotation, codec and every presentation time.

    Only the first picture is decoded; the times come from the container's packets, which takes about as long
    as reading the file.

    Raises:
        EmptyFile, NotAVideo, NoVideoStream, NoFrames, VideoTooLarge: what the file is instead.
        DecodeFailed: the decoder died, hung or ran out of its limits.
    """
    source = source_of(path, limits)
    patience_s = limits.idle_timeout_s + path.stat().st_size / limits.read_bytes_per_s
    budget = Budget(memory_bytes=limits.memory_bytes, cpu_s=math.ceil(limits.cpu_s_base + patience_s), file_bytes=0)
    request = ProbeRequest(budget=budget, source=source, max_frames=limits.max_frames)
    deadline_s = time.monotonic() + patience_s
    with DecoderProcess(request, (), name=path.name, idle_timeout_s=limits.idle_timeout_s) as child:
        answer = child.message(deadline_s)
        count, odd = divmod(answer.payload, 8)
        if answer.kind != "info" or odd or count == 0:
            raise DecodeFailed(f"The decoder of {path.name} answered nonsense.", "Convert it to H.264 MP4.")
        if count > limits.max_frames:
            raise VideoTooLarge(f"{path.name} has more than {limits.max_frames} frames.", "Cut it into parts.")
        timestamps_s = np.empty(count)
        child.read_into(timestamps_s)
    fields = answer.fields
    start_s = fields["start_s"]
    return VideoInfo(
        width_px=int(fields["width_px"]),
        height_px=int(fields["height_px"]),
        rotation_deg=int(fields["rotation_deg"]),
        duration_s=float(fields["duration_s"]),
        fps=float(fields["fps"]),
        frame_count=count,
        codec=str(fields["codec"]),
        timestamps_s=timestamps_s,
        start_s=math.nan if start_s is None else float(start_s),
    )


def source_of(path: Path, limits: DecodeLimits) -> Source:
    """The file as the child is to open it: absolute, and with the one demuxer that its first bytes call for."""
    container = container_format(path)
    return Source(path=str(path.resolve()), name=path.name, container=container, max_pixels=limits.max_pixels)
