"""What the rented machines cost, from a dated price table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ergo.errors import SettingsError

_TABLE = Path(__file__).with_name("prices.json")
_LEAST_FRACTION = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Dollars for a second of a GPU class, as of a month."""

    usd_per_s: float
    as_of: str


def price_of(gpu: str) -> Price:
    """The price of a GPU class. Raises SettingsError, naming those in the table."""
    table = json.loads(_TABLE.read_text())
    if gpu not in table["usd_per_s"]:
        raise SettingsError(f"RUNPOD_GPU is {gpu!r}.", f"Choose one of {', '.join(table['usd_per_s'])}.")
    return Price(usd_per_s=table["usd_per_s"][gpu], as_of=table["as_of"])


def estimated_usd(so_far_usd: float, fraction: float) -> float | None:
    """What a job will have cost at its end, from what it has cost so far; None while it is too early to say."""
    return so_far_usd / fraction if fraction >= _LEAST_FRACTION else None
