"""Methods that judge the body as a whole: a small card each, and how long each part was in which posture or zone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.assess.enough import ENOUGH
from ergo.report.causes import causes_of
from ergo.ui import texts
from ergo.ui.levels import by_level, level_entry, risk_mark, risk_step
from ergo.ui.terms import term

WHOLE_BODY = "body"
NAMED_PARTS = 2
"""So many of the worst parts are named on a card."""


def is_whole_body(method: Mapping[str, Any]) -> bool:
    """Whether a method of ``result.json`` has one verdict for the body, not one for each side."""
    return list(method["sides"]) == [WHOLE_BODY]


def whole_body_card(key: str, method: Mapping[str, Any]) -> str:
    """The verdict of one method in a few lines."""
    side, label = method["sides"][WHOLE_BODY], escape(method["label"])
    if side["peak"] is None:
        why = side["assumptions"][0] if side["assumptions"] else "The body was not seen well enough at any moment."
        return (
            f'<article class="card method" data-method="{escape(key)}"><h3>{label}</h3>'
            f'<p class="muted">not assessed</p><p class="advice">{escape(why)}</p></article>'
        )
    entry = level_entry(method, side["peak_level"])
    step = risk_step(key, method["levels"], side["peak_level"])
    tail = "" if step is None else f" step-{step}"
    beside = "screening" if _zoned(method) else f"{side['peak']:.0f} of {method['max']:.0f}"
    return (
        f'<article class="card method{tail}" data-method="{escape(key)}">'
        f'<h3>{label}<span class="muted">{beside}</span></h3>'
        f'<p title="{texts.PEAK_MEANS}">{risk_mark(step, entry["label"])}</p>'
        f'<p class="advice">{escape(entry["text"])}</p><dl class="facts">{_facts(method, side)}</dl></article>'
    )


def part_bars(key: str, method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    """Folded away: for each part of the body a bar of the time in each posture or zone; empty where none is told."""
    rows = ""
    for part in method.get("parts", ()):
        shares = side.get("share_of_parts", {}).get(part["id"])
        if shares and part["steps"]:  # a load has none: it is told, not seen
            coverage = side.get("coverage_of_parts", {}).get(part["id"], 1.0)
            categories = side.get("part_categories", {}).get(part["id"], {})
            causes = causes_of(key, part["id"])
            head = f"<h4>{term(causes[0].angle if causes else None, part['label'])}</h4>"
            rows += _unseen_row(head, coverage) if coverage < ENOUGH else _part_row(head, part, shares, categories)
    if not rows:
        return ""
    return f'<details class="parts"><summary>By part of the body</summary>{rows}</details>'


def _unseen_row(head: str, coverage: float) -> str:
    return (
        f'<div class="part-row">{head}<div class="stack" aria-hidden="true">'
        f'<span class="piece unseen" style="flex-basis:100%"></span></div>'
        f'<ul class="legend"><li>not assessed, seen {texts.percent(coverage)} of the film</li></ul></div>'
    )


def _part_row(
    head: str, part: Mapping[str, Any], shares: Mapping[str, float | None], categories: Mapping[str, int]
) -> str:
    pieces, words = "", ""
    for place, name in enumerate(part["names"]):
        code = part["neutral_points"] + place
        share = by_level(shares, code) or 0.0
        if share <= 0:
            continue
        step = part["steps"][place]
        category = by_level(categories, code)
        meaning = "" if category is None else f' <span class="muted">category {category:.0f} for this long</span>'
        pieces += (
            f'<span class="piece risk-{step}" style="flex-basis:{100 * share:.3f}%" title="{escape(name)}: '
            f'{texts.percent(share)}"></span>'
        )
        words += f"<li>{escape(name)} <b>{texts.percent(share)}</b>{meaning}</li>"
    if not words:
        words, pieces = "<li>not seen</li>", '<span class="piece unseen" style="flex-basis:100%"></span>'
    return (
        f'<div class="part-row">{head}<div class="stack" aria-hidden="true">{pieces}</div>'
        f'<ul class="legend">{words}</ul></div>'
    )


def _facts(method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    rows = [
        ("At this level", f"{texts.percent(by_level(side['share_of_time'], side['peak_level']) or 0.0)} of the time")
    ]
    worst = _worst_parts(method, side)
    if worst:
        rows.append(("Most of it", worst))
    low, high = (_total_words(method, side[name]) for name in ("peak_low", "peak_high"))
    if low != high:
        rows.append(("Still to be told", f"{low} to {high}"))
    return "".join(f"<div><dt>{escape(term)}</dt><dd>{escape(words)}</dd></div>" for term, words in rows)


def _worst_parts(method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    """The parts of the body longest in the zone of the verdict (for codes: longest in the worst tints)."""
    found: list[tuple[float, str]] = []
    for part in method.get("parts", ()):
        if not part["steps"]:
            continue
        level_step = _step_of_peak(method, side)
        share = sum(
            by_level(side["share_of_parts"][part["id"]], part["neutral_points"] + place) or 0.0
            for place, step in enumerate(part["steps"])
            if step >= max(1, level_step)
        )
        if share > 0:
            found.append((share, f"{part['label'].lower()} {texts.percent(share)}"))
    found.sort(key=lambda entry: -entry[0])
    return " · ".join(words for _, words in found[:NAMED_PARTS])


def _step_of_peak(method: Mapping[str, Any], side: Mapping[str, Any]) -> int:
    if not _zoned(method):
        return 1
    return level_entry(method, side["peak_level"]).get("risk_step", 1)


def _zoned(method: Mapping[str, Any]) -> bool:
    return method.get("scale") == "zones"


def _total_words(method: Mapping[str, Any], total: float | None) -> str:
    """A total as people read it: a number, or for zones the word of its level."""
    if total is None:
        return "not assessed"
    if not _zoned(method):
        return f"{total:.0f}"
    entries = method["levels"]
    return entries[min(len(entries), max(1, round(total))) - 1]["label"].lower()
