"""What was set by hand, for whoever explains a moment: the angles as they count, and words for what was set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ergo.assess.overridable import INPUTS
from ergo.assess.overridden import frames_of, ruled
from ergo.assess.overrides import described
from ergo.assess.posture import filtered
from ergo.types import JointAngles, Override, Side

SET_BY_HAND = "set by hand"


def holding(overrides: Sequence[Override], timestamps_s: np.ndarray, frame: int) -> tuple[Override, ...]:
    """The overrides that hold in a frame."""
    return tuple(override for override in overrides if frames_of(override, timestamps_s)[frame])


def angle_at(angles: JointAngles, frame: int, held: Sequence[Override]) -> Callable[[str], float]:
    """The angles of one frame by name, with what `held` sets: a number as it is set, a "no" as 0."""

    def angle(name: str) -> float:
        value = float(filtered(angles, name)[frame])
        for override in held:
            entry = INPUTS[override.input]
            if name not in entry.angles_of(override.side):
                continue
            if entry.kind == "number":
                value = ruled(value, float(override.value), override.rule)
            elif override.value is False:
                value = 0.0
        return value

    return angle


def note(held: Sequence[Override], method: str, item: str, assessed: Side | None) -> str:
    """What of an item's inputs was set: " (set by hand: trunk twisted: no)"; empty where nothing was."""
    words = [
        described(override)
        for override in held
        if INPUTS[override.input].touches(method, item, assessed, override.side)
    ]
    return f" ({SET_BY_HAND}: {', '.join(word[0].lower() + word[1:] for word in words)})" if words else ""
