"""Which bytes of a video file hold what, so that a piece of a film can be read without the rest of its file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

ByteRange: TypeAlias = tuple[int, int]
"""From the first byte to before the second."""
Read: TypeAlias = Callable[[int, int], bytes]
"""``read(start, length)``: bytes of the file, fewer at its end."""

HEAD_BYTES = 8 << 20
"""So much of the beginning of the pictures is always read: FFmpeg looks at 5 MB to find out how they are coded."""
# Where FFmpeg enters the film: half a second before what is asked for, and a container may shift its clock a little.
_BEFORE_S = 1.5
# Pictures come out of a decoder in another order than they go in, so it is fed some more at the end.
_AFTER_S = 2.0
_AFTER_PACKETS = 16
_BY_INDEX = ("mov", "matroska")
_MOST_BOXES = 64
_MOST_OUTLINE_BYTES = 512 << 20
_TIMES_FROM_INDEX = ("h264", "hevc", "mpeg4", "mjpeg", "prores")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """Every packet of the moving picture, in the order of the file.

    `times_s` are presentation times from the first shown frame, `begins` and `ends` bytes of the file, `keys` tells
    where decoding can begin.
    """

    times_s: Float[np.ndarray, "N"]
    begins: Int[np.ndarray, "N"]
    ends: Int[np.ndarray, "N"]
    keys: Bool[np.ndarray, "N"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the pieces of a film lie in its file: `frame` belongs to all of them, `pieces` to one each."""

    frame: tuple[ByteRange, ...]
    pieces: tuple[ByteRange, ...]


def layout_of(
    packets: Packets, spans_s: Sequence[tuple[float, float]], container: str, size_bytes: int
) -> Layout | None:
    """The bytes of the pieces that are shown from the first to the second of `spans_s`.

    None where a decoder would not find them: a container without an index of its pictures, or packets that do not
    say where they lie.
    """
    if container not in _BY_INDEX or len(spans_s) < 2 or not len(packets.begins) or packets.begins.min() < 0:
        return None
    first, last = int(packets.begins.min()), int(packets.ends.max())
    head = min(first + HEAD_BYTES, last)
    return Layout(
        frame=((0, head), (last, size_bytes)) if last < size_bytes else ((0, head),),
        pieces=tuple(_bytes_of(packets, *span_s) for span_s in spans_s),
    )


def _bytes_of(packets: Packets, begin_s: float, end_s: float) -> ByteRange:
    keys = np.flatnonzero(packets.keys & (packets.times_s <= begin_s - _BEFORE_S))
    fed = np.flatnonzero(packets.times_s <= end_s + _AFTER_S)
    first = keys[-1] if len(keys) else 0
    last = min((fed[-1] if len(fed) else 0) + _AFTER_PACKETS, len(packets.begins) - 1)
    rows = slice(first, max(first, last) + 1)
    return int(packets.begins[rows].min()), int(packets.ends[rows].max())


def outline_of(read: Read, size_bytes: int) -> tuple[ByteRange, ...] | None:
    """What of an MP4 or QuickTime file tells the times and places of its pictures: all but the media themselves.

    None where that cannot be told from a few boxes at the top (ISO/IEC 14496-12 section 4.2): another container, a
    file in fragments, which has its index all over it, or one that is damaged.
    """
    ranges: list[ByteRange] = []
    begin, kinds = 0, set()
    while begin < size_bytes and len(ranges) < _MOST_BOXES:
        kind, header, length = _box(read(begin, 16))
        length = length or size_bytes - begin  # 0: to the end of the file
        if length < header or not kind.isalnum() or kind == b"moof":
            return None
        kinds.add(kind)
        end = min(begin + length, size_bytes)
        ranges.append((begin, min(begin + header + HEAD_BYTES, end) if kind == b"mdat" else end))
        begin = end
    small = sum(end - begin for begin, end in ranges) <= _MOST_OUTLINE_BYTES
    return tuple(ranges) if begin >= size_bytes and {b"moov", b"mdat"} <= kinds and small else None


def _box(head: bytes) -> tuple[bytes, int, int]:
    """Kind of a box, bytes of its header and of all of it; an impossible length for what is no box."""
    if len(head) < 8:
        return b"", 8, -1
    length, kind = struct.unpack(">I4s", head[:8])
    if length != 1:
        return kind, 8, length
    return (kind, 16, struct.unpack(">Q", head[8:])[0]) if len(head) == 16 else (b"", 8, -1)


def times_are_in_the_index(codec: str) -> bool:
    """Whether the times of a film coded so can be told from an :func:`outline_of` its file alone."""
    return codec in _TIMES_FROM_INDEX
