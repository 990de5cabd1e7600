"""The joint angles: name, zero, sign and range of each, what it is measured against, and what it needs to be seen.

:mod:`ergo.assess.angles` measures them. The page names them without loading what measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ergo.body.landmarks import Landmark as L
from ergo.types import SIDES, Side

if TYPE_CHECKING:
    from ergo.assess.error_model import ErrorKind

Reference = Literal["gravity", "trunk", "segment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """One column of :class:`JointAngles`: its name, zero, sign, range and what it is measured against.

    `landmarks` are those without which the angle is not seen, `error` says which errors of
    :mod:`ergo.assess.error_model` it has.
    """

    id: str
    label: str
    zero: str
    positive: str
    range_deg: tuple[float, float]
    reference: Reference
    error: ErrorKind
    landmarks: tuple[L, ...]
    side: Side | None = None
    unit: Literal["°", "cm"] = "°"


_SHOULDERS = (L.LEFT_SHOULDER, L.RIGHT_SHOULDER)
_HIPS = (L.LEFT_HIP, L.RIGHT_HIP)
_TRUNK = (*_SHOULDERS, *_HIPS)
_HEAD = (L.NOSE, *_SHOULDERS)

_TRUNK_ANGLES: tuple[Angle, ...] = (
    Angle(id="trunk_flexion", label="Trunk flexion", zero="hips to shoulders vertical", positive="forward",
          range_deg=(-180, 180), reference="gravity", error="trunk", landmarks=_TRUNK),
    Angle(id="trunk_inclination", label="Trunk inclination", zero="hips to shoulders vertical",
          positive="any direction", range_deg=(0, 180), reference="gravity", error="trunk", landmarks=_TRUNK),
    Angle(id="trunk_side_bend", label="Trunk side bend", zero="no lean along the line of the hips",
          positive="to the right", range_deg=(-90, 90), reference="gravity", error="trunk_side_bend", landmarks=_TRUNK),
    Angle(id="trunk_twist", label="Trunk twist", zero="shoulders parallel to hips", positive="to the left",
          range_deg=(-180, 180), reference="segment", error="trunk_twist", landmarks=_TRUNK),
    Angle(id="neck_flexion", label="Neck flexion", zero="neutral gaze on an upright trunk", positive="forward",
          range_deg=(-90, 120), reference="trunk", error="neck", landmarks=_HEAD),
    Angle(id="neck_side_bend", label="Neck side bend", zero="ears level with the shoulders",
          positive="to the right", range_deg=(-90, 90), reference="trunk", error="neck_side_bend", landmarks=_HEAD),
    Angle(id="neck_twist", label="Neck twist", zero="nose above the middle of the shoulders",
          positive="to the left", range_deg=(-180, 180), reference="trunk", error="neck_twist", landmarks=_HEAD),
    Angle(id="head_inclination", label="Head inclination", zero="neutral gaze, upright", positive="forward",
          range_deg=(-180, 180), reference="gravity", error="neck", landmarks=_HEAD),
)  # fmt: skip


def _side_angles(side: Side) -> tuple[Angle, ...]:
    s, name = side, side.capitalize()

    def mark(part: str) -> L:
        return L[f"{side}_{part}".upper()]

    arm = (*_TRUNK, mark("elbow"))
    forearm = (mark("shoulder"), mark("elbow"), mark("wrist"))
    hand = (mark("elbow"), mark("wrist"))
    leg = (mark("hip"), mark("knee"), mark("ankle"))

    def angle(
        part: str, label: str, zero: str, positive: str, low: float, high: float, error: ErrorKind,
        marks: tuple[L, ...], reference: Reference = "segment", unit_: Literal["°", "cm"] = "°",
    ) -> Angle:  # fmt: skip
        return Angle(id=f"{s}_{part}", label=f"{name} {label}", zero=zero, positive=positive, range_deg=(low, high),
                     reference=reference, error=error, landmarks=marks, side=side, unit=unit_)  # fmt: skip

    return (
        angle("shoulder_flexion", "shoulder flexion", "arm along the trunk", "forward", -180, 180, "shoulder", arm,
              "trunk"),
        angle("shoulder_abduction", "shoulder abduction", "arm in the sagittal plane", "outward", -180, 180,
              "shoulder", arm, "trunk"),
        angle("shoulder_elevation", "arm raised from the trunk", "arm along the trunk", "any direction", 0, 180,
              "shoulder", arm, "trunk"),
        angle("arm_elevation_gravity", "arm raised from the vertical", "arm hanging down", "any direction", 0, 180,
              "arm_vertical", (mark("shoulder"), mark("elbow")), "gravity"),
        angle("shoulder_raised_cm", "shoulder raised", "neutral height above the neck's base", "up", -20, 20,
              "shoulder_height", (), "trunk", "cm"),
        angle("elbow_flexion", "elbow flexion", "arm straight", "bent", 0, 180, "elbow", forearm),
        angle("wrist_flexion", "wrist flexion", "hand in line with the forearm", "towards the palm", -90, 90,
              "wrist_flexion", hand),
        angle("wrist_deviation", "wrist deviation", "hand in line with the forearm", "ulnar", -60, 60,
              "wrist_deviation", hand),
        angle("forearm_rotation", "forearm rotation", "thumb up", "pronation", -120, 120, "forearm_rotation", forearm),
        angle("hip_flexion", "hip flexion", "thigh in line with the trunk", "forward", -60, 180, "hip",
              (*_TRUNK, mark("knee"))),
        angle("knee_flexion", "knee flexion", "leg straight", "bent", 0, 180, "knee", leg),
        angle("hand_across_cm", "hand across the body", "wrist in the mid-sagittal plane", "to the other side", -100,
              100, "hand", (*_TRUNK, mark("wrist")), "trunk", "cm"),
        angle("hand_out_cm", "hand out to the side", "wrist below the shoulder joint", "outward", -100, 100,
              "hand", (*_TRUNK, mark("wrist")), "trunk", "cm"),
    )  # fmt: skip


ANGLES: tuple[Angle, ...] = (*_TRUNK_ANGLES, *_side_angles("left"), *_side_angles("right"))
"""All angles, in the order of the columns of :class:`JointAngles`."""

ANGLE_BY_ID: Mapping[str, Angle] = MappingProxyType({angle.id: angle for angle in ANGLES})

NOT_MEASURED: frozenset[str] = frozenset(f"{side}_shoulder_raised_cm" for side in SIDES)
"""Angles no landmarks tell: they stay NaN ("not seen") and widen the scores that need them."""

OF_HANDS: frozenset[str] = frozenset(
    f"{side}_{part}" for side in SIDES for part in ("wrist_flexion", "wrist_deviation", "forearm_rotation")
)
"""Angles told only where a hand was seen well (``Motion.hands_seen``)."""
