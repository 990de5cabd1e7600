"""One preview out of those of the pieces that a video was read in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from ergo.errors import DecodeFailed
from ergo.types import VideoInfo
from ergo.video.limits import DecodeLimits, Stretch
from ergo.video.probing import source_of
from ergo.video.process import DecoderProcess
from ergo.video.reading import decode_budget, time_of, unfinished
from ergo.video.wire import JoinRequest


def join_previews(
    pieces: Sequence[tuple[Path, int]],
    info: VideoInfo,
    path: Path,
    limits: DecodeLimits,
    stretch: Stretch | None = None,
) -> None:
    """Write the pieces' previews one after the other to `path`, each frame at its own presentation time.

    Nothing is coded anew: every piece begins with a key frame and was coded with the same settings.

    Args:
        pieces: preview files and the first frame of each piece's own, in order; at least one.
        info: the video that they show.
        path: file to make.
        limits: what the decoder process may use.
        stretch: the piece that the files are parts of; its preview's clock begins at its own first frame.

    Raises:
        DecodeFailed: a piece cannot be read or was coded in another way.
        StorageFull: no room left.
    """
    part = unfinished(path)
    begin_s = 0.0 if stretch is None else time_of(stretch.begin, info)
    end_s = info.duration_s if stretch is None else time_of(stretch.end, info)
    request = JoinRequest(
        budget=decode_budget(info, limits),
        sources=tuple(source_of(piece, limits) for piece, _ in pieces),
        starts_s=tuple(time_of(begin, info) - begin_s for _, begin in pieces),
        end_s=end_s - begin_s if math.isfinite(end_s) else 0.0,
        path=str(part.resolve()),
    )
    try:
        with DecoderProcess(request, (), name=path.name, idle_timeout_s=limits.idle_timeout_s) as child:
            if child.message().kind != "end":
                raise DecodeFailed(f"The decoder of {path.name} answered nonsense.", "Run the job again.")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
