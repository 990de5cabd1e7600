"""A method's entry of ``result.json`` in the words of a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ergo.report.blocks import Verdict
from ergo.report.levels import by_level, level_entry, worst_side
from ergo.report.words import percent

SIDE_WORDS: Final = {"left": "left side", "right": "right side"}


def side_word(side: str | None) -> str:
    """The side of a score in words; None and ``body`` are the whole body."""
    return SIDE_WORDS.get(side or "", "whole body")


def interval_words(side: Mapping[str, Any]) -> str:
    """The 90 % interval of a peak, ``5–7, 90 %``; empty where it has no width."""
    low, high, peak = side.get("peak_p05"), side.get("peak_p95"), side["peak"]
    if peak is None or low is None or high is None or low == high == peak:
        return ""
    return f"{min(low, peak):.0f}–{max(high, peak):.0f}, 90 %"


def verdict(method: Mapping[str, Any]) -> Verdict:
    """The card of a method: its worse side, how sure that is, and for how long."""
    name = worst_side(method)
    if name is None:
        return Verdict(
            label=method["label"], side="", score="", range="", step=None, level="not assessed",
            text=_why_not(method), facts=(),
        )  # fmt: skip
    side = method["sides"][name]
    entry = level_entry(method, side["peak_level"])
    zones = method.get("scale") == "zones"
    return Verdict(
        label=method["label"],
        side="screening" if zones else side_word(name),
        score="" if zones else f"{side['peak']:.0f}",
        range="" if zones else interval_words(side),
        step=entry["risk_step"],
        level=entry["label"],
        text=entry["text"],
        facts=tuple(_facts(method, name, side)),
    )


def _why_not(method: Mapping[str, Any]) -> str:
    assumptions = [text for side in method["sides"].values() for text in side["assumptions"]]
    return assumptions[0] if assumptions else "The body was not seen well enough at any moment."


def _facts(method: Mapping[str, Any], name: str, side: Mapping[str, Any]) -> list[tuple[str, str]]:
    level = side["peak_level"]
    facts = [("At this level", f"{percent(by_level(side['share_of_time'], level) or 0.0)} of the time")]
    chances = side.get("level_chance") or {}
    if chances:
        worse = sum(share or 0.0 for key, share in chances.items() if float(key) >= level)
        facts.append(("This level or worse", f"{percent(worse)} sure"))
    if method.get("scale") != "zones" and side["peak_low"] != side["peak_high"]:
        facts.append(("Still to be told", f"{side['peak_low']:.0f}–{side['peak_high']:.0f} possible"))
    for other, values in method["sides"].items():
        if other != name:
            peak = "not assessed" if values["peak"] is None else f"{values['peak']:.0f}"
            facts.append((side_word(other).capitalize(), peak))
    facts.append(("Seen", percent(side["coverage"])))
    return facts
