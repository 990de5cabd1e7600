"""How much work pose estimation does, as one value per quality level."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from ergo.types import Quality

ModelSize: TypeAlias = Literal["lite", "full", "heavy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseSettings:
    """What an estimator and the tracker are asked to do.

    Args:
        model: landmark network; each size up is slower and more exact.
        rate_hz: pictures sampled from the video per second.
        input_side_px: longest side to which pictures are decoded.
        max_people: people followed at the same time.
        discover_s: seconds between two searches of the whole picture for newcomers.
        mirror_average: also run on the mirrored picture and average, at twice the cost.
        quick: whoever moves more than this share of their size between two pictures is looked at twice: the network
            aims where they were, and measures badly off its aim.
        hands_hz: how often the hands of the people followed are read, at most; None is not at all.
        faces_hz: how often a part of the picture is looked at for faces of people who are not followed, at most.
        calm: while nobody moves faster than this many of their sizes a second, every second picture is not looked at
            but filled in between its neighbours.
    """

    model: ModelSize
    rate_hz: float
    input_side_px: int
    max_people: int = 3
    discover_s: float = 1.0
    mirror_average: bool = False
    quick: float = math.inf
    hands_hz: float | None = None
    faces_hz: float = 2.5
    calm: float = 0.0


PRESETS: Mapping[Quality, PoseSettings] = MappingProxyType(
    {
        "low": PoseSettings(model="lite", rate_hz=6.0, input_side_px=640, discover_s=1.5, faces_hz=1.5),
        # The smaller networks take the left arm for the right one in some views; this one does not.
        "medium": PoseSettings(model="heavy", rate_hz=7.5, input_side_px=960, discover_s=3.0, hands_hz=2.5, calm=0.25),
        "high": PoseSettings(
            model="heavy",
            rate_hz=12.0,
            input_side_px=1280,
            mirror_average=True,
            quick=0.015,
            hands_hz=12.0,
            faces_hz=6.0,
        ),
        "ultra": PoseSettings(
            model="heavy",
            rate_hz=30.0,
            input_side_px=1920,
            max_people=4,
            mirror_average=True,
            quick=0.015,
            hands_hz=30.0,
            faces_hz=6.0,
        ),
    }
)
