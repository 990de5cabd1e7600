"""Plain sentences for what a score of the whole body takes for granted: OWAS, ISO 11226, EN 1005-4."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.assumptions import MOSTLY_SEEN
from ergo.assess.pace import SHORTEST_HOLD_S, Paces
from ergo.assess.posture import Arm, Body
from ergo.types import TaskContext

TOO_SHORT = f"Not assessable on a film under {SHORTEST_HOLD_S:g} s: no posture can be held for longer than that."


def whole_body_assumptions(
    method: str,
    body: Body,
    left: Arm,
    right: Arm,
    paces: Paces,
    context: TaskContext,
    assessed: Bool[np.ndarray, "T"],
) -> tuple[str, ...]:
    """The sentences for one method; `assessed` are the frames with a total. One that says why when none has one."""
    if not assessed.any():
        unheld = method == "iso11226" and np.isfinite(body.trunk_flexion).any()
        return (TOO_SHORT if unheld else "Trunk never seen well enough to be assessed.",)
    sentences = {"owas": _owas, "iso11226": _iso11226, "en1005_4": _en1005_4}[method]
    return (
        *_coverage(assessed),
        *_arms(method, left, right, assessed),
        *sentences(body, left, right, paces, context, assessed),
    )


def _coverage(assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    share = float(assessed.mean())
    if share < MOSTLY_SEEN:
        yield f"Assessed in {share:.0%} of the frames only; in the rest the trunk was not seen well enough."


def _partly(signal: Float[np.ndarray, "T"], assessed: Bool[np.ndarray, "T"]) -> str | None:
    unseen = np.isnan(signal)[assessed]
    if not unseen.any():
        return None
    return "not seen" if unseen.all() else f"not seen in {max(unseen.mean(), 0.01):.0%} of the frames"


def _arms(method: str, left: Arm, right: Arm, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    taken = "below shoulder level" if method == "owas" else "acceptable"
    for arm in (left, right):
        if text := _partly(arm.elevation, assessed):
            yield f"{arm.side.capitalize()} upper arm {text}: scored as {taken}; the range covers every posture of it."


def _rests(body: Body, assessed: Bool[np.ndarray, "T"]) -> Iterator[str]:
    rests = np.maximum(body.back_supported, body.head_supported)  # NaN wins
    if np.isnan(rests[assessed]).any():
        yield "Support of trunk and head cannot be seen: scored as unsupported; the range covers support."


def _owas(
    body: Body, left: Arm, right: Arm, paces: Paces, context: TaskContext, assessed: Bool[np.ndarray, "T"]
) -> Iterator[str]:
    del left, right, paces
    if text := _partly(body.knee_flexion, assessed):
        yield f"Legs {text}: scored as standing on both, straight; the range covers every leg posture."
    elif text := _partly(body.other_knee, assessed):
        yield f"One of the legs {text}: scored like the other one; the range covers standing on one."
    if text := _partly(body.back_sideways, assessed):
        yield f"Twist or side bend of the back {text}: scored as none; the range covers both."
    if context.load_kg is None:
        yield "Load not given: scored as up to 10 kg; the range covers every load."
    yield "Shares of the time are those of this film, not of a shift."


def _iso11226(
    body: Body, left: Arm, right: Arm, paces: Paces, context: TaskContext, assessed: Bool[np.ndarray, "T"]
) -> Iterator[str]:
    if text := _partly(paces.head.angle, assessed):
        yield f"Head {text}: scored as acceptable; the range covers every posture of it."
    if text := _partly(paces.knees.angle, assessed):
        yield f"Legs {text}: scored as acceptable; the range covers every posture of them."
    hands = np.max([a for arm in (left, right) for a in (arm.wrist_flexion, arm.forearm_rotation)], axis=0)  # NaN wins
    if text := _partly(hands, assessed):
        yield f"Forearm and hand {text}: left out of the result there, and of its range."
    if any(_partly(arm.raised, assessed) for arm in (left, right)):
        yield "Raised shoulder not always seen: scored as not raised; the range covers both."
    yield from _rests(body, assessed)
    if context.arms_supported is None:
        yield "Arm support not given: scored as unsupported; the range covers support."
    yield "Holding times are those within the film; recovery between them and the length of the shift are not known."
    if (body.kneeling[assessed] == 1).any():
        yield "Kneeling has no zone: the legs are left out while it lasts."


def _en1005_4(
    body: Body, left: Arm, right: Arm, paces: Paces, context: TaskContext, assessed: Bool[np.ndarray, "T"]
) -> Iterator[str]:
    del left, right, context
    if text := _partly(paces.head.angle, assessed):
        yield f"Head {text}: scored as acceptable; the range covers every posture of it."
    if np.isnan(paces.trunk.hold_s[assessed]).all():
        yield f"On a film under {SHORTEST_HOLD_S:g} s no posture is held long enough to be static."
    per_minute = paces.trunk.per_minute[assessed]
    if np.isnan(per_minute).all():
        yield (
            "How often a part moves is not assessable on a film under 60 s: scored as less than 2 times a minute; the "
            "range covers more."
        )
    elif np.isnan(per_minute).any():
        yield "How often a part moves is not assessable where under 80 % of a minute was seen: scored as seldom there."
    yield "The line of sight is taken to turn with the head."
    yield from _rests(body, assessed)
    yield "The conditions of the middle zone (time, recovery, support, length of use) are not checked."
