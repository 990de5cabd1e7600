"""Two results on the same axes: what changed, and whether by more than the errors of the angles explain.

Before and after a redesign, say. Both are taken as they stand in ``result.json``; the errors of the two are taken as
independent, and what nobody could see or say as neutral in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ergo.errors import SettingsError
from ergo.methods.catalogue import METHODS
from ergo.report.change import SURE, Change, Verdict, verdict_words
from ergo.report.compare_lifts import LiftComparison, compare_lifts, lift_numbers, lift_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SideComparison:
    """One method and side in both results.

    `peak`, `median` and `p90` are totals, `peak_level` the peak's action level, `level_share` the share of the time in
    each level, `worse_share` of each item the share of the time above its neutral points. `chance_lower` and
    `chance_higher` are the chances that the peak after is lower or higher than before, None where none was drawn.
    """

    method: str
    side: str
    peak: Change
    peak_level: Change
    peak_interval: tuple[Change, Change]
    median: Change
    p90: Change
    coverage: Change
    level_share: Mapping[int, Change]
    worse_share: Mapping[str, Change]
    chance_lower: float | None
    chance_higher: float | None

    @property
    def verdict(self) -> Verdict:
        """What can be said of the peak."""
        difference = self.peak.difference
        if difference is None:
            return "unknown"
        if self.chance_lower is None or self.chance_higher is None:
            return "same" if difference == 0 else "unknown"
        if difference < 0 and self.chance_lower >= SURE:
            return "lower"
        if difference > 0 and self.chance_higher >= SURE:
            return "higher"
        return "same" if difference == 0 else "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every method and side that both results have, the lifts, and what makes them hard to compare."""

    sides: tuple[SideComparison, ...]
    lifts: LiftComparison | None
    cautions: tuple[str, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two parsed ``result.json``.

    Raises:
        SettingsError: one of them is no result, or they have no method in common.
    """
    for name, content in (("before", before), ("after", after)):
        if not isinstance(content, Mapping) or not str(content.get("schema", "")).startswith("ergo.result/"):
            raise SettingsError(f"The {name} is no result of Ergo.", "Give a result.json, or the folder it is in.")
    try:
        sides, lifts = _sides(before, after), compare_lifts(before, after)
        cautions = tuple(_cautions(before, after))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(
            f"One of the results is damaged, or of another version of Ergo ({type(error).__name__}).",
            "Analyse both with the same version.",
        ) from error
    if not sides:
        raise SettingsError("The two results have no method in common.", "Analyse both with the same version.")
    return Comparison(sides=sides, lifts=lifts, cautions=cautions)


def _sides(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[SideComparison, ...]:
    return tuple(
        _side(method, side, before["methods"][method], after["methods"][method])
        for method in before["methods"]
        if method in after["methods"]
        for side in before["methods"][method]["sides"]
        if side in after["methods"][method]["sides"]
    )


def _side(method: str, side: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> SideComparison:
    one, two = before["sides"][side], after["sides"][side]

    def change(name: str) -> Change:
        return Change(before=one.get(name), after=two.get(name))

    lower, higher = _chances(one.get("peak_chance") or {}, two.get("peak_chance") or {})
    return SideComparison(
        method=method,
        side=side,
        peak=change("peak"),
        peak_level=change("peak_level"),
        peak_interval=(change("peak_p05"), change("peak_p95")),
        median=change("median"),
        p90=change("p90"),
        coverage=change("coverage"),
        level_share={
            entry["level"]: Change(
                before=one["share_of_time"].get(str(entry["level"])),
                after=two["share_of_time"].get(str(entry["level"])),
            )
            for entry in before["levels"]
        },
        worse_share={
            part["id"]: Change(before=_above(one, part), after=_above(two, part)) for part in before.get("parts", ())
        },
        chance_lower=lower,
        chance_higher=higher,
    )


def _chances(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[float | None, float | None]:
    """Chances that the peak after is lower, and higher; the two are independent."""
    if not before or not after:
        return None, None
    pairs = [(float(a), p, float(b), q) for a, p in before.items() for b, q in after.items()]
    return (
        min(1.0, sum(p * q for a, p, b, q in pairs if b < a)),
        min(1.0, sum(p * q for a, p, b, q in pairs if b > a)),
    )


def _above(side: Mapping[str, Any], part: Mapping[str, Any]) -> float | None:
    """Share of the time in which an item has more than its neutral points."""
    shares = (side.get("share_of_parts") or {}).get(part["id"])
    if not shares or any(share is None for share in shares.values()):
        return None
    return sum(share for points, share in shares.items() if int(points) > part["neutral_points"])


def _cautions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    told = [result.get("settings", {}).get("context", {}) for result in (before, after)]
    for name in dict.fromkeys([*told[0], *told[1]]):
        if (told[0].get(name) is None) != (told[1].get(name) is None):
            yield f"{name.replace('_', ' ').capitalize()} is told of one of them only."
    if before.get("settings", {}).get("quality") != after.get("settings", {}).get("quality"):
        yield "They were looked at with different care (quality)."
    for name, result in (("before", before), ("after", after)):
        count = len(result.get("overrides", ()))
        if count:
            yield f"{count} input{'s' if count > 1 else ''} set by hand in the one {name}: what is set has no error."
        if result.get("coverage", {}).get("frames", 1.0) < 0.8:
            yield f"In the one {name} the person was seen for {result['coverage']['frames']:.0%} of the film only."


def sentence(entry: SideComparison) -> str:
    """What happened to the peak, in words."""
    if entry.peak.before is None or entry.peak.after is None:
        return "not assessed in both"
    difference = entry.peak.after - entry.peak.before
    zones = METHODS[entry.method].scale == "zones" if entry.method in METHODS else False
    chance = entry.chance_lower if difference < 0 else entry.chance_higher
    return verdict_words(entry.verdict, difference, None if zones else chance)


def read_result(path: Path) -> Mapping[str, Any]:
    """A ``result.json``, given itself or by its folder. Raises SettingsError."""
    file = path / "result.json" if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError(f"{file} cannot be read.", "Give a result.json, or the folder it is in.") from None
    if not isinstance(content, Mapping):
        raise SettingsError(f"{file} is no result of Ergo.", "Give a result.json, or the folder it is in.")
    return content


def as_plain(found: Comparison) -> dict[str, Any]:
    """All of it as plain JSON values."""
    sides = [{**asdict(entry), "verdict": entry.verdict, "text": sentence(entry)} for entry in found.sides]
    lifts = found.lifts and {**asdict(found.lifts), "verdict": found.lifts.verdict, "text": lift_sentence(found.lifts)}
    return {"sides": sides, "lifts": lifts, "cautions": list(found.cautions)}


def as_json(found: Comparison) -> str:
    """All of it, for programs."""
    return json.dumps(as_plain(found), indent=1)


def as_text(found: Comparison) -> str:
    """A line for each method and side, then the cautions."""
    lines = [
        f"{METHODS[entry.method].label:<10} {entry.side:<6} peak {_number(entry.peak.before)} → "
        f"{_number(entry.peak.after)}   {sentence(entry)}"
        for entry in found.sides
    ]
    if found.lifts:
        lines.append(f"{'NIOSH':<10} {'lift':<6} {lift_numbers(found.lifts)}   {lift_sentence(found.lifts)}")
    return "\n".join([*lines, *(f"note: {caution}" for caution in found.cautions)])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
