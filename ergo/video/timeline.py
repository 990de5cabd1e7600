"""Answering a probe: what the video is and when each frame is shown. Runs in the decoder process only."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ergo.errors import NoFrames, VideoTooLarge
from ergo.video.container import NO_MEMORY, check_size, opened, packet_is_shown, pixel_aspect, seconds
from ergo.video.geometry import displayed_size
from ergo.video.outbox import Outbox
from ergo.video.wire import ProbeRequest

# Some streams begin in the middle of a group of pictures: how far to look for the first picture.
_PACKETS_TO_FIRST_PICTURE = 600
_USUAL_FPS = 25.0


@dataclass(frozen=True, slots=True)
class _Times:
    """Of the shown packets, in the order of the file, in ticks of the stream; `places` of all packets.

    A place is the presentation time, the first byte (-1: unknown), the one after the last, and whether it is a key.
    """

    presented: list[int | None]
    decoded: list[int | None]
    last_duration: int
    places: list[tuple[int, int, int, bool]] = field(default_factory=list)


def answer_probe(request: ProbeRequest, outbox: Outbox) -> None:
    """Send an ``info`` message, and one on the packets if that is asked for.

    Raises:
        NoFrames: no picture could be decoded.
        VideoTooLarge: too many frames, or the first picture is larger than the header said.
    """
    with opened(request.source) as (container, stream):
        codec = stream.codec_context.name
        first = _first_picture(container, stream, request)
        rotation_deg = round(first.rotation / 90) * 90 % 360
        width_px, height_px = displayed_size(
            first.width, first.height, pixel_aspect(stream.codec_context.sample_aspect_ratio), rotation_deg
        )
    with opened(request.source) as (container, stream):
        times = _packet_times(container, stream, request, outbox)
        rate = float(stream.average_rate or _USUAL_FPS)
        time_base = stream.time_base or Fraction(1, 90_000)
    start_s, timestamps_s = _presentation_times(times, time_base, rate, counted=request.source.container == "avi")
    count = len(timestamps_s)
    last_s = float(timestamps_s[-1])
    gap_s = float(np.median(np.diff(timestamps_s))) if count > 1 else 1.0 / rate
    duration_s = last_s + (seconds(times.last_duration, time_base) or gap_s)
    outbox.send(
        "info",
        np.ascontiguousarray(timestamps_s).data.cast("B"),
        width_px=width_px,
        height_px=height_px,
        rotation_deg=rotation_deg,
        duration_s=duration_s,
        fps=(count - 1) / last_s if count > 1 else rate,
        codec=codec,
        start_s=start_s,
    )
    if request.places:
        _send_places(times, time_base, start_s or 0.0, outbox)


def _send_places(times: _Times, time_base: Fraction, start_s: float, outbox: Outbox) -> None:
    ticks, begins, ends, keys = (np.array(column) for column in zip(*times.places, strict=True))
    times_s = ticks * (time_base.numerator / time_base.denominator) - start_s
    arrays = (times_s.astype(np.float64), begins.astype(np.int64), ends.astype(np.int64), keys.astype(np.uint8))
    outbox.send("packets", memoryview(b"".join(array.tobytes() for array in arrays)))


def _first_picture(container: InputContainer, stream: VideoStream, request: ProbeRequest) -> VideoFrame:
    try:
        for number, packet in enumerate(container.demux(stream)):
            if number > _PACKETS_TO_FIRST_PICTURE:
                break
            try:
                frames = packet.decode()
            except NO_MEMORY:
                raise
            except FFmpegError:
                continue  # a damaged packet; the next may be whole
            if frames:
                check_size(frames[0].width, frames[0].height, request.source)
                return frames[0]
    except NO_MEMORY:
        raise
    except FFmpegError as error:
        raise _no_frames(request) from error
    raise _no_frames(request)


def _no_frames(request: ProbeRequest) -> NoFrames:
    return NoFrames(
        f"No picture of {request.source.name} could be decoded.", "The file is damaged or was cut off; send it again."
    )


def _packet_times(container: InputContainer, stream: VideoStream, request: ProbeRequest, outbox: Outbox) -> _Times:
    presented: list[int | None] = []
    decoded: list[int | None] = []
    places: list[tuple[int, int, int, bool]] = []
    last_duration, codec = 0, stream.codec_context.name
    try:
        for packet in container.demux(stream):
            if request.places and packet.size:
                shown_at = packet.pts if packet.pts is not None else packet.dts or 0
                begin = -1 if packet.pos is None else packet.pos
                places.append((shown_at, begin, begin + packet.size, packet.is_keyframe))
            if not packet_is_shown(packet, request.source, codec):
                continue
            presented.append(packet.pts)
            decoded.append(packet.dts)
            last_duration = packet.duration or last_duration
            if len(presented) > request.max_frames:
                raise VideoTooLarge(
                    f"{request.source.name} has more than {request.max_frames} frames.", "Cut it into parts."
                )
            outbox.alive()
    except NO_MEMORY:
        raise
    except FFmpegError:
        pass  # damaged from here on: the frames up to here are what there is
    if not presented:
        raise _no_frames(request)
    if request.places and request.source.container == "mov":  # its index tells keys; a parser looks at the bytes
        keys = {entry.pos for entry in stream.index_entries if entry.is_keyframe}
        places = [(shown_at, begin, end, begin in keys) for shown_at, begin, end, _ in places]
    return _Times(presented, decoded, last_duration, places)


def _presentation_times(
    times: _Times, time_base: Fraction, rate: float, *, counted: bool
) -> tuple[float | None, np.ndarray]:
    """Start on the container's clock (None: frames are to be counted) and times from there, strictly rising.

    Decoding times are the presentation times shifted and in another order, so sorted they serve in their place
    where a container (AVI, above all) keeps no presentation times.
    """
    if not counted and all(t is not None for t in times.presented):
        on_clock = _unique_seconds(times.presented, time_base)
        return float(on_clock[0]), on_clock - on_clock[0]
    if all(t is not None for t in times.decoded):
        on_clock = _unique_seconds(times.decoded, time_base)
        if len(on_clock) == len(times.decoded):
            return None, on_clock - on_clock[0]
    return None, np.arange(len(times.presented)) / rate


def _unique_seconds(ticks: list[int | None], time_base: Fraction) -> np.ndarray:
    return np.array([seconds(t, time_base) for t in sorted({t for t in ticks if t is not None})])
