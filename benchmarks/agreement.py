"""How well two raters agree on an ordinal scale: shares, Cohen's kappa, confusion matrix; numbers and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import numpy as np

Pair: TypeAlias = tuple[float, float]
"""Points by the one and by the other."""
Weights: TypeAlias = Literal["none", "linear", "quadratic"]


def kappa(pairs: Iterable[Pair], weights: Weights = "none") -> float:
    """Cohen's kappa (Educ. Psychol. Meas. 20, 1960; weighted: Psychol. Bull. 70, 1968); NaN without two categories.

    1 is agreement, 0 what two raters reach who know nothing but how often each of them gives each category.
    """
    one, other = np.array(list(pairs), dtype=float).reshape(-1, 2).T
    apart, by_chance = np.abs(one - other), np.abs(one[:, None] - other)
    if weights == "none":
        apart, by_chance = apart > 0, by_chance > 0
    elif weights == "quadratic":
        apart, by_chance = apart**2, by_chance**2
    expected = by_chance.mean() if by_chance.size else 0.0
    return float(1.0 - apart.mean() / expected) if expected > 0 else np.nan


def confusion(pairs: Sequence[Pair], categories: Sequence[float]) -> np.ndarray:
    """How often the one gave category i (row) and the other j (column)."""
    return np.array([[sum(pair == (row, column) for pair in pairs) for column in categories] for row in categories])


def shares(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Shares of equal points and of points at most one apart, and the mean of the second less the first."""
    apart = np.array([other - one for one, other in pairs])
    if len(apart) == 0:
        return np.nan, np.nan, np.nan
    return float(np.mean(apart == 0)), float(np.mean(np.abs(apart) <= 1)), float(apart.mean())


def agreement_row(name: str, pairs: Sequence[Pair]) -> str:
    """A row for :data:`AGREEMENT_HEAD`."""
    exact, near, bias = shares(pairs)
    if not pairs:
        return f"| {name} | 0 | – | – | – | – | – | – |"
    figures = [f"{value:.2f}" for value in (kappa(pairs), kappa(pairs, "linear"), kappa(pairs, "quadratic"))]
    cells = [name, str(len(pairs)), f"{exact:.0%}", f"{near:.0%}", f"{bias:+.1f}", *figures]
    return f"| {' | '.join(cells)} |".replace("-", "−").replace("nan", "–")


AGREEMENT_HEAD = """| | pairs | same | at most one apart | bias | κ | κ, linear weights | κ, quadratic |
|---|---|---|---|---|---|---|---|"""


def confusion_table(title: str, matrix: np.ndarray, names: Sequence[str]) -> str:
    """The matrix as Markdown, rows the one, columns the other; zeros are left empty."""
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for name, row in zip(names, matrix, strict=True):
        lines.append(f"| {name} | {' | '.join(str(count) if count else '' for count in row)} |")
    return "\n".join(lines)
