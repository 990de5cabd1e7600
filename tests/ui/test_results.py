"""The result as HTML: nothing from outside is ever markup, every state has its words."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.assess.advice import advice
from ergo.assess.items import ITEMS
from ergo.methods.catalogue import METHODS
from ergo.ui import results, texts

SIZES = {"result.json": 8_800, "preview.mp4": 152_000, "moment_1.jpg": 20_000, "person_0.jpg": 9_000}
EVIL = "<img src=x onerror=\"alert('x')\">&\"'"


def link(name: str, download: bool) -> str:
    return f"/ergo/store/{name}?sig=a&b={int(download)}"


def _side(**changes: Any) -> dict[str, Any]:
    side: dict[str, Any] = {
        "peak": 5.0,
        "peak_low": 4.0,
        "peak_high": 7.0,
        "peak_level": 3,
        "peak_p05": 4.0,
        "peak_p95": 6.0,
        "level_chance": {"1": 0.0, "2": 0.1, "3": 0.85, "4": 0.05},
        "peak_if_tilted": [5.0, 6.0],
        "median": 3.0,
        "p90": 4.0,
        "share_of_time": {"1": 0.2, "2": 0.5, "3": 0.296, "4": 0.004},
        "coverage": 0.8,
        "longest_spell_s": {"1": 3.0, "2": 2.5, "3": 1.24, "4": 0.1},
        "assumptions": ["Load not given: scored as none; the range covers every load."],
    }
    return side | changes


def _result() -> dict[str, Any]:
    rula, reba = METHODS["rula"], METHODS["reba"]
    shares = {str(entry.level): 1.0 if entry.level == 2 else 0.0 for entry in reba.levels}
    reba_side = _side(
        peak=6.0,
        peak_low=6.0,
        peak_high=6.0,
        peak_level=2,
        peak_p05=6.0,
        peak_p95=6.0,
        share_of_time=shares,
        coverage=1.0,
    )
    methods = {}
    for method, sides in ((rula, {"left": _side(), "right": _side(peak=6.0)}), (reba, {"left": reba_side})):
        levels = [{"level": entry.level, "label": entry.label, "text": entry.text} for entry in method.levels]
        methods[method.id] = {"label": method.label, "max": method.max_total, "levels": levels, "sides": sides}
    track = {"track_id": 0, "first_s": 0.0, "last_s": 8.0, "coverage": 0.97, "score": 0.9, "thumbnail": "person_0.jpg"}
    return {
        "schema": "ergo.result/1",
        "ergo_version": "0.1.0",
        "created_utc": "2030-01-02T03:04:05+00:00",
        "video": {"name": "a.mp4", "width_px": 640, "height_px": 480, "duration_s": 8.0, "fps": 29.97},
        "settings": {},
        "gravity": {"pitch_deg": 18.2, "roll_deg": -0.3, "sd_deg": 1.2, "source": "body"},
        "person": {"track_id": 0, "tracks": [track]},
        "body": {"model": "free", "sex": "neutral", "stature_m": 1.7},
        "coverage": {"frames": 0.97, "parts": {"left_hand": 0.4, "trunk": 0.99}},
        "methods": methods,
        "worst_moments": [
            {
                "method": "rula",
                "side": "right",
                "time_s": 3.21,
                "total": 6,
                "level": 3,
                "level_label": "Change soon",
                "reasons": [
                    {
                        "part": "trunk",
                        "label": "Trunk",
                        "points": 3,
                        "text": "Trunk bent forward 52°",
                        "total_without": 4,
                    }
                ],
                "thumbnail": "moment_1.jpg",
            }
        ],
        "warnings": ["The left hand was hidden for 2 s."],
        "timings_s": {},
    }


def _page(result: dict[str, Any], title: str = "packing.mp4") -> str:
    return results.verdict(result, title) + results.story(result, "job1", link, SIZES)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("img", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def _words(html: str) -> str:
    return " ".join(" ".join(_read(html).words).split())


def test_markup_is_balanced_and_says_the_essentials() -> None:
    words = _words(_page(_result()))
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
    words = _words(results.verdict(_result(), "a"))
    assert "RULA right side 6 (4–6, 90 %) of 7" in words
    assert "Left side 5 (4–6, 90 %)" in words
    assert "REBA left side 6 of 15" in words


def test_reasons_say_what_they_cost_and_what_could_help() -> None:
    words = _words(_page(_result()))
    assert "Trunk bent forward 52° 4 without it" in words
    assert advice()["trunk"].text[0] in words
    assert advice()["trunk"].source in words


def test_the_first_lines_name_the_worst_method_the_moment_and_what_to_try() -> None:
    result = _result()
    result["methods"]["rula"]["sides"]["right"]["peak_level"] = 4
    words = _words(results.lead(result))
    assert words.startswith("■■■■ Very high by RULA medium by REBA Worst moment 0:03.2 Trunk bent forward 52°")
    assert words.endswith(f"First to try {advice()['trunk'].text[0]}")
    assert results.lead(_result() | {"methods": {}, "worst_moments": []}) == ""


def test_a_result_without_certainty_is_shown_without_it() -> None:
    result = _result()
    for method in result["methods"].values():
        for side in method["sides"].values():
            for name in ("peak_p05", "peak_p95", "level_chance", "peak_if_tilted"):
                del side[name]
    words = _words(results.verdict(result, "a"))
    assert "RULA right side 6 of 7" in words
    assert "This level or worse" not in words


def _text_leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _text_leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, item in enumerate(value) for leaf in _text_leaves(item, (*path, i))]
    return [path] if isinstance(value, str) else []


@pytest.mark.parametrize("path", _text_leaves(_result()), ids=lambda path: ".".join(map(str, path)))
def test_no_text_of_a_result_is_ever_markup(path: tuple[Any, ...]) -> None:
    result = copy.deepcopy(_result())
    target: Any = result
    for key in path[:-1]:
        target = target[key]
    if path[0] == "worst_moments" and path[-1] == "method":
        pytest.skip("a moment of an unknown method is no valid result")
    target[path[-1]] = EVIL
    reference, page = _read(_page(_result())), _read(_page(result))
    assert page.tags.count("img") <= reference.tags.count("img")
    assert EVIL not in _page(result)


def test_names_from_outside_are_escaped() -> None:
    result = _result()
    result["coverage"]["parts"] = {EVIL: 0.1}
    result["methods"]["rula"]["sides"] = {EVIL: _side()}
    page = _page(result, title=EVIL)
    assert EVIL not in page
    assert _read(page).tags.count("img") == _read(_page(_result())).tags.count("img")


@given(st.text(max_size=40))
def test_any_title_survives_as_text(title: str) -> None:
    head = results.verdict(_result(), title)
    found = re.search(r"<h2>(.*?)</h2>", head, re.DOTALL)
    assert found and "<" not in found[1]


def test_nothing_assessed_is_said_in_words() -> None:
    result = _result()
    empty = _side(
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
    words = _words(_page(result))
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


def test_moment_seeks_and_shows_its_reasons() -> None:
    story = results.story(_result(), "job1", link, SIZES)
    assert 'data-seek-s="3.210"' in story
    assert "Trunk bent forward 52°" in story and "+3" in story
    assert "/ergo/store/moment_1.jpg?sig=a&amp;b=0" in story


def test_a_picture_that_was_not_written_leaves_no_broken_image() -> None:
    story = results.story(_result(), "job1", link, {})
    assert "<img" not in story


def test_people_are_offered_only_when_there_are_several() -> None:
    result = _result()
    alone = results.story(result, "job1", link, SIZES)
    assert alone.count("data-person=") == alone.count("data-keep=") == 2  # only to tell two people in one apart
    other = result["person"]["tracks"][0] | {"track_id": 3, "thumbnail": "person_3.jpg"}
    result["person"]["tracks"].append(other)
    story = results.story(result, "job<1>", link, SIZES)
    assert len(re.findall(r'data-person="\d+" data-job', story)) == 1
    assert 'data-person="3" data-job="job&lt;1&gt;"' in story
    assert "analysed here" in story


def test_tracks_of_one_person_can_be_put_together_and_taken_apart() -> None:
    result = _result()
    tracks = result["person"]["tracks"]
    tracks += [tracks[0] | {"track_id": number, "thumbnail": f"person_{number}.jpg"} for number in (3, 4)]
    result["person"]["track_ids"] = [tracks[0]["track_id"], 3]
    story = results.story(result, "job1", link, SIZES)
    assert re.findall(r'data-mark="(\d+)" checked', story) == [str(tracks[0]["track_id"]), "3"]
    assert 'data-mark="4">' in story
    assert story.count("analysed here") == story.count("this one alone") == 2
    assert story.count("this person instead") == 1
    assert re.search(r'data-action="person" data-marked="person" data-job="job1" disabled', story)


def test_a_part_of_a_track_is_said_and_can_be_cut_again() -> None:
    result = _result()
    result["settings"] = {"person": {"track_id": 0, "start_s": 2.5, "end_s": None}}
    story = results.story(result, "job1", link, SIZES)
    assert "Analysed here, from 0:02.5" in _words(story)
    assert "Analyse all of it again" in story
    assert 'data-person="0@2.5-" data-keep="before"' in story


def test_files_are_listed_with_size_and_as_downloads() -> None:
    story = results.story(_result(), "job1", link, SIZES)
    assert "/ergo/store/preview.mp4?sig=a&amp;b=1" in story and "152 KB" in story
    assert "/ergo/store/all.zip" in story
    assert "angles.csv" not in story


def test_the_bar_is_the_whole_film() -> None:
    story = results.story(_result(), "job1", link, SIZES)
    for stack in re.findall(r'<div class="stack".*?</div>', story):
        widths = [float(width) for width in re.findall(r"flex-basis:([\d.]+)%", stack)]
        assert sum(widths) == pytest.approx(100, abs=0.01)


def test_small_and_large_shares_stay_honest() -> None:
    assert [texts.percent(share) for share in (0, 0.0004, 0.004, 0.012, 0.5, 0.996, 1)] == [
        "0 %", "<1 %", "<1 %", "1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip


@given(st.floats(0, 1e6, allow_nan=False))
def test_clock_reads_back(seconds: float) -> None:
    *hours_minutes, rest = texts.clock(seconds).split(":")
    total = float(rest)
    for place, value in enumerate(reversed(hours_minutes), 1):
        total += int(value) * 60**place
    assert total == pytest.approx(seconds, abs=0.051)
    assert float(rest) < 60


def test_lengths_in_words() -> None:
    assert [texts.duration_words(s) for s in (0.84, 9.99, 59.6, 200, 7500)] == [
        "0.8 s", "10 s", "1 min", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert [texts.time_left_words(s) for s in (None, 2, 41, 130, 7300)] == [
        "", "a few seconds left", "about 40 s left", "about 2 min left", "about 2 h 2 min left",
    ]  # fmt: skip
    assert [texts.size_words(n) for n in (12, 1_290_000, 99_960_000_000)] == ["12 bytes", "1.3 MB", "100 GB"]


def _with_whole_body() -> dict[str, Any]:
    result = _result()
    for method_id, peak in (("owas", 3.0), ("iso11226", 4.0)):
        method = METHODS[method_id]
        levels = [{"level": e.level, "label": e.label, "text": e.text, "risk_step": e.risk_step} for e in method.levels]
        parts = [
            {"id": i.id, "label": i.label, "neutral_points": i.neutral_points, "steps": i.steps, "names": i.names}
            for i in ITEMS[method_id]
        ]
        side = _side(
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
    html = _page(_with_whole_body())
    words = _words(html)
    assert "OWAS 3 of 4 ■■■□ Distinctly harmful" in words
    assert "Still to be told 2 to 3" in words
    assert "ISO 11226 screening ■■■□ Not recommended" in words
    assert "Still to be told acceptable to not recommended" in words  # a zone is told by its word
    assert "OWAS, whole body" in words
    assert "bent and twisted 25 % category 2 for this long" in words
    assert "up to 10 kg" not in words  # a load is told, not seen
    assert html.count('class="parts"') == 2
    assert html.count('class="verdict small"') == 1
    assert "verdict small" not in _page(_result())


def test_a_method_of_the_whole_body_without_a_score_says_why() -> None:
    result = _with_whole_body()
    side = result["methods"]["iso11226"]["sides"]["body"]
    side |= {
        "peak": None, "peak_low": None, "peak_high": None, "peak_level": None, "median": None, "p90": None,
        "coverage": 0.0, "share_of_time": dict.fromkeys(side["share_of_time"]),
        "share_of_parts": {part: dict.fromkeys(shares) for part, shares in side["share_of_parts"].items()},
        "assumptions": ["Not assessable on a film under 4 s: no posture can be held for longer than that."],
    }  # fmt: skip
    assert "ISO 11226 not assessed Not assessable on a film under 4 s" in _words(_page(result))
