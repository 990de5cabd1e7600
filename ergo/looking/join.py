"""From the parts of a film to the film: one time grid, one set of people, one background, without a seam."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from ergo.errors import NoFrames
from ergo.fitting.view import find_view
from ergo.geometry.camera import default_intrinsics
from ergo.looking.identity import Somebody, apart, who_is_who
from ergo.looking.part import Part
from ergo.looking.plan import Plan
from ergo.pose.catalogue import open_estimator
from ergo.pose.ghosts import lasting
from ergo.pose.orientation import turn_of_film, turn_that_shows_people
from ergo.pose.runtimes import DEFAULT_RUNTIME, Runtime
from ergo.pose.selection import choose_worker, describe_tracks, rank_people
from ergo.pose.settings import PRESETS
from ergo.report.seen import Seen, small
from ergo.types import AnalysisSettings, Hands, Keypoints
from ergo.video.background import Matches
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, Frame
from ergo.video.reading import time_of

_FADE_S = 0.5
"""Landmarks go over from one piece's to the next one's from this long before the cut to this long after it …"""
_FADE_MOST = 0.12
"""… where they are no further apart than this, in body sizes; elsewhere they change at the cut."""
_MOST_STILLS = 45
_PICTURES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """All parts as one; the numbers in `matches` and `stills` count the film's sampled pictures."""

    people: tuple[Keypoints, ...]
    matches: tuple[Matches, ...]
    stills: tuple[tuple[int, Frame], ...]
    damage: str | None
    runtimes: tuple[str, ...]


def join(plan: Plan, parts: Sequence[Part]) -> Film:
    """Put the parts of a film together, in the order of the plan's pieces.

    Raises:
        NoFrames: no picture of any part could be read.
    """
    own = [
        np.flatnonzero((part.frames >= piece.begin) & (part.frames < piece.end))
        for piece, part in zip(plan.pieces, parts, strict=True)
    ]
    grid = np.concatenate([part.frames[rows] for part, rows in zip(parts, own, strict=True)])
    if not len(grid):
        raise NoFrames(f"No picture of {plan.video_name} could be decoded.", "The file is damaged; send it again.")
    damage = list(dict.fromkeys(part.damage for part in parts if part.damage))
    people = _people(plan, parts, own, grid)
    return Film(
        people=rank_people(lasting(people), plan.video),
        matches=tuple(match for part, rows in zip(parts, own, strict=True) for match in _matches(part, rows, grid)),
        stills=tuple(still for part, rows in zip(parts, own, strict=True) for still in _stills(part, rows, grid))[
            :_MOST_STILLS
        ],
        damage=" ".join(damage) or None,
        runtimes=tuple(sorted({part.runtime for part in parts})),
    )


def turn_needed(plan: Plan, film: Film, settings: AnalysisSettings, runtime: Runtime = DEFAULT_RUNTIME) -> int:
    """The turn after which the people are on their feet, 0 when they are; the user's own roll wins."""
    if settings.camera_roll_deg is not None or plan.turn_deg:
        return 0
    if film.people:
        return turn_of_film(film.people)
    with open_estimator(PRESETS[plan.quality], runtime) as estimator:
        return turn_that_shows_people([still.rgb for _, still in film.stills], estimator)


def conclude(plan: Plan, film: Film, settings: AnalysisSettings) -> Seen:
    """What the pictures say of the whole film.

    Raises:
        NoPersonFound, SettingsError: there is nobody, or not the person that was asked for.
    """
    info = plan.video
    choose_worker(describe_tracks(film.people, info), settings.person)  # the wrong number is told early
    K = default_intrinsics(info.width_px, info.height_px)
    return Seen(
        video_name=plan.video_name,
        video=info,
        turn_deg=plan.turn_deg,
        quality=plan.quality,
        people=film.people,
        view=find_view(film.people, film.stills, film.matches, K),
        pictures=tuple(small(frame.rgb) for _, frame in film.stills[:_PICTURES]),
        damage=film.damage,
        faces_blurred=plan.blur_faces,
        runtimes=film.runtimes,
    )


def joined_preview(plan: Plan, previews: Sequence[Path], path: Path, limits: DecodeLimits) -> None:
    """One preview of those of the pieces, on the clock of the film; a piece without one is left out.

    Raises:
        DecodeFailed, StorageFull: see :func:`ergo.video.joining.join_previews`.
    """
    if len(previews) == 1:
        shutil.copyfile(previews[0], path)
        return
    pairs = [(p, piece.begin) for p, piece in zip(previews, plan.pieces, strict=True) if p.is_file()]
    join_previews(pairs, plan.video, path, limits)


def _places(part: Part, rows: Int[np.ndarray, "N"], grid: Int[np.ndarray, "T"]) -> Int[np.ndarray, "N"]:
    """Where pictures of a part stand in the film's grid; the one before, for those that are not in it."""
    return np.maximum(np.searchsorted(grid, part.frames[rows], side="right") - 1, 0)


def _matches(part: Part, rows: Int[np.ndarray, "N"], grid: Int[np.ndarray, "T"]) -> list[Matches]:
    keys = _places(part, np.array([part.matches[row].key for row in rows], dtype=np.int64), grid)
    return [replace(part.matches[row], key=int(key)) for row, key in zip(rows, keys, strict=True)]


def _stills(part: Part, rows: Int[np.ndarray, "N"], grid: Int[np.ndarray, "T"]) -> list[tuple[int, Frame]]:
    own = set(rows.tolist())
    places = _places(part, np.array([number for number, _ in part.stills], dtype=np.int64), grid)
    pairs = zip(places, part.stills, strict=True)
    return [(int(place), frame) for place, (number, frame) in pairs if number in own]


def _people(
    plan: Plan, parts: Sequence[Part], own: Sequence[Int[np.ndarray, "N"]], grid: Int[np.ndarray, "T"]
) -> list[Keypoints]:
    if len(parts) == 1:
        return [sighting.keypoints for sighting in parts[0].people]
    cuts_s = [time_of(piece.begin, plan.video) for piece in plan.pieces]
    bodies = who_is_who([part.people for part in parts], [part.frames for part in parts], cuts_s)
    times_s = plan.video.timestamps_s[grid]
    return [_stitched(body, number, parts, own, grid, times_s, cuts_s) for number, body in enumerate(bodies)]


def _stitched(
    body: Somebody,
    number: int,
    parts: Sequence[Part],
    own: Sequence[Int[np.ndarray, "N"]],
    grid: Int[np.ndarray, "T"],
    times_s: Float[np.ndarray, "T"],
    cuts_s: Sequence[float],
) -> Keypoints:
    """One person's landmarks on the grid of the film."""
    points = _empty(number, times_s, hands=any(s.keypoints.hands is not None for s in body.seen.values()))
    for piece, sighting in body.seen.items():
        places = _places(parts[piece], own[piece], grid)
        _copy(sighting.keypoints, own[piece], points, places)
    for piece in body.seen:
        if piece - 1 in body.seen:
            _fade(points, body, piece, parts, grid, cuts_s[piece])
    return points


def _fade(
    points: Keypoints,
    body: Somebody,
    piece: int,
    parts: Sequence[Part],
    grid: Int[np.ndarray, "T"],
    cut_s: float,
) -> None:
    """Blend, in place, what two neighbouring pieces say about the cut between them."""
    one, other = body.seen[piece - 1].keypoints, body.seen[piece].keypoints
    _, rows, columns = np.intersect1d(parts[piece - 1].frames, parts[piece].frames, return_indices=True)
    near = np.abs(other.timestamps_s[columns] - cut_s) < _FADE_S
    near &= one.found[rows] & other.found[columns]
    rows, columns = rows[near], columns[near]
    if not len(rows):
        return
    alike = apart(one, other, rows, columns) <= _FADE_MOST
    rows, columns = rows[alike], columns[alike]
    places = _places(parts[piece], columns, grid)
    share = ((other.timestamps_s[columns] - cut_s + _FADE_S) / (2 * _FADE_S)).astype(np.float32)
    for name in ("xy_px", "xyz_m", "confidence"):
        before, after = getattr(one, name)[rows], getattr(other, name)[columns]
        weight = share.reshape(-1, *(1,) * (before.ndim - 1))
        getattr(points, name)[places] = (1 - weight) * before + weight * after


def _empty(number: int, times_s: Float[np.ndarray, "T"], *, hands: bool) -> Keypoints:
    def nan(*shape: int) -> np.ndarray:
        return np.full((len(times_s), *shape), np.nan, np.float32)

    return Keypoints(
        xy_px=nan(33, 2),
        xyz_m=nan(33, 3),
        confidence=nan(33),
        timestamps_s=times_s,
        track_id=number,
        hands=Hands(xy_px=nan(2, 21, 2), xyz_m=nan(2, 21, 3), confidence=nan(2), timestamps_s=times_s)
        if hands
        else None,
    )


def _copy(source: Keypoints, rows: Int[np.ndarray, "N"], target: Keypoints, places: Int[np.ndarray, "N"]) -> None:
    pairs: list[tuple[Keypoints | Hands, Keypoints | Hands]] = [(source, target)]
    if source.hands is not None and target.hands is not None:
        pairs.append((source.hands, target.hands))
    for one, other in pairs:
        for name in ("xy_px", "xyz_m", "confidence"):
            getattr(other, name)[places] = getattr(one, name)[rows]
