"""The lifts of two results beside each other: the hardest of each by NIOSH, and the damage of a day.

Lower is better: compared is the lifting index or, where a load is not told, how little weight is allowed. The 90 %
interval of the recommended weight is taken for that of a log-normal error (where its lower end is 0: its upper half),
and the errors of the two as independent; told amounts have none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from ergo.report.change import SURE, Change, Verdict, verdict_words

_Z90 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftComparison:
    """`rwl_kg` and `index` of the hardest lift, `level` and the chances of `index`; chances of a bad outcome of a day
    by ``lifft`` and ``duet``. `chance_lower` and `chance_higher` are None where no error is told."""

    lifts: Change
    rwl_kg: Change
    rwl_interval: tuple[Change, Change]
    index: Change
    level: Change
    day: Mapping[str, Change]
    chance_lower: float | None
    chance_higher: float | None

    @property
    def strain(self) -> float | None:
        """How much harder it has become: the difference of the index, else of the weight allowed, turned round."""
        if self.index.difference is not None:
            return self.index.difference
        return None if self.rwl_kg.difference is None else -self.rwl_kg.difference

    @property
    def verdict(self) -> Verdict:
        """What can be said of the hardest lift."""
        if self.strain is None:
            return "unknown"
        if self.strain == 0:
            return "same"
        if self.chance_lower is None or self.chance_higher is None:
            return "unknown"
        if max(self.chance_lower, self.chance_higher) < SURE:
            return "uncertain"
        return "lower" if self.strain < 0 else "higher"


def compare_lifts(before: Mapping[str, Any], after: Mapping[str, Any]) -> LiftComparison | None:
    """Of two parsed ``result.json``; None where neither has a lift, or one is of before there were any."""
    if "lifting" not in before or "lifting" not in after:
        return None
    counts = [len(result["lifting"]["lifts"]) for result in (before, after)]
    if not any(counts):
        return None
    one, two = (hardest(result["lifting"]) or {} for result in (before, after))

    def change(name: str) -> Change:
        return Change(before=one.get(name), after=two.get(name))

    lower, higher = _chances(one, two)
    return LiftComparison(
        lifts=Change(before=counts[0], after=counts[1]),
        rwl_kg=change("rwl"),
        rwl_interval=(change("rwl_p05"), change("rwl_p95")),
        index=change("index"),
        level=change("level"),
        day={
            name: Change(before=_probability(before, name), after=_probability(after, name))
            for name in ("lifft", "duet")
        },
        chance_lower=lower,
        chance_higher=higher,
    )


def hardest(lifting: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Of the limits that count, the one with the highest index, or without a load the one that allows least."""
    limits = [limit for lift in lifting["lifts"] for limit in lift["limits"] if limit["end"] == lift["counts"]]
    return max(limits, key=_hardness) if limits else None


def _hardness(limit: Mapping[str, Any]) -> tuple[float, float]:
    return (math.inf if limit["rwl"] <= 0 else limit["index"] or 0.0, -limit["rwl"])


def lift_numbers(found: LiftComparison) -> str:
    """ "LI 1.5 → 0.8", or without a load "9.1 kg → 14.0 kg allowed"; "no lift" where there is none."""
    if found.index.difference is not None:
        return f"LI {found.index.before:.1f} → {found.index.after:.1f}"
    return " → ".join("no lift" if kg is None else f"{kg:.1f} kg allowed" for kg in _both(found.rwl_kg))


def lift_sentence(found: LiftComparison) -> str:
    """What happened to the hardest lift, in words."""
    if found.strain is None:
        return "one has no lift with both hands"
    words = {True: "easier", False: "harder"}
    chance = found.chance_lower if found.strain < 0 else found.chance_higher
    told = verdict_words(found.verdict, found.strain, chance)
    return told.replace("lower", words[True], 1).replace("higher", words[False], 1)


def _both(change: Change) -> tuple[float | None, float | None]:
    return change.before, change.after


def _probability(result: Mapping[str, Any], name: str) -> float | None:
    return (result.get("fatigue") or {}).get(name, {}).get("probability")


def _chances(one: Mapping[str, Any], two: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Chances that the index after is lower, and higher."""
    by_load = bool(one.get("index") and two.get("index"))
    earlier, later = _strain(one, by_load=by_load), _strain(two, by_load=by_load)
    if earlier is None or later is None:
        return None, None
    (log_before, sd_before), (log_after, sd_after) = earlier, later
    sd = math.hypot(sd_before, sd_after)
    if sd == 0:
        return float(log_after < log_before), float(log_after > log_before)
    lower = NormalDist(log_after - log_before, sd).cdf(0.0)
    return lower, 1.0 - lower


def _strain(limit: Mapping[str, Any], *, by_load: bool) -> tuple[float, float] | None:
    """Logarithm of the index (or of 1 over the weight allowed) and its standard deviation."""
    if not limit or limit["rwl"] <= 0:
        return None
    low, high, middle = limit["rwl_p05"], limit["rwl_p95"], limit["rwl"]
    sd = math.log(high / low) / (2 * _Z90) if low > 0 else math.log(max(high / middle, 1.0)) / _Z90
    return (math.log(limit["index"]) if by_load else -math.log(middle)), sd
