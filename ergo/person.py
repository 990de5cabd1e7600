"""Who is assessed, out of the tracks of everybody in a film: one of them, a part of one, or several as one person.

As people write it: ``2``; ``2@12.5-20`` is track 2 from 12.5 to 20 seconds, ``2@-12.5`` until then, ``2@12.5-`` from
then on; ``2+5`` are two tracks that are one person, and parts can be put together too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from ergo.errors import SettingsError

_MOST = 10_000
_NUMBER = r"\d+(?:\.\d+)?"
_WRITTEN = re.compile(rf"(\d+)(?:@({_NUMBER})?-({_NUMBER})?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPart:
    """A track from `start_s` until before `end_s`; None is as far as it goes.

    Where two people were taken for one, each of them is a part of the track.
    """

    track_id: int
    start_s: float | None = None
    end_s: float | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing of the track is left out."""
        return self.start_s is None and self.end_s is None

    def __str__(self) -> str:
        if self.whole:
            return str(self.track_id)
        start, end = ("" if time_s is None else f"{time_s:g}" for time_s in (self.start_s, self.end_s))
        return f"{self.track_id}@{start}-{end}"


Person: TypeAlias = int | TrackPart | tuple[int | TrackPart, ...]
"""A tracked person by number, a part of a track, or several that are one person."""


def parts_of(person: Person) -> tuple[TrackPart, ...]:
    """All of a person as parts of tracks."""
    listed = person if isinstance(person, tuple) else (person,)
    return tuple(one if isinstance(one, TrackPart) else TrackPart(track_id=one) for one in listed)


def person_from(text: str) -> Person:
    """A person as people write it. Raises SettingsError."""
    listed: list[int | TrackPart] = []
    for written in text.split("+"):
        match = _WRITTEN.fullmatch(written.strip())
        if match is None:
            raise SettingsError(
                f"person is {text!r}.",
                "Give a number such as 2, 2+5 for one person twice, or 2@12.5-20 for track 2 from 12.5 to 20 s.",
            )
        track_id, (start, end) = int(match[1]), (match[2], match[3])
        part = TrackPart(
            track_id=track_id,
            start_s=None if start is None else float(start),
            end_s=None if end is None else float(end),
        )
        listed.append(track_id if part.whole else part)
    return listed[0] if len(listed) == 1 else tuple(listed)


def person_words(person: Person) -> str:
    """The inverse of :func:`person_from`."""
    return "+".join(map(str, parts_of(person)))


def split_at(person: Person, at_s: float, keep: Literal["before", "after"]) -> Person:
    """What of a person lies before or after a moment. Raises SettingsError where that is nothing."""
    kept: list[TrackPart] = []
    for part in parts_of(person):
        start_s = part.start_s if keep == "before" else max(at_s, part.start_s or 0.0)
        end_s = part.end_s if keep == "after" else min(at_s, at_s if part.end_s is None else part.end_s)
        if end_s is None or end_s > (start_s or 0.0):
            kept.append(TrackPart(track_id=part.track_id, start_s=start_s, end_s=end_s))
    if not kept:
        raise SettingsError(f"There is nothing of this person {keep} {at_s:g} s.", "Choose a moment within the film.")
    return kept[0] if len(kept) == 1 else tuple(kept)


def check_person(person: Person | None) -> None:
    """Raises SettingsError where the numbers or times are impossible, or something of a track is named twice."""
    if person is None:
        return
    parts = parts_of(person)
    for part in parts:
        if not 0 <= part.track_id <= _MOST:
            raise SettingsError(f"person is {part.track_id}.", f"Give the number of a person, 0 to {_MOST}.")
        start_s, end_s = part.start_s or 0.0, part.end_s
        if not start_s >= 0 or (end_s is not None and not end_s > start_s):  # also refuses NaN
            raise SettingsError(f"person is {part}.", "Give the part of a track in seconds, its start before its end.")
    if not parts or _overlap(parts):
        raise SettingsError(
            f"person is {person_words(person) or 'an empty list'}.", "Name each track, or part of one, once: 2+5."
        )


def _overlap(parts: Sequence[TrackPart]) -> bool:
    spans = sorted(
        (part.track_id, part.start_s or 0.0, float("inf") if part.end_s is None else part.end_s) for part in parts
    )
    return any(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(spans))
