"""What was set by hand in a result, by whom and why, as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.ui.sections import section


def by_hand_section(result: Mapping[str, Any]) -> str:
    """The list of a parsed ``result.json``; empty where nothing was set."""
    rows = "".join(
        f'<li>{escape(said["text"])} <span class="muted">{escape(said["span"])}</span>{_signed(said)}</li>'
        for said in result.get("overrides", ())
    )
    return section("by-hand notes", "Set by hand", f"<ul>{rows}</ul>") if rows else ""


def _signed(said: Mapping[str, Any]) -> str:
    words = " · ".join(filter(None, (said["why"], said["who"], said["made_utc"][:16].replace("T", " "))))
    return f'<br><span class="muted">{escape(words)}</span>' if words else ""
