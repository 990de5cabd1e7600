"""Putting the pieces of a preview together by copying their packets. Runs in the decoder process only."""

from __future__ import annotations

import av
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from ergo.errors import DecodeFailed
from ergo.video.container import opened
from ergo.video.outbox import Outbox
from ergo.video.preview import CLOCK, full, ticks
from ergo.video.wire import JoinRequest


def answer_join(request: JoinRequest, outbox: Outbox) -> None:
    """Write the joined file and send an ``end`` message.

    Raises:
        DecodeFailed: the pieces were not coded alike.
        StorageFull: no room left.
    """
    output = av.open(f"file:{request.path}", "w", format="mp4", options={"movflags": "+faststart"})
    splice = _Splice(output)
    try:
        for source, start_s in zip(request.sources, request.starts_s, strict=True):
            with opened(source) as (container, stream):
                splice.follow(stream, source.name)
                for packet in container.demux(stream):
                    if packet.size:
                        splice.add(packet, ticks(start_s))
                    outbox.alive()
        splice.end(ticks(request.end_s))
        output.close()
    except OSError as error:
        raise full(error) from error
    outbox.send("end")


class _Splice:
    """One video stream made of several; each frame is shown until the next one, whichever piece that is in."""

    def __init__(self, output: OutputContainer) -> None:
        self._output = output
        self._stream: VideoStream | None = None
        self._coding = b""
        self._pending: Packet | None = None

    def follow(self, piece: VideoStream, name: str) -> None:
        coding = bytes(piece.codec_context.extradata or b"")
        if self._stream is None:
            self._stream = self._output.add_stream_from_template(piece)
            self._stream.time_base, self._coding = CLOCK, coding
        elif coding != self._coding:
            raise DecodeFailed(f"{name} is coded in another way than the pieces before it.", "Run the job again.")

    def add(self, packet: Packet, offset: int) -> None:
        own = packet.time_base or CLOCK
        begin = round((packet.pts or 0) * own / CLOCK) + offset
        packet.stream = self._stream  # type: ignore[assignment]  set by `follow`
        packet.time_base = CLOCK
        packet.pts = packet.dts = begin  # the preview has no frames out of order
        self._finish(begin)
        self._pending = packet

    def end(self, at: int) -> None:
        self._finish(at)

    def _finish(self, next_begin: int) -> None:
        before, self._pending = self._pending, None
        if before is not None:
            before.duration = max(1, next_begin - (before.pts or 0))
            self._output.mux(before)
