"""Levels and sides of a method in words and marks, as every part of the result shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ergo.methods.catalogue import METHODS
from ergo.report.levels import by_level, level_entry, worst_side  # noqa: F401  what reports share
from ergo.ui import texts


def risk_step(method_id: str, levels: Sequence[Mapping[str, Any]], level: float | None) -> int | None:
    """The place of a method's action level on the page's five steps, 0 (negligible) to 4 (very high).

    Methods of the catalogue say it themselves; levels of others are spread evenly.
    """
    if method_id in METHODS:
        steps = {entry.level: entry.risk_step for entry in METHODS[method_id].levels}
    else:
        steps = {entry["level"]: round(4 * i / max(1, len(levels) - 1)) for i, entry in enumerate(levels)}
    return None if level is None else steps.get(int(level))


def risk_mark(step: int | None, word: str) -> str:
    """A level as squares, colour and word, so that none of them is needed alone."""
    if step is None:
        return f'<span class="risk unseen"><i aria-hidden="true"></i>{escape(word)}</span>'
    squares = "■" * step + "□" * (4 - step)
    return f'<span class="risk risk-{step}"><i aria-hidden="true">{squares}</i>{escape(word)}</span>'


def side_word(side: str | None) -> str:
    """The side of a score in words; None and ``body`` are the whole body."""
    return "whole body" if side is None else texts.SIDE_WORD.get(side, side)
