"""What the film shows of a posture: filtered angles and yes/no observations, each with its threshold and source.

Angles are the median over 0.25 s. A yes/no has hysteresis: it turns on above one threshold and off below a lower
one, so that an angle near the edge does not flicker. Values are 1, 0, or NaN where nobody could see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from ergo.assess.signals import cycles_a_minute, held_a_minute, hysteresis, lasting, median_filtered, swing
from ergo.body.skeleton import JOINT_INDEX
from ergo.types import JointAngles, Motion, Side


@dataclass(frozen=True, slots=True)
class Threshold:
    """A yes/no turns on above `on` and off below `off`."""

    on: float
    off: float
    unit: str
    source: str


THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(
    {
        "twisted": Threshold(10, 7, "°", "EN 1005-4: clearly visible; trunk and neck"),
        "side_bent": Threshold(10, 7, "°", "EN 1005-4: clearly visible; trunk and neck"),
        "sideways": Threshold(20, 15, "°", "OWAS, later descriptions: twist or side bend of the back"),
        "abducted": Threshold(20, 15, "°", "engineering choice: upper arm out of the sagittal plane of the trunk"),
        "raised": Threshold(2.5, 1.8, "cm", "engineering choice: acromion above its neutral height"),
        "across": Threshold(3, 2, "cm", "engineering choice: wrist beyond the mid-sagittal plane"),
        "out": Threshold(10, 8, "cm", "engineering choice: wrist lateral of the acromion"),
        "deviated": Threshold(10, 7, "°", "engineering choice: radial or ulnar deviation"),
        "seated_bend": Threshold(60, 50, "°", "engineering choice: hip and knee flexion of somebody sitting"),
        "foot_lifted": Threshold(
            0.10,
            0.07,
            "m",
            "engineering choice: one foot above the other, twice the error of that",
        ),
        "walking": Threshold(0.4, 0.3, "m/s", "engineering choice: horizontal speed of the pelvis"),
    }
)

SEATED_PELVIS_SHARE = 0.75
"""Sitting: the pelvis is lower than this share of its standing height (engineering choice)."""
SEATED_BALANCE_M = 0.15
"""Sitting begins with the body's weight this far beside the feet: nobody squats like that (engineering choice)."""
KNEE_ON_GROUND_M = 0.12
"""Kneeling: a knee's centre is lower than this (engineering choice)."""
KNEE_BENT_DEG = 30.0
"""Knees bent from here on add points in REBA."""
ONE_LEG_S = 0.5
"""A foot lifted for less than this is a step, not standing on one leg (engineering choice)."""
RAISED_LIMIT_DEG = 120.0
"""Above this arm elevation the shoulder rises by itself and is not scored as raised (engineering choice)."""
AWAY_FROM_NEUTRAL_DEG = 20.0
"""REBA's "held" part counts when it is held further than this from neutral (engineering choice)."""
RAPID_TRUNK_DEG, RAPID_ARM_DEG, RAPID_S = 60.0, 90.0, 1.0
"""A large rapid change: this much of the trunk, or of the upper arm, within a second (engineering choice)."""

_MASS: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("head", "head"): 0.08,
        ("left_hip", "neck"): 0.25,
        ("right_hip", "neck"): 0.25,
        ("left_shoulder", "left_wrist"): 0.05,
        ("right_shoulder", "right_wrist"): 0.05,
        ("left_hip", "left_knee"): 0.10,
        ("right_hip", "right_knee"): 0.10,
        ("left_knee", "left_ankle"): 0.06,
        ("right_knee", "right_ankle"): 0.06,
    }
)
"""Share of the body's mass between pairs of joints, rounded from the usual anthropometric tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Observations of head, trunk and legs over time; angles in degrees, yes/no as 1, 0, NaN unseen.

    `trunk_far_twisted` and `trunk_far_side_bent` ask for more than `trunk_twisted` and `trunk_side_bent` do. No camera
    sees whether back and head are supported: these two stay unknown until somebody says so. `knee_flexion` is the
    larger knee; `bearing_knee` is that of the lower foot when the other is lifted, else the straighter one,
    `other_knee` the other one; both are NaN where one of the knees is unseen.
    """

    trunk_flexion: Float[np.ndarray, "T"]
    trunk_twisted: Float[np.ndarray, "T"]
    trunk_side_bent: Float[np.ndarray, "T"]
    trunk_far_twisted: Float[np.ndarray, "T"]
    trunk_far_side_bent: Float[np.ndarray, "T"]
    neck_flexion: Float[np.ndarray, "T"]
    neck_twisted: Float[np.ndarray, "T"]
    neck_side_bent: Float[np.ndarray, "T"]
    knee_flexion: Float[np.ndarray, "T"]
    bearing_knee: Float[np.ndarray, "T"]
    other_knee: Float[np.ndarray, "T"]
    sitting: Float[np.ndarray, "T"]
    kneeling: Float[np.ndarray, "T"]
    one_leg: Float[np.ndarray, "T"]
    walking: Float[np.ndarray, "T"]
    held: Float[np.ndarray, "T"]
    held_away: Float[np.ndarray, "T"]
    cycles: Float[np.ndarray, "T"]
    rapid: Float[np.ndarray, "T"]
    back_supported: Float[np.ndarray, "T"]
    head_supported: Float[np.ndarray, "T"]

    @property
    def back_sideways(self) -> Float[np.ndarray, "T"]:
        """Clearly twisted or bent to the side, as OWAS asks."""
        return np.maximum(self.trunk_far_twisted, self.trunk_far_side_bent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Observations of one arm over time; angles in degrees, yes/no as 1, 0, NaN unseen.

    `upper_arm_flexion` is the whole elevation of the arm against the trunk, negative behind the trunk; `elevation` is
    from the vertical.
    """

    side: Side
    upper_arm_flexion: Float[np.ndarray, "T"]
    elevation: Float[np.ndarray, "T"]
    abducted: Float[np.ndarray, "T"]
    raised: Float[np.ndarray, "T"]
    elbow_flexion: Float[np.ndarray, "T"]
    out_of_line: Float[np.ndarray, "T"]
    wrist_flexion: Float[np.ndarray, "T"]
    wrist_deviated: Float[np.ndarray, "T"]
    forearm_rotation: Float[np.ndarray, "T"]
    held: Float[np.ndarray, "T"]
    held_away: Float[np.ndarray, "T"]
    cycles: Float[np.ndarray, "T"]
    rapid: Float[np.ndarray, "T"]


def observe_body(motion: Motion, angles: JointAngles) -> Body:
    """What is seen of head, trunk and legs.

    The larger knee counts. Sitting and kneeling are unseen where both knees are, standing on one leg where one is.
    """
    t = angles.timestamps_s
    trunk = filtered(angles, "trunk_flexion")
    neck = filtered(angles, "neck_flexion")
    left, right = filtered(angles, "left_knee_flexion"), filtered(angles, "right_knee_flexion")
    knee = np.fmax(left, right)
    legs_seen = np.isfinite(knee) & motion.valid
    walking = _flag(_horizontal_speed_m_s(motion), "walking")
    sitting, kneeling, one_leg = _stances(motion, angles, knee, walking, legs_seen)
    both_legs_seen = legs_seen & np.isfinite(left) & np.isfinite(right)
    twist, side_bend = (np.abs(filtered(angles, f"trunk_{kind}")) for kind in ("twist", "side_bend"))
    bearing, other = _bearing_knee(motion, left, right, one_leg)
    trunk_held, neck_held = held_a_minute(trunk, t), held_a_minute(neck, t)
    return Body(
        trunk_flexion=trunk,
        trunk_twisted=_flag(twist, "twisted"),
        trunk_side_bent=_flag(side_bend, "side_bent"),
        trunk_far_twisted=_flag(twist, "sideways"),
        trunk_far_side_bent=_flag(side_bend, "sideways"),
        neck_flexion=neck,
        neck_twisted=_flag(np.abs(filtered(angles, "neck_twist")), "twisted"),
        neck_side_bent=_flag(np.abs(filtered(angles, "neck_side_bend")), "side_bent"),
        knee_flexion=knee,
        bearing_knee=bearing,
        other_knee=other,
        sitting=sitting,
        kneeling=kneeling,
        one_leg=_masked(one_leg, both_legs_seen),
        walking=walking,
        held=np.minimum(trunk_held, neck_held),
        held_away=np.maximum(_away(trunk_held, trunk), _away(neck_held, neck)),
        cycles=cycles_a_minute(trunk, t),
        rapid=_reached(swing(trunk, t, RAPID_S), RAPID_TRUNK_DEG),
        back_supported=np.full(len(t), np.nan),
        head_supported=np.full(len(t), np.nan),
    )


def observe_arm(angles: JointAngles, side: Side) -> Arm:
    """What is seen of the arm of `side`.

    Flexion and abduction are ill-defined alone (an arm straight to the side has no flexion): the points follow
    the whole elevation, and flexion only tells whether the arm is behind the trunk. The held and the repeated
    posture are those of upper arm and elbow.
    """
    t = angles.timestamps_s
    flexion, abduction = seen(angles, f"{side}_shoulder_flexion"), seen(angles, f"{side}_shoulder_abduction")
    elevation = seen(angles, f"{side}_shoulder_elevation")
    upper_arm = median_filtered(np.where(behind(flexion, abduction, elevation), -elevation, elevation), t)
    lateral = median_filtered(out_of_plane_deg(flexion, abduction, elevation), t)
    raised = _flag(filtered(angles, f"{side}_shoulder_raised_cm"), "raised")
    elbow = filtered(angles, f"{side}_elbow_flexion")
    across = _flag(filtered(angles, f"{side}_hand_across_cm"), "across")
    out = _flag(filtered(angles, f"{side}_hand_out_cm"), "out")
    held = held_a_minute(upper_arm, t)
    return Arm(
        side=side,
        upper_arm_flexion=upper_arm,
        elevation=filtered(angles, f"{side}_arm_elevation_gravity"),
        abducted=_flag(lateral, "abducted"),
        raised=np.where(np.abs(upper_arm) > RAISED_LIMIT_DEG, 0.0, raised),
        elbow_flexion=elbow,
        out_of_line=np.maximum(across, out),
        wrist_flexion=filtered(angles, f"{side}_wrist_flexion"),
        wrist_deviated=_flag(np.abs(filtered(angles, f"{side}_wrist_deviation")), "deviated"),
        forearm_rotation=filtered(angles, f"{side}_forearm_rotation"),
        held=np.minimum(held, held_a_minute(elbow, t)),
        held_away=_away(held, upper_arm),
        cycles=np.fmax(cycles_a_minute(np.abs(upper_arm), t), cycles_a_minute(elbow, t)),
        rapid=_reached(swing(upper_arm, t, RAPID_S), RAPID_ARM_DEG),
    )


def seen(angles: JointAngles, name: str) -> Float[np.ndarray, "T"]:
    """One angle as it was measured, NaN where it was not seen."""
    return np.where(angles.valid[:, angles.names.index(name)], angles[name], np.nan)


def filtered(angles: JointAngles, name: str) -> Float[np.ndarray, "T"]:
    """One angle after the median filter, NaN where it was not seen."""
    return median_filtered(seen(angles, name), angles.timestamps_s)


def out_of_plane_deg(
    flexion_deg: Float[np.ndarray, "T"], abduction_deg: Float[np.ndarray, "T"], elevation_deg: Float[np.ndarray, "T"]
) -> Float[np.ndarray, "T"]:
    """Angle of the upper arm out of the sagittal plane of the trunk, + outward.

    The frontal component alone would call an arm held forward at 90°, and 13° to the side, abducted by 20°.
    """
    length = np.hypot(flexion_deg, abduction_deg)
    share = np.divide(abduction_deg, length, out=np.zeros_like(length), where=length > 0)
    angle = np.degrees(np.arcsin(np.clip(np.sin(np.radians(elevation_deg)) * share, -1.0, 1.0)))
    return np.where(np.isnan(length), np.nan, angle)


def behind(
    flexion: Float[np.ndarray, "T"], abduction: Float[np.ndarray, "T"], elevation: Float[np.ndarray, "T"]
) -> np.ndarray:
    """Whether the upper arm is behind the trunk: extension, which ends below the horizontal."""
    return (flexion < 0) & (np.abs(flexion) >= np.abs(abduction)) & (elevation < 90)


def _flag(values: Float[np.ndarray, "T"], name: str) -> Float[np.ndarray, "T"]:
    threshold = THRESHOLDS[name]
    return hysteresis(values, threshold.on, threshold.off)


def _away(held: Float[np.ndarray, "T"], angle: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    return np.where(np.isnan(held), np.nan, held * (np.abs(angle) > AWAY_FROM_NEUTRAL_DEG))


def _reached(values: Float[np.ndarray, "T"], least: float) -> Float[np.ndarray, "T"]:
    return np.where(np.isnan(values), np.nan, values >= least)


def _stances(
    motion: Motion,
    angles: JointAngles,
    knee: Float[np.ndarray, "T"],
    walking: Float[np.ndarray, "T"],
    legs_seen: np.ndarray,
) -> tuple[Float[np.ndarray, "T"], Float[np.ndarray, "T"], Float[np.ndarray, "T"]]:
    """Sitting, kneeling, standing on one leg.

    Kneeling goes before sitting, both go before one leg; walking is no standing on one leg.
    """
    t = motion.timestamps_s
    low_knee = np.minimum(_height_m(motion, "left_knee"), _height_m(motion, "right_knee"))
    kneeling = _masked(lasting((low_knee < KNEE_ON_GROUND_M).astype(np.float64), t, ONE_LEG_S), legs_seen)
    hip = np.fmax(filtered(angles, "left_hip_flexion"), filtered(angles, "right_hip_flexion"))
    sitting = _masked(_sitting(motion, np.fmin(hip, knee), kneeling), legs_seen)
    left_over_right = median_filtered(_height_m(motion, "left_foot") - _height_m(motion, "right_foot"), t)
    standing = (sitting != 1) & (kneeling != 1) & (walking != 1)
    either = [  # the same foot for long: feet that take turns are steps
        lasting(np.where(standing, _flag(lifted, "foot_lifted"), 0.0), t, ONE_LEG_S)
        for lifted in (left_over_right, -left_over_right)
    ]
    return sitting, kneeling, _masked(np.maximum(*either), legs_seen)


def _bearing_knee(
    motion: Motion, left: Float[np.ndarray, "T"], right: Float[np.ndarray, "T"], one_leg: Float[np.ndarray, "T"]
) -> tuple[Float[np.ndarray, "T"], Float[np.ndarray, "T"]]:
    """Flexion of the knee that bears more of the weight, and of the other one."""
    on_left = _height_m(motion, "left_foot") < _height_m(motion, "right_foot")
    lower, lifted = np.where(on_left, left, right), np.where(on_left, right, left)
    straighter, more_bent = np.minimum(left, right), np.maximum(left, right)
    both_seen = np.isfinite(left) & np.isfinite(right)
    return (
        np.where(both_seen, np.where(one_leg == 1, lower, straighter), np.nan),
        np.where(both_seen, np.where(one_leg == 1, lifted, more_bent), np.nan),
    )


def _sitting(motion: Motion, bend: Float[np.ndarray, "T"], kneeling: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """Hips and knees bent, pelvis low, and the weight beside the feet at some time since they were.

    A squat bends and lowers the same way but keeps the weight over the feet; who tucks the feet under the seat
    was seen with the weight beside them while sitting down.
    """
    pelvis = _height_m(motion, "pelvis") - np.fmin(_height_m(motion, "left_foot"), _height_m(motion, "right_foot"))
    low = pelvis < SEATED_PELVIS_SHARE * _standing_pelvis_m(motion)
    folded = (_flag(bend, "seated_bend") == 1) & low & (kneeling != 1)
    on_seat = folded & (_weight_beside_feet_m(motion) > SEATED_BALANCE_M)
    index = np.arange(len(folded))
    last_up = np.maximum.accumulate(np.where(folded, -1, index))
    last_on_seat = np.maximum.accumulate(np.where(on_seat, index, -1))
    return (folded & (last_on_seat > last_up)).astype(np.float64)


def _masked(state: Float[np.ndarray, "T"], known: np.ndarray) -> Float[np.ndarray, "T"]:
    return np.where(known, state, np.nan)


def _joint(motion: Motion, name: str) -> Float[np.ndarray, "T 3"]:
    return motion.joints_m[:, JOINT_INDEX[name]]


def _height_m(motion: Motion, name: str) -> Float[np.ndarray, "T"]:
    return _joint(motion, name)[:, 1]


def _standing_pelvis_m(motion: Motion) -> float:
    """Height of the pelvis above the feet with straight legs, from the lengths of thigh and shank."""
    sides = []
    for side in ("left", "right"):
        hip, knee, ankle = (_joint(motion, f"{side}_{name}") for name in ("hip", "knee", "ankle"))
        sides.append(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1))
    lengths = np.concatenate(sides)
    lengths = lengths[np.isfinite(lengths)]
    return float(np.median(lengths)) if len(lengths) else np.nan


def _weight_beside_feet_m(motion: Motion) -> Float[np.ndarray, "T"]:
    """Horizontal distance from the body's centre of mass to the middle of the four ankle and foot joints."""
    centre = sum(share * (_joint(motion, a) + _joint(motion, b)) / 2 for (a, b), share in _MASS.items())
    feet = np.mean(
        [_joint(motion, f"{side}_{name}") for side in ("left", "right") for name in ("ankle", "foot")], axis=0
    )
    return np.hypot(*(np.asarray(centre) - feet)[:, [0, 2]].T)


def _horizontal_speed_m_s(motion: Motion) -> Float[np.ndarray, "T"]:
    """Speed of the pelvis over the ground, over half a second."""
    t = motion.timestamps_s
    if len(t) < 2:
        return np.where(motion.valid, 0.0, np.nan)
    x, z = (median_filtered(_joint(motion, "pelvis")[:, axis], t) for axis in (0, 2))
    first = np.searchsorted(t, t - 0.25 - 1e-6, side="left")
    last = np.searchsorted(t, t + 0.25 + 1e-6, side="right") - 1
    elapsed = t[last] - t[first]
    far = np.hypot(x[last] - x[first], z[last] - z[first])
    speed = np.divide(far, elapsed, out=np.zeros_like(far), where=elapsed > 0)
    return np.where(np.isfinite(x), np.where(np.isfinite(speed), speed, 0.0), np.nan)
