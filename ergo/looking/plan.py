"""A film cut into pieces that are looked at independently, and put together again by :mod:`ergo.looking.join`.

The cut depends on the film and the quality alone, never on how many machines there are: so the same film gives the
same results however many of them looked at it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ergo.errors import JobFailed
from ergo.pose.orientation import turned
from ergo.types import Quality, VideoInfo
from ergo.video.byte_ranges import Layout, layout_of
from ergo.video.limits import DecodeLimits, Stretch
from ergo.video.probing import probe_places
from ergo.video.reading import shown_frames, time_of
from ergo.video.sniff import container_format

SCHEMA = "ergo.plan/3"
PIECE_S = 120.0
"""Usual length of a piece. A film of less than one and a half is not cut."""
LEAD_S = 4.0
"""Each piece begins this long before its own part, so that whoever is there is being followed when that begins …"""
TRAIL_S = 1.0
"""… and goes on this long after it: there both neighbours' landmarks are blended, and hands interpolated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a film is looked at.

    Args:
        video_name: name of the file.
        video: the film, turned by `turn_deg`.
        turn_deg: counter-clockwise turn beyond what the file asks for.
        quality: how closely the pictures are looked at.
        pieces: in order; their own parts follow one another without a gap.
        layout: where in the file the pieces lie, None where that cannot be told.
        blur_faces: whether heads are blurred in all that is kept of the pictures.
    """

    video_name: str
    video: VideoInfo
    turn_deg: int
    quality: Quality
    pieces: tuple[Stretch, ...]
    layout: Layout | None = None
    blur_faces: bool = True

    def turned(self, turn_deg: int) -> Plan:
        """The same plan for the film turned."""
        return replace(self, video=turned(self.video, turn_deg), turn_deg=(self.turn_deg + turn_deg) % 360)


def plan_film(
    video: Path, quality: Quality, limits: DecodeLimits, piece_s: float = PIECE_S, *, blur_faces: bool = True
) -> Plan:
    """Probe a film and cut it into pieces of about `piece_s` seconds.

    Raises:
        VideoError: the file is not a video that can be read.
    """
    info, packets = probe_places(video, limits)
    pieces, times_s = cut(info, piece_s), info.timestamps_s
    spans_s = [(float(times_s[piece.first]), float(times_s[piece.last - 1])) for piece in pieces]
    layout = layout_of(packets, spans_s, container_format(video), video.stat().st_size)
    return Plan(
        video_name=video.name,
        video=info,
        turn_deg=0,
        quality=quality,
        pieces=pieces,
        layout=layout,
        blur_faces=blur_faces,
    )


def cut(info: VideoInfo, piece_s: float) -> tuple[Stretch, ...]:
    """Pieces of equal length whose own parts begin with a frame of the preview.

    A container without presentation times cannot be entered in the middle: such a film stays whole.
    """
    times_s, whole = info.timestamps_s, Stretch(first=0, begin=0, end=info.frame_count, last=info.frame_count)
    cuts = (0, info.frame_count) if math.isnan(info.start_s) else equal_cuts(info, whole, piece_s)
    return tuple(
        Stretch(
            first=int(np.searchsorted(times_s, times_s[begin] - LEAD_S)),
            begin=begin,
            end=end,
            last=end if end == info.frame_count else int(np.searchsorted(times_s, times_s[end] + TRAIL_S)),
        )
        for begin, end in pairwise(cuts)
    )


def equal_cuts(info: VideoInfo, stretch: Stretch, usual_s: float) -> list[int]:
    """Where to cut the own part of a stretch into equal parts of about `usual_s`, both ends included.

    In numbers of frames, rising; each part begins with a frame of the preview.
    """
    begin_s, end_s = time_of(stretch.begin, info), time_of(stretch.end, info)
    count = max(1, round((end_s - begin_s) / usual_s))
    shown = shown_frames(info, stretch)
    wanted = np.searchsorted(info.timestamps_s[shown], begin_s + (end_s - begin_s) * np.arange(1, count) / count)
    return sorted({stretch.begin, *(int(shown[i]) for i in wanted if i < len(shown)), stretch.end})


def encode_plan(plan: Plan) -> bytes:
    """A plan as JSON, the same bytes for the same plan."""
    about = {
        "schema": SCHEMA,
        "video_name": plan.video_name,
        "turn_deg": plan.turn_deg,
        "quality": plan.quality,
        "blur_faces": plan.blur_faces,
        "pieces": [asdict(piece) for piece in plan.pieces],
        "layout": None if plan.layout is None else asdict(plan.layout),
        "video": {f.name: _plain(getattr(plan.video, f.name)) for f in fields(VideoInfo)},
    }
    return json.dumps(about).encode()


def decode_plan(raw: bytes) -> Plan:
    """What :func:`encode_plan` wrote. Raises JobFailed for anything else."""
    try:
        about: dict[str, Any] = json.loads(raw)
        if about["schema"] != SCHEMA:
            raise ValueError(about["schema"])
        video: dict[str, Any] = dict(about["video"])
        video["timestamps_s"] = np.array(video["timestamps_s"], dtype=np.float64)
        start_s = video.pop("start_s")
        return Plan(
            video_name=about["video_name"],
            video=VideoInfo(**video, start_s=math.nan if start_s is None else start_s),
            turn_deg=about["turn_deg"],
            quality=about["quality"],
            blur_faces=about["blur_faces"],
            pieces=tuple(Stretch(**piece) for piece in about["pieces"]),
            layout=None if about["layout"] is None else _layout(about["layout"]),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise JobFailed(
            f"The plan of a job cannot be read ({type(error).__name__}).",
            "Run the job again with this version of Ergo.",
        ) from error


def _layout(about: dict[str, Any]) -> Layout:
    return Layout(**{name: tuple((int(begin), int(end)) for begin, end in about[name]) for name in ("frame", "pieces")})


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if isinstance(value, float) and math.isnan(value) else value
