"""What a user may set by hand: every input of every method, whether a camera observes it or somebody tells it.

One registry for validation, forms, documents, command line and API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Literal, TypeAlias

from ergo.methods.niosh import DURATIONS
from ergo.methods.reba import COUPLINGS
from ergo.methods.rula import PATTERNS
from ergo.types import SIDES, Side, TaskContext

Kind: TypeAlias = Literal["number", "yes_no", "choice"]
Path: TypeAlias = tuple[str, ...]
"""Names of nested fields of :class:`ergo.assess.observations.Observations`."""

STANCES = ("both_legs", "one_leg", "sitting", "kneeling", "walking")
"""How somebody stands or sits; exactly one holds at a time."""

_SIDE = "side_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridable:
    """One input that can be set by hand.

    Args:
        id: its name in settings, on the command line and in the API.
        label: its name on the page, to be followed by a value.
        kind: a number from `low` to `high` in `unit`, a yes/no, or one of `choices`.
        sided: whether left and right have one each.
        items: what it touches, as ``method.item`` of :data:`ergo.assess.items.ITEMS`, for the methods of tasks as
            ``method.argument``; ``side_`` stands for the side.
        fields: the observations it replaces; none for what somebody tells (a field of ``TaskContext``) and for stances.
        angles: the columns of :data:`ergo.assess.angle_catalogue.ANGLES` that it speaks of, ``side_`` for the side.
        steps: edges of the tables, to offer as "below".
        whole: whether a number must be a whole one.
        of_the_job: whether it is a fact of the whole job, which no stretch of the film can have for itself.
    """

    id: str
    label: str
    kind: Kind
    items: tuple[str, ...]
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    sided: bool = False
    fields: tuple[Path, ...] = ()
    angles: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()
    whole: bool = False
    of_the_job: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it touches."""
        return tuple(dict.fromkeys(item.partition(".")[0] for item in self.items))

    @property
    def told(self) -> bool:
        """Whether it is a fact of :class:`ergo.types.TaskContext`, which no camera observes."""
        return self.id in _TOLD

    def touches(self, method: str, item: str, assessed: Side | None, side: Side | None = None) -> bool:
        """Whether, set for `side` (None: both), it touches an item of an assessment of `assessed` (None: the body)."""
        sides = SIDES if side is None else (side,)
        named = {name.replace(_SIDE, f"{each}_") for name in self.items for each in sides}
        return f"{method}.{item}" in named and (not self.sided or assessed is None or assessed in sides)

    def angles_of(self, side: Side | None) -> tuple[str, ...]:
        """The columns it speaks of when set for `side` (None: both)."""
        sides = SIDES if side is None else (side,)
        return tuple(dict.fromkeys(name.replace(_SIDE, f"{each}_") for name in self.angles for each in sides))


_TOLD = frozenset(field.name for field in fields(TaskContext))


def _angle(
    name: str,
    label: str,
    low: float,
    high: float,
    items: str,
    *fields: Path,
    angles: tuple[str, ...] = (),
    steps: tuple[float, ...] = (),
    sided: bool = False,
) -> Overridable:
    return Overridable(
        id=name, label=label, kind="number", unit="°", low=low, high=high, items=tuple(items.split()), fields=fields,
        angles=angles, steps=steps, sided=sided,
    )  # fmt: skip


def _flag(
    name: str, label: str, items: str, *fields: Path, angles: tuple[str, ...] = (), sided: bool = False
) -> Overridable:
    return Overridable(
        id=name, label=label, kind="yes_no", items=tuple(items.split()), fields=fields, angles=angles, sided=sided
    )


def _count(
    name: str, label: str, unit: str, high: float, items: str, *fields: Path, sided: bool = False
) -> Overridable:
    return Overridable(
        id=name,
        label=label,
        kind="number",
        unit=unit,
        high=high,
        items=tuple(items.split()),
        fields=fields,
        sided=sided,
    )


def _hold(name: str, label: str, part: str, items: str, *, sided: bool = False) -> Overridable:
    return _count(name, label, "s", 86_400, items, ("paces", part, "hold_s"), sided=sided)


def _moves(name: str, label: str, part: str, items: str, *, sided: bool = False) -> Overridable:
    return _count(name, label, "a minute", 120, items, ("paces", part, "per_minute"), sided=sided)


def _choice(name: str, label: str, choices: tuple[str, ...], items: str) -> Overridable:
    return Overridable(id=name, label=label, kind="choice", choices=choices, items=tuple(items.split()))


def _length(name: str, label: str, high: float, items: str) -> Overridable:
    return Overridable(id=name, label=label, kind="number", unit="cm", high=high, items=tuple(items.split()))


def _of_the_job(name: str, label: str, unit: str, high: float, items: str, *, whole: bool = False) -> Overridable:
    return Overridable(
        id=name, label=label, kind="number", unit=unit, high=high, items=tuple(items.split()), whole=whole,
        of_the_job=True,
    )  # fmt: skip


_TRUNK = "rula.trunk reba.trunk iso11226.trunk"
_ZONED_ARM = "iso11226.side_upper_arm en1005_4.side_upper_arm"

_ALL = (
    _angle(
        "trunk_flexion", "Trunk bend", -90, 150,
        f"{_TRUNK} owas.back iso11226.neck en1005_4.trunk",
        ("body", "trunk_flexion"), ("paces", "trunk", "angle"), angles=("trunk_flexion",), steps=(20, 60),
    ),
    _flag(
        "trunk_twisted", "Trunk twisted", f"{_TRUNK} owas.back en1005_4.trunk_turn",
        ("body", "trunk_twisted"), ("body", "trunk_far_twisted"), angles=("trunk_twist",),
    ),
    _flag(
        "trunk_side_bent", "Trunk bent to the side", f"{_TRUNK} owas.back en1005_4.trunk_turn",
        ("body", "trunk_side_bent"), ("body", "trunk_far_side_bent"), angles=("trunk_side_bend",),
    ),
    _flag("back_supported", "Back supported", f"{_TRUNK} iso11226.head en1005_4.trunk", ("body", "back_supported")),
    _angle(
        "neck_flexion", "Neck bend", -90, 90, "rula.neck reba.neck",
        ("body", "neck_flexion"), angles=("neck_flexion",), steps=(10, 20),
    ),
    _flag(
        "neck_twisted", "Neck twisted", "rula.neck reba.neck iso11226.neck",
        ("body", "neck_twisted"), angles=("neck_twist",),
    ),
    _flag(
        "neck_side_bent", "Neck bent to the side", "rula.neck reba.neck iso11226.neck en1005_4.neck_turn",
        ("body", "neck_side_bent"), angles=("neck_side_bend",),
    ),
    _angle("neck_twist", "Neck twist", -120, 120, "en1005_4.neck_turn", ("paces", "neck_turn", "angle"), steps=(45,)),
    _angle(
        "head_inclination", "Head tilt to the vertical", -120, 150, "iso11226.head iso11226.neck en1005_4.neck",
        ("paces", "head", "angle"), angles=("head_inclination",), steps=(25, 40, 85),
    ),
    _flag("head_supported", "Head supported", "iso11226.head", ("body", "head_supported")),
    _choice("stance", "Stance", STANCES, "rula.legs reba.legs owas.legs iso11226.legs"),
    _angle(
        "knee_flexion", "Knee bend", 0, 170, "reba.legs owas.legs iso11226.legs",
        ("body", "knee_flexion"), ("body", "bearing_knee"), ("body", "other_knee"), ("paces", "knees", "angle"),
        angles=("left_knee_flexion", "right_knee_flexion"), steps=(30, 60),
    ),
    _angle(
        "upper_arm_flexion", "Upper arm raised", -90, 180, f"rula.upper_arm reba.upper_arm {_ZONED_ARM}",
        ("arms", "upper_arm_flexion"), angles=("side_shoulder_elevation",), steps=(20, 45, 90), sided=True,
    ),
    _angle(
        "arm_elevation", "Upper arm to the vertical", 0, 180, f"owas.arms {_ZONED_ARM}",
        ("arms", "elevation"), ("paces", "upper_arms", "angle"),
        angles=("side_arm_elevation_gravity",), steps=(20, 60, 90), sided=True,
    ),
    _flag(
        "raised", "Shoulder raised", "rula.upper_arm reba.upper_arm iso11226.side_upper_arm",
        ("arms", "raised"), angles=("side_shoulder_raised_cm",), sided=True,
    ),
    _flag(
        "abducted", "Upper arm out to the side", "rula.upper_arm reba.upper_arm",
        ("arms", "abducted"), angles=("side_shoulder_abduction",), sided=True,
    ),
    _flag(
        "arms_supported", "Arms supported",
        "rula.upper_arm reba.upper_arm iso11226.left_upper_arm iso11226.right_upper_arm",
    ),
    _angle(
        "elbow_flexion", "Elbow bend", 0, 170, "rula.lower_arm reba.lower_arm iso11226.side_forearm",
        ("arms", "elbow_flexion"), ("paces", "elbows", "angle"), angles=("side_elbow_flexion",), steps=(60, 100),
        sided=True,
    ),
    _flag(
        "out_of_line", "Hand across or beside the body", "rula.lower_arm",
        ("arms", "out_of_line"), angles=("side_hand_across_cm", "side_hand_out_cm"), sided=True,
    ),
    _angle(
        "wrist_flexion", "Wrist bend", -100, 100, "rula.wrist reba.wrist iso11226.side_forearm",
        ("arms", "wrist_flexion"), angles=("side_wrist_flexion",), steps=(5, 15), sided=True,
    ),
    _flag(
        "wrist_deviated", "Wrist bent sideways", "rula.wrist reba.wrist",
        ("arms", "wrist_deviated"), angles=("side_wrist_deviation",), sided=True,
    ),
    _angle(
        "forearm_rotation", "Forearm turned", -120, 120, "rula.wrist_twist reba.wrist iso11226.side_forearm",
        ("arms", "forearm_rotation"), angles=("side_forearm_rotation",), steps=(45,), sided=True,
    ),
    Overridable(
        id="load_kg", label="Load", kind="number", unit="kg", high=500,
        items=("rula.force", "reba.load", "owas.load", "niosh.load_weight", "lifft.load_kg"),
    ),
    _choice("force_pattern", "The force acts", PATTERNS, "rula.force"),
    _flag("shock", "Jerks or sudden force", "rula.force reba.load"),
    _choice("coupling", "Grip", COUPLINGS, "reba.coupling niosh.coupling"),
    _flag("legs_supported", "Legs and feet supported", "rula.legs reba.legs"),
    _flag(
        "body_held", "Neck or trunk held over a minute", "rula.muscle_use_body reba.activity",
        ("body", "held"), ("body", "held_away"),
    ),
    _count("body_cycles", "Trunk moved", "a minute", 120, "rula.muscle_use_body reba.activity", ("body", "cycles")),
    _flag("body_rapid", "Rapid large movement of the trunk", "reba.activity", ("body", "rapid")),
    _flag(
        "arm_held", "Arm held over a minute", "rula.muscle_use_arm reba.activity",
        ("arms", "held"), ("arms", "held_away"), sided=True,
    ),
    _count("arm_cycles", "Arm moved", "a minute", 120, "rula.muscle_use_arm reba.activity", ("arms", "cycles"),
        sided=True,
    ),
    _flag("arm_rapid", "Rapid large movement of the arm", "reba.activity", ("arms", "rapid"), sided=True),
    _hold("trunk_hold_s", "Trunk held for", "trunk", "iso11226.trunk iso11226.neck en1005_4.trunk"),
    _moves("trunk_moves", "Trunk bends", "trunk", "en1005_4.trunk"),
    _hold("trunk_turn_hold_s", "Twist held for", "trunk_turn", "en1005_4.trunk_turn"),
    _moves("trunk_turn_moves", "Trunk turns", "trunk_turn", "en1005_4.trunk_turn"),
    _hold("head_hold_s", "Head held for", "head", "iso11226.head iso11226.neck en1005_4.neck"),
    _moves("head_moves", "Head nods", "head", "en1005_4.neck"),
    _hold("neck_turn_hold_s", "Twist held for", "neck_turn", "en1005_4.neck_turn"),
    _moves("neck_turn_moves", "Head turns", "neck_turn", "en1005_4.neck_turn"),
    _hold("knee_hold_s", "Knees held for", "knees", "iso11226.legs"),
    _hold("upper_arm_hold_s", "Upper arm held for", "upper_arms", _ZONED_ARM, sided=True),
    _moves("upper_arm_moves", "Upper arm lifts", "upper_arms", "en1005_4.side_upper_arm", sided=True),
    _hold("elbow_hold_s", "Forearm held for", "elbows", "iso11226.side_forearm", sided=True),
    _flag("lift", "Lift", "niosh.lift lifft.lift"),
    _length("lift_from_reach_cm", "Origin: hands from the ankles", 150, "niosh.reach"),
    _length("lift_from_height_cm", "Origin: hands above the floor", 250, "niosh.height niosh.travel"),
    _angle("lift_from_turn_deg", "Origin: turned aside", 0, 180, "niosh.asymmetry_deg"),
    _length("lift_to_reach_cm", "Destination: hands from the ankles", 150, "niosh.reach"),
    _length("lift_to_height_cm", "Destination: hands above the floor", 250, "niosh.height niosh.travel"),
    _angle("lift_to_turn_deg", "Destination: turned aside", 0, 180, "niosh.asymmetry_deg"),
    _length("lift_lever_cm", "Hands from the hips, at most", 150, "lifft.lever_cm"),
    _flag("control_at_destination", "Put down with care", "niosh.control"),
    _choice("lifting_duration", "Lifting goes on for a time that is", DURATIONS, "niosh.duration"),
    _of_the_job("lifts_per_minute", "Lifts", "a minute", 60, "niosh.lifts_per_minute"),
    _of_the_job("repetitions_per_day", "Repetitions", "a day", 100_000,
        "lifft.repetitions_per_day duet.repetitions_per_day"),
    _of_the_job("exertion", "Effort of the hand", "of 10", 10, "duet.exertion", whole=True),
)  # fmt: skip

INPUTS: Mapping[str, Overridable] = MappingProxyType({entry.id: entry for entry in _ALL})
"""Every input that can be set by hand, by its id."""
