"""The items of each method: what their points are called, how high they go, and which region of the body they tint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import UInt8

from ergo.body.skeleton import REGIONS
from ergo.methods import en1005_4, iso11226, owas
from ergo.methods.catalogue import METHODS
from ergo.methods.lookup import table
from ergo.types import Assessment

SIDED = ("rula", "reba")
"""Methods that judge the left and the right side; the others judge the body as a whole."""

RISK_STEPS = 4
"""Highest step of the tint of a body region; 0 is none."""

_SIDE = "side_"
_LEGS = ("left_leg", "right_leg")
_UPPER_ARM, _LOWER_ARM, _HAND = (f"{_SIDE}upper_arm",), (f"{_SIDE}lower_arm",), (f"{_SIDE}hand",)


def _owas_steps(part: owas.Part) -> tuple[int, ...]:
    """The tint of a code: the category it has when taken for half of the time."""
    codes = np.arange(1, len(table("owas", f"table_time_{part}")) + 1)
    return tuple(int(step) for step in owas.risk_step(owas.time_category(part, codes, 0.5)))


@dataclass(frozen=True, slots=True)
class Item:
    """One posture item of a method, as :attr:`ergo.types.Assessment.parts` holds it.

    `regions` names regions of the body, with ``side_`` for the assessed side. `steps` is the risk step of each of its
    points, from the neutral ones on, where they are not steps themselves: a code of OWAS, a zone of a standard. `names`
    says in words what each of these stands for.
    """

    id: str
    label: str
    max_points: int
    neutral_points: int
    regions: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def regions_of(self, side: str | None) -> tuple[str, ...]:
        """The regions of the body this item is about, for an assessment of `side`."""
        return tuple(name.replace(_SIDE, f"{side}_") for name in self.regions)


_BACK = ("straight", "bent", "twisted or side-bent", "bent and twisted")
_ARMS = ("below shoulder level", "one at shoulder level", "both at shoulder level")
_LEG_CODES = (
    "sitting",
    "on both legs, straight",
    "on one straight leg",
    "on both legs, bent",
    "on one bent leg",
    "kneeling",
    "walking",
)
_LOADS = ("up to 10 kg", "10 to 20 kg", "over 20 kg")


def _zones(method: str) -> tuple[str, ...]:
    return tuple(entry.label.lower() for entry in METHODS[method].levels)


def _iso(part: str, label: str, *regions: str) -> Item:
    return Item(part, label, 4, 1, regions, iso11226.RISK_STEPS, _zones("iso11226"))


def _en(part: str, label: str, *regions: str) -> Item:
    return Item(part, label, 3, 1, regions, en1005_4.RISK_STEPS, _zones("en1005_4"))


ITEMS: Mapping[str, tuple[Item, ...]] = MappingProxyType(
    {
        "rula": (
            Item("upper_arm", "Upper arm", 6, 1, _UPPER_ARM),
            Item("lower_arm", "Lower arm", 3, 1, _LOWER_ARM),
            Item("wrist", "Wrist", 4, 1, _HAND),
            Item("wrist_twist", "Wrist twist", 2, 1, _HAND),
            Item("neck", "Neck", 6, 1, ("head",)),
            Item("trunk", "Trunk", 6, 1, ("trunk",)),
            Item("legs", "Legs", 2, 1, _LEGS),
            Item("muscle_use_arm", "Muscle use, arm", 1, 0),
            Item("muscle_use_body", "Muscle use, neck and trunk", 1, 0),
            Item("force", "Force or load", 3, 0),
        ),
        "reba": (
            Item("neck", "Neck", 3, 1, ("head",)),
            Item("trunk", "Trunk", 5, 1, ("trunk",)),
            Item("legs", "Legs", 4, 1, _LEGS),
            Item("load", "Load", 3, 0),
            Item("upper_arm", "Upper arm", 6, 1, _UPPER_ARM),
            Item("lower_arm", "Lower arm", 2, 1, _LOWER_ARM),
            Item("wrist", "Wrist", 3, 1, _HAND),
            Item("coupling", "Coupling", 3, 0, _HAND),
            Item("activity", "Activity", 3, 0),
        ),
        "owas": (
            Item("back", "Back", 4, 1, ("trunk",), _owas_steps("back"), _BACK),
            Item("arms", "Arms", 3, 1, ("left_upper_arm", "right_upper_arm"), _owas_steps("arms"), _ARMS),
            Item("legs", "Legs", 7, 1, _LEGS, _owas_steps("legs"), _LEG_CODES),
            Item("load", "Load", 3, 1, names=_LOADS),
        ),
        "iso11226": (
            _iso("trunk", "Trunk", "trunk"),
            _iso("head", "Head", "head"),
            _iso("neck", "Neck", "head"),
            _iso("left_upper_arm", "Left upper arm", "left_upper_arm"),
            _iso("right_upper_arm", "Right upper arm", "right_upper_arm"),
            _iso("left_forearm", "Left forearm", "left_lower_arm", "left_hand"),
            _iso("right_forearm", "Right forearm", "right_lower_arm", "right_hand"),
            _iso("legs", "Legs", *_LEGS),
        ),
        "en1005_4": (
            _en("trunk", "Trunk", "trunk"),
            _en("trunk_turn", "Trunk, twist and side", "trunk"),
            _en("left_upper_arm", "Left upper arm", "left_upper_arm"),
            _en("right_upper_arm", "Right upper arm", "right_upper_arm"),
            _en("neck", "Neck, line of sight", "head"),
            _en("neck_turn", "Neck, twist and side", "head"),
        ),
    }
)
"""The items of each method, in the order of its worksheet."""


def region_levels(assessment: Assessment) -> UInt8[np.ndarray, "T R"]:
    """How much each body region adds to the risk over time, 0 none … 4 very high, in the order of REGIONS.

    Each point of an item above its neutral is one step; an item with more than four such points is compressed so
    that its highest is 4, and one whose points are no steps has its own. A region takes the highest of its items;
    unseen items and the other arm give 0. (OWAS does not tell which arm is raised: it tints both.)
    """
    levels = np.zeros((len(assessment.timestamps_s), len(REGIONS)))
    for item in ITEMS[assessment.method]:
        above = np.nan_to_num(assessment.parts[item.id] - item.neutral_points)
        if item.steps:
            steps = np.array(item.steps)[above.astype(np.intp)]
        else:
            steps = np.floor(RISK_STEPS * above / max(RISK_STEPS, item.max_points - item.neutral_points) + 0.5)
        for region in item.regions_of(assessment.side):
            column = REGIONS.index(region)
            levels[:, column] = np.maximum(levels[:, column], steps)
    return np.clip(levels, 0, RISK_STEPS).astype(np.uint8)
