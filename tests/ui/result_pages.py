"""A result.json as the tests of the page have it, and how they read what is made of it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from ergo.methods.catalogue import METHODS
from ergo.ui import results

SIZES = {"result.json": 8_800, "preview.mp4": 152_000, "moment_1.jpg": 20_000, "person_0.jpg": 9_000}


def link(name: str, download: bool) -> str:
    return f"/ergo/store/{name}?sig=a&b={int(download)}"


def one_side(**changes: Any) -> dict[str, Any]:
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


def made_result() -> dict[str, Any]:
    rula, reba = METHODS["rula"], METHODS["reba"]
    shares = {str(entry.level): 1.0 if entry.level == 2 else 0.0 for entry in reba.levels}
    reba_side = one_side(
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
    for method, sides in ((rula, {"left": one_side(), "right": one_side(peak=6.0)}), (reba, {"left": reba_side})):
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


def page_of(result: dict[str, Any], title: str = "packing.mp4") -> str:
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


def read(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def words_of(html: str) -> str:
    return " ".join(" ".join(read(html).words).split())
