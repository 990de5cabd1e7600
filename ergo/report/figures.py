"""Figures of a report as SVG: the body by risk, the film as bands of risk, angles over time, where a lift goes.

Plain shapes and text only, so that a browser and the PDF draw the same. Units are those of the view box; `width` and
`height` are in its proportion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.exposure import weighted_percentile
from ergo.assess.signals import frame_durations
from ergo.body.skeleton import REGIONS
from ergo.report.words import clock

INK, MUTED, LINE, UNSEEN = "#1c232b", "#5a6672", "#c3ccd3", "#eef1f3"
RISK_COLOURS: Final = ("#a9bac5", "#3b8eae", "#e9bd45", "#db7a2b", "#a3234b")
RISK_WORDS: Final = ("negligible", "low", "medium", "high", "very high")
FONT: Final = "Roboto"
KEPT_SHARE = 10.0
"""A region has the risk that it keeps, or exceeds, for this share of the time seen, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing, its size in its own units, and what it says in words for those who do not see it."""

    svg: str
    width: float
    height: float
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One band over the time of a film: the step of risk in each frame, NaN where it is not assessed."""

    label: str
    steps: Float[np.ndarray, "T"]


def text(x: float, y: float, words: str, size: float = 9, *, anchor: str = "start", colour: str = MUTED) -> str:
    """A line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{size:g}" text-anchor="{anchor}"'
        f' fill="{colour}">{escape(words)}</text>'
    )


def rect(x: float, y: float, width: float, height: float, colour: str, radius: float = 0) -> str:
    """A filled rectangle."""
    rounded = f' rx="{radius:g}"' if radius else ""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"{rounded} fill="{colour}"/>'


def line(x0: float, y0: float, x1: float, y1: float, colour: str = LINE, width: float = 0.75) -> str:
    """A straight line."""
    return f'<line x1="{x0:.2f}" y1="{y0:.2f}" x2="{x1:.2f}" y2="{y1:.2f}" stroke="{colour}" stroke-width="{width:g}"/>'


def drawn(parts: Sequence[str], width: float, height: float, alt: str) -> Figure:
    """The figure of some shapes."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}">{"".join(parts)}</svg>'
    )
    return Figure(svg=svg, width=width, height=height, alt=alt)


# -- the body ---------------------------------------------------------------------------------------------------

_BODY: Final[Mapping[str, tuple[tuple[float, float, float, float, float], ...]]] = {
    # x, y, width, height, radius of rounded boxes; seen from the front, so the person's left is on the right
    "head": ((42, 2, 16, 20, 8), (46.5, 20, 7, 7, 2)),
    "trunk": ((33, 27, 34, 50, 9),),
    "left_upper_arm": ((69, 29, 10, 28, 5),),
    "left_lower_arm": ((70.5, 58, 8.5, 26, 4),),
    "left_hand": ((70.5, 85, 8.5, 12, 4),),
    "left_leg": ((51, 78, 14.5, 66, 6), (51.5, 144, 15, 7, 3)),
}


def _shapes(region: str) -> list[tuple[float, float, float, float, float]]:
    if not region.startswith("right_"):
        return list(_BODY[region])
    return [(100 - x - w, y, w, h, r) for x, y, w, h, r in _BODY[region.replace("right_", "left_")]]


def body_steps(regions: np.ndarray, seen: np.ndarray, timestamps_s: Float[np.ndarray, "T"]) -> list[int | None]:
    """The step of risk that each region keeps or exceeds for a tenth of the time seen; None where nothing was seen."""
    weights = frame_durations(timestamps_s) * seen
    if not weights.any():
        weights = seen.astype(float)
    steps = []
    for column in range(regions.shape[1]):
        value = weighted_percentile(regions[:, column].astype(float), weights, 100.0 - KEPT_SHARE)
        steps.append(None if np.isnan(value) else int(value))
    return steps


def body_figure(bodies: Mapping[str, Sequence[int | None]]) -> Figure:
    """A body for each name, its regions in the colours of their risk."""
    parts, said = [], []
    for place, (name, steps) in enumerate(bodies.items()):
        left = 110 * place + 5
        for region, step in zip(REGIONS, steps, strict=True):
            for x, y, w, h, r in _shapes(region):
                parts.append(rect(left + x, y, w, h, UNSEEN if step is None else RISK_COLOURS[step], r))
                parts += _hatching(left + x + 1, y + 2, w - 2, h - 4) if step is None else []
        parts += [
            text(left + 50, 163, name, 10, anchor="middle", colour=INK),
            text(left + 6, 12, "R", 8),
            text(left + 94, 12, "L", 8, anchor="end"),
        ]
        worst = [r.replace("_", " ") for r, s in zip(REGIONS, steps, strict=True) if s is not None and s >= 3]
        said.append(f"{name}: {', '.join(worst) or 'no region'} high or very high")
    return drawn(parts, 110 * len(bodies), 168, "Body by risk. " + "; ".join(said) + ".")


def legend_figure() -> Figure:
    """The scale of risk in colours and words."""
    parts, x = [], 0.0
    for step, word in enumerate(RISK_WORDS):
        parts += [rect(x, 2, 9, 9, RISK_COLOURS[step], 2), text(x + 13, 10, word)]
        x += 26 + 4.6 * len(word)
    parts += [rect(x, 2, 9, 9, UNSEEN, 2), *_hatching(x, 2, 9, 9), text(x + 13, 10, "not seen")]
    return drawn(parts, x + 60, 13, "Scale of risk: " + ", ".join(RISK_WORDS) + "; hatched: not seen.")


# -- over time --------------------------------------------------------------------------------------------------

_LEFT, _WIDE, _TALL = 86.0, 420.0, 11.0
_LEAST_GAP = 0.5


def timeline_figure(
    lanes: Sequence[Lane], timestamps_s: Float[np.ndarray, "T"], duration_s: float, moments: Mapping[int, float]
) -> Figure:
    """A band of risk for each lane over the film, hatched where nothing is assessed; numbered marks for moments."""
    parts = []
    scale = _WIDE / max(duration_s, 1e-6)
    top = 16.0
    for number, time_s in moments.items():
        x = _LEFT + scale * time_s
        parts += [text(x, 9, f"{number}", 8, anchor="middle", colour=INK), line(x, 11, x, top + 15 * len(lanes), MUTED)]
    edges = _edges(timestamps_s, duration_s)
    for place, lane in enumerate(lanes):
        y = top + 15 * place
        parts.append(text(_LEFT - 6, y + 9, lane.label, anchor="end", colour=INK))
        parts += [rect(_LEFT, y, _WIDE, _TALL, UNSEEN), *_hatching(_LEFT, y, _WIDE, _TALL)]
        for first, last, step in _stretches(lane.steps):
            parts.append(rect(edges[first], y, max(0.3, edges[last] - edges[first]), _TALL, RISK_COLOURS[step]))
    bottom = top + 15 * len(lanes)
    parts += _time_axis(bottom, duration_s)
    alt = "Risk over time, " + ", ".join(lane.label for lane in lanes)
    return drawn(parts, _LEFT + _WIDE + 14, bottom + 14, alt)


def _edges(timestamps_s: Float[np.ndarray, "T"], duration_s: float) -> Float[np.ndarray, "T+1"]:
    """Where in the drawing each frame begins, and where the last one ends."""
    times = np.append(timestamps_s, timestamps_s[-1] + float(frame_durations(timestamps_s)[-1]))
    return _LEFT + _WIDE * np.minimum(times, duration_s) / max(duration_s, 1e-6)


def _stretches(steps: Float[np.ndarray, "T"]) -> list[tuple[int, int, int]]:
    """First frame, frame after the last, and step of each stretch of one step."""
    codes = np.where(np.isfinite(steps), np.nan_to_num(steps), -1).astype(int)
    cuts = np.flatnonzero(np.diff(codes)) + 1
    starts, ends = np.append(0, cuts), np.append(cuts, len(codes))
    return [(int(a), int(b), int(codes[a])) for a, b in zip(starts, ends, strict=True) if codes[a] >= 0]


def _hatching(x: float, y: float, width: float, height: float, gap: float = 6) -> list[str]:
    marks = []
    for start in np.arange(-height, width, gap):
        a, b = max(0.0, start), min(width, start + height)
        marks.append(line(x + a, y + height - (a - start), x + b, y + height - (b - start), LINE, 0.5))
    return marks


def _unknown(x: float, y: float, width: float, height: float, *, whole: bool) -> list[str]:
    """A box for what was not seen: hatched for the `whole` worker, else dotted; nothing where it would be a hair."""
    if width < _LEAST_GAP:
        return []
    if whole:
        return [rect(x, y, width, height, UNSEEN), *_hatching(x, y, width, height)]
    dots = [
        f"M{at:.1f} {y + down:.1f}h1"
        for row, down in enumerate(np.arange(3.0, height, 4.0))
        for at in np.arange(x + 2 * (row % 2), x + width - 1, 4.0)
    ]
    return [f'<path d="{"".join(dots)}" fill="none" stroke="{MUTED}" stroke-width="1"/>'] if dots else []


def _time_axis(y: float, duration_s: float) -> list[str]:
    step = next((s for s in (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600) if duration_s / s <= 8), 7200)
    parts = [line(_LEFT, y, _LEFT + _WIDE, y, MUTED, 0.5)]
    for tick in np.arange(0, duration_s + 1e-9, step):
        x = _LEFT + _WIDE * tick / max(duration_s, 1e-6)
        parts += [line(x, y, x, y + 3, MUTED, 0.5), text(x, y + 12, clock(tick), 8, anchor="middle")]
    return parts


def angle_figure(
    curves: Sequence[tuple[str, Float[np.ndarray, "T"], Float[np.ndarray, "T"]]],
    seen: Bool[np.ndarray, "T"],
    timestamps_s: Float[np.ndarray, "T"],
    duration_s: float,
) -> Figure:
    """Angles in degrees over time, one below the other, each with a band of one standard deviation.

    Hatched where the worker was not `seen`, dotted where only what the angle needs was not.
    """
    parts, top, tall = [], 6.0, 40.0
    edges = _edges(timestamps_s, duration_s)
    thin = slice(None, None, max(1, len(timestamps_s) // 600))
    x = _LEFT + _WIDE * timestamps_s[thin] / max(duration_s, 1e-6)
    for place, (label, values, sd) in enumerate(curves):
        y0 = top + place * (tall + 12)
        low = min(0.0, float(np.nanmin(values - sd))) if np.isfinite(values).any() else 0.0
        high = max(90.0, float(np.nanmax(values + sd))) if np.isfinite(values).any() else 90.0
        low, high = 30 * np.floor(low / 30), 30 * np.ceil(high / 30)

        def at(v: np.ndarray | float, y0: float = y0, low: float = low, high: float = high) -> Any:
            return y0 + tall * (high - v) / (high - low)

        for mark in np.arange(low, high + 1, 30 if high - low <= 150 else 60):
            parts += [line(_LEFT, at(mark), _LEFT + _WIDE, at(mark), LINE, 0.4)]
            parts += [text(_LEFT - 6, at(mark) + 3, f"{mark:.0f}°".replace("-", "−"), 7, anchor="end")]
        parts.append(text(2, y0 + tall / 2 + 3, label, colour=INK))
        for first, last, unseen in _stretches(np.where(np.isfinite(values), np.nan, ~seen)):
            parts += _unknown(edges[first], y0, edges[last] - edges[first], tall, whole=bool(unseen))
        for run in _runs(np.isfinite(values[thin])):
            xs, mean, spread = x[run], values[thin][run], sd[thin][run]
            band = [*zip(xs, at(mean + spread), strict=True), *zip(xs[::-1], at(mean - spread)[::-1], strict=True)]
            parts.append(f'<polygon points="{_points(band)}" fill="#cfe0ea"/>')
            curve = _points(list(zip(xs, at(mean), strict=True)))
            parts.append(f'<polyline points="{curve}" fill="none" stroke="#14507a" stroke-width="1"/>')
    bottom = top + len(curves) * (tall + 12) - 6
    parts += _time_axis(bottom, duration_s)
    names = ", ".join(label for label, _, _ in curves)
    return drawn(parts, _LEFT + _WIDE + 14, bottom + 14, f"Angles over time with one standard deviation: {names}")


def _runs(known: np.ndarray) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def shares_figure(rows: Sequence[tuple[str, Sequence[tuple[int | None, float]]]]) -> Figure:
    """A bar for each row: shares of the film by step of risk (None: not seen), from left to right."""
    parts, left, whole = [], 66.0, 250.0
    for place, (label, shares) in enumerate(rows):
        y, x = 15.0 * place + 2, left
        parts.append(text(left - 6, y + 9, label, anchor="end", colour=INK))
        for step, share in shares:
            wide = whole * share
            parts.append(rect(x, y, wide, _TALL, UNSEEN if step is None else RISK_COLOURS[step]))
            if step is None:
                parts += _hatching(x, y, wide, _TALL)
            elif wide > 24:
                dark = step in (1, 4)
                percent = text(x + wide / 2, y + 8.5, f"{100 * share:.0f} %", 7.5, anchor="middle",
                               colour="#ffffff" if dark else INK)  # fmt: skip
                parts.append(percent)
            x += wide
    said = "; ".join(
        f"{label}: "
        + ", ".join(f"{'not seen' if s is None else RISK_WORDS[s]} {100 * v:.0f} %" for s, v in shares if v)
        for label, shares in rows
    )
    return drawn(parts, left + whole + 2, 15.0 * len(rows) + 2, f"Share of the film by risk. {said}.")
