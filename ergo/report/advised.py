"""Which of the suggestions fit a result: those for what made its worst moments, the items that cost most first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ergo.assess.advice import Advice, advice

ADVISED_ITEMS = 3


def advised(result: Mapping[str, Any]) -> list[tuple[str, Advice]]:
    """The item's name and what could help with it, for a parsed ``result.json``."""
    cost: dict[str, float] = {}
    label: dict[str, str] = {}
    for moment in result["worst_moments"]:
        for reason in moment["reasons"]:
            saved = moment["total"] - reason.get("total_without", moment["total"])
            cost[reason["part"]] = cost.get(reason["part"], 0.0) + saved + 0.01 * reason["points"]
            label[reason["part"]] = reason["label"]
    known = advice()
    parts = sorted((part for part in cost if part in known), key=lambda part: -cost[part])
    return [(label[part], known[part]) for part in parts[:ADVISED_ITEMS]]
