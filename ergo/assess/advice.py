"""What can be done about an item: suggestions from ``advice.toml``, which anybody may edit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

ADVICE_FILE = Path(__file__).with_name("advice.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Suggestions for one item, the most effective kind first, and where the principle stands."""

    text: tuple[str, ...]
    source: str


@cache
def advice(path: Path = ADVICE_FILE) -> Mapping[str, Advice]:
    """All suggestions by the id of the item."""
    with path.open("rb") as file:
        entries = tomllib.load(file)
    return MappingProxyType(
        {item: Advice(text=tuple(entry["text"]), source=entry["source"]) for item, entry in entries.items()}
    )
