"""What a measured twist or side bend most probably is, given how far people twist at all.

The errors of these angles are about as large as the angles themselves, so that a measured one is more often an error
than a twist: 15° read off somebody who stands straight is nothing rare, 15° of true twist is. The best estimate is the
mean of the posterior: with the angle spread normally about 0 with standard deviation p, and its error with s, that is
x · p² / (p² + s²), with standard deviation p · s / √(p² + s²) (e.g. Bishop, Pattern Recognition and Machine Learning,
2006, eq. 2.141). Where an angle is measured well it stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ergo.types import JointAngles

SPREAD_DEG: Mapping[str, float] = MappingProxyType(
    {"trunk_twist": 11.0, "trunk_side_bend": 6.0, "neck_twist": 22.0, "neck_side_bend": 10.0}
)
"""How far people twist and bend to the side: root mean squares over 31 motion-capture recordings (30 of CMU's, one of
Xsens), each counting the same; by the same definitions, the neck from the turn of the head against the chest."""


def plausible(angles: JointAngles) -> JointAngles:
    """The same angles, twists and side bends replaced by the mean and the standard deviation of their posterior."""
    values, sd = angles.values_deg.copy(), angles.sd_deg.copy()
    for name, spread_deg in SPREAD_DEG.items():
        column = angles.names.index(name)
        share = spread_deg**2 / (spread_deg**2 + np.square(sd[:, column]))
        values[:, column] *= share
        sd[:, column] *= np.sqrt(share)
    return replace(angles, values_deg=values, sd_deg=sd)
