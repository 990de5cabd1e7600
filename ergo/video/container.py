"""Opening a foreign file with FFmpeg, narrowly. Runs in the decoder process only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ergo.errors import DecodeFailed, NotAVideo, NoVideoStream, VideoTooLarge
from ergo.video.wire import Source, Timeline

# Names as FFmpeg lists them, which format_whitelist compares with.
_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf"
_DECODERS = (
    "h264,hevc,av1,libdav1d,vp8,vp9,vvc,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,mpeg1video,mpeg2video,h263,"
    "flv,mjpeg,mjpegb,prores,dnxhd,wmv1,wmv2,wmv3,vc1,theora,dvvideo,ffv1,huffyuv,ffvhuff,utvideo,"
    "cinepak,svq3,qtrle,rawvideo,png"
)
_CONVERT = "Convert it to H.264 MP4 and try again."

# A decoder that cannot start its threads for want of memory says "try again".
NO_MEMORY = (MemoryError, BlockingIOError)

# On the container's clock, how far a frame's time may lie from its entry in the timeline: rounding only.
_SAME_TIME_S = 1e-4


@contextmanager
def opened(source: Source) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and its moving picture.

    Raises:
        NotAVideo: no readable header.
        NoVideoStream: only sound or cover art.
        VideoTooLarge: the header announces too large a picture.
        DecodeFailed: the codec is not one that is read here.
        MemoryError, BlockingIOError: memory ran out (see NO_MEMORY).
    """
    options = {"protocol_whitelist": "file", "format_whitelist": _DEMUXERS, "codec_whitelist": _DECODERS}
    try:
        container = av.open(f"file:{source.path}", "r", format=source.container, options=options)
    except NO_MEMORY:
        raise
    except (FFmpegError, ValueError) as error:
        reason = error.strerror if isinstance(error, FFmpegError) else "a field out of range"  # its text has the path
        raise NotAVideo(
            f"The header of {source.name} cannot be read ({reason}).",
            "The file is damaged, or its end is missing: a recording that was cut off before it was saved, or "
            "an upload that did not finish. Send it again.",
        ) from error
    with container:
        yield container, _moving_picture(container, source)


def _moving_picture(container: InputContainer, source: Source) -> VideoStream:
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not pictures:
        what = "cover art but no moving picture" if container.streams.video else "no picture, only sound or data"
        raise NoVideoStream(f"{source.name} holds {what}.", "Upload the video itself.")
    best = container.streams.best("video")
    stream = next((s for s in pictures if best is not None and s.index == best.index), pictures[0])
    if stream.codec_context is None or stream.codec_context.name not in _DECODERS.split(","):
        codec = "an unknown codec" if stream.codec_context is None else stream.codec_context.name
        raise DecodeFailed(f"{source.name} is coded as {codec}, which is not read here.", _CONVERT)
    check_size(stream.codec_context.width, stream.codec_context.height, source)
    return stream


def check_size(width_px: int, height_px: int, source: Source) -> None:
    """Refuse a picture of more than `source.max_pixels`.

    Raises:
        VideoTooLarge: it is.
    """
    if width_px * height_px > source.max_pixels:
        raise VideoTooLarge(
            f"{source.name} is {width_px} × {height_px} pixels; at most {source.max_pixels} are accepted.",
            "Scale it down, for instance to 1920 × 1080.",
        )


def packet_is_shown(packet: Packet, source: Source, codec: str) -> bool:
    """Whether a packet holds a picture that will be displayed.

    Left out: flush and filler packets, parts outside the edit list, packets cut short by the end of the file
    (a transport stream flags whole ones, too, after any hiccup of the line), and the hidden reference pictures of VP8
    (RFC 6386 section 9.1: bit 4 of the frame tag is show_frame).
    """
    if packet.size == 0 or packet.is_discard or (packet.is_corrupt and source.container != "mpegts"):
        return False
    return codec != "vp8" or bool(memoryview(packet)[0] & 0x10)


@dataclass
class FrameCounter:
    """Finds the place of each decoded frame on the timeline.

    By its presentation time where the container keeps one, else by counting (`timeline.start_s` None).
    """

    timeline: Timeline
    timestamps_s: np.ndarray
    time_base: Fraction
    last: int = -1

    def index(self, frame: VideoFrame) -> int | None:
        """Index in the timeline; None for a frame that is not on it, or is out of order."""
        if self.timeline.start_s is None:
            found = self.last + 1
            if found >= self.timeline.count:
                return None
        else:
            if frame.pts is None:
                return None
            time_s = seconds(frame.pts, self.time_base) - self.timeline.start_s
            found = int(np.searchsorted(self.timestamps_s, time_s - _SAME_TIME_S))
            if found >= self.timeline.count or abs(self.timestamps_s[found] - time_s) > _SAME_TIME_S:
                return None
        if found <= self.last:
            return None
        self.last = found
        return found


def seconds(ticks: int, time_base: Fraction) -> float:
    """Time of a tick, rounded once, so that probe and decoder get the same number."""
    return ticks * time_base.numerator / time_base.denominator


def pixel_aspect(frame_aspect: Fraction | None) -> float:
    """Width over height of a pixel; square when the container does not say."""
    aspect = float(frame_aspect) if frame_aspect else 1.0
    return aspect if math.isfinite(aspect) and aspect > 0 else 1.0
