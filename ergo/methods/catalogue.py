"""What can be scored: every method with its citation, inputs, outputs, action levels and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class MethodInput:
    """One argument of a method's ``score``: whole points from `low` to `high`, and what they are read from."""

    name: str
    unit: str
    low: int
    high: int
    text: str


@dataclass(frozen=True, slots=True)
class ActionLevel:
    """One action level: totals from `low` to `high`; `risk_step` is 0 negligible … 4 very high."""

    level: int
    low: int
    high: int
    label: str
    text: str
    risk_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A published method. `outputs` are the fields of its result, `limits` what it does not say."""

    id: str
    label: str
    name: str
    citation: str
    inputs: tuple[MethodInput, ...]
    outputs: tuple[str, ...]
    levels: tuple[ActionLevel, ...]
    limits: tuple[str, ...]

    @property
    def max_total(self) -> int:
        """The highest total there is."""
        return self.levels[-1].high


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "rula": Method(
            id="rula",
            label="RULA",
            name="Rapid Upper Limb Assessment",
            citation=(
                "McAtamney L, Corlett EN (1993). RULA: a survey method for the investigation of work-related "
                "upper limb disorders. Applied Ergonomics 24(2), 91–99."
            ),
            inputs=(
                MethodInput("upper_arm", "points", 1, 6, "upper arm against the trunk; raised, abducted, supported"),
                MethodInput("lower_arm", "points", 1, 3, "elbow flexion; across the midline or out to the side"),
                MethodInput("wrist", "points", 1, 4, "wrist flexion or extension; deviation"),
                MethodInput("wrist_twist", "points", 1, 2, "rotation of the forearm"),
                MethodInput("muscle_use_arm", "points", 0, 1, "arm and wrist held or repeated"),
                MethodInput("force_arm", "points", 0, 3, "load on arm and wrist"),
                MethodInput("neck", "points", 1, 6, "head against the trunk; twist, side bend"),
                MethodInput("trunk", "points", 1, 6, "trunk to gravity; twist, side bend, seat"),
                MethodInput("legs", "points", 1, 2, "supported and balanced, or not"),
                MethodInput("muscle_use_body", "points", 0, 1, "neck, trunk and legs held or repeated"),
                MethodInput("force_body", "points", 0, 3, "load on neck, trunk and legs"),
            ),
            outputs=("posture_a", "score_c", "posture_b", "score_d", "total", "level"),
            levels=(
                ActionLevel(1, 1, 2, "Acceptable", "Acceptable if not maintained or repeated for long periods.", 0),
                ActionLevel(2, 3, 4, "Investigate", "Further investigation; changes may be required.", 1),
                ActionLevel(3, 5, 6, "Change soon", "Investigation and changes required soon.", 2),
                ActionLevel(4, 7, 7, "Change now", "Investigation and changes required immediately.", 4),
            ),
            limits=(
                "Made for seated and standing work of the upper limbs; fingers, temperature, vibration and the time "
                "worked are not in it.",
                "One arm at a time; score both.",
            ),
        ),
        "reba": Method(
            id="reba",
            label="REBA",
            name="Rapid Entire Body Assessment",
            citation=(
                "Hignett S, McAtamney L (2000). Rapid Entire Body Assessment (REBA). Applied Ergonomics 31(2), 201–205."
            ),
            inputs=(
                MethodInput("neck", "points", 1, 3, "head against the trunk; twist or side bend"),
                MethodInput("trunk", "points", 1, 5, "trunk to gravity; twist or side bend"),
                MethodInput("legs", "points", 1, 4, "weight on both legs or one; knees"),
                MethodInput("load", "points", 0, 3, "load in kilograms; shock"),
                MethodInput("upper_arm", "points", 1, 6, "upper arm against the trunk; raised, abducted, supported"),
                MethodInput("lower_arm", "points", 1, 2, "elbow flexion"),
                MethodInput("wrist", "points", 1, 3, "wrist flexion or extension; deviation or twist"),
                MethodInput("coupling", "points", 0, 3, "quality of the grip"),
                MethodInput("activity", "points", 0, 3, "held, repeated, rapid large changes"),
            ),
            outputs=("posture_a", "score_a", "posture_b", "score_b", "table_c", "total", "level"),
            levels=(
                ActionLevel(0, 1, 1, "Negligible", "No action necessary.", 0),
                ActionLevel(1, 2, 3, "Low", "Action may be necessary.", 1),
                ActionLevel(2, 4, 7, "Medium", "Action necessary.", 2),
                ActionLevel(3, 8, 10, "High", "Action necessary soon.", 3),
                ActionLevel(4, 11, 15, "Very high", "Action necessary now.", 4),
            ),
            limits=(
                "Made for unpredictable whole-body work such as care and service; the time worked is not in it.",
                "One arm at a time; score both.",
                "From a film, rotation of the upper arm cannot be told: only abduction counts.",
            ),
        ),
    }
)
"""Every method by its id."""
