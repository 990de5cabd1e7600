"""How sure a score is, given how sure the angles are.

The angles are drawn again and again with their errors (:mod:`ergo.assess.perturb`) and scored like the measured ones;
the spread of the totals is the answer, thresholds, hysteresis and tables included. What nobody could see or say is
taken as neutral here: it is no matter of chance and has a range of its own (``total_low``, ``total_high``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Float, UInt8

from ergo.assess.exposure import peak_of
from ergo.assess.perturb import drawn_errors, leaning, perturbed
from ergo.assess.score import neutral_totals
from ergo.cores import Spread, in_turn
from ergo.methods.catalogue import METHODS
from ergo.types import Assessment, Certainty, Gravity, JointAngles, Motion, Override, Side, TaskContext

VERSIONS = 60
"""Drawn versions: the ends of a 90 % interval then rest on three each."""
_SHARES = 8
"""In so many shares they may be scored at the same time."""


def with_certainty(
    assessments: Sequence[Assessment],
    motion: Motion,
    angles: JointAngles,
    gravity: Gravity,
    context: TaskContext,
    *,
    overrides: Sequence[Override] = (),
    versions: int = VERSIONS,
    seed: int = 0,
    spread: Spread = in_turn,
) -> tuple[Assessment, ...]:
    """The same assessments, with their :class:`~ergo.types.Certainty`; reproducible for a `seed`, however `spread`.

    Methods that ask how long a posture is held are left without: see :func:`~ergo.assess.score.neutral_totals`.
    """
    score = partial(_drawn_totals, motion, angles, context, tuple(overrides))
    shares = spread(score, np.array_split(drawn_errors(versions, seed), min(_SHARES, versions)))
    drawn = {key: np.concatenate([share[key] for share in shares]) for key in shares[0]}
    leans = [neutral_totals(motion, leaning(angles, sign * gravity.sd_deg), context, overrides) for sign in (-1.0, 1.0)]
    return tuple(
        replace(
            a,
            certainty=_certainty(
                a, drawn[a.method, a.side], [peak_of(lean[a.method, a.side], a.timestamps_s) for lean in leans]
            ),
        )
        if (a.method, a.side) in drawn
        else a
        for a in assessments
    )


def _drawn_totals(
    motion: Motion,
    angles: JointAngles,
    context: TaskContext,
    overrides: Sequence[Override],
    errors: Float[np.ndarray, "versions sources"],
) -> dict[tuple[str, Side | None], UInt8[np.ndarray, "versions T"]]:
    """Totals of so many drawn versions."""
    scored = [neutral_totals(motion, version, context, overrides) for version in perturbed(angles, errors)]
    return {key: np.stack([np.nan_to_num(totals[key]).astype(np.uint8) for totals in scored]) for key in scored[0]}


def _certainty(
    assessment: Assessment, drawn: UInt8[np.ndarray, "versions T"], tilt_peaks: Sequence[float]
) -> Certainty:
    known = np.isfinite(assessment.total)
    low = np.percentile(drawn, 5, axis=0, method="lower")
    high = np.percentile(drawn, 95, axis=0, method="higher")
    levels = METHODS[assessment.method].levels
    chance = np.stack([((drawn >= lv.low) & (drawn <= lv.high)).mean(axis=0) for lv in levels], axis=1)
    return Certainty(
        total_p05=np.where(known, low, np.nan),
        total_p95=np.where(known, high, np.nan),
        level_chance=np.where(known[:, None], chance, np.nan),
        peaks=np.array([peak_of(_float(row, known), assessment.timestamps_s) for row in drawn], dtype=np.float64),
        tilt_peaks=np.array(tilt_peaks, dtype=np.float64),
    )


def _float(total: UInt8[np.ndarray, "T"], known: np.ndarray) -> Float[np.ndarray, "T"]:
    return np.where(known, total.astype(np.float64), np.nan)
