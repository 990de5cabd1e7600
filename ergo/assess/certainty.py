"""How sure a score is, given how sure the angles are.

The angles are drawn again and again with their errors (:mod:`ergo.assess.perturb`) and scored like the measured ones;
the spread of the totals is the answer, thresholds, hysteresis and tables included. What nobody could see or say is
taken as neutral here: it is no matter of chance and has a range of its own (``total_low``, ``total_high``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from ergo.assess.exposure import peak_of
from ergo.assess.perturb import leaning, perturbed
from ergo.assess.score import neutral_totals
from ergo.methods.catalogue import METHODS
from ergo.types import Assessment, Certainty, Gravity, JointAngles, Motion, Override, Side, TaskContext

VERSIONS = 60
"""Drawn versions: the ends of a 90 % interval then rest on three each."""


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
) -> tuple[Assessment, ...]:
    """The same assessments, with their :class:`~ergo.types.Certainty`; reproducible for a `seed`.

    Methods that ask how long a posture is held are left without: see :func:`~ergo.assess.score.neutral_totals`.
    """
    frames = len(motion.timestamps_s)
    drawn: dict[tuple[str, Side | None], UInt8[np.ndarray, "versions T"]] = {}
    for index, version in enumerate(perturbed(angles, versions, seed)):
        for key, total in neutral_totals(motion, version, context, overrides).items():
            rows = drawn.setdefault(key, np.zeros((versions, frames), np.uint8))
            rows[index] = np.nan_to_num(total).astype(np.uint8)
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
