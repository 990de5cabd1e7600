"""The worst moments of a film: when, how bad, and in plain words why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.exposure import sustained
from ergo.assess.posture import filtered
from ergo.assess.reasons import explain
from ergo.assess.score import ITEMS, Item
from ergo.assess.signals import runs
from ergo.methods import catalogue, reba, rula
from ergo.types import Assessment, JointAngles, Side, TaskContext

MIN_APART_S, MIN_APART_SHARE = 1.0, 0.05
"""Moments closer than this, or than this share of the film, are the same moment; so is all the time around a
moment in which its score stays what it is."""

_RISK_OF = MappingProxyType({"rula": rula.risk_step, "reba": reba.risk_step})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One item above its neutral points: `part` is the item's id, `text` a plain sentence."""

    part: str
    label: str
    points: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One bad moment, with the method and side that judge it worst, and the reasons, heaviest first."""

    method: str
    side: Side | None
    frame: int
    time_s: float
    total: int
    level: int
    level_label: str
    reasons: tuple[Reason, ...]


def worst_moments(
    assessments: Sequence[Assessment], angles: JointAngles, context: TaskContext, count: int = 5
) -> tuple[Moment, ...]:
    """Up to `count` moments, worst first, over all methods and sides.

    A moment needs a score kept up for 0.5 s. Frames are compared by the common risk scale, then by the mean share
    that all scores have of their maximum, then by the points of all items; the one nearest the middle of the worst
    stretch is taken. Negligible risk is no bad moment. `assessments` share their frames with `angles`.
    """
    if not assessments:
        return ()
    t = assessments[0].timestamps_s
    steps = np.stack([_risk(a) for a in assessments])
    severity = _severity(assessments, steps)
    apart_s = max(MIN_APART_S, MIN_APART_SHARE * float(t[-1] - t[0])) if len(t) else MIN_APART_S
    left = np.where(steps.max(axis=0) > 0, severity, -np.inf)
    moments: list[Moment] = []
    while len(moments) < count and np.isfinite(left).any():
        frame = _middle_of_worst(left)
        worst = max(range(len(assessments)), key=lambda i: (steps[i, frame], _share(assessments[i])[frame]))
        moments.append(_moment(assessments[worst], frame, angles, context))
        left[(np.abs(t - t[frame]) < apart_s) | _same_spell(assessments[worst], frame)] = -np.inf
    return tuple(moments)


def _risk(assessment: Assessment) -> Float[np.ndarray, "T"]:
    """Step of the risk scale where the score is kept up; 0 elsewhere, as elsewhere nothing is claimed."""
    kept = sustained(assessment.total, assessment.timestamps_s)
    own = np.isfinite(kept) & (kept == assessment.total)
    return np.where(own, np.nan_to_num(_RISK_OF[assessment.method](assessment.total)), 0.0)


def _share(assessment: Assessment) -> Float[np.ndarray, "T"]:
    return np.nan_to_num(assessment.total) / catalogue.METHODS[assessment.method].max_total


def _severity(assessments: Sequence[Assessment], steps: Float[np.ndarray, "M T"]) -> Float[np.ndarray, "T"]:
    """One number that orders frames: risk step, then share of the maximum, then share of all items' points."""
    shares = np.mean([_share(a) for a in assessments], axis=0)
    points = [
        np.nan_to_num(a.parts[item.id] - item.neutral_points) / (item.max_points - item.neutral_points)
        for a in assessments
        for item in ITEMS[a.method]
    ]
    return steps.max(axis=0) + 0.5 * shares + 1e-3 * np.mean(points, axis=0)


def _middle_of_worst(severity: Float[np.ndarray, "T"]) -> int:
    worst = severity >= severity.max() - 1e-9
    first = int(np.argmax(worst))
    rest = worst[first:]
    length = int(np.argmin(rest)) if not rest.all() else len(rest)
    return first + length // 2


def _same_spell(assessment: Assessment, frame: int) -> Bool[np.ndarray, "T"]:
    """Frames of the unbroken stretch around `frame` with the same total."""
    spell = np.zeros(len(assessment.total), dtype=bool)
    for first, last, _ in zip(*runs(assessment.total == assessment.total[frame], assessment.timestamps_s), strict=True):
        if first <= frame <= last:
            spell[first : last + 1] = True
    return spell


def _moment(assessment: Assessment, frame: int, angles: JointAngles, context: TaskContext) -> Moment:
    level = int(assessment.level[frame])
    labels = {entry.level: entry.label for entry in catalogue.METHODS[assessment.method].levels}
    heaviest = sorted(
        (item for item in ITEMS[assessment.method] if _above_neutral(assessment, item, frame) > 0),
        key=lambda item: -_above_neutral(assessment, item, frame),
    )
    reasons = tuple(
        Reason(
            part=item.id,
            label=item.label,
            points=int(assessment.parts[item.id][frame]),
            text=explain(item.id, assessment.side, lambda name: float(filtered(angles, name)[frame]), context),
        )
        for item in heaviest
    )
    return Moment(
        method=assessment.method,
        side=assessment.side,
        frame=frame,
        time_s=float(assessment.timestamps_s[frame]),
        total=int(assessment.total[frame]),
        level=level,
        level_label=labels[level],
        reasons=reasons,
    )


def _above_neutral(assessment: Assessment, item: Item, frame: int) -> float:
    """Points above neutral, 0 when unseen."""
    return float(np.nan_to_num(assessment.parts[item.id][frame] - item.neutral_points))
