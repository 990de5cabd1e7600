"""The result as HTML: nothing from outside is ever markup, every state has its words."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_pages import made_result, one_side, page_of, read, words_of

from ergo.assess.advice import advice
from ergo.methods.catalogue import METHODS
from ergo.ui import results

EVIL = "<img src=x onerror=\"alert('x')\">&\"'"


def test_markup_is_balanced_and_says_the_essentials() -> None:
    words = words_of(page_of(made_result()))
    for part in (
        "RULA",
        "REBA",
        "6 (4–6, 90 %) of 7",
        "Still to be told 4–7 possible",
        "This level or worse 90 % sure",
        "Change soon",
        "80 % of the film",
    ):
        assert part in words
    assert "30 % of the time, up to 1.2 s at a stretch" in words
    assert "+18° pitch, 0° roll, ±1.2°" in words
    assert "left hand 40 %" in words
    assert "trunk 99 %" not in words
    assert "The left hand was hidden for 2 s." in words


def test_worst_side_leads_and_a_range_without_width_is_left_out() -> None:
    words = words_of(results.verdict(made_result(), "a"))
    assert "RULA right side 6 (4–6, 90 %) of 7" in words
    assert "Left side 5 (4–6, 90 %)" in words
    assert "REBA left side 6 of 15" in words


def test_the_first_lines_name_the_worst_method_the_moment_and_what_to_try() -> None:
    result = made_result()
    result["methods"]["rula"]["sides"]["right"]["peak_level"] = 4
    words = words_of(results.lead(result))
    assert words.startswith("■■■■ Very high by RULA medium by REBA Worst moment 0:03.2 Trunk bent forward 52°")
    assert words.endswith(f"First to try {advice()['trunk'].text[0]}")
    assert results.lead(made_result() | {"methods": {}, "worst_moments": []}) == ""


def test_a_result_without_certainty_is_shown_without_it() -> None:
    result = made_result()
    for method in result["methods"].values():
        for side in method["sides"].values():
            for name in ("peak_p05", "peak_p95", "level_chance", "peak_if_tilted"):
                del side[name]
    words = words_of(results.verdict(result, "a"))
    assert "RULA right side 6 of 7" in words
    assert "This level or worse" not in words


def _text_leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _text_leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in _text_leaves(item, (*path, i))]
    return [path] if isinstance(value, str) else []


@pytest.mark.parametrize("path", _text_leaves(made_result()), ids=lambda path: ".".join(map(str, path)))
def test_no_text_of_a_result_is_ever_markup(path: tuple[Any, ...]) -> None:
    result = copy.deepcopy(made_result())
    target: Any = result
    for key in path[:-1]:
        target = target[key]
    if path[0] == "worst_moments" and path[-1] == "method":
        pytest.skip("a moment of an unknown method is no valid result")
    target[path[-1]] = EVIL
    reference, page = read(page_of(made_result())), read(page_of(result))
    assert page.tags.count("img") <= reference.tags.count("img")
    assert EVIL not in page_of(result)


def test_names_from_outside_are_escaped() -> None:
    result = made_result()
    result["coverage"]["parts"] = {EVIL: 0.1}
    result["methods"]["rula"]["sides"] = {EVIL: one_side()}
    page = page_of(result, title=EVIL)
    assert EVIL not in page
    assert read(page).tags.count("img") == read(page_of(made_result())).tags.count("img")


@given(st.text(max_size=40))
def test_any_title_survives_as_text(title: str) -> None:
    head = results.verdict(made_result(), title)
    found = re.search(r"<h2>(.*?)</h2>", head, re.DOTALL)
    assert found and "<" not in found[1]


def test_nothing_assessed_is_said_in_words() -> None:
    result = made_result()
    empty = one_side(
        peak=None,
        peak_low=None,
        peak_high=None,
        peak_level=None,
        median=None,
        p90=None,
        share_of_time={str(level): None for level in range(1, 5)},
        coverage=0.0,
    )
    result["methods"] = {"rula": result["methods"]["rula"] | {"sides": {"left": empty, "right": empty}}}
    result["worst_moments"] = []
    words = words_of(page_of(result))
    assert "not assessed" in words
    assert "not assessed 100 %" in words
    assert "Worst moments" not in words
    assert "None" not in words and "nan" not in words.lower()


def test_levels_have_a_word_squares_and_a_step_of_the_catalogue() -> None:
    for method in METHODS.values():
        levels = [{"level": entry.level} for entry in method.levels]
        for entry in method.levels:
            step = results.risk_step(method.id, levels, entry.level)
            assert step == entry.risk_step
            mark = results.risk_mark(step, entry.label)
            assert mark.count("■") == entry.risk_step and mark.count("□") == 4 - entry.risk_step
            assert entry.label in mark
    assert results.risk_step("rula", [], None) is None


def test_levels_of_a_method_outside_the_catalogue_are_spread_evenly() -> None:
    levels = [{"level": number} for number in (1, 2, 3)]
    assert [results.risk_step("new", levels, number) for number in (1, 2, 3)] == [0, 2, 4]
