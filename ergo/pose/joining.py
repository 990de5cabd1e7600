"""One person out of several tracks: when the user says that they are the same, or clothes, size, place and time do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Int

from ergo.body.landmarks import MAIN_JOINTS
from ergo.errors import NoPersonFound
from ergo.person import TrackPart
from ergo.pose.association import skeleton_distance
from ergo.pose.clothes import only_this_one
from ergo.pose.people import Person
from ergo.types import Hands, Keypoints

_Seen = TypeVar("_Seen", Keypoints, Hands)

_LONGEST_GAP_S = 120.0
_SIZE_RATIO = 1.4
_REACH, _REACH_PER_S = 0.6, 0.8  # in body sizes: where somebody may be again after a gap; a brisk walk
_LEAST_SAMPLES = 3  # fewer sightings say little of anybody's clothes


def part_of(track: Keypoints, part: TrackPart) -> Keypoints:
    """The landmarks of a part of a track; outside of it nobody is found.

    Raises:
        NoPersonFound: the person is not seen in it at all.
    """
    if part.whole:
        return track
    times_s = track.timestamps_s
    end_s = np.inf if part.end_s is None else part.end_s
    inside = (times_s >= (part.start_s or 0.0)) & (times_s < end_s)
    hands = None if track.hands is None else _nobody(track.hands)
    kept = _taken(replace(_nobody(track), hands=hands), track, inside)
    if not kept.found.any():
        raise NoPersonFound(f"Person {part} is not seen.", "Choose a part of the film in which the person is seen.")
    return kept


def joined(people: Sequence[Keypoints]) -> Keypoints:
    """The landmarks of several tracks as one person's, under the number of the first of them.

    While two of them are found at once, they contradict each other: the one of whom more was seen (mean confidence of
    the main joints over that stretch) is believed for all of it.
    """
    first, *others = people
    for other in others:
        first = _taken(first, other, _believed(first, other))
    return first


def _believed(one: Keypoints, other: Keypoints) -> Bool[np.ndarray, "T"]:
    """Frames in which `other` is believed."""
    both = one.found & other.found
    believed = other.found & ~one.found
    joints = list(MAIN_JOINTS)
    for stretch in _stretches(both):
        seen, seen_too = (float(np.mean(person.confidence[stretch][:, joints])) for person in (one, other))
        believed[stretch] = seen_too > seen
    return believed


def _stretches(flags: Bool[np.ndarray, "T"]) -> list[Int[np.ndarray, "t"]]:
    """Indices of each unbroken run of true flags."""
    index = np.flatnonzero(flags)
    return [run for run in np.split(index, np.flatnonzero(np.diff(index) > 1) + 1) if len(run)]


def _nobody(seen: _Seen) -> _Seen:
    return replace(
        seen, **{name: np.full_like(getattr(seen, name), np.nan) for name in ("xy_px", "xyz_m", "confidence")}
    )


def _taken(one: Keypoints, other: Keypoints, believed: Bool[np.ndarray, "T"]) -> Keypoints:
    def pick(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(believed.reshape(-1, *[1] * (a.ndim - 1)), b, a)

    hands = one.hands
    if hands is not None and other.hands is not None:
        hands = Hands(
            xy_px=pick(hands.xy_px, other.hands.xy_px),
            xyz_m=pick(hands.xyz_m, other.hands.xyz_m),
            confidence=pick(hands.confidence, other.hands.confidence),
            timestamps_s=hands.timestamps_s,
        )
    return replace(
        one,
        xy_px=pick(one.xy_px, other.xy_px),
        xyz_m=pick(one.xyz_m, other.xyz_m),
        confidence=pick(one.confidence, other.confidence),
        hands=hands,
    )


def reunited(people: Sequence[Person]) -> list[Person]:
    """`people` in order of appearance, with those who left and came back as one.

    Somebody is taken for a person who is gone when the clothes are that person's and nobody else's, the size is
    alike, and the way from where they were last seen can be walked in the time between.
    """
    whole: list[Person] = []
    for person in sorted(people, key=lambda p: p.samples.span[0]):
        gone = [p for p in whole if _may_be(person, p, people)]
        if len(gone) == 1:
            gone[0].go_on_as(person)
        else:  # nobody, or two who fit: nothing is concluded
            whole.append(person)
    return whole


def _may_be(person: Person, gone: Person, people: Sequence[Person]) -> bool:
    if min(len(person.samples), len(gone.samples)) < _LEAST_SAMPLES or person.samples.span[0] <= gone.samples.span[1]:
        return False
    others = [p.clothes for p in people if p is not person and p is not gone]
    ratio = person.first.standing_height_px / max(gone.size_px, 1.0)
    gap_s = person.first_s - gone.last_s
    apart = skeleton_distance(
        gone.last.xy_px,
        person.first.xy_px,
        np.minimum(gone.last.confidence, person.first.confidence),
        max(gone.size_px, 1.0),
    )
    return (
        bool(np.isfinite(person.clothes + gone.clothes).all())
        and only_this_one(person.clothes, gone.clothes, others)
        and 1 / _SIZE_RATIO < ratio < _SIZE_RATIO
        and gap_s <= _LONGEST_GAP_S
        and apart <= _REACH + _REACH_PER_S * gap_s
    )
