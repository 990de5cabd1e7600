"""The preview: a small H.264 MP4 that every browser plays and scrubs quickly. Runs in the decoder process only."""

from __future__ import annotations

import errno
from fractions import Fraction

import av
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from ergo.errors import StorageFull

# Divides the frame distances of 24, 25, 30, 29.97, 50 and 60 frames a second, and milliseconds, without remainder.
CLOCK = Fraction(1, 90_000)
# A key frame every half second: to show any moment, a browser then decodes at most that much.
_KEY_EVERY_S = 0.5
_NO_LIMIT_ON_KEYS = 100_000
# ultrafast at this quality takes 0.06 core-seconds for a second of 720p30 at about 1 Mbit/s; superfast takes 0.15.
_OPTIONS = {
    "preset": "ultrafast",
    "crf": "26",
    "maxrate": "4M",
    "bufsize": "8M",
    "forced-idr": "1",
    "x264-params": "scenecut=0:rc-lookahead=0:sync-lookahead=0",
}
# What is coded once more should lose little the first time.
_DRAFT = {"crf": "18", "maxrate": "12M", "bufsize": "24M"}


class PreviewWriter:
    """Writes upright frames at their own presentation times, so that the video's clock is the analysis's clock.

    Args:
        path: file to write; complete only after `close`.
        size: even width and height of the frames.
        span_s: when the first frame is due and when the last one is over; the file's clock begins with the first.
        matrix: how the frames' YUV is to be read, from :func:`ergo.video.picture.colour_matrix`.
        threads: of the encoder.
        draft: it will be coded once more.

    Raises:
        StorageFull: no room left, in any method.
    """

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        span_s: tuple[float, float],
        *,
        matrix: int,
        threads: int,
        draft: bool = False,
    ) -> None:
        self._container = av.open(f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"})
        stream = self._container.add_stream("libx264", rate=30, options=_OPTIONS | _DRAFT if draft else dict(_OPTIONS))
        assert isinstance(stream, VideoStream)  # noqa: S101 (libx264 is a video encoder)
        context = stream.codec_context
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        stream.time_base = context.time_base = CLOCK
        context.gop_size, context.max_b_frames, context.thread_count = _NO_LIMIT_ON_KEYS, 0, threads
        context.colorspace = matrix
        context.color_range = 1
        self._stream = stream
        self._start, self._end = (ticks(time_s) for time_s in span_s)
        self._next_key_s = span_s[0]
        self._pending: Packet | None = None

    def write(self, frame: VideoFrame, time_s: float) -> None:
        """Add a frame, shown from `time_s` (rising) until the next one."""
        frame.pts, frame.time_base = ticks(time_s) - self._start, CLOCK
        frame.pict_type = PictureType.NONE
        if time_s >= self._next_key_s:
            frame.pict_type = PictureType.I
            self._next_key_s = time_s + _KEY_EVERY_S
        try:
            for packet in self._stream.encode(frame):
                self._mux(packet)
        except OSError as error:
            raise full(error) from error

    def close(self) -> None:
        """Finish the file."""
        try:
            for packet in self._stream.encode(None):
                self._mux(packet)
            if self._pending is not None:
                self._pending.duration = max(1, self._end - self._start - (self._pending.pts or 0))
                self._container.mux(self._pending)
            self._container.close()
        except OSError as error:
            raise full(error) from error

    def _mux(self, packet: Packet) -> None:
        """Hold each packet back until the next one tells how long it is shown."""
        before, self._pending = self._pending, packet
        if before is not None:
            before.duration = (packet.pts or 0) - (before.pts or 0)
            self._container.mux(before)


def ticks(time_s: float) -> int:
    """A time on the preview's clock."""
    return round(time_s / CLOCK)


def full(error: OSError) -> Exception:
    """What to raise when writing failed."""
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return StorageFull("There is no room for the preview.", "Free some space on the device and try again.")
    return error
