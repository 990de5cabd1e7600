"""All that a film shows of a worker, as the methods ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.pace import Paces, observe_paces
from ergo.assess.posture import Arm, Body, observe_arm, observe_body
from ergo.types import SIDES, JointAngles, Motion, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What is seen of one person over T frames; `found` where the person was. `paces` is None where nobody asked."""

    timestamps_s: Float[np.ndarray, "T"]
    found: Bool[np.ndarray, "T"]
    body: Body
    arms: Mapping[Side, Arm]
    paces: Paces | None


def observe(motion: Motion, angles: JointAngles, *, paces: bool = True) -> Observations:
    """Everything that is seen; `paces`, which only the standards on postures ask for, take half of the time."""
    return Observations(
        timestamps_s=angles.timestamps_s,
        found=motion.valid,
        body=observe_body(motion, angles),
        arms=MappingProxyType({side: observe_arm(angles, side) for side in SIDES}),
        paces=observe_paces(angles) if paces else None,
    )
