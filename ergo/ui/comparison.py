"""Two analyses beside each other, as HTML: what is to choose from, and the difference on the same axes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ergo.jobs.wire import JobStatus
from ergo.report.change import Change
from ergo.report.compare import SideComparison, compare, sentence
from ergo.report.compare_lifts import LiftComparison, lift_numbers, lift_sentence
from ergo.ui import texts
from ergo.ui.levels import by_level, level_entry, risk_mark, risk_step, side_word

ITEMS_SHOWN = 4
_NOTABLE_SHARE = 0.05
"""An item is listed when its share of the time changed by more than this."""


def chooser(job_id: str, others: Sequence[JobStatus], now_s: float | None = None) -> str:
    """Folded away: the other finished analyses of this browser, each a link that compares; empty without any."""
    now_s = time.time() if now_s is None else now_s
    items = "".join(
        f'<li><a href="?job={escape(job_id)}&amp;with={escape(other.job_id)}"><span class="name">'
        f"{escape(other.title or 'A video')}</span>"
        f'<span class="muted">{texts.ago_words(now_s - other.created_s)}</span></a></li>'
        for other in others
        if other.state == "completed" and other.job_id != job_id
    )
    if not items:
        return ""
    summary = '<summary class="page-button quiet">Compare with…</summary>'
    return f'<details class="compare-with">{summary}<ul>{items}</ul></details>'


def comparison(
    before: Mapping[str, Any], after: Mapping[str, Any], titles: tuple[str, str], addresses: tuple[str, str]
) -> str:
    """The difference between two parsed ``result.json``, `titles` and job ids before and after."""
    found = compare(before, after)
    rows = "".join(_row(e, before["methods"][e.method], after["methods"][e.method]) for e in found.sides)
    rows += _lifts(found.lifts) if found.lifts else ""
    cautions = "".join(f"<li>{escape(text)}</li>" for text in found.cautions)
    first, second = (escape(title) for title in titles)
    one, two = (escape(address) for address in addresses)
    return (
        f'<section class="comparison" aria-label="Comparison"><header><h2>Before and after</h2>'
        f'<p class="muted"><b>Before</b> {first} · <b>After</b> {second}</p>'
        f'<p class="compare-links"><a href="?job={one}&amp;with={two}">Swap</a>'
        f'<a href="?job={two}">Show only the one after</a></p></header>'
        f'<div class="compare-rows">{rows}</div>'
        + (f'<ul class="compare-cautions muted">{cautions}</ul>' if cautions else "")
        + '<p class="muted note">The errors of the two are taken as independent. "More than the uncertainty": the '
        "direction is at least 95 % sure.</p></section>"
    )


def _row(entry: SideComparison, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    tone = entry.verdict
    return (
        f'<article class="card compare-row {tone}" data-method="{escape(entry.method)}"'
        f' data-side="{escape(entry.side)}">'
        f'<h3>{escape(before["label"])} <span class="muted">{escape(side_word(entry.side))}</span></h3>'
        f'<p class="compare-peak">{_peak(entry, before, "before")} <span aria-hidden="true">→</span> '
        f'<span class="sr-only">then</span> {_peak(entry, after, "after")}</p>'
        f'<p class="compare-words">{escape(sentence(entry)[:1].upper() + sentence(entry)[1:])}</p>'
        f"{_bar('Before', entry, before, 'before')}{_bar('After', entry, after, 'after')}"
        f'<dl class="facts">{_fact("Median", entry.median)}{_fact("90th percentile", entry.p90)}</dl>'
        f"{_items(entry, before)}</article>"
    )


def _lifts(found: LiftComparison) -> str:
    """The hardest lift, and a day of them where it is told."""
    words = lift_sentence(found)
    rows = _fact("Possible lifts", found.lifts)
    for name, label in (("lifft", "LiFFT, a day"), ("duet", "DUET, a day")):
        change = found.day[name]
        if change.before is not None and change.after is not None:
            share = f"{texts.percent(change.before)} → {texts.percent(change.after)}"
            rows += f"<div><dt>{label}</dt><dd>{share}</dd></div>"
    return (
        f'<article class="card compare-row {found.verdict}" data-method="niosh">'
        '<h3>NIOSH <span class="muted">the hardest lift</span></h3>'
        f'<p class="compare-peak"><strong>{escape(lift_numbers(found))}</strong></p>'
        f'<p class="compare-words">{escape(words[:1].upper() + words[1:])}</p><dl class="facts">{rows}</dl></article>'
    )


def _peak(entry: SideComparison, method: Mapping[str, Any], when: str) -> str:
    peak, level = getattr(entry.peak, when), getattr(entry.peak_level, when)
    if peak is None:
        return '<span class="muted">not assessed</span>'
    label = level_entry(method, level)["label"]
    mark = risk_mark(risk_step(entry.method, method["levels"], level), label)
    if method.get("scale") == "zones":
        return mark
    low, high = (getattr(end, when) for end in entry.peak_interval)
    interval = ""
    if low is not None and high is not None and low != high:
        interval = f' <span class="range">({min(low, peak):.0f}–{max(high, peak):.0f})</span>'
    return f"<strong>{peak:.0f}</strong>{interval} {mark}"


def _bar(name: str, entry: SideComparison, method: Mapping[str, Any], when: str) -> str:
    coverage = getattr(entry.coverage, when) or 0.0
    shares = {level: getattr(change, when) or 0.0 for level, change in entry.level_share.items()}
    pieces = ""
    for level in method["levels"]:
        share = by_level(shares, level["level"]) or 0.0
        if share > 0:
            step = risk_step(entry.method, method["levels"], level["level"])
            title = f"{level['label']}: {texts.percent(share)} of the time seen"
            pieces += (
                f'<span class="piece risk-{step}" style="flex-basis:{100 * share * coverage:.3f}%"'
                f' title="{escape(title)}"></span>'
            )
    if coverage < 0.995:
        pieces += f'<span class="piece unseen" style="flex-basis:{100 * (1 - coverage):.3f}%" title="not seen"></span>'
    words = ", ".join(
        f"{level['label']} {texts.percent(by_level(shares, level['level']) or 0.0)}" for level in method["levels"]
    )
    return (
        f'<div class="compare-bar"><span class="muted">{name}</span>'
        f'<div class="stack" role="img" aria-label="{escape(words)}">{pieces}</div></div>'
    )


def _fact(name: str, change: Change) -> str:
    if change.before is None or change.after is None:
        return ""
    return f"<div><dt>{name}</dt><dd>{change.before:.0f} → {change.after:.0f}</dd></div>"


def _items(entry: SideComparison, method: Mapping[str, Any]) -> str:
    """The items whose share of the time above neutral changed most."""
    labels = {part["id"]: part["label"] for part in method.get("parts", ())}
    changed = [
        (item, change)
        for item, change in entry.worse_share.items()
        if change.difference is not None and abs(change.difference) > _NOTABLE_SHARE
    ]
    changed.sort(key=lambda pair: -abs(pair[1].difference or 0.0))
    rows = "".join(
        f"<div><dt>{escape(labels[item])} above neutral</dt><dd>{texts.percent(change.before or 0.0)} → "
        f"{texts.percent(change.after or 0.0)} of the time</dd></div>"
        for item, change in changed[:ITEMS_SHOWN]
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""
