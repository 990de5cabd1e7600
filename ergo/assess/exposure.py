"""How long and how badly: statistics of a score over time, weighted by how long each frame is shown.

Only time with a score counts; `coverage` says how much of the film that is. A frame is shown until the next one,
but speaks for at most 0.3 s, as gaps longer than that are never filled. The mean of a score is not reported:
the scale is ordinal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from ergo.assess.items import ITEMS
from ergo.assess.signals import LONGEST_FILLED_GAP_S, frame_durations, runs
from ergo.methods import catalogue, en1005_4, iso11226, owas, reba, rula
from ergo.types import Assessment, Side

PEAK_PERCENTILE = 95.0
"""The peak leaves out the worst 5 % of the time: single wrong frames and moments of no weight."""
SUSTAINED_S = 0.5
"""A score counts towards the peak when it, or a higher one, lasts this long."""

_LEVEL_OF = MappingProxyType(
    {
        "rula": rula.level,
        "reba": reba.level,
        "owas": owas.level,
        "iso11226": iso11226.level,
        "en1005_4": en1005_4.level,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureSummary:
    """One assessment in a few numbers; NaN where nothing was assessed.

    `peak` is the 95th percentile of the sustained score, `peak_low` and `peak_high` that of the lowest and highest
    score that unknowns leave open, `peak_level` its action level. `peak_p05` and `peak_p95` are the ends of the 90 %
    interval that the errors of the angles leave of the peak, `level_chance` the chance of each action level to be the
    peak's, `peak_if_tilted` the lowest and highest peak if the camera's tilt is off by one standard deviation; NaN and
    empty where no certainty was drawn. `median` and `p90` are of the score itself.
    `share_of_time` is the share of the assessed time in each action level (sums to 1), `longest_spell_s` the
    longest unbroken stretch at or above each level. `coverage` is the assessed share of the film.

    `share_of_parts` is, of each item, the share of the time in which it is seen by its points, code or zone, and for
    OWAS `part_categories` the category that share has. `coverage_of_parts` is the share of the film in which each item
    could be told; below 80 % the page calls it not assessed. `peak_chance` is the chance of each peak among those
    drawn.
    """

    method: str
    side: Side | None
    peak: float
    peak_low: float
    peak_high: float
    peak_level: float
    peak_p05: float
    peak_p95: float
    level_chance: Mapping[int, float]
    peak_chance: Mapping[int, float]
    peak_if_tilted: tuple[float, float]
    median: float
    p90: float
    share_of_time: Mapping[int, float]
    coverage: float
    longest_spell_s: Mapping[int, float]
    share_of_parts: Mapping[str, Mapping[int, float]]
    part_categories: Mapping[str, Mapping[int, int]]
    coverage_of_parts: Mapping[str, float]


def summarise(assessment: Assessment) -> ExposureSummary:
    """The statistics of one assessment over its film."""
    t = assessment.timestamps_s
    shown_s, weights_s = _shown_and_weights(t)
    known = np.isfinite(assessment.total)
    peak = peak_of(assessment.total, t)
    levels = [entry.level for entry in catalogue.METHODS[assessment.method].levels]
    assessed_s = float(weights_s[known].sum())
    peak_p05, peak_p95, level_chance = _peak_certainty(assessment)
    parts = _share_of_parts(assessment, weights_s)
    return ExposureSummary(
        method=assessment.method,
        side=assessment.side,
        peak=peak,
        peak_low=peak_of(assessment.total_low, t),
        peak_high=peak_of(assessment.total_high, t),
        peak_level=float(_LEVEL_OF[assessment.method](peak)),
        peak_p05=peak_p05,
        peak_p95=peak_p95,
        level_chance=level_chance,
        peak_chance=MappingProxyType(_peak_chance(assessment)),
        peak_if_tilted=_if_tilted(assessment, peak),
        median=weighted_percentile(assessment.total, weights_s, 50.0),
        p90=weighted_percentile(assessment.total, weights_s, 90.0),
        share_of_time=MappingProxyType(
            {
                level: float(weights_s[assessment.level == level].sum()) / assessed_s if assessed_s else np.nan
                for level in levels
            }
        ),
        coverage=assessed_s / float(shown_s.sum()) if len(t) else 0.0,
        longest_spell_s=MappingProxyType(
            {level: float(runs(assessment.level >= level, t)[2].max(initial=0.0)) for level in levels}
        ),
        share_of_parts=MappingProxyType(parts),
        part_categories=MappingProxyType(_part_categories(parts) if assessment.method == "owas" else {}),
        coverage_of_parts=MappingProxyType(
            {
                item: float(weights_s[np.isfinite(points)].sum()) / float(shown_s.sum()) if len(t) else 0.0
                for item, points in assessment.parts.items()
            }
        ),
    )


def _share_of_parts(assessment: Assessment, weights_s: Float[np.ndarray, "T"]) -> dict[str, Mapping[int, float]]:
    shares = {}
    for item in (item for item in ITEMS[assessment.method] if item.id in assessment.parts):
        points = assessment.parts[item.id]
        seen_s = float(weights_s[np.isfinite(points)].sum())
        shares[item.id] = MappingProxyType(
            {
                code: float(weights_s[points == code].sum()) / seen_s if seen_s else np.nan
                for code in range(item.neutral_points, item.max_points + 1)
            }
        )
    return shares


def _part_categories(shares: Mapping[str, Mapping[int, float]]) -> dict[str, Mapping[int, int]]:
    """OWAS: the category of each code that occurs."""
    return {
        part: MappingProxyType(
            {code: int(owas.time_category(part, code, share)) for code, share in shares[part].items() if share > 0}
        )
        for part in owas.PARTS
    }


def sustained(score: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """At each frame the highest score that it, or a higher one, keeps up for 0.5 s around that frame.

    NaN where the score is, and in stretches shorter than 0.5 s altogether.
    """
    kept = np.full(len(score), np.nan)
    for value in np.unique(score[np.isfinite(score)]):
        for first, last, seconds in zip(*runs(score >= value, timestamps_s), strict=True):
            if seconds >= SUSTAINED_S - 1e-6:
                kept[first : last + 1] = value
    return kept


def weighted_percentile(values: Float[np.ndarray, "T"], weights: Float[np.ndarray, "T"], percentile: float) -> float:
    """The smallest of `values` that at least `percentile` % of the weight does not exceed; NaN values are left out."""
    known = np.isfinite(values) & (weights > 0)
    if not known.any():
        return np.nan
    order = np.argsort(values[known], kind="stable")
    ordered, cumulative = values[known][order], np.cumsum(weights[known][order])
    reached = np.searchsorted(cumulative, cumulative[-1] * percentile / 100.0 * (1 - 1e-9))
    return float(ordered[min(reached, len(ordered) - 1)])


def peak_of(score: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> float:
    """Peak of the sustained score; of the score itself when it never lasts 0.5 s (a very short film)."""
    lasting_score = sustained(score, timestamps_s)
    if not np.isfinite(lasting_score).any():
        lasting_score = score
    return weighted_percentile(lasting_score, _shown_and_weights(timestamps_s)[1], PEAK_PERCENTILE)


def _peak_certainty(assessment: Assessment) -> tuple[float, float, Mapping[int, float]]:
    """The 90 % interval of the peak and the chance of each level to be its own."""
    certainty = assessment.certainty
    peaks = np.zeros(0) if certainty is None else certainty.peaks[np.isfinite(certainty.peaks)]
    if len(peaks) == 0:
        return np.nan, np.nan, MappingProxyType({})
    chance = {
        entry.level: float(np.mean((peaks >= entry.low) & (peaks <= entry.high)))
        for entry in catalogue.METHODS[assessment.method].levels
    }
    low = float(np.percentile(peaks, 5, method="lower"))
    return low, float(np.percentile(peaks, 95, method="higher")), MappingProxyType(chance)


def _peak_chance(assessment: Assessment) -> dict[int, float]:
    """The chance of each peak among the drawn versions."""
    peaks = np.zeros(0) if assessment.certainty is None else assessment.certainty.peaks
    totals, counts = np.unique(peaks[np.isfinite(peaks)], return_counts=True)
    return {int(total): float(count / counts.sum()) for total, count in zip(totals, counts, strict=True)}


def _if_tilted(assessment: Assessment, peak: float) -> tuple[float, float]:
    if assessment.certainty is None:
        return np.nan, np.nan
    peaks = (peak, *assessment.certainty.tilt_peaks)
    return float(np.min(peaks)), float(np.max(peaks))


def _shown_and_weights(
    timestamps_s: Float[np.ndarray, "T"],
) -> tuple[Float[np.ndarray, "T"], Float[np.ndarray, "T"]]:
    """Seconds each frame is shown, and seconds it speaks for."""
    shown_s = frame_durations(timestamps_s)
    weights_s = np.minimum(shown_s, LONGEST_FILLED_GAP_S)
    if not weights_s.any():
        shown_s = weights_s = np.ones(len(timestamps_s))  # a single picture has no duration
    return shown_s, weights_s
