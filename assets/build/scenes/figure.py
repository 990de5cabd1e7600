"""From a posture, told as a person would (bend, reach there, kneel), to the rotations of an SMPL-X body.

The frame of a posture: origin on the ground where the person stands upright, X to their left, Y up, Z ahead.
Lengths are those of a person of :data:`TYPICAL_STATURE_M` and grow with the body.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.interpolate import PchipInterpolator

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import JOINT_INDEX, PARENTS
from ergo.body.skinning import forward_kinematics
from ergo.body.standing import COLLAR_DROP_DEG
from ergo.geometry.rotations import angle_between_deg, frame_from_axes, reject, rotation_about, unit

TYPICAL_STATURE_M = 1.72
REACH_SHARE = 0.985
"""How straight a limb gets when its target is too far away."""
_X, _Y, _Z = np.eye(3)
_SPINE = (("pelvis", 0.0), ("spine1", 0.35), ("spine2", 0.75), ("spine3", 1.0))
_NECK = (("neck", 0.5), ("head", 1.0))

Point = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Posture:
    """One posture, or with arrays over time a movement; degrees and metres.

    Attributes:
        flexion, side_bend, twist: of the trunk; forward, to the right, to the left.
        pelvis_share: part of the bending that happens in the hips.
        neck_flexion, neck_turn, neck_bend: of the head against the trunk.
        turn: of the whole person to the left.
        pelvis: shift from standing upright.
        left_foot, right_foot: shift of an ankle from below its hip.
        left_heel, right_heel: how far a foot is turned up about its ball.
        knees_out: how far the knees point outward rather than ahead.
        left_hand, right_hand: where a wrist goes, as far as `…_reach` says (0: the arm hangs).
        elbows_out: how far the elbows point outward rather than down.
        hands_bent: wrists towards the palm.
    """

    flexion: float = 3.0
    side_bend: float = 0.0
    twist: float = 0.0
    pelvis_share: float = 0.45
    neck_flexion: float = 5.0
    neck_turn: float = 0.0
    neck_bend: float = 0.0
    turn: float = 0.0
    pelvis: Point = (0.0, -0.01, 0.0)
    left_foot: Point = (0.03, 0.0, 0.0)
    right_foot: Point = (-0.03, 0.0, 0.0)
    left_heel: float = 0.0
    right_heel: float = 0.0
    knees_out: float = 0.25
    left_hand: Point = (0.2, 1.0, 0.4)
    right_hand: Point = (-0.2, 1.0, 0.4)
    left_reach: float = 0.0
    right_reach: float = 0.0
    elbows_out: float = 0.5
    hands_bent: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One person's body with what postures need to know of it."""

    body: BodyModel
    shaped: ShapedBody

    @property
    def scale(self) -> float:
        """This body's stature over the typical one."""
        return self.shaped.stature_m / TYPICAL_STATURE_M

    @property
    def sole_m(self) -> float:
        """Height of the ankles above the soles."""
        return self.rest("left_ankle")[1] - float(self.shaped.vertices_m[:, 1].min())

    @property
    def pelvis_m(self) -> float:
        """Height of the pelvis when standing with straight legs."""
        legs = sum(
            np.linalg.norm(self.bone(*pair)) for pair in (("left_hip", "left_knee"), ("left_knee", "left_ankle"))
        )
        return self.sole_m + float(legs) - self.bone("pelvis", "left_hip")[1]

    def rest(self, name: str) -> np.ndarray:
        """A joint in the T-pose."""
        return self.shaped.joints_m[JOINT_INDEX[name]].astype(float)

    def bone(self, start: str, end: str) -> np.ndarray:
        """From one joint to another in the T-pose."""
        return self.rest(end) - self.rest(start)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A body that moves: local rotations [T, 55, 3, 3], translation [T, 3], joints in the world [T, 55, 3]."""

    figure: Figure
    rotations: np.ndarray
    transl_m: np.ndarray
    joints_m: np.ndarray

    def moved(self, yaw_deg: float, shift_m: np.ndarray) -> Movement:
        """The same movement turned about the vertical through the origin, then shifted."""
        turn = rotation_about(_Y, np.radians(yaw_deg))
        rotations = self.rotations.copy()
        rotations[:, 0] = turn @ rotations[:, 0]
        root = self.figure.shaped.joints_m[0].astype(float)
        transl_m = (self.transl_m + root) @ turn.T - root + shift_m
        return from_local(self.figure, rotations, transl_m + root)


def interpolate(keys: list[tuple[float, Posture]], times_s: np.ndarray) -> Posture:
    """Postures at given times, gliding through those in between and holding the ends."""
    at = np.array([time for time, _ in keys])
    found = {}
    for field in fields(Posture):
        values = np.array([getattr(posture, field.name) for _, posture in keys], float)
        found[field.name] = PchipInterpolator(at, values)(np.clip(times_s, at[0], at[-1]))
    return Posture(**found)


def from_local(figure: Figure, rotations: np.ndarray, pelvis_m: np.ndarray) -> Movement:
    """A movement of local rotations with the pelvis at `pelvis_m` [T, 3]."""
    rest = figure.shaped.joints_m.astype(float)
    transl_m = pelvis_m - rest[0]
    _, joints_m = forward_kinematics(rotations, rest)
    return Movement(figure=figure, rotations=rotations, transl_m=transl_m, joints_m=joints_m + transl_m[:, None])


def from_world(figure: Figure, world: np.ndarray, pelvis_m: np.ndarray) -> Movement:
    """A movement of joint frames turned against the world [T, 55, 3, 3]."""
    local = world.copy()
    local[:, 1:] = np.swapaxes(world[:, PARENTS[1:]], -1, -2) @ world[:, 1:]
    return from_local(figure, local, pelvis_m)


def take(figure: Figure, posture: Posture) -> Movement:
    """The body in postures [T]."""
    count = len(np.atleast_1d(posture.flexion))
    world = np.tile(np.eye(3), (count, len(PARENTS), 1, 1))
    heading = rotation_about(_Y, np.radians(np.broadcast_to(posture.turn, count)))
    pelvis_m = figure.scale * np.asarray(posture.pelvis) + [0.0, figure.pelvis_m, 0.0]
    _bend_trunk(world, posture, heading)
    for side in ("left", "right"):
        _place_leg(world, figure, posture, side, pelvis_m)
        for _ in range(2):  # the collar follows the arm, and the arm starts at the collar
            _place_arm(world, figure, posture, side, pelvis_m)
    _follow(world)
    return from_world(figure, world, pelvis_m)


def lift_to_ground(movement: Movement, lowest_m: np.ndarray) -> Movement:
    """The movement raised, for all its time, by what its lowest vertices are below the ground."""
    root = movement.figure.shaped.joints_m[0].astype(float)
    up = max(0.0, -float(np.percentile(lowest_m, 10)))
    return from_local(movement.figure, movement.rotations, movement.transl_m + root + [0.0, up, 0.0])


def swing(rest_direction: np.ndarray, rest_hinge: np.ndarray, direction: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Rotation of a bone that points along `direction` and bends about `hinge`."""
    return frame_from_axes(direction, hinge) @ frame_from_axes(rest_direction, rest_hinge).T


def _bend_trunk(world: np.ndarray, posture: Posture, heading: np.ndarray) -> None:
    flexion, side, twist = (np.radians(np.asarray(v)) for v in (posture.flexion, posture.side_bend, posture.twist))
    share = np.asarray(posture.pelvis_share)
    for name, part in _SPINE:
        forward = rotation_about(_X, flexion * (share + (1 - share) * part))
        aside = rotation_about(_Z, -side * (0.3 + 0.7 * part))
        world[:, JOINT_INDEX[name]] = heading @ forward @ aside @ rotation_about(_Y, twist * part)
    chest = world[:, JOINT_INDEX["spine3"]]
    nod, turn, tilt = (np.radians(np.asarray(v)) for v in (posture.neck_flexion, posture.neck_turn, posture.neck_bend))
    for name, part in _NECK:
        nodded = rotation_about(_Y, part * turn) @ rotation_about(_X, part * nod) @ rotation_about(_Z, -part * tilt)
        world[:, JOINT_INDEX[name]] = chest @ nodded


def _joint_m(world: np.ndarray, figure: Figure, pelvis_m: np.ndarray, name: str) -> np.ndarray:
    """A joint's place when all its ancestors' frames are known."""
    index = JOINT_INDEX[name]
    if PARENTS[index] < 0:
        return pelvis_m
    parent = next(n for n, i in JOINT_INDEX.items() if i == PARENTS[index])
    return _joint_m(world, figure, pelvis_m, parent) + world[:, PARENTS[index]] @ figure.bone(parent, name)


def _two_bones(start: np.ndarray, target: np.ndarray, lengths: tuple[float, float], pole: np.ndarray) -> tuple:
    """Directions of two bones that lead from `start` to `target`, bent towards `pole`, and their hinge."""
    reach = target - start
    a, b = lengths
    far = np.clip(np.linalg.norm(reach, axis=-1), abs(a - b) + 0.02, REACH_SHARE * (a + b))[..., None]
    axis = unit(reach)
    cosine = (a**2 + far**2 - b**2) / (2 * a * far)
    out = unit(reject(pole, axis))
    upper = cosine * axis + np.sqrt(np.maximum(0.0, 1 - cosine**2)) * out
    return upper, unit(far * axis - a * upper), unit(np.cross(out, axis))


def _place_leg(world: np.ndarray, figure: Figure, posture: Posture, side: str, pelvis_m: np.ndarray) -> None:
    out = 1.0 if side == "left" else -1.0
    hip, knee, ankle = (f"{side}_{part}" for part in ("hip", "knee", "ankle"))
    thigh, shank = figure.bone(hip, knee), figure.bone(knee, ankle)
    foot = figure.scale * np.asarray(getattr(posture, f"{side}_foot"))
    heel = np.radians(np.asarray(getattr(posture, f"{side}_heel")))
    ball = figure.bone(ankle, f"{side}_foot")
    on_ball = ball - rotation_about(_X, heel) @ ball  # a raised heel turns the foot about its ball
    target = foot + on_ball + np.array([figure.bone("pelvis", hip)[0], figure.sole_m, 0.0])
    outward = out * np.asarray(posture.knees_out)
    pole = np.stack(np.broadcast_arrays(outward, np.full_like(outward, 0.1), np.ones_like(outward)), axis=-1)
    turned = rotation_about(_Y, np.radians(np.asarray(posture.turn)) * 0.5)
    pole = np.einsum("...ij,...j->...i", turned, pole)
    start = _joint_m(world, figure, pelvis_m, hip)
    lengths = (float(np.linalg.norm(thigh)), float(np.linalg.norm(shank)))
    upper, lower, hinge = _two_bones(start, target, lengths, np.broadcast_to(pole, start.shape))
    world[:, JOINT_INDEX[hip]] = swing(thigh, _X, upper, hinge)
    world[:, JOINT_INDEX[knee]] = swing(shank, _X, lower, hinge)
    level = turned @ rotation_about(_Y, np.radians(out * 8.0 + out * 20.0 * np.asarray(posture.knees_out)))
    world[:, JOINT_INDEX[ankle]] = level @ rotation_about(_X, heel)
    world[:, JOINT_INDEX[f"{side}_foot"]] = level  # toes stay flat


def _place_arm(world: np.ndarray, figure: Figure, posture: Posture, side: str, pelvis_m: np.ndarray) -> None:
    out = 1.0 if side == "left" else -1.0
    collar, shoulder, elbow, wrist = (f"{side}_{part}" for part in ("collar", "shoulder", "elbow", "wrist"))
    chest = world[:, JOINT_INDEX["spine3"]]
    upper_arm, forearm = figure.bone(shoulder, elbow), figure.bone(elbow, wrist)
    raised = angle_between_deg(world[:, JOINT_INDEX[shoulder]] @ upper_arm, -chest[..., 1])
    drop = COLLAR_DROP_DEG - 0.25 * np.clip(raised - 30.0, 0.0, 120.0)
    world[:, JOINT_INDEX[collar]] = chest @ rotation_about(_Z, -out * np.radians(drop))
    start = _joint_m(world, figure, pelvis_m, shoulder)
    length = float(np.linalg.norm(upper_arm) + np.linalg.norm(forearm))
    ahead = world[:, JOINT_INDEX["pelvis"]] @ _Z
    hanging = start + length * (np.array([0.0, -0.93, 0.0]) + 0.16 * out * chest[..., 0] + 0.16 * ahead)
    reach = np.asarray(getattr(posture, f"{side}_reach"))[..., None]
    target = reach * figure.scale * np.asarray(getattr(posture, f"{side}_hand")) + (1 - reach) * hanging
    outward = np.asarray(posture.elbows_out)[..., None]
    pole = outward * out * chest[..., 0] - 0.6 * chest[..., 2] - (1 - 0.5 * outward) * 0.6 * chest[..., 1]
    lengths = (float(np.linalg.norm(upper_arm)), float(np.linalg.norm(forearm)))
    upper, lower, hinge = _two_bones(start, target, lengths, pole)
    world[:, JOINT_INDEX[shoulder]] = swing(upper_arm, -out * _Y, upper, hinge)
    world[:, JOINT_INDEX[elbow]] = swing(forearm, -out * _Y, lower, hinge)
    bent = np.radians(np.broadcast_to(posture.hands_bent, len(world)))
    world[:, JOINT_INDEX[wrist]] = world[:, JOINT_INDEX[elbow]] @ rotation_about(_Z, -out * bent)


def _follow(world: np.ndarray) -> None:
    """Jaw, eyes and fingers move with their parents."""
    for name, index in JOINT_INDEX.items():
        if index > JOINT_INDEX["right_wrist"]:
            world[:, index] = world[:, PARENTS[index]]
            if name.endswith("1") and "thumb" not in name:
                world[:, index] = world[:, index] @ rotation_about(_Z, np.radians(-25 if "left" in name else 25))
