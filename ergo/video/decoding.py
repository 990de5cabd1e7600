"""Giving frames: all in order, or single ones. Runs in the decoder process only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ergo.errors import NoFrames
from ergo.video.container import NO_MEMORY, FrameCounter, check_size, opened, seconds
from ergo.video.outbox import Outbox
from ergo.video.picture import ToRgb, Upright, colour_matrix
from ergo.video.preview import PreviewWriter
from ergo.video.wire import PREVIEWED, WANTED, DecodeRequest, GrabRequest, Source

# Between two pictures asked for that lie closer than this, decoding on is cheaper than seeking to a key frame.
_DECODE_ON_S = 2.0
# Some containers find the key frame by decoding time, which runs ahead of what is shown.
_SEEK_MARGIN_S = 0.5
# A header may round its duration up, and sound may outlast the picture a little.
_DURATION_SLACK_S = 1.0


@dataclass
class _Damage:
    """What went wrong on the way through the file."""

    packets: int = 0
    ended_by: str | None = None
    last_s: float = 0.0


@dataclass
class _Pictures:
    """Makes what is asked for out of decoded frames."""

    request: DecodeRequest
    outbox: Outbox

    def __post_init__(self) -> None:
        request = self.request
        self._rgb = ToRgb(request.size)
        self._small = Upright(request.size, request.rotation_deg)
        self._preview_size = Upright(request.preview_size, request.rotation_deg)
        # The preview picture serves for the frame, too, unless the frame is the larger one.
        self._shared = bool(request.reels) and max(request.size) <= max(request.preview_size)
        self._firsts = [reel.first for reel in request.reels]
        self._number = -1
        self._writer: PreviewWriter | None = None

    def add(self, frame: VideoFrame, index: int, time_s: float, flags: int) -> None:
        """Send and write one frame as its flags say."""
        matrix = colour_matrix(frame)
        upright = self._preview_size(frame) if flags & PREVIEWED else None
        writer = self._reel(index, matrix) if upright is not None else None
        if flags & WANTED:
            picture = upright if upright is not None and self._shared else self._small(frame)
            rgb = self._rgb(picture, matrix)
            self.outbox.send("frame", rgb.data.cast("B"), index=index)
        if upright is not None and writer is not None:
            writer.write(upright, time_s)

    def end_reel(self) -> None:
        """Finish the file that is being written, if there is any."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            self.outbox.send("reel", number=self._number)

    def _reel(self, index: int, matrix: int) -> PreviewWriter:
        number = bisect_right(self._firsts, index) - 1
        if self._writer is None or number != self._number:
            self.end_reel()
            self._number, request = number, self.request
            reel = request.reels[number]
            self._writer = PreviewWriter(
                reel.path,
                request.preview_size,
                reel.span_s,
                matrix=matrix,
                threads=request.threads,
                draft=request.draft,
            )
        return self._writer


def answer_decode(request: DecodeRequest, timestamps_s: np.ndarray, flags: np.ndarray, outbox: Outbox) -> None:
    """Send the wanted frames and an ``end`` message with what was damaged.

    Raises:
        NoFrames: nothing could be decoded.
        VideoTooLarge: the picture grows beyond the limit on the way.
        StorageFull: the preview found no room.
    """
    used = np.flatnonzero(flags)
    damage = _Damage()
    pictures = _Pictures(request, outbox)
    with opened(request.source) as (container, stream):
        _use_threads(stream, request.threads)
        time_base = stream.time_base or Fraction(1, 90_000)
        counter = FrameCounter(request.timeline, timestamps_s, time_base)
        for frame in _decoded_from(container, stream, request, float(timestamps_s[used[0]]), damage):
            index = counter.index(frame)
            if used[0] > 0 and index is not None and index <= used[0]:
                damage.packets = 0  # what came before is told by those who read it
            if index is not None and flags[index]:
                pictures.add(frame, index, float(timestamps_s[index]), int(flags[index]))
            if index is not None and index >= used[-1]:
                break
            outbox.alive()
        told = None if counter.last < 0 else _told(container, stream, request, counter, damage)
    if counter.last < 0 or (used[0] > 0 and counter.last < used[0]):
        raise NoFrames(f"No picture of {request.source.name} could be decoded.", "The file is damaged; send it again.")
    pictures.end_reel()
    outbox.send("end", damage=told)


def answer_grab(request: GrabRequest, timestamps_s: np.ndarray, indices: np.ndarray, outbox: Outbox) -> None:
    """Send the frames at `indices`, or the nearest readable ones after (else before) them, and an ``end`` message."""
    upright, rgb = Upright(request.size, request.rotation_deg), ToRgb(request.size)
    with opened(request.source) as (container, stream):
        time_base = stream.time_base or Fraction(1, 90_000)
        position_s = 0.0
        frames = _decoded(container, stream, request.source, _Damage())
        counter = FrameCounter(request.timeline, timestamps_s, time_base)
        shown: VideoFrame | None = None
        for target in indices:
            target_s = float(timestamps_s[target])
            if target_s - position_s > _DECODE_ON_S and _seek(container, stream, request, target_s):
                frames = _decoded(container, stream, request.source, _Damage())
                counter = FrameCounter(request.timeline, timestamps_s, time_base)
            while counter.last < target and (frame := next(frames, None)) is not None:
                outbox.alive()
                if counter.index(frame) is not None:
                    shown = frame
            if shown is None:
                break
            picture = rgb(upright(shown), colour_matrix(shown))
            outbox.send("frame", picture.data.cast("B"), index=int(target))
            position_s = target_s
    outbox.send("end")


def _decoded_from(
    container: InputContainer, stream: VideoStream, request: DecodeRequest, time_s: float, damage: _Damage
) -> Iterator[VideoFrame]:
    """Every frame from the key frame before `time_s` on; from the first where the container cannot go there."""
    if time_s > _DECODE_ON_S and _seek(container, stream, request, time_s - _SEEK_MARGIN_S):
        frames = _decoded(container, stream, request.source, damage)
        frame = next(frames, None)
        if frame is not None and frame.pts is not None and _is_before(frame.pts, stream, request, time_s):
            yield frame
            yield from frames
            return
        _seek(container, stream, request, 0.0)
    yield from _decoded(container, stream, request.source, damage)


def _is_before(pts: int, stream: VideoStream, request: DecodeRequest, time_s: float) -> bool:
    on_clock = seconds(pts, stream.time_base or Fraction(1, 90_000)) - (request.timeline.start_s or 0.0)
    return on_clock <= time_s


def _seek(container: InputContainer, stream: VideoStream, request: DecodeRequest | GrabRequest, time_s: float) -> bool:
    """Go to the key frame before `time_s`; False where the container cannot, and decoding goes on from here."""
    if request.timeline.start_s is None or stream.time_base is None:
        return False
    try:
        container.seek(int((time_s + request.timeline.start_s) / stream.time_base), stream=stream)
    except FFmpegError:
        return False
    return True


def _decoded(container: InputContainer, stream: VideoStream, source: Source, damage: _Damage) -> Iterator[VideoFrame]:
    """Every frame that can be decoded; what cannot is counted in `damage`."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except NO_MEMORY:
            raise
        except FFmpegError as error:
            damage.ended_by = str(error.strerror or error)
            packet = None
        try:
            if packet is None:
                frames = stream.decode(None)  # the frames still held back for reordering
            elif packet.size == 0:
                continue  # an empty packet would end the decoder before its time
            elif packet.is_corrupt and source.container != "mpegts":
                damage.packets += 1
                continue
            else:
                frames = packet.decode()
        except NO_MEMORY:
            raise
        except FFmpegError:
            damage.packets += 1
            frames = []
        for frame in frames:
            check_size(frame.width, frame.height, source)
            if frame.pts is not None and stream.time_base is not None:
                damage.last_s = max(damage.last_s, seconds(frame.pts, stream.time_base))
            yield frame
        if packet is None:
            return


def _told(
    container: InputContainer, stream: VideoStream, request: DecodeRequest, counter: FrameCounter, damage: _Damage
) -> str | None:
    """One sentence about what could not be read, None when all is well."""
    name = request.source.name
    read = counter.last + 1
    promised = _promised_by_index(stream, request.source) if request.to_the_end else None
    if promised is not None:
        return f"{name} is cut off: it promises {promised} frames, {read} could be read."
    if damage.ended_by is not None:
        return f"{name} is damaged after {damage.last_s:.1f} s ({damage.ended_by}); {read} frames could be read."
    if damage.packets:
        return f"{damage.packets} of {request.timeline.count} frames of {name} are damaged and were left out."
    if request.to_the_end and container.duration and request.source.container in ("matroska", "flv", "asf"):
        missing_s = seconds(container.duration, Fraction(1, av.time_base)) - request.timeline.duration_s
        if missing_s > _DURATION_SLACK_S and not container.streams.audio:
            return f"{name} is cut off: the last {missing_s:.1f} s it promises are missing."
    return None


def _promised_by_index(stream: VideoStream, source: Source) -> int | None:
    """Frames that the index of an MP4 promises, if some of them lie beyond the end of the file."""
    if source.container != "mov" or not len(stream.index_entries):
        return None
    last = stream.index_entries[len(stream.index_entries) - 1]
    cut_off = last.pos + last.size > Path(source.path).stat().st_size
    return len(stream.index_entries) if cut_off else None


def _use_threads(stream: VideoStream, threads: int) -> None:
    stream.codec_context.thread_count = threads
    stream.codec_context.thread_type = "FRAME" if threads > 1 else "SLICE"
