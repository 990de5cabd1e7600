"""The full report as a web page with curves to zoom: plotly's script is inside, so it works without a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ergo.assess.angle_catalogue import ANGLE_BY_ID
from ergo.report.blocks import Report
from ergo.report.figures import INK, LINE, MUTED
from ergo.report.html import page
from ergo.report.stored import Stored

_SHOWN: Final = ("trunk_flexion", "neck_flexion", "left_arm_elevation_gravity", "right_arm_elevation_gravity")
_COLOURS: Final = ("#14507a", "#db7a2b", "#a3234b", "#2a9d8f", "#7a6a14", "#5a6672")
_MOST_POINTS: Final = 20_000
_LEAST_SHARE: Final = 0.001


def write_interactive(path: Path, report: Report, stored: Stored) -> None:
    """Write the report, the curves at its end."""
    drawn = curves(stored).to_html(
        full_html=False, include_plotlyjs=True, div_id="curves", config={"displaylogo": False, "responsive": True}
    )
    words = "Drag to zoom, double-click to see all. Click a name to hide or show its curve. Grey: nobody was seen."
    section = f'<section><h2>Curves</h2><p class="muted small">{words}</p>{drawn}</section>'
    path.write_text(page(report).replace("</main>", f"{section}</main>", 1), encoding="utf-8")


def curves(stored: Stored) -> go.Figure:
    """Scores above, angles below, on one time axis; gaps where a part was not seen, grey where the worker was not.

    Long films are thinned.
    """
    times = stored.motion.timestamps_s
    thin = slice(None, None, 1 + len(times) // _MOST_POINTS)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.4, 0.6])
    for place, (name, scores) in enumerate(_scores(stored).items()):
        line = {"shape": "hv", "width": 1.5, "color": _COLOURS[place % len(_COLOURS)]}
        figure.add_scatter(x=times[thin], y=_plain(scores[thin]), name=name, mode="lines", line=line, row=1, col=1)
    for place, name in enumerate([*_SHOWN, *(name for name in stored.angles.names if name not in _SHOWN)]):
        values, angle = stored.angles[name], ANGLE_BY_ID[name]
        if angle.unit != "°" or not np.isfinite(values).any():
            continue
        figure.add_scatter(
            x=times[thin],
            y=_plain(values[thin]),
            name=f"{angle.label} (°)",
            mode="lines",
            visible=True if name in _SHOWN else "legendonly",
            line={"width": 1.5, "color": _COLOURS[place % len(_COLOURS)]},
            row=2,
            col=1,
        )
    for start_s, end_s in _unseen(stored):
        figure.add_vrect(x0=start_s, x1=end_s, fillcolor=LINE, opacity=0.5, line_width=0, layer="below")
    figure.update_layout(_layout())
    figure.update_xaxes(title_text="Time (s)", row=2, col=1)
    figure.update_yaxes(title_text="Score", row=1, col=1)
    figure.update_yaxes(title_text="Angle (°)", row=2, col=1)
    figure.update_xaxes(gridcolor=LINE, zeroline=False)
    figure.update_yaxes(gridcolor=LINE, zerolinecolor=MUTED)
    return figure


def _scores(stored: Stored) -> dict[str, np.ndarray]:
    found = {}
    for entry in stored.meta["methods"]:
        for side in entry["sides"] if entry["scale"] == "points" else ():
            total = stored.arrays[f"{entry['id']}.{side}.total"].astype(float)
            found[entry["label"] if side == "both" else f"{entry['label']} {side}"] = np.where(total > 0, total, np.nan)
    return found


def _unseen(stored: Stored) -> list[tuple[float, float]]:
    """Beginning and end of each stretch in which the worker was not seen, in seconds; not what would be a hair."""
    times, seen = stored.motion.timestamps_s, stored.motion.valid
    cuts = np.flatnonzero(np.diff(np.concatenate([[True], seen, [True]]).astype(int)))
    ends = np.append(times, times[-1])[cuts].reshape(-1, 2)
    return [(float(a), float(b)) for a, b in ends if b - a > _LEAST_SHARE * (times[-1] - times[0])]


def _plain(values: np.ndarray) -> list[float | None]:
    """Values for JSON: None where not seen, which leaves a gap."""
    return [None if np.isnan(value) else round(float(value), 2) for value in values]


def _layout() -> Mapping[str, Any]:
    return {
        "height": 620,
        "margin": {"l": 56, "r": 8, "t": 8, "b": 48},
        "hovermode": "x unified",
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "font": {"family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "size": 12, "color": INK},
        "legend": {"orientation": "h", "y": -0.12},
    }
