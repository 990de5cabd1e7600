"""The figures of ``accuracy.py`` as printed lines and as the tables of ``docs/accuracy.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from accuracy import Row

COLUMNS = ("trunk", "head", "arm/trunk", "arm/vertical", "elbow", "knee")
QUALITY_ORDER = ("low", "medium", "high", "ultra")
GROUP_ORDER = ("rendered", "real", "dev", "held-out")
BEGIN, END = "<!-- benchmarks/accuracy.py writes from here", "<!-- to here -->"
RESAMPLES = 4000
MANY = 8
"""Clips from which on an interval of their mean says something."""


def mean5(errors: dict[str, float]) -> float:
    """Mean of the columns without the head."""
    known = [errors[column] for column in COLUMNS if column != "head" and np.isfinite(errors[column])]
    return float(np.mean(known)) if known else float("nan")


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Where the mean over clips lies in nine of ten draws of as many clips with replacement."""
    known = np.array([value for value in values if np.isfinite(value)])
    drawn = np.random.default_rng(0).choice(known, (RESAMPLES, len(known))).mean(axis=1)
    return float(np.percentile(drawn, 5)), float(np.percentile(drawn, 95))


def groups(rows: list[Row]) -> list[tuple[str, str, list[Row]]]:
    """Rows by quality and group, in the order of the tables."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.quality, row.group), []).append(row)

    def place(key: tuple[str, str]) -> tuple[int, int, str]:
        quality, group = key
        known = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
        return QUALITY_ORDER.index(quality), known, group

    return [(*key, sorted(found[key], key=lambda row: row.clip)) for key in sorted(found, key=place)]


def mean_of(rows: list[Row], value: Callable[[Row], float]) -> float:
    """Mean over the clips that have a value."""
    known = [value(row) for row in rows if np.isfinite(value(row))]
    return float(np.mean(known)) if known else float("nan")


def shares(rows: list[Row], column: str | None = None) -> tuple[float, float]:
    """Shares of errors within one and two standard deviations, clips and columns counting the same."""
    pairs = [pair for row in rows for name, pair in row.within.items() if column in (None, name)]
    return tuple(np.mean(pairs, axis=0)) if pairs else (float("nan"), float("nan"))


def lines(rows: list[Row]) -> list[str]:
    """A table for the terminal: clips, then the means of each group beside the raw landmarks."""
    head = f"{'':<44}" + "".join(f"{column:>13}" for column in COLUMNS) + "   mean5    tilt   told  1sd · 2sd   cpu ms"
    found = [head]
    for quality, group, members in groups(rows):
        found += [_line(f"{quality} {row.clip}{' (not the worker)' * (row.worker is False)}", [row]) for row in members]
        if len(members) > 1:
            found += [_line(f"{quality} {group}: ergo", members), _line(f"{quality} {group}: raw", members, raw=True)]
    return found


def _line(name: str, rows: list[Row], raw: bool = False) -> str:
    values = _means(rows, raw)
    cells = "".join(f"{_number(values[column]):>13}" for column in COLUMNS)
    rest = f"{_number(mean5(values), 2):>8}"
    if not raw:
        one, two = shares(rows)
        tilt, told, cpu = (mean_of(rows, value) for value in (_tilt, _told, _cpu))
        rest += f"{_number(tilt):>7}° {told:>6.0%}  {one:.0%} · {two:.0%} {_number(cpu, 0):>8}"
    return f"{name:<44}{cells}{rest}"


def write_tables(path: Path, rows: list[Row]) -> None:
    """Write the tables between the marks of a file."""
    before, rest = path.read_text().split(BEGIN)
    mark, after = rest.split("\n", 1)[0], rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}{mark}\n\n{markdown(rows)}\n{END}{after}")


def markdown(rows: list[Row]) -> str:
    """All tables."""
    parts = ["### By quality", "", *_overview(rows), "", "### How sure, by angle", "", *_sureness(rows)]
    for quality, group, members in groups(rows):
        if quality in ("medium", "high"):
            parts += ["", f"### Clip by clip, {quality}, {group}", "", *_clips(members)]
    commits = ", ".join(sorted({row.commit for row in rows}))
    return "\n".join([*parts, "", f"Measured on {commits}.", ""])


def _overview(rows: list[Row]) -> list[str]:
    found = [
        "| | clips | " + " | ".join(COLUMNS) + " | mean5 | tilt | told | worst clip | cpu, ms a frame |",
        "|---" * (len(COLUMNS) + 7) + "|",
    ]
    for quality, group, members in groups(rows):
        values = _means(members)
        total = f"**{_number(mean5(values), 2)}**"
        if len(members) >= MANY:
            low, high = interval(mean5(row.ours_deg) for row in members)
            total += f" ({low:.1f}–{high:.1f})"
        cells = " | ".join(_number(values[column]) for column in COLUMNS)
        worst = max(members, key=lambda row: np.nan_to_num(mean5(row.ours_deg)))
        tilt, told, cpu = (mean_of(members, value) for value in (_tilt, _told, _cpu))
        found.append(
            f"| {quality}, {group} | {len(members)} | {cells} | {total} | {_number(tilt)}° | {told:.0%} "
            f"| {worst.clip} {_number(mean5(worst.ours_deg))} | {_number(cpu, 0)} |"
        )
        raw = _means(members, raw=True)
        cells = " | ".join(_number(raw[column]) for column in COLUMNS)
        found.append(f"| *raw landmarks* | | {cells} | {_number(mean5(raw), 2)} | | | | |")
    return found


def _sureness(rows: list[Row]) -> list[str]:
    found = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for quality, group, members in groups(rows):
        pairs = [shares(members, column) for column in COLUMNS]
        cells = [f"{one:.0%} · {two:.0%}" if np.isfinite(one) else "–" for one, two in pairs]
        found.append(f"| {quality}, {group} | " + " | ".join(cells) + " |")
    return found


def _clips(rows: list[Row]) -> list[str]:
    found = ["| clip | " + " | ".join(COLUMNS) + " | mean5 | raw | tilt | told |", "|---" * (len(COLUMNS) + 5) + "|"]
    for row in rows:
        cells = " | ".join(_number(row.ours_deg[column]) for column in COLUMNS)
        name = row.clip + (" (not the worker)" if row.worker is False else "")
        ours, raw = _number(mean5(row.ours_deg), 2), _number(mean5(row.raw_deg), 2)
        found.append(f"| {name} | {cells} | {ours} | {raw} | {_number(row.tilt_deg)}° | {row.told:.0%} |")
    return found


def _means(rows: list[Row], raw: bool = False) -> dict[str, float]:
    return {c: mean_of(rows, lambda row, c=c: (row.raw_deg if raw else row.ours_deg)[c]) for c in COLUMNS}


def _number(value: float, places: int = 1) -> str:
    return f"{value:.{places}f}" if np.isfinite(value) else "–"


def _tilt(row: Row) -> float:
    return row.tilt_deg


def _told(row: Row) -> float:
    return row.told


def _cpu(row: Row) -> float:
    return row.cpu_ms_a_frame
