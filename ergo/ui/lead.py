"""The answer in a few lines above everything else: how bad by which method, when it was worst, what to try first."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.report.advised import advised
from ergo.ui import texts
from ergo.ui.levels import risk_mark, risk_step, worst_side

_WORDS = ("negligible", "low", "medium", "high", "very high")
"""The five steps of the page's scale, to which the levels of all methods lead."""
_NAMED_REASONS = 3


def lead(result: Mapping[str, Any]) -> str:
    """The first lines of a parsed ``result.json``; empty where nothing was assessed."""
    by_step = _methods_by_step(result)
    if not by_step:
        return ""
    worst = max(by_step)
    others = [f"{_WORDS[step]} by {_listed(names)}" for step, names in sorted(by_step.items(), reverse=True)][1:]
    rest = f'<span class="muted">{escape(" · ".join(others))}</span>' if others else ""
    head = f"{risk_mark(worst, _WORDS[worst].capitalize())} by {escape(_listed(by_step[worst]))}"
    rows = [*_worst_moment(result), *_first_to_try(result)]
    facts = "".join(f"<div><dt>{term}</dt><dd>{words}</dd></div>" for term, words in rows)
    return f'<div class="lead"><p class="lead-head">{head}{rest}</p><dl>{facts}</dl></div>'


def _methods_by_step(result: Mapping[str, Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, method in result["methods"].items():
        side = worst_side(method)
        step = None if side is None else risk_step(key, method["levels"], method["sides"][side]["peak_level"])
        if step is not None:
            found.setdefault(step, []).append(method["label"])
    return found


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _worst_moment(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    moments = result["worst_moments"]
    if not moments:
        return []
    reasons = [reason.get("text") or reason["label"] for reason in moments[0]["reasons"][:_NAMED_REASONS]]
    words = "; ".join(reason if at == 0 else reason[:1].lower() + reason[1:] for at, reason in enumerate(reasons))
    return [("Worst moment", f"<b>{texts.clock(moments[0]['time_s'])}</b> {escape(words)}")]


def _first_to_try(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = advised(result)
    return [("First to try", escape(found[0][1].text[0]))] if found and found[0][1].text else []
