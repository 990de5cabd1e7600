"""Methods of the whole body on the page."""

from __future__ import annotations

from typing import Any

from result_pages import made_result, one_side, page_of, words_of

from ergo.assess.items import ITEMS
from ergo.methods.catalogue import METHODS


def _with_whole_body() -> dict[str, Any]:
    result = made_result()
    for method_id, peak in (("owas", 3.0), ("iso11226", 4.0)):
        method = METHODS[method_id]
        levels = [{"level": e.level, "label": e.label, "text": e.text, "risk_step": e.risk_step} for e in method.levels]
        parts = [
            {"id": i.id, "label": i.label, "neutral_points": i.neutral_points, "steps": i.steps, "names": i.names}
            for i in ITEMS[method_id]
        ]
        side = one_side(
            peak=peak,
            peak_low=2.0,
            peak_high=peak,
            peak_level=method.levels[int(peak) - 1].level,
            share_of_time={str(e.level): 0.25 for e in method.levels},
            longest_spell_s={str(e.level): 1.0 for e in method.levels},
            share_of_parts={
                i.id: {str(code): 1 / i.max_points for code in range(1, i.max_points + 1)} for i in ITEMS[method_id]
            },
            part_categories={"back": {"1": 1, "2": 2, "3": 2, "4": 2}} if method_id == "owas" else {},
            assumptions=["Shares of the time are those of this film, not of a shift."],
        )
        result["methods"][method_id] = {
            "label": method.label, "max": method.max_total, "scale": method.scale, "levels": levels, "parts": parts,
            "sides": {"body": side},
        }  # fmt: skip
    return result


def test_methods_of_the_whole_body_have_small_cards_and_bars_for_each_part() -> None:
    html = page_of(_with_whole_body())
    words = words_of(html)
    assert "OWAS 3 of 4 ■■■□ Distinctly harmful" in words
    assert "Still to be told 2 to 3" in words
    assert "ISO 11226 screening ■■■□ Not recommended" in words
    assert "Still to be told acceptable to not recommended" in words  # a zone is told by its word
    assert "OWAS, whole body" in words
    assert "bent and twisted 25 % category 2 for this long" in words
    assert "up to 10 kg" not in words  # a load is told, not seen
    assert html.count('class="parts"') == 2
    assert html.count('class="verdict small"') == 1
    assert "verdict small" not in page_of(made_result())


def test_a_method_of_the_whole_body_without_a_score_says_why() -> None:
    result = _with_whole_body()
    side = result["methods"]["iso11226"]["sides"]["body"]
    side |= {
        "peak": None, "peak_low": None, "peak_high": None, "peak_level": None, "median": None, "p90": None,
        "coverage": 0.0, "share_of_time": dict.fromkeys(side["share_of_time"]),
        "share_of_parts": {part: dict.fromkeys(shares) for part, shares in side["share_of_parts"].items()},
        "assumptions": ["Not assessable on a film under 4 s: no posture can be held for longer than that."],
    }  # fmt: skip
    assert "ISO 11226 not assessed Not assessable on a film under 4 s" in words_of(page_of(result))
