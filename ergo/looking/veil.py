"""The preview of a piece with the heads in it blurred, made while later pictures of the piece are still looked at.

The decoder writes drafts of a few seconds each, in the clear. A draft can be blurred as soon as nothing that is still
to be seen changes where heads are in it; so when the last picture has been looked at, little is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from ergo.looking.heads import AFTER_S, GAP_S, head_discs
from ergo.looking.plan import Plan, equal_cuts
from ergo.pose.face_tracks import FACE_GAP_S, FaceTrack
from ergo.pose.settings import PRESETS
from ergo.types import Keypoints
from ergo.video.blurring import blur_preview
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, Stretch
from ergo.video.reading import shown_frames, time_of

DRAFT_S = 20.0
"""Usual length of a draft; each costs the start of a process."""
SETTLES_S = 1.0
"""Discs are smoothed over a few sightings and follow the pace of the first half second."""


class Veil:
    """Blurs the drafts of one piece's preview, one after the other, in a thread of its own.

    Args:
        plan: of the film.
        piece: the piece whose own part the preview shows.
        preview: file to make; the drafts lie beside it until the context is left.
        limits: what the decoder processes may use.
    """

    def __init__(self, plan: Plan, piece: Stretch, preview: Path, limits: DecodeLimits) -> None:
        self._plan, self._piece, self._preview, self._limits = plan, piece, preview, limits
        self._before_s = PRESETS[plan.quality].discover_s
        parts = draft_parts(plan, piece)
        self.drafts = [(preview.with_name(f"clear-{n}-{preview.name}"), part) for n, part in enumerate(parts)]
        """Files for the decoder to write, and what they are to show."""
        self._blurred = [preview.with_name(f"blurred-{n}-{preview.name}") for n in range(len(parts))]
        self._settled_s = [time_of(part.end, plan.video) + settling_s(self._before_s) for part in parts]
        self._aside = ThreadPoolExecutor(max_workers=1)  # starts its thread with the first draft
        self._done: list[Future[None]] = []

    def due(self, time_s: float) -> bool:
        """Whether a draft can be blurred now that everything up to `time_s` has been seen."""
        return len(self._done) < len(self.drafts) and time_s >= self._settled_s[len(self._done)]

    def draw(self, people: Sequence[Keypoints], faces: Sequence[FaceTrack] = ()) -> None:
        """Blur the next draft, with everybody as seen so far, and faces that are nobody's of them."""
        number = len(self._done)
        self._done.append(self._aside.submit(self._blur, number, list(people), faces))

    def finish(self, people: Sequence[Keypoints], faces: Sequence[FaceTrack] = ()) -> None:
        """Blur what is left, with everybody ever seen, and make the preview; none if nothing of it could be read."""
        while len(self._done) < len(self.drafts):
            self.draw(people, faces)
        for each in self._done:
            each.result()
        made = [
            (path, part.begin) for path, (_, part) in zip(self._blurred, self.drafts, strict=True) if path.is_file()
        ]
        if len(self.drafts) == 1 and made:
            made[0][0].replace(self._preview)
        elif made:
            join_previews(made, self._plan.video, self._preview, self._limits, self._piece)

    def _blur(self, number: int, people: Sequence[Keypoints], faces: Sequence[FaceTrack]) -> None:
        draft, part = self.drafts[number]
        if draft.is_file():
            times_s = self._plan.video.timestamps_s[shown_frames(self._plan.video, part)]
            discs = head_discs(people, times_s, self._before_s, faces)
            blur_preview(draft, self._plan.video, part, discs, self._blurred[number], self._limits)
            draft.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.shutdown(cancel_futures=True)
        for path in (*(draft for draft, _ in self.drafts), *self._blurred):
            path.unlink(missing_ok=True)


def settling_s(before_s: float) -> float:
    """After so long nothing that is seen changes where heads were; `before_s` is that of :func:`head_discs`."""
    return max(GAP_S, FACE_GAP_S, before_s, AFTER_S) + SETTLES_S


def draft_parts(plan: Plan, piece: Stretch) -> list[Stretch]:
    """The piece's own part cut into drafts of about `DRAFT_S`, each of which begins with a frame of the preview."""
    cuts = equal_cuts(plan.video, piece, DRAFT_S)
    return [Stretch(first=begin, begin=begin, end=end, last=end) for begin, end in pairwise(cuts)]
