"""Who was seen for long enough to be somebody: the network errs now and then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ergo.types import Keypoints

_GHOST_S = 0.5
_GHOST_SHARE = 0.5  # … but in a video shorter than a second half of it is enough
_FLICKER_S = 3.0  # people seen for less than this must be steady
_STEADY = 0.3


def lasting(people: Sequence[Keypoints]) -> tuple[Keypoints, ...]:
    """Those seen for long enough, and steadily enough, to be somebody."""
    if not people:
        return ()
    times_s = people[0].timestamps_s
    step_s, least = _step_s(times_s), ghost_samples(times_s)

    def lasts(person: Keypoints) -> bool:
        frames = np.flatnonzero(person.found)
        if len(frames) == 0 or len(frames) < least:
            return False
        steadiness = len(frames) / int(frames[-1] - frames[0] + 1)
        return len(frames) >= _FLICKER_S / step_s or steadiness >= _STEADY

    return tuple(person for person in people if lasts(person))


def _step_s(times_s: Float[np.ndarray, "T"]) -> float:
    span_s = float(times_s[-1] - times_s[0]) if len(times_s) > 1 else 0.0
    return max(span_s / max(len(times_s) - 1, 1), 1e-3)


def ghost_samples(times_s: Float[np.ndarray, "T"]) -> float:
    """In fewer pictures than this nobody was seen: the network errs now and then."""
    return max(1, min(_GHOST_S / _step_s(times_s), _GHOST_SHARE * len(times_s)))
