"""What the user sets by hand: what may be set, in which order it holds, and how it reads."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from ergo.assess.overridable import INPUTS, Overridable
from ergo.errors import SettingsError
from ergo.types import Override, OverrideRule, Side

TOLERANCE_S = 0.1
"""A span may end this much after the film: times are rounded."""

# -- what is allowed ----------------------------------------------------------------------------------------------


def check_overrides(overrides: Sequence[Override], duration_s: float | None = None) -> None:
    """Refuse what cannot be: see Raises.

    Raises:
        SettingsError: an unknown input, a value out of its range or of another kind, a span outside of a film of
            `duration_s`, or two values for the same input, side and time; the message names the input.
    """
    for override in overrides:
        _check(override)
        if duration_s is not None:
            _check_span(override, duration_s)
    for index, one in enumerate(overrides):
        for other in overrides[:index]:
            if _contradict(one, other):
                raise SettingsError(
                    f"{described(other)} and {described(one)}: overrides of {one.input} that contradict each other.",
                    "Leave one of them out, or give them spans that do not overlap.",
                )


def _check(override: Override) -> None:
    entry = INPUTS.get(override.input)
    if entry is None:
        raise SettingsError(
            f"There is no input {override.input[:80]!r} to override.", f"Inputs are: {', '.join(INPUTS)}."
        )
    name, value = entry.id, override.value
    if override.side is not None and not entry.sided:
        raise SettingsError(f"{name} has no {override.side} side.", "Leave the side out.")
    if entry.kind != "number" and override.rule != "is":
        raise SettingsError(f"{name} cannot be {override.rule.replace('_', ' ')} something.", "Give its value.")
    if entry.kind == "yes_no" and not isinstance(value, bool):
        raise SettingsError(f"{name} is {value!r}.", "Give yes or no.")
    if entry.kind == "choice" and value not in entry.choices:
        raise SettingsError(f"{name} is {value!r}.", f"Choose one of {', '.join(entry.choices)}.")
    if entry.kind == "number":
        if isinstance(value, (bool, str)):
            raise SettingsError(f"{name} is {value!r}.", f"Give a number from {entry.low:g} to {entry.high:g}.")
        if not entry.low <= value <= entry.high:  # also refuses NaN
            raise SettingsError(
                f"{name} is {value:g}.", f"Give {entry.low:g} to {entry.high:g} ({entry.unit or 'no unit'})."
            )
        if entry.whole and value != int(value):
            raise SettingsError(f"{name} is {value:g}.", "Give a whole number.")
    if entry.of_the_job and not (override.start_s is None and override.end_s is None):
        raise SettingsError(
            f"{name} is set {span_words(override)}, but it counts for the whole job.", "Leave the span out."
        )


def _check_span(override: Override, duration_s: float) -> None:
    end_s = duration_s if override.end_s is None else override.end_s
    if (override.start_s or 0.0) >= duration_s or end_s > duration_s + TOLERANCE_S:
        raise SettingsError(
            f"{override.input} is set {span_words(override)}, but the film ends at {duration_s:.2f} s.",
            "Give a span inside of the film.",
        )


def _contradict(one: Override, other: Override) -> bool:
    return (
        one.input == other.input
        and (one.side is None or other.side is None or one.side == other.side)
        and (one.value, one.rule) != (other.value, other.rule)
        and start_of(one) < end_of(other)
        and start_of(other) < end_of(one)
    )


def layered(earlier: Sequence[Override], later: Sequence[Override]) -> tuple[Override, ...]:
    """Both together without contradiction: where they meet, the later one holds and the earlier is cut back."""
    kept = list(earlier)
    for new in later:
        kept = [piece for old in kept for piece in _without(old, new)] + [new]
    return tuple(kept)


def _without(old: Override, new: Override) -> list[Override]:
    """What `new` leaves of `old`."""
    same = old.input == new.input and (old.side is None or new.side is None or old.side == new.side)
    if not same or start_of(old) >= end_of(new) or start_of(new) >= end_of(old):
        return [old]
    pieces = []
    if old.side is None and new.side is not None:
        other: Side = "right" if new.side == "left" else "left"
        pieces.append(replace(old, side=other))
        old = replace(old, side=new.side)
    if start_of(old) < start_of(new):
        pieces.append(replace(old, end_s=new.start_s))
    if end_of(new) < end_of(old):
        pieces.append(replace(old, start_s=new.end_s))
    return pieces


def start_of(override: Override) -> float:
    """Where its span begins, in seconds."""
    return 0.0 if override.start_s is None else override.start_s


def end_of(override: Override) -> float:
    """Where its span ends, in seconds; infinite for the end of the film."""
    return math.inf if override.end_s is None else override.end_s


def holds_at(override: Override, time_s: float) -> bool:
    """Whether a time is inside of its span."""
    return start_of(override) <= time_s < end_of(override)


# -- as text ------------------------------------------------------------------------------------------------------

_TEXT = re.compile(
    r"(?P<input>\w+)(\.(?P<side>\w+))?\s*(?P<rule><=|>=|=)\s*(?P<value>[^@]+?)"
    r"(@(?P<start>\d+(\.\d*)?)?-(?P<end>\d+(\.\d*)?)?)?"
)
_RULES: Mapping[str, OverrideRule] = MappingProxyType({"=": "is", "<=": "at_most", ">=": "at_least"})
_YES_NO = MappingProxyType({"yes": True, "no": False})


def parse_override(text: str, *, who: str = "", why: str = "", made_utc: str = "") -> Override:
    """An override as people type it: ``trunk_twisted=no@12.0-15.5``, ``upper_arm_flexion.left<=45``, ``load_kg=6@3-``.

    Raises:
        SettingsError: it does not read like that, or cannot be; the message names it.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise SettingsError(f"The override {text!r} cannot be read.", "Write INPUT=VALUE or INPUT.SIDE<=VALUE@FROM-TO.")
    override = Override(
        input=match["input"],
        value=_typed(match["input"], match["value"]),
        rule=_RULES[match["rule"]],
        side=cast(Side | None, match["side"]),
        start_s=None if match["start"] is None else float(match["start"]),
        end_s=None if match["end"] is None else float(match["end"]),
        who=who,
        why=why,
        made_utc=made_utc,
    )
    check_overrides([override])
    return override


def _typed(name: str, text: str) -> float | bool | str:
    """The value as the input's kind asks; what does not fit stays text, and is refused with the rest."""
    kind = INPUTS[name].kind if name in INPUTS else "choice"
    if kind == "yes_no":
        return _YES_NO.get(text, text)
    if kind == "number":
        with contextlib.suppress(ValueError):
            return float(text)
    return text


# -- in words -----------------------------------------------------------------------------------------------------

_STANCE_WORDS = MappingProxyType({"both_legs": "on both legs", "one_leg": "on one leg"})
_RULE_WORDS = MappingProxyType({"is": "", "at_most": "at most ", "at_least": "at least "})


def described(override: Override) -> str:
    """What is set, without when: "Left upper arm raised at most 44°", "Trunk twisted: no"."""
    entry = INPUTS[override.input]
    label = f"{override.side.capitalize()} {entry.label.lower()}" if override.side else entry.label
    return f"{label}{': ' if entry.kind == 'yes_no' else ' '}{_value_words(entry, override)}"


def span_words(override: Override) -> str:
    """When: "the whole film", "from 3.0 s", "3.0–4.5 s"."""
    if override.start_s is None and override.end_s is None:
        return "for the whole film"
    if override.end_s is None:
        return f"from {start_of(override):.1f} s on"
    return f"from {start_of(override):.1f} to {override.end_s:.1f} s"


def _value_words(entry: Overridable, override: Override) -> str:
    value = override.value
    if entry.kind == "yes_no":
        return "yes" if value else "no"
    if entry.kind == "choice":
        return _STANCE_WORDS.get(str(value), str(value))
    unit = entry.unit if entry.unit == "°" else f" {entry.unit}"
    return f"{_RULE_WORDS[override.rule]}{value:g}{unit}".replace("-", "−")
