"""The worst moments of a film: when, how bad, and in plain words why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.by_hand import angle_at, holding, note
from ergo.assess.exposure import sustained
from ergo.assess.items import ITEMS, Item
from ergo.assess.overridden import told_at, told_over_time
from ergo.assess.reasons import explain
from ergo.assess.score import total_without
from ergo.methods import reba, rula
from ergo.methods.catalogue import METHODS
from ergo.types import Assessment, JointAngles, Override, Side, TaskContext

MIN_APART_S, MIN_APART_SHARE = 1.0, 0.05
"""Moments closer than this, or than this share of the film, are the same moment."""
CLEAR_RISE = 0.1
"""Before the severity has risen by this again (a fifth of all scales, or any risk step), it is the same event."""
_TIE_WEIGHT = 1e-3

_RISK_OF = MappingProxyType({"rula": rula.risk_step, "reba": reba.risk_step})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One item above its neutral points: `part` is the item's id, `text` a plain sentence.

    `total_without` is the score at that moment had this item been neutral, everything else as it was.
    """

    part: str
    label: str
    points: int
    text: str
    total_without: int


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
    assessments: Sequence[Assessment],
    angles: JointAngles,
    context: TaskContext,
    count: int = 5,
    overrides: Sequence[Override] = (),
) -> tuple[Moment, ...]:
    """Up to `count` moments, worst first, over RULA and REBA, both sides: methods whose items tell why.

    A moment needs a score kept up for 0.5 s. Frames are compared by the common risk scale, then by the mean share
    that all scores have of their maximum, then by the points of all items; the one nearest the middle of the worst
    stretch is taken. A moment on the flank of a worse one is the same event and not listed again. Negligible risk
    is no bad moment. `assessments` share their frames with `angles`; `overrides` are those they were scored with.
    """
    assessments = [assessment for assessment in assessments if assessment.method in _RISK_OF]
    if not assessments:
        return ()
    t = assessments[0].timestamps_s
    kept = [sustained(a.total, t) for a in assessments]
    steps = np.stack([np.nan_to_num(_RISK_OF[a.method](k)) for a, k in zip(assessments, kept, strict=True)])
    shares = np.stack([np.nan_to_num(k) / METHODS[a.method].max_total for a, k in zip(assessments, kept, strict=True)])
    severity = steps.max(axis=0) + 0.5 * shares.mean(axis=0)
    # a frame stands for a score only where it has that very score, not a moment's excess over it
    own = np.any([k == a.total for a, k in zip(assessments, kept, strict=True)], axis=0)
    left = np.where(own & (steps.max(axis=0) > 0), severity + _TIE_WEIGHT * _item_shares(assessments), -np.inf)
    apart_s = max(MIN_APART_S, MIN_APART_SHARE * float(t[-1] - t[0])) if len(t) else MIN_APART_S
    moments: list[Moment] = []
    while len(moments) < count and np.isfinite(left).any():
        frame = _middle_of_worst(left)
        worst = max(range(len(assessments)), key=lambda i: (steps[i, frame], shares[i, frame]))
        moments.append(_moment(assessments[worst], frame, angles, context, overrides))
        left[(np.abs(t - t[frame]) < apart_s) | _downhill(severity, frame)] = -np.inf
    return tuple(moments)


def _item_shares(assessments: Sequence[Assessment]) -> Float[np.ndarray, "T"]:
    """Mean share that the items' points have of their range, which still rises where totals have reached the top."""
    return np.mean(
        [
            np.nan_to_num(a.parts[item.id] - item.neutral_points) / (item.max_points - item.neutral_points)
            for a in assessments
            for item in ITEMS[a.method]
        ],
        axis=0,
    )


def _downhill(severity: Float[np.ndarray, "T"], frame: int) -> Bool[np.ndarray, "T"]:
    """Frames before and after `frame` up to where the severity clearly rises again: the same event."""
    return np.concatenate([_falling(severity[: frame + 1][::-1])[::-1], _falling(severity[frame:])[1:]])


def _falling(severity: Float[np.ndarray, "T"]) -> Bool[np.ndarray, "T"]:
    risen = severity - np.minimum.accumulate(severity) >= CLEAR_RISE
    return ~np.logical_or.accumulate(risen)


def _middle_of_worst(severity: Float[np.ndarray, "T"]) -> int:
    worst = severity >= severity.max() - 1e-9
    first = int(np.argmax(worst))
    rest = worst[first:]
    length = int(np.argmin(rest)) if not rest.all() else len(rest)
    return first + length // 2


def _moment(
    assessment: Assessment, frame: int, angles: JointAngles, context: TaskContext, overrides: Sequence[Override]
) -> Moment:
    t = assessment.timestamps_s
    held = holding(overrides, t, frame)
    angle = angle_at(angles, frame, held)
    facts = told_at(told_over_time(context, overrides, t), frame)
    level = int(assessment.level[frame])
    labels = {entry.level: entry.label for entry in METHODS[assessment.method].levels}
    film_s = float(t[-1] - t[0])
    heaviest = sorted(
        (item for item in ITEMS[assessment.method] if _above_neutral(assessment, item, frame) > 0),
        key=lambda item: -_above_neutral(assessment, item, frame),
    )
    reasons = tuple(
        Reason(
            part=item.id,
            label=item.label,
            points=int(assessment.parts[item.id][frame]),
            text=explain(item.id, assessment.side, angle, facts, film_s=film_s)
            + note(held, assessment.method, item.id, assessment.side),
            total_without=int(total_without(assessment, item, frame)),
        )
        for item in heaviest
    )
    return Moment(
        method=assessment.method,
        side=assessment.side,
        frame=frame,
        time_s=float(t[frame]),
        total=int(assessment.total[frame]),
        level=level,
        level_label=labels[level],
        reasons=reasons,
    )


def _above_neutral(assessment: Assessment, item: Item, frame: int) -> float:
    """Points above neutral, 0 when unseen."""
    return float(np.nan_to_num(assessment.parts[item.id][frame] - item.neutral_points))
