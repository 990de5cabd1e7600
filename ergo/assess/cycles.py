"""Repetition: how often each part of the body moves there and back, and whether the whole work repeats.

A movement of a part is a rise and fall of its angle by :data:`~ergo.assess.signals.CYCLE_DEG` or more. The cycle of the
work is the time after which the posture as a whole comes back: the first high peak of the autocorrelation of all angles
together. Nothing is extrapolated: a rate a minute is told only for a film of a minute or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ergo.assess.posture import filtered
from ergo.assess.signals import CYCLE_DEG, GRID_HZ, MIN_WINDOW_COVERAGE, MINUTE_S, Grid
from ergo.types import JointAngles

PARTS: dict[str, tuple[str, str]] = {
    "trunk": ("Trunk", "trunk_flexion"),
    "neck": ("Neck", "neck_flexion"),
    "left_upper_arm": ("Left upper arm", "left_arm_elevation_gravity"),
    "right_upper_arm": ("Right upper arm", "right_arm_elevation_gravity"),
    "left_elbow": ("Left elbow", "left_elbow_flexion"),
    "right_elbow": ("Right elbow", "right_elbow_flexion"),
    "left_knee": ("Left knee", "left_knee_flexion"),
    "right_knee": ("Right knee", "right_knee_flexion"),
}
"""Parts of the body: label and the angle that tells their movements."""

LEAST_PERIOD_S = 1.0
LEAST_CYCLES = 3
"""A cycle must fit this often into what is seen."""
LEAST_REGULARITY = 0.5
"""Correlation of the posture with itself one period later, below which no cycle is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMovements:
    """Movements of one part: `count` in the seen time, `per_minute` NaN under a minute of film.

    `period_s` is the median time from one to the next, `spread` the standard deviation of these times as a share of
    their mean (0: like a clock). NaN with too few; everything NaN where under 80 % of the film show the part.
    """

    part: str
    label: str
    coverage: float
    count: float
    per_minute: float
    period_s: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCycle:
    """The cycle of the whole work, NaN where none is regular enough; `regularity` is the correlation a period later."""

    period_s: float
    count: float
    regularity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """Movements of every part and the cycle of the work."""

    film_s: float
    parts: tuple[PartMovements, ...]
    work: WorkCycle


def find_repetition(angles: JointAngles) -> Repetition:
    """How the film repeats itself."""
    t = angles.timestamps_s
    film_s = float(t[-1] - t[0]) if len(t) > 1 else 0.0
    grid = Grid(t) if film_s > 0 else None
    signals = {} if grid is None else {part: grid.sample(filtered(angles, name)) for part, (_, name) in PARTS.items()}
    return Repetition(
        film_s=film_s,
        parts=tuple(_movements(part, signals.get(part, np.zeros(0)), film_s) for part in PARTS),
        work=_work_cycle(list(signals.values())),
    )


def _movements(part: str, sampled: Float[np.ndarray, "G"], film_s: float) -> PartMovements:
    from scipy.signal import find_peaks  # noqa: PLC0415  half a second to load

    seen = np.isfinite(sampled)
    coverage = float(seen.mean()) if len(seen) else 0.0
    count = per_minute = period = spread = np.nan
    if coverage >= MIN_WINDOW_COVERAGE:
        peaks, steps = [], []
        edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
        for start, stop in edges.reshape(-1, 2):
            found = start + find_peaks(sampled[start:stop], prominence=CYCLE_DEG)[0]
            peaks.extend(found)
            steps.extend(np.diff(found) / GRID_HZ)  # never across a gap
        count = float(len(peaks))
        if film_s >= MINUTE_S:
            per_minute = 60.0 * count / (float(seen.sum()) / GRID_HZ)
        if len(steps) >= LEAST_CYCLES - 1:
            period, spread = float(np.median(steps)), float(np.std(steps) / np.mean(steps))
    return PartMovements(
        part=part,
        label=PARTS[part][0],
        coverage=coverage,
        count=count,
        per_minute=per_minute,
        period_s=period,
        spread=spread,
    )


def _work_cycle(signals: list[Float[np.ndarray, "G"]]) -> WorkCycle:
    """The first lag at which the posture is most like itself again, by the mean correlation of the parts."""
    none = WorkCycle(period_s=np.nan, count=np.nan, regularity=np.nan)
    seen = [s for s in signals if len(s) and np.isfinite(s).mean() >= MIN_WINDOW_COVERAGE and np.nanstd(s) > 2.0]
    if not seen:
        return none
    size = len(seen[0])
    last = size // LEAST_CYCLES
    if last <= LEAST_PERIOD_S * GRID_HZ + 1:
        return none
    shares = [float(np.nanvar(s)) for s in seen]  # parts that move more say more
    correlation = np.average([_autocorrelation(s, last) for s in seen], axis=0, weights=shares)
    lag = _first_peak(correlation)
    if lag is None or correlation[lag] < LEAST_REGULARITY:
        return none
    period_s = lag / GRID_HZ
    return WorkCycle(period_s=period_s, count=size / GRID_HZ / period_s, regularity=float(correlation[lag]))


def _autocorrelation(values: Float[np.ndarray, "G"], last: int) -> Float[np.ndarray, "lags"]:
    """Correlation of `values` with itself at each lag up to `last`; what is unseen is left out."""
    known = np.isfinite(values).astype(np.float64)
    centred = np.where(known > 0, values - np.nanmean(values), 0.0)
    size = 2 ** int(np.ceil(np.log2(2 * len(values))))

    def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)[: last + 1]

    squares = centred**2
    both = product(squares, known) * product(known, squares)
    return product(centred, centred) / np.sqrt(np.maximum(both, 1e-9))


def _first_peak(correlation: Float[np.ndarray, "lags"]) -> int | None:
    """Lag of the first peak that is nearly the highest: a period, not a multiple of it."""
    low = int(LEAST_PERIOD_S * GRID_HZ)
    inner = correlation[1:-1]
    peaks = 1 + np.flatnonzero((inner >= correlation[:-2]) & (inner > correlation[2:]))
    peaks = peaks[peaks >= low]
    if len(peaks) == 0:
        return None
    return int(peaks[correlation[peaks] >= 0.9 * correlation[peaks].max()][0])
