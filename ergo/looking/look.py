"""Looking at one piece of a film: its pictures are read once, and everything that is needed of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from ergo.errors import NoFrames
from ergo.looking.heads import head_discs
from ergo.looking.part import Part
from ergo.looking.plan import Plan
from ergo.looking.strangers import strange_faces
from ergo.looking.veil import Veil
from ergo.pose.catalogue import open_estimator, open_reader
from ergo.pose.face_tracks import FaceTrack
from ergo.pose.faces import watching_faces
from ergo.pose.runtimes import DEFAULT_RUNTIME, Runtime
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import Tracker
from ergo.types import Keypoints
from ergo.video.ahead import reading_ahead
from ergo.video.background import BackgroundWatcher
from ergo.video.blurring import blur_frame
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame, Stretch
from ergo.video.reading import read_frames, time_of
from ergo.video.stills import StillKeeper, still_times


def look(
    video: Path,
    plan: Plan,
    number: int,
    preview: Path,
    limits: DecodeLimits,
    report: Callable[[float], None],
    runtime: Runtime = DEFAULT_RUNTIME,
) -> Part:
    """Look at piece `number` of a film.

    Args:
        video: the film that `plan` was made for.
        plan: how it is cut.
        number: which piece, from 0.
        preview: file to make: the piece's own part for a browser, heads blurred if the plan says so. None is made when
            no picture of it can be read. What is in the clear lies beside it while this runs, and no longer.
        limits: what the decoder may use.
        report: called with the share of the piece that is done, often.
        runtime: what runs the networks.

    Raises:
        VideoError, StorageFull, ModelError: see :func:`ergo.pipeline.analyse`.
    """
    piece = plan.pieces[number]
    pose = PRESETS[plan.quality]
    decode = DecodeSettings(rate_hz=pose.rate_hz, max_side_px=pose.input_side_px)
    background = BackgroundWatcher()
    stills = StillKeeper(_due_s(plan, piece), background)
    read: list[int] = []

    def noted(frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            read.append(frame.index)
            report((frame.index - piece.first) / max(piece.last - piece.first, 1))
            yield frame

    with Veil(plan, piece, preview, limits) if plan.blur_faces else nullcontext() as veil:
        reader = read_frames(video, plan.video, decode, limits, preview, piece, drafts=veil.drafts if veil else ())
        try:
            with (
                reader,
                open_estimator(pose, runtime) as estimator,
                open_reader(pose, runtime) as hands,
                Tracker(estimator, pose, hands) as tracker,
                watching_faces(pose.faces_hz) if veil else nullcontext() as faces,
                reading_ahead(reader) as frames,
            ):
                for frame in stills.watch(background.watch(noted(frames))):
                    tracker.add(frame)
                    if faces:
                        faces.add(frame, tracker.boxes())
                    while veil and faces and veil.due(frame.timestamp_s):
                        found = (*tracker.so_far(), *tracker.passers_by())
                        veil.draw(found, strange_faces(faces.sightings(), found))
                people, others = tracker.sightings(), tracker.passers_by()
                seen = faces.sightings() if faces else []
        except NoFrames as error:
            if len(plan.pieces) == 1:
                raise
            return Part(
                frames=np.zeros(0, np.int64), people=(), matches=(), stills=(), damage=error.message, runtime=runtime
            )
        kept = stills.kept
        if veil:
            found = [*(person.keypoints for person in people), *others]
            strangers = strange_faces(seen, found)
            kept = _without_faces(kept, found, strangers, pose.discover_s)
            veil.finish(found, strangers)
    return Part(
        frames=np.array(read, dtype=np.int64),
        people=people,
        matches=tuple(background.matches),
        stills=tuple(zip(stills.numbers, kept, strict=True)),
        damage=reader.damage,
        runtime=runtime,
    )


def _without_faces(
    stills: Sequence[Frame], people: Sequence[Keypoints], faces: Sequence[FaceTrack], before_s: float
) -> list[Frame]:
    """The same pictures with the heads of everybody blurred."""
    discs = head_discs(people, np.array([still.timestamp_s for still in stills]), before_s, faces)
    return [blur_frame(still, discs[discs[:, 0] == number, 1:]) for number, still in enumerate(stills)]


def _due_s(plan: Plan, piece: Stretch) -> list[float]:
    """Those of the moments spread over the whole film that fall into the piece's own part."""
    begin_s, end_s = time_of(piece.begin, plan.video), time_of(piece.end, plan.video)
    return [due_s for due_s in still_times(plan.video.duration_s) if begin_s <= due_s < end_s]
