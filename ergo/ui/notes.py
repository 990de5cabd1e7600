"""What to know before trusting a result: warnings in sight, assumptions folded, each method's under its name."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.ui.sections import section


def notes_section(result: Mapping[str, Any]) -> str:
    """The warnings and assumptions of a parsed ``result.json``; empty where there are none."""
    warnings = "".join(f"<li>{escape(text)}</li>" for text in result["warnings"])
    body = f'<ul class="warnings">{warnings}</ul>' if warnings else ""
    groups = "".join(_group(name, texts) for name, texts in _by_methods(result).items())
    if groups:
        body += (
            '<details class="parts assumed"><summary>What was assumed, by method</summary>'
            f'<div class="assumptions">{groups}</div></details>'
        )
    return section("notes", "Good to know", body) if body else ""


def _by_methods(result: Mapping[str, Any]) -> dict[str, list[str]]:
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


def _group(name: str, texts: list[str]) -> str:
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<section><h3>{escape(name)}</h3><ul>{lines}</ul></section>"
