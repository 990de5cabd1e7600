"""Levels, sides and assumptions as ``result.json`` holds them, for the page and for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def level_entry(method: Mapping[str, Any], level: float | None) -> Mapping[str, Any]:
    """What the result says of an action level; one that says so where nothing was assessed."""
    found = (entry for entry in method["levels"] if level is not None and entry["level"] == level)
    return next(found, {"level": level, "label": "not assessed", "text": "", "risk_step": None})


def by_level(values: Mapping[Any, float | None], level: float) -> float | None:
    """A value by level; JSON turned the levels into strings."""
    return next((value for key, value in values.items() if float(key) == float(level)), None)


def worst_side(method: Mapping[str, Any]) -> str | None:
    """The side of the body with the higher peak; a tie goes to the side that is higher for longer."""
    seen = {name: side for name, side in method["sides"].items() if side["peak"] is not None}
    if not seen:
        return None
    return max(seen, key=lambda name: (seen[name]["peak"], seen[name]["p90"] or 0, seen[name]["median"] or 0))


def assumptions_by_methods(result: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each assumption once, under the names of the methods that make it, the most widely made first."""
    makers: dict[str, list[str]] = {}
    for method in result["methods"].values():
        for side in method["sides"].values():
            for text in side["assumptions"]:
                labels = makers.setdefault(text, [])
                if method["label"] not in labels:
                    labels.append(method["label"])
    groups: dict[str, list[str]] = {}
    for text, labels in sorted(makers.items(), key=lambda entry: -len(entry[1])):
        groups.setdefault(", ".join(labels), []).append(text)
    return groups
