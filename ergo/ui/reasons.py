"""Why a moment is bad, with the angles that its sentence names defined.

The phrases are those of :mod:`ergo.assess.reasons`, so that results of any age have their definitions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from ergo.ui.terms import term

_PHRASES: Final[Mapping[str, str]] = {
    r"bent (?:forward|backward) \d+°": "{part}_flexion",
    r"bent \d+° to the (?:left|right)": "{part}_side_bend",
    r"twisted \d+° to the (?:left|right)": "{part}_twist",
    r"(?:raised|moved back) \d+°": "{side}_shoulder_elevation",
    r"shoulder raised": "{side}_shoulder_raised_cm",
    r"hand across the body": "{side}_hand_across_cm",
    r"hand out to the side": "{side}_hand_out_cm",
    r"out to the side": "{side}_shoulder_abduction",
    r"elbow bent \d+°": "{side}_elbow_flexion",
    r"wrist bent \d+°": "{side}_wrist_flexion",
    r"turned sideways \d+°": "{side}_wrist_deviation",
    r"[Ff]orearm turned far": "{side}_forearm_rotation",
    r"[Kk]nee bent \d+°": "left_knee_flexion",
    r"bent -?\d+°": "{part}_flexion",
}
"""A phrase, and the angle that it is about, by the item of the reason and the side of the moment."""
_ANY: Final = re.compile("|".join(f"({phrase})" for phrase in _PHRASES))
_ANGLES: Final = tuple(_PHRASES.values())
_EITHER_SIDE: Final = {"left_knee_flexion": "Knee flexion"}
"""Labels of angles that a sentence names of the worse side, whichever that is."""


def reason_words(reason: Mapping[str, Any], side: str | None) -> str:
    """The sentence of a reason as HTML; what it says of an angle has that angle's definition."""
    text = reason.get("text") or reason["label"]
    words, told = "", 0
    for found in _ANY.finditer(text):
        angle = _ANGLES[(found.lastindex or 1) - 1].format(part=reason["part"], side=side)
        words += escape(text[told : found.start()]) + term(angle, found[0], _EITHER_SIDE.get(angle, ""))
        told = found.end()
    return words + escape(text[told:])
