"""What the cards of a result say beside their own numbers while other inputs are tried: the new ones, as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from ergo.assess.exposure import ExposureSummary, summarise
from ergo.jobs.rescoring import Rescored
from ergo.methods.catalogue import METHODS
from ergo.report.task import fatigue_content, lifting_content
from ergo.ui import texts
from ergo.ui.levels import risk_mark, side_word
from ergo.ui.lifts import limit_words, tool_words


def beside(made: Rescored) -> dict[str, str]:
    """For each card, by its ``data-method``: score, level and time at that level. How sure they are is not drawn."""
    summaries = [summarise(assessment) for assessment in made.assessments]
    scores = {
        method: _score(method, [summary for summary in summaries if summary.method == method])
        for method in dict.fromkeys(summary.method for summary in summaries)
    }
    tools = {name: tool_words(tool) for name, tool in fatigue_content(made.fatigue).items()}
    return scores | {"niosh": limit_words(lifting_content(made.lifting))} | tools


def _score(method: str, sides: Sequence[ExposureSummary]) -> str:
    """Of the side that comes out worse, as on the card itself."""
    seen = [side for side in sides if not math.isnan(side.peak)]
    if not seen:
        return "<p>not assessed</p>"
    worst = max(seen, key=lambda side: (side.peak, side.p90, side.median))
    entry = next(level for level in METHODS[method].levels if level.level == worst.peak_level)
    score = "" if METHODS[method].scale == "zones" else f"<strong>{worst.peak:.0f}</strong> "
    words = f"{texts.percent(worst.share_of_time[entry.level])} of the time at this level"
    if worst.side:
        words = f"{side_word(worst.side)}, {words}"
    return f'<p>{score}{risk_mark(entry.risk_step, entry.label)}</p><p class="muted">{escape(words)}</p>'
