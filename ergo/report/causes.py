"""Which angles the points of an item come from, and the words the player has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ergo.types import SIDES


@dataclass(frozen=True, slots=True)
class Cause:
    """An angle (without its side) that an item's points come from, and the page's word for each direction."""

    angle: str
    word: str
    opposite: str


_CAUSES: Final[Mapping[str, tuple[Cause, ...]]] = {
    "upper_arm": (Cause("shoulder_flexion", "forward", "back"), Cause("shoulder_abduction", "out", "across")),
    "lower_arm": (Cause("elbow_flexion", "bent", "straight"),),
    "wrist": (Cause("wrist_flexion", "bent", "back"), Cause("wrist_deviation", "side", "side")),
    "wrist_twist": (Cause("forearm_rotation", "turn", "turn"),),
    "neck": (
        Cause("neck_flexion", "bent", "back"),
        Cause("neck_side_bend", "side", "side"),
        Cause("neck_twist", "turn", "turn"),
    ),
    "trunk": (
        Cause("trunk_flexion", "bent", "back"),
        Cause("trunk_side_bend", "side", "side"),
        Cause("trunk_twist", "turn", "turn"),
    ),
    "legs": (Cause("knee_flexion", "knee bent", "knee straight"),),
}

_KNEES = (
    Cause("left_knee_flexion", "left knee", "left knee"),
    Cause("right_knee_flexion", "right knee", "right knee"),
)
_HEAD = (Cause("head_inclination", "forward", "back"),)
_TURNED_NECK = (Cause("neck_twist", "turn", "turn"), Cause("neck_side_bend", "side", "side"))


def _arm_causes(side: str) -> tuple[Cause, ...]:
    return (Cause(f"{side}_arm_elevation_gravity", "raised", "raised"),)


def _forearm_causes(side: str) -> tuple[Cause, ...]:
    return (Cause(f"{side}_elbow_flexion", "elbow", "elbow"), Cause(f"{side}_wrist_flexion", "wrist", "wrist back"))


_ZONED = {f"{side}_upper_arm": _arm_causes(side) for side in SIDES}
_WHOLE_BODY_CAUSES: Final[Mapping[str, Mapping[str, tuple[Cause, ...]]]] = {
    "owas": {
        "back": _CAUSES["trunk"],
        "arms": tuple(Cause(f"{side}_arm_elevation_gravity", side, side) for side in SIDES),
        "legs": _KNEES,
    },
    "iso11226": {
        "trunk": _CAUSES["trunk"],
        "head": _HEAD,
        "neck": (*_HEAD, *_TURNED_NECK),
        **_ZONED,
        **{f"{side}_forearm": _forearm_causes(side) for side in SIDES},
        "legs": _KNEES,
    },
    "en1005_4": {
        "trunk": _CAUSES["trunk"][:1],
        "trunk_turn": _CAUSES["trunk"][1:],
        **_ZONED,
        "neck": _HEAD,
        "neck_turn": _TURNED_NECK,
    },
}
"""The same for methods of the whole body; their angles name their side."""


def causes_of(method: str, item: str) -> tuple[Cause, ...]:
    """The angles behind an item of a method; empty where its points come from elsewhere."""
    return _WHOLE_BODY_CAUSES.get(method, _CAUSES).get(item, ())
