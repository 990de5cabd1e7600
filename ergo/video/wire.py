"""What parent and decoder process say to each other.

The parent writes one request (a line of JSON, then raw arrays) to a file that becomes the child's standard input.
The child answers on standard output with messages: 4 bytes length, JSON, then `payload` raw bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

LENGTH = struct.Struct("<I")
MAX_HEADER_BYTES = 65_536

WANTED = 1  # bit of a frame's flag: give the picture to the parent
PREVIEWED = 2  # bit of a frame's flag: write it to the preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits the child sets on itself before it looks at the file."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file to open, and with which demuxer only."""

    path: str
    name: str
    container: str
    max_pixels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Where the frames lie; the raw arrays after the request hold their times (and flags).

    `start_s` is the first frame's time on the container's clock, None when frames must be counted instead.
    """

    count: int
    start_s: float | None
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """Tell what the video is; answered by one ``info`` message with float64 timestamps.

    With `places` a ``packets`` message follows: float64 times[N], int64 begins[N], int64 ends[N], uint8 keys[N] of all
    packets of the picture in the order of the file (see :class:`ergo.video.byte_ranges.Packets`).
    """

    budget: Budget
    source: Source
    max_frames: int
    places: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """One file of the preview: the flagged frames from `first` on, up to the first one of the next file.

    `span_s` is what it covers: its clock begins with the first, its last frame stays until the second.
    """

    path: str
    first: int
    span_s: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeRequest:
    """Give the flagged frames in order, upright, at `size`; write the preview on the way.

    When a reel is complete a ``reel`` message tells its number; one without frames is not written, nor told.
    `draft` says that they will be coded once more.
    `to_the_end` says that the last frames of the file are among those asked for.

    Raw arrays: float64 timestamps[count], uint8 flags[count].
    """

    budget: Budget
    source: Source
    timeline: Timeline
    rotation_deg: int
    size: tuple[int, int]
    reels: tuple[Reel, ...]
    preview_size: tuple[int, int]
    draft: bool
    to_the_end: bool
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """Put the pieces of a preview together, one after the other, without coding anything anew.

    Piece number n is shown from `starts_s[n]` on, the last one until `end_s`. No raw arrays; answered by ``end``.
    """

    budget: Budget
    sources: tuple[Source, ...]
    starts_s: tuple[float, ...]
    end_s: float
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlurRequest:
    """Code a preview anew with discs blurred; answered by ``end``.

    `length_s` is how long it is shown. Raw arrays: float64 times[frames] on the preview's own clock, rising; float64
    discs[discs, 4]: number of the frame, rising, and x, y, radius in pixels of the preview.
    """

    budget: Budget
    source: Source
    frames: int
    discs: int
    length_s: float
    path: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GrabRequest:
    """Give single frames. Raw arrays: float64 timestamps[count], int64 rising frame indices[grabs]."""

    budget: Budget
    source: Source
    timeline: Timeline
    rotation_deg: int
    size: tuple[int, int]
    grabs: int


Request: TypeAlias = ProbeRequest | DecodeRequest | GrabRequest | JoinRequest | BlurRequest

_KINDS: Mapping[str, type[Request]] = {
    "probe": ProbeRequest,
    "decode": DecodeRequest,
    "grab": GrabRequest,
    "join": JoinRequest,
    "blur": BlurRequest,
}


def pack_request(request: Request) -> bytes:
    """The line of JSON that a child reads."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(request, cls))
    return json.dumps({"kind": kind, **asdict(request)}).encode() + b"\n"


def unpack_request(line: bytes) -> Request:
    """The request in a line made by :func:`pack_request`."""
    fields: dict[str, Any] = json.loads(line)
    cls = _KINDS[fields.pop("kind")]
    fields["budget"] = Budget(**fields["budget"])
    if "source" in fields:
        fields["source"] = Source(**fields["source"])
    if "sources" in fields:
        fields["sources"] = tuple(Source(**source) for source in fields["sources"])
    if "timeline" in fields:
        fields["timeline"] = Timeline(**fields["timeline"])
    if "reels" in fields:
        fields["reels"] = tuple(Reel(**{**reel, "span_s": tuple(reel["span_s"])}) for reel in fields["reels"])
    for name in ("size", "preview_size", "starts_s"):
        if name in fields:
            fields[name] = tuple(fields[name])
    return cls(**fields)


def pack_header(kind: str, payload: int = 0, **fields: object) -> bytes:
    """The bytes that come before a message's payload."""
    text = json.dumps({"kind": kind, "payload": payload, **fields}).encode()
    return LENGTH.pack(len(text)) + text
