"""What to know before trusting a result: warnings beside the verdict, assumptions folded, under their methods."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.report.levels import assumptions_by_methods
from ergo.ui import texts
from ergo.ui.sections import section


def notes_section(result: Mapping[str, Any]) -> str:
    """The assumptions of a parsed ``result.json``; empty where there are none."""
    groups = "".join(_group(name, told) for name, told in assumptions_by_methods(result).items())
    if not groups:
        return ""
    body = (
        '<details class="parts assumed" data-paper><summary>What was assumed, by method</summary>'
        f'<div class="assumptions">{groups}</div></details>'
    )
    return section("notes", "Good to know", body)


def film_notes(result: Mapping[str, Any]) -> str:
    """What is wrong with the film, in plain words and most important first; says so where nothing is."""
    if not result["warnings"]:
        return f'<p class="film-notes good">{texts.GOOD_FILM}</p>'
    lines = "".join(f"<li>{escape(text)}</li>" for text in result["warnings"])
    return f'<div class="film-notes"><h4>{texts.FILM_TROUBLE}</h4><ul class="warnings">{lines}</ul></div>'


def _group(name: str, told: list[str]) -> str:
    lines = "".join(f"<li>{escape(text)}</li>" for text in told)
    return f"<section><h3>{escape(name)}</h3><ul>{lines}</ul></section>"
