"""From observations to the points of each item of a method.

Every item is scored three ways: with what nobody could see or say taken as neutral, as favourable, and as
unfavourable as possible. An item that is unseen is NaN in the first, so that it can be shown as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from ergo.assess.posture import Arm, Body
from ergo.methods import reba, rula
from ergo.types import TaskContext

Guess: TypeAlias = Literal["neutral", "low", "high"]
"""How to take what is unknown."""

GUESSES: tuple[Guess, ...] = ("neutral", "low", "high")

Points: TypeAlias = Float[np.ndarray, "T"]

RULA_CYCLES_A_MINUTE = 4
"""RULA: repeated is 4 times a minute or more."""
REBA_CYCLES_A_MINUTE = 4
"""REBA: repeated is more than 4 times a minute."""
HEAVY_KG = 100.0
"""Any load in the highest class of both methods."""
BACKREST_LIMIT_DEG = 20.0
"""Somebody seated who leans forward further has no support of the back."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Points of an item that was not seen, by how unknowns are taken."""

    neutral: float
    low: float
    high: float


RULA_UNSEEN: Mapping[str, Unseen] = MappingProxyType(
    {"wrist": Unseen(1, 1, 4), "wrist_twist": Unseen(1, 1, 2), "legs": Unseen(1, 1, 2)}
)
REBA_UNSEEN: Mapping[str, Unseen] = MappingProxyType({"wrist": Unseen(1, 1, 3), "legs": Unseen(1, 1, 4)})
"""Items a frame is assessed without; any other item that is unseen leaves the frame not assessed."""


def rula_points(body: Body, arm: Arm, context: TaskContext, guess: Guess) -> dict[str, Points]:
    """Points of every argument of :func:`ergo.methods.rula.score`, NaN where an item was not seen."""
    maybe_seated = body.sitting != 0  # NaN, legs unseen, is maybe
    can_lean_back = maybe_seated & (body.trunk_flexion < BACKREST_LIMIT_DEG)
    leans_back = can_lean_back & (settled_helpful(body.back_supported, guess) == 1)
    hanging = (body.sitting == 1) & _unsupported_legs(context, guess)
    unbalanced = np.maximum(np.maximum(settled(body.one_leg, guess), body.kneeling), hanging)
    if context.legs_supported is False:
        unbalanced = np.ones_like(unbalanced)
    force = rula_force_points(context, guess)
    everywhere = np.ones_like(body.trunk_flexion)
    return {
        "upper_arm": rula.upper_arm_points(
            arm.upper_arm_flexion,
            raised=settled(arm.raised, guess),
            abducted=settled(arm.abducted, guess),
            supported=_supported_arms(context, guess),
        ),
        "lower_arm": rula.lower_arm_points(arm.elbow_flexion, out_of_line=settled(arm.out_of_line, guess)),
        "wrist": rula.wrist_points(arm.wrist_flexion, deviated=settled(arm.wrist_deviated, guess)),
        "wrist_twist": rula.wrist_twist_points(arm.forearm_rotation),
        "muscle_use_arm": rula.muscle_use_points(
            static=settled(arm.held, guess), repeated=settled(_at_least(arm.cycles, RULA_CYCLES_A_MINUTE), guess)
        ),
        "force_arm": force * everywhere,
        "neck": rula.neck_points(
            body.neck_flexion,
            twisted=settled(body.neck_twisted, guess),
            side_bent=settled(body.neck_side_bent, guess),
        ),
        "trunk": rula.trunk_points(
            body.trunk_flexion,
            twisted=settled(body.trunk_twisted, guess),
            side_bent=settled(body.trunk_side_bent, guess),
            back_supported=leans_back,
            back_unsupported=maybe_seated & (_unsupported_back(body, guess) == 1),
        ),
        "legs": rula.legs_points(unbalanced),
        "muscle_use_body": rula.muscle_use_points(
            static=settled(body.held, guess), repeated=settled(_at_least(body.cycles, RULA_CYCLES_A_MINUTE), guess)
        ),
        "force_body": force * everywhere,
    }


def reba_points(body: Body, arm: Arm, context: TaskContext, guess: Guess) -> dict[str, Points]:
    """Points of every argument of :func:`ergo.methods.reba.score`, NaN where an item was not seen."""
    unstable = True if context.legs_supported is False else settled(body.one_leg, guess)
    everywhere = np.ones_like(body.trunk_flexion)
    return {
        "neck": reba.neck_points(
            body.neck_flexion,
            twisted=settled(body.neck_twisted, guess),
            side_bent=settled(body.neck_side_bent, guess),
        ),
        "trunk": reba.trunk_points(
            body.trunk_flexion,
            twisted=settled(body.trunk_twisted, guess),
            side_bent=settled(body.trunk_side_bent, guess),
        ),
        "legs": reba.legs_points(body.knee_flexion, unstable=unstable, sitting=body.sitting),
        "load": reba_load_points(context, guess) * everywhere,
        "upper_arm": reba.upper_arm_points(
            arm.upper_arm_flexion,
            raised=settled(arm.raised, guess),
            abducted=settled(arm.abducted, guess),
            supported=_supported_arms(context, guess),
        ),
        "lower_arm": reba.lower_arm_points(arm.elbow_flexion),
        "wrist": reba.wrist_points(
            arm.wrist_flexion, deviated=settled(np.maximum(arm.wrist_deviated, _twisted(arm)), guess)
        ),
        "coupling": reba_coupling_points(context, guess) * everywhere,
        "activity": reba.activity_points(
            static=settled(np.maximum(body.held_away, arm.held_away), guess),
            repeated=settled(_repeated(body, arm), guess),
            rapid=settled(np.fmax(body.rapid, arm.rapid), guess),
        ),
    }


def rula_force_points(context: TaskContext, guess: Guess) -> float:
    """RULA's force points of a load, 0–3; without a load given from 0 to 3."""
    load_kg = (HEAVY_KG if guess == "high" else 0.0) if context.load_kg is None else context.load_kg
    pattern = context.force_pattern or ("static" if guess == "high" else "intermittent")
    return float(rula.force_points(load_kg, pattern=pattern, shock=_told(context.shock, guess)))


def reba_load_points(context: TaskContext, guess: Guess) -> float:
    """REBA's load points, 0–3; without a load given from 0 to 2, and one more for shock."""
    load_kg = (HEAVY_KG if guess == "high" else 0.0) if context.load_kg is None else context.load_kg
    return float(reba.load_points(load_kg, shock=_told(context.shock, guess)))


def reba_coupling_points(context: TaskContext, guess: Guess) -> float:
    """REBA's coupling points, 0–3; without a grip given from 0 to 3, and 0 when nothing is held."""
    if context.coupling is not None:
        return float(reba.coupling_points(context.coupling))
    return 3.0 if guess == "high" and context.load_kg != 0 else 0.0


def settled(flag: Float[np.ndarray, "T"], guess: Guess) -> Float[np.ndarray, "T"]:
    """`flag`, of those that raise the points, with unknowns decided: yes at the high guess, else no."""
    return np.where(np.isnan(flag), float(guess == "high"), flag)


def settled_helpful(flag: Float[np.ndarray, "T"], guess: Guess) -> Float[np.ndarray, "T"]:
    """`flag`, of those that lower the points, with unknowns decided: yes at the low guess, else no."""
    return np.where(np.isnan(flag), float(guess == "low"), flag)


def completed(points: Mapping[str, Points], unseen: Mapping[str, Unseen], guess: Guess) -> dict[str, Points]:
    """`points` with the items a frame is assessed without filled in."""
    return {
        name: np.where(np.isnan(values), getattr(unseen[name], guess), values) if name in unseen else values
        for name, values in points.items()
    }


def _told(answer: bool | None, guess: Guess) -> bool:
    return guess == "high" if answer is None else answer


def _supported_arms(context: TaskContext, guess: Guess) -> bool:
    return guess == "low" if context.arms_supported is None else context.arms_supported


def _unsupported_legs(context: TaskContext, guess: Guess) -> bool:
    return guess == "high" if context.legs_supported is None else not context.legs_supported


def _unsupported_back(body: Body, guess: Guess) -> Float[np.ndarray, "T"]:
    """1 where somebody said that a seated back has no support, or where the high guess takes it so."""
    return np.where(np.isnan(body.back_supported), float(guess == "high"), 1.0 - body.back_supported)


def _at_least(cycles: Float[np.ndarray, "T"], least: int) -> Float[np.ndarray, "T"]:
    return np.where(np.isnan(cycles), np.nan, cycles >= least)


def _repeated(body: Body, arm: Arm) -> Float[np.ndarray, "T"]:
    """More than four a minute of trunk or arm; walking does not count."""
    cycles = np.fmax(body.cycles, arm.cycles)
    repeated = np.where(np.isnan(cycles), np.nan, cycles > REBA_CYCLES_A_MINUTE)
    return np.where(body.walking == 1, 0.0, repeated)


def _twisted(arm: Arm) -> Float[np.ndarray, "T"]:
    rotation = np.abs(arm.forearm_rotation)
    return np.where(np.isnan(rotation), np.nan, rotation >= rula.TWIST_MID_RANGE_DEG)
