"""From faces seen now and then to where the heads about them were: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

WEAK, SURE = 0.2, 0.35
"""A face counts when the network was this sure of it once; then what it is less sure of at the same place does, too."""
FACE_GAP_S = 3.0
"""Between two sightings no further apart, a face is taken to have been there, or to have gone straight."""
_BEFORE_MOST_S = 3.0
_PACE = 8.0
"""Heads move by up to so many of their radii a second: a brisk walk."""
_STEP = 0.7
_SIZE_RATIO = 1.8
_HEAD = 1.3
_ABOVE = 0.1
"""Radius of what is blurred, and its middle above the network's, in sides of its square from brow to chin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSighting:
    """A face that a look at `at_s` found, at all the times at which it was there unchanged.

    `before_s` is how long it may have been there before; middle and side of its square are in pixels of the displayed
    video; `score` is 0–1.
    """

    at_s: float
    times_s: Float[np.ndarray, "N"]
    before_s: float
    middle_px: Float[np.ndarray, "2"]
    side_px: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTrack:
    """Where the head about one face was, in pixels of the displayed video, at rising times.

    `before_s` is how long it may have been there before the first.
    """

    times_s: Float[np.ndarray, "T"]
    middle_px: Float[np.ndarray, "T 2"]
    radius_px: Float[np.ndarray, "T"]
    before_s: float


@dataclass(slots=True, eq=False)
class _Chain:
    """Sightings of one face in order of their looks."""

    sightings: list[FaceSighting] = field(default_factory=list)
    until_s: float = -np.inf

    def add(self, sighting: FaceSighting) -> None:
        self.sightings.append(sighting)
        self.until_s = max(self.until_s, float(sighting.times_s[-1]))

    def strangeness(self, sighting: FaceSighting) -> float:
        """How far the next sighting is from the last, 1 being the limit."""
        last = self.sightings[-1]
        wait_s = max(float(sighting.times_s[0]) - self.until_s, 0.0)
        sizes = sorted((last.side_px, sighting.side_px))
        if wait_s > FACE_GAP_S or sizes[1] > _SIZE_RATIO * sizes[0]:
            return np.inf
        far = float(np.linalg.norm(sighting.middle_px - last.middle_px)) / (_HEAD * sizes[1])
        both_sure = min(last.score, sighting.score) >= SURE
        return far / (_STEP + (_PACE * wait_s if both_sure else 0.0))


def face_tracks(sightings: Sequence[FaceSighting]) -> tuple[FaceTrack, ...]:
    """Every face that was found surely once, in order of appearance. Sightings in order of their looks."""
    open_chains: list[_Chain] = []
    for sighting in sightings:
        strange = [chain.strangeness(sighting) for chain in open_chains]
        best = int(np.argmin(strange)) if strange else -1
        if best < 0 or strange[best] > 1.0:
            open_chains.append(_Chain())
            best = -1
        open_chains[best].add(sighting)
    sure = [chain for chain in open_chains if max(s.score for s in chain.sightings) >= SURE]
    return tuple(_track(chain.sightings) for chain in sure)


def _track(sightings: Sequence[FaceSighting]) -> FaceTrack:
    times_s = np.concatenate([s.times_s for s in sightings])
    sides = np.concatenate([np.full(len(s.times_s), s.side_px) for s in sightings])
    middle = np.concatenate([np.tile(s.middle_px, (len(s.times_s), 1)) for s in sightings])
    times_s, first = np.unique(times_s, return_index=True)
    return FaceTrack(
        times_s=times_s,
        middle_px=middle[first] - np.column_stack([np.zeros(len(first)), _ABOVE * sides[first]]),
        radius_px=_HEAD * sides[first],
        before_s=min(min(sightings, key=lambda s: s.times_s[0]).before_s, _BEFORE_MOST_S),
    )
