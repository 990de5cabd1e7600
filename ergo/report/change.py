"""A number before and after, and what can be said of the difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

SURE = 0.95
"""A difference is more than the uncertainty when its direction is at least this likely: outside of a 90 % interval."""

Verdict: TypeAlias = Literal["lower", "higher", "uncertain", "same", "unknown"]
"""Surely lower or higher, different within the uncertainty, the same, or not to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A number before and after; None where it was not assessed."""

    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before


def verdict_words(verdict: Verdict, difference: float, chance: float | None) -> str:
    """What happened, in words."""
    words = {
        "same": "no difference",
        "lower": "lower, by more than the uncertainty",
        "higher": "higher, by more than the uncertainty",
        "uncertain": "different, but within the uncertainty",
        "unknown": "lower" if difference < 0 else "higher",
    }[verdict]
    if verdict == "unknown":
        return f"{words}; how sure that is was not drawn"
    return words if chance is None or verdict == "same" else f"{words} ({chance:.0%} sure)"
