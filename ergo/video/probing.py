"""What a video is, before any picture of it is used."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from ergo.errors import DecodeFailed, VideoTooLarge
from ergo.types import VideoInfo
from ergo.video.byte_ranges import Packets
from ergo.video.limits import DecodeLimits
from ergo.video.process import DecoderProcess, Message
from ergo.video.sniff import container_format
from ergo.video.wire import Budget, ProbeRequest, Source

_MOST_PACKETS = 8_000_000


def probe(path: Path, limits: DecodeLimits) -> VideoInfo:
    """Look at the video in a locked-down process: size, rotation, codec and every presentation time.

    Only the first picture is decoded; the times come from the container's packets, which takes about as long
    as reading the file.

    Raises:
        EmptyFile, NotAVideo, NoVideoStream, NoFrames, VideoTooLarge: what the file is instead.
        DecodeFailed: the decoder died, hung or ran out of its limits.
    """
    return _probe(path, limits, places=False)[0]


def probe_places(path: Path, limits: DecodeLimits) -> tuple[VideoInfo, Packets]:
    """The same, and where in the file each packet of the picture lies. Raises what :func:`probe` does."""
    info, packets = _probe(path, limits, places=True)
    assert packets is not None  # noqa: S101  (they were asked for)
    return info, packets


def _probe(path: Path, limits: DecodeLimits, *, places: bool) -> tuple[VideoInfo, Packets | None]:
    source = source_of(path, limits)
    patience_s = limits.idle_timeout_s + path.stat().st_size / limits.read_bytes_per_s
    budget = Budget(memory_bytes=limits.memory_bytes, cpu_s=math.ceil(limits.cpu_s_base + patience_s), file_bytes=0)
    request = ProbeRequest(budget=budget, source=source, max_frames=limits.max_frames, places=places)
    deadline_s = time.monotonic() + patience_s
    with DecoderProcess(request, (), name=path.name, idle_timeout_s=limits.idle_timeout_s) as child:
        answer = child.message(deadline_s)
        count, odd = divmod(answer.payload, 8)
        if answer.kind != "info" or odd or count == 0:
            raise _nonsense(path)
        if count > limits.max_frames:
            raise VideoTooLarge(f"{path.name} has more than {limits.max_frames} frames.", "Cut it into parts.")
        timestamps_s = np.empty(count)
        child.read_into(timestamps_s)
        packets = _packets(child, child.message(deadline_s), path) if places else None
    fields = answer.fields
    start_s = fields["start_s"]
    info = VideoInfo(
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
    return info, packets


def _packets(child: DecoderProcess, answer: Message, path: Path) -> Packets:
    count, odd = divmod(answer.payload, 25)
    if answer.kind != "packets" or odd or count > _MOST_PACKETS:
        raise _nonsense(path)
    times_s, begins, ends = np.empty(count), np.empty(count, np.int64), np.empty(count, np.int64)
    keys = np.empty(count, np.uint8)
    for array in (times_s, begins, ends, keys):
        child.read_into(array)
    return Packets(times_s=times_s, begins=begins, ends=ends, keys=keys.astype(bool))


def _nonsense(path: Path) -> DecodeFailed:
    return DecodeFailed(f"The decoder of {path.name} answered nonsense.", "Convert it to H.264 MP4.")


def source_of(path: Path, limits: DecodeLimits) -> Source:
    """The file as the child is to open it: absolute, and with the one demuxer that its first bytes call for."""
    container = container_format(path)
    return Source(path=str(path.resolve()), name=path.name, container=container, max_pixels=limits.max_pixels)
