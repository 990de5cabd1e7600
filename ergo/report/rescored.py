"""Scores under other inputs, and the inputs as they were seen, in the player's own file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ergo.assess.exposure import summarise
from ergo.assess.observations import Observations
from ergo.assess.overridable import INPUTS, STANCES, Overridable
from ergo.assess.overrides import described, span_words
from ergo.report.plain import plain
from ergo.report.player_file import Arrays, packed, quantised, score_arrays, whole
from ergo.report.task import fatigue_content, lifting_content
from ergo.types import SIDES, Assessment, Override

if TYPE_CHECKING:
    from ergo.assess.fatigue import DayDamage
    from ergo.assess.lifting import Lifting

UNSEEN_FLAG = 255
TENTHS = 10


def rescored_bytes(
    assessments: Sequence[Assessment],
    lifting: Lifting,
    fatigue: Sequence[DayDamage],
    overrides: Sequence[Override],
    seen: Observations | None,
) -> bytes:
    """Scores, their summaries, lifts as in ``result.json``, and what was set; with `seen` also each input over time.

    Inputs are arrays ``input.NAME`` or ``input.NAME.SIDE``: numbers in tenths (int16, −32768 unseen), a yes/no as 1, 0
    or 255, a stance by its place in :data:`ergo.assess.overridable.STANCES`.
    """
    arrays: Arrays = {}
    for assessment in assessments:
        arrays |= score_arrays(assessment)
    if seen is not None:
        arrays |= _inputs(seen)
    meta = {
        "summaries": _summaries(assessments),
        "lifting": lifting_content(lifting),
        "fatigue": fatigue_content(fatigue),
        "overrides": _said(overrides),
    }
    return packed(meta, arrays)


def _summaries(assessments: Sequence[Assessment]) -> list[dict[str, Any]]:
    wanted = ("method", "peak", "peak_level", "median", "p90", "share_of_time", "coverage")
    return [
        {"side": summary.side or "both", **plain({name: getattr(summary, name) for name in wanted})}
        for summary in map(summarise, assessments)
    ]


def _said(overrides: Sequence[Override]) -> list[dict[str, Any]]:
    return [{**asdict(override), "text": described(override), "span": span_words(override)} for override in overrides]


def _inputs(seen: Observations) -> Arrays:
    body = seen.body
    stance = np.full(len(seen.timestamps_s), np.nan)
    known = np.isfinite(body.sitting)
    stance[known] = 0
    for place, name in reversed(list(enumerate(STANCES))[1:]):
        stance[getattr(body, name) == 1] = place
    arrays: Arrays = {"input.stance": whole(stance, UNSEEN_FLAG)}
    for entry in INPUTS.values():
        if not entry.fields:
            continue
        for side in SIDES if entry.sided else (None,):
            name = f"input.{entry.id}.{side}" if side else f"input.{entry.id}"
            arrays[name] = _stored(entry, _observed(seen, entry, side))
    return arrays


def _observed(seen: Observations, entry: Overridable, side: str | None) -> np.ndarray:
    value: Any = seen
    for name in entry.fields[0]:
        value = getattr(value, name)
        if side is not None and not isinstance(value, np.ndarray) and hasattr(value, "keys"):
            value = value[side]
    return value


def _stored(entry: Overridable, values: np.ndarray) -> np.ndarray:
    return whole(values, UNSEEN_FLAG) if entry.kind == "yes_no" else quantised(values, TENTHS)
