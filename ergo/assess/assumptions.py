"""Plain sentences for what a score takes for granted: one for each thing nobody could see or say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.posture import Arm, Body
from ergo.types import TaskContext

MOSTLY_SEEN = 0.8
"""A side assessed in less of the film than this is told so."""


def assumptions(
    method: str, body: Body, arm: Arm, context: TaskContext, assessed: Bool[np.ndarray, "T"]
) -> tuple[str, ...]:
    """The sentences for one method and side; `assessed` are the frames with a total. Empty when none has one."""
    if not assessed.any():
        return (f"{arm.side.capitalize()} side never seen well enough to be assessed.",)
    return (
        *_coverage(arm, assessed),
        *_unseen(method, body, arm, assessed),
        *_time(method, body, assessed),
        *_untold(method, body, context, assessed),
    )


def _coverage(arm: Arm, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    share = float(assessed.mean())
    if share < MOSTLY_SEEN:
        yield (
            f"{arm.side.capitalize()} side assessed in {share:.0%} of the frames only; the rest was not seen well "
            "enough."
        )


def _unseen(method: str, body: Body, arm: Arm, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    def partly(*signals: Float[np.ndarray, "T"]) -> str | None:
        unseen = np.isnan(np.maximum.reduce(signals))[assessed]  # NaN wins
        if not unseen.any():
            return None
        return "not seen" if unseen.all() else f"not seen in {max(unseen.mean(), 0.01):.0%} of the frames"

    if text := partly(arm.wrist_flexion, arm.wrist_deviated):
        yield f"Wrist {text}: scored as neutral; the range covers every wrist posture."
    if text := partly(arm.forearm_rotation):
        twist = "mid-range" if method == "rula" else "untwisted"
        yield f"Wrist twist {text}: scored as {twist}; the range covers both."
    if text := partly(arm.raised):
        yield f"Raised shoulder {text}: scored as not raised; the range covers both."
    if text := partly(arm.abducted):
        yield f"Upper arm abduction {text}: scored as not abducted; the range covers both."
    if method == "rula" and (text := partly(arm.out_of_line)):
        yield f"Hand across or beside the body {text}: scored as neither; the range covers both."
    if text := partly(body.trunk_twisted, body.trunk_side_bent):
        yield f"Twist or side bend of the trunk {text}: scored as none; the range covers both."
    if text := partly(body.neck_twisted, body.neck_side_bent):
        yield f"Twist or side bend of the neck {text}: scored as none; the range covers both."
    if text := partly(body.knee_flexion):
        yield f"Legs {text}: scored as balanced on both; the range covers every leg posture."
    elif text := partly(body.one_leg):
        yield f"One of the legs {text}: scored as balanced on both; the range covers standing on one."


def _time(method: str, body: Body, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    if np.isnan(body.held).all():
        what = "muscle use" if method == "rula" else "activity"
        yield (
            "Held and repeated postures are not assessable on a film under 60 s: scored as neither; the range covers "
            f"both ({what})."
        )
    elif np.isnan(body.cycles[assessed]).any():
        yield "Repetition is not assessable where under 80 % of a minute was seen: scored as none there."


def _untold(method: str, body: Body, context: TaskContext, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    seated = bool((body.sitting[assessed] == 1).any())
    if context.load_kg is None:
        yield "Load not given: scored as none; the range covers every load."
    elif method == "rula" and context.force_pattern is None and context.load_kg >= 2:
        yield "How the load acts is not given: scored as intermittent; the range covers static and repeated."
    if context.shock is None:
        yield "Shock not given: scored as none; the range covers shock or rapid build-up of force."
    if method == "reba" and context.coupling is None and context.load_kg != 0:
        yield "Grip not given: scored as good; the range covers every grip."
    if context.arms_supported is None:
        yield "Arm support not given: scored as unsupported; the range covers support."
    if seated and method == "rula":
        if context.legs_supported is None:
            yield "Seated, foot support not given: scored as supported; the range covers feet without support."
        if np.isnan(body.back_supported[assessed]).any():
            yield "Seated, back support cannot be seen: scored by the angle of the trunk; the range covers both."
