"""Signals over irregular time stamps: filtering, yes/no with hysteresis, held and repeated postures.

A gap is a stretch without samples, or with NaN samples. Gaps up to :data:`LONGEST_FILLED_GAP_S` are filled, longer
ones stay, and nothing here looks across them.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.lib.stride_tricks import sliding_window_view

MEDIAN_WINDOW_S = 0.25
"""Angles pass a median this wide before they are banded (0.2 to 0.3 s: single wrong frames go, postures stay)."""
LONGEST_FILLED_GAP_S = 0.3
"""Longer gaps stay gaps."""

STATIC_SPAN_DEG = 10.0
"""Held means within ±5° (INSST, Nota técnica de prevención 847)."""
MINUTE_S = 60.0
"""RULA and REBA ask what is held longer than, or repeated how often in, one minute."""
CYCLE_DEG = 20.0
"""A movement there and back of at least this much is one cycle (engineering choice: clear of estimation noise)."""
MIN_WINDOW_COVERAGE = 0.8
"""A minute less seen than this is not judged."""

GRID_HZ = 10.0
"""Samples a second of :class:`Grid`."""


def fill_short_gaps(values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """`values` with NaN runs bridged linearly where the samples around them are at most 0.3 s apart."""
    seen = np.isfinite(values)
    if seen.all() or not seen.any():
        return values.copy()
    index = np.arange(len(values))
    before = np.maximum.accumulate(np.where(seen, index, -1))
    after = np.minimum.accumulate(np.where(seen, index, len(values))[::-1])[::-1]
    inside = ~seen & (before >= 0) & (after < len(values))
    span = timestamps_s[np.minimum(after, len(values) - 1)] - timestamps_s[np.maximum(before, 0)]
    bridged = inside & (span <= LONGEST_FILLED_GAP_S)
    filled = values.copy()
    filled[bridged] = np.interp(timestamps_s[bridged], timestamps_s[seen], values[seen])
    return filled


def median_filtered(
    values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"], window_s: float = MEDIAN_WINDOW_S
) -> Float[np.ndarray, "T"]:
    """Median of the samples within ±`window_s`/2 of each frame, after short gaps are filled; long gaps stay NaN."""
    filled = fill_short_gaps(values, timestamps_s)
    window = _windows(filled, timestamps_s, window_s)
    window.sort(axis=1)  # NaN goes last
    count = np.isfinite(window).sum(axis=1)
    rows = np.arange(len(filled))
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, window.shape[1] - 1)
    return np.where(np.isfinite(filled), (window[rows, low] + window[rows, high]) / 2, np.nan)


def hysteresis(values: Float[np.ndarray, "T"], on: float, off: float) -> Float[np.ndarray, "T"]:
    """1 from where `values` exceeds `on` until it falls below `off`, else 0; NaN where `values` is NaN.

    Memory ends at a gap: after it, and at the start, a value between `off` and `on` is 0.
    """
    known = np.isfinite(values)
    fresh = known & ~np.concatenate([[False], known[:-1]])
    decided = (values > on) | (values < off) | fresh
    source = np.maximum.accumulate(np.where(decided, np.arange(len(values)), 0))
    state = (values > on).astype(np.float64)
    return np.where(known, state[source] if len(values) else state, np.nan)


def frame_durations(timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """How long each frame is shown: until the next one; the last as long as the median of the others."""
    steps = np.diff(timestamps_s)
    return np.append(steps, np.median(steps) if len(steps) else 0.0)[: len(timestamps_s)]


def runs(
    mask: Bool[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]
) -> tuple[Int[np.ndarray, "R"], Int[np.ndarray, "R"], Float[np.ndarray, "R"]]:
    """First frame, last frame and seconds of each unbroken stretch of `mask`.

    A time step over 0.3 s breaks a stretch, and a frame before such a step lasts as long as the median frame.
    """
    steps = np.diff(timestamps_s)
    torn = steps > LONGEST_FILLED_GAP_S
    usual = float(np.median(steps)) if len(steps) else 0.0
    joined = np.concatenate([[False], mask[1:] & mask[:-1] & ~torn])[: len(mask)]
    first = np.flatnonzero(mask & ~joined)
    last = np.flatnonzero(mask & ~np.append(joined[1:], False)[: len(mask)])
    shown = frame_durations(timestamps_s)
    shown = np.where(shown > LONGEST_FILLED_GAP_S, min(usual, LONGEST_FILLED_GAP_S), shown)
    return first, last, timestamps_s[last] - timestamps_s[first] + shown[last]


def lasting(
    state: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"], at_least_s: float
) -> Float[np.ndarray, "T"]:
    """`state` (1, 0, NaN) with every stretch of 1 shorter than `at_least_s` set to 0."""
    kept = state.copy()
    for first, last, seconds in zip(*runs(state == 1, timestamps_s), strict=True):
        if seconds < at_least_s:
            kept[first : last + 1] = 0.0
    return kept


class Grid:
    """Signals at ten samples a second, for windows counted in samples; NaN in gaps."""

    def __init__(self, timestamps_s: Float[np.ndarray, "T"]) -> None:
        self._timestamps_s = timestamps_s
        duration_s = float(timestamps_s[-1] - timestamps_s[0])
        self.times_s = timestamps_s[0] + np.arange(int(duration_s * GRID_HZ) + 1) / GRID_HZ
        after = np.clip(np.searchsorted(timestamps_s, self.times_s), 0, len(timestamps_s) - 1)
        before = np.maximum(after - 1, 0)
        near_before = self.times_s - timestamps_s[before] <= timestamps_s[after] - self.times_s
        self._nearest = np.where(near_before, before, after)
        self._torn = np.abs(timestamps_s[self._nearest] - self.times_s) > LONGEST_FILLED_GAP_S / 2

    def sample(self, values: Float[np.ndarray, "T"]) -> Float[np.ndarray, "G"]:
        """`values` at the grid's times, from the nearest frame."""
        return np.where(self._torn, np.nan, values[self._nearest])

    def at_frames(self, values: Float[np.ndarray, "G"]) -> Float[np.ndarray, "T"]:
        """Grid values at the frames they are nearest to."""
        index = np.rint((self._timestamps_s - self.times_s[0]) * GRID_HZ).astype(np.intp)
        return values[np.clip(index, 0, len(values) - 1)]


def held_a_minute(values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """1 for frames inside a stretch over a minute within ±5°, else 0; NaN on a film under a minute.

    A gap ends a stretch.
    """
    if not _has_a_minute(timestamps_s):
        return np.full(len(values), np.nan)
    grid = Grid(timestamps_s)
    sampled = grid.sample(values)
    size = int(MINUTE_S * GRID_HZ) + 1
    inside = np.zeros(len(sampled))
    if len(sampled) < size:
        return grid.at_frames(inside)
    windows = sliding_window_view(sampled, size)
    span = windows.max(axis=1) - windows.min(axis=1)  # NaN, so not held, where a gap is inside
    for start in np.flatnonzero(span <= STATIC_SPAN_DEG):
        inside[start : start + size] = 1.0
    return grid.at_frames(inside)


def cycles_a_minute(values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """Movements there and back of 20° or more in the minute around each frame (at the ends: the nearest whole
    minute); NaN where under 80 % of that minute was seen, and on a film under a minute.
    """
    if not _has_a_minute(timestamps_s):
        return np.full(len(values), np.nan)
    from scipy.signal import find_peaks  # noqa: PLC0415  half a second to load, and short films never get here

    grid = Grid(timestamps_s)
    sampled = grid.sample(values)
    seen = np.isfinite(sampled)
    peaks = np.zeros(len(sampled))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2):
        found, _ = find_peaks(sampled[start:stop], prominence=CYCLE_DEG)
        peaks[start + found] = 1.0
    size = int(MINUTE_S * GRID_HZ)
    first = np.clip(np.arange(len(sampled)) - size // 2, 0, len(sampled) - size)
    count = _sums(peaks, first, size)
    covered = _sums(seen.astype(np.float64), first, size) / size
    return grid.at_frames(np.where(covered >= MIN_WINDOW_COVERAGE, count, np.nan))


def swing(
    values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"], window_s: float
) -> Float[np.ndarray, "T"]:
    """Largest minus smallest value within `window_s` around each frame, of what was seen; NaN where nothing was."""
    window = _windows(values, timestamps_s, window_s)
    seen = np.isfinite(window)
    high = np.where(seen, window, -np.inf).max(axis=1)
    low = np.where(seen, window, np.inf).min(axis=1)
    return np.where(np.isfinite(values), high - low, np.nan)


def _has_a_minute(timestamps_s: Float[np.ndarray, "T"]) -> bool:
    if len(timestamps_s) == 0:
        return False
    usual = float(np.median(np.diff(timestamps_s))) if len(timestamps_s) > 1 else 0.0
    return bool(timestamps_s[-1] - timestamps_s[0] + usual >= MINUTE_S)


def _windows(
    values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"], window_s: float
) -> Float[np.ndarray, "T W"]:
    """The samples within ±`window_s`/2 of each frame, NaN beyond them."""
    # a hair wider, so that frames of a constant rate fall on the same side of the window's edge all along
    half = window_s / 2 + 1e-6
    first = np.searchsorted(timestamps_s, timestamps_s - half, side="left")
    last = np.searchsorted(timestamps_s, timestamps_s + half, side="right")
    columns = first[:, None] + np.arange(int((last - first).max(initial=1)))
    return np.where(columns < last[:, None], values[np.minimum(columns, len(values) - 1)], np.nan)


def _sums(values: Float[np.ndarray, "G"], first: Int[np.ndarray, "G"], size: int) -> Float[np.ndarray, "G"]:
    total = np.concatenate([[0.0], np.cumsum(values)])
    return total[np.minimum(first + size, len(values))] - total[np.maximum(first, 0)]
