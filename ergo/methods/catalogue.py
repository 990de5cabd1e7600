"""What can be scored: every method with its citation, inputs, outputs, units, action levels and limits.

:data:`METHODS` score postures, a frame at a time; :data:`TASK_METHODS` a lift, a job or a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


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
    """A published method. `outputs` are the fields of its result, `limits` what it does not say.

    `scale` tells how to read a total: ``points`` as a number, ``zones`` by the label of its level alone.
    """

    id: str
    label: str
    name: str
    citation: str
    inputs: tuple[MethodInput, ...]
    outputs: tuple[str, ...]
    levels: tuple[ActionLevel, ...]
    limits: tuple[str, ...]
    scale: Literal["points", "zones"] = "points"

    @property
    def max_total(self) -> int:
        """The highest total there is."""
        return self.levels[-1].high


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured or told amount that goes into a method or comes out of it."""

    name: str
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """One level of a continuous result: values from `low` up to and with `high`; `risk_step` as in ActionLevel."""

    level: int
    low: float
    high: float
    label: str
    text: str
    risk_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMethod:
    """A published method that judges a task or a day, not a posture: its inputs are amounts, not points.

    `bands` are levels of the output named `banded`.
    """

    id: str
    label: str
    name: str
    citation: str
    inputs: tuple[Quantity, ...]
    outputs: tuple[Quantity, ...]
    banded: str
    bands: tuple[Band, ...]
    limits: tuple[str, ...]


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
        "owas": Method(
            id="owas",
            label="OWAS",
            name="Ovako Working posture Analysing System",
            citation=(
                "Karhu O, Kansi P, Kuorinka I (1977). Correcting working postures in industry: a practical method for "
                "analysis. Applied Ergonomics 8(4), 199–201."
            ),
            inputs=(
                MethodInput("back", "code", 1, 4, "straight, bent, twisted or side-bent, both"),
                MethodInput("arms", "code", 1, 3, "both below shoulder level, one at or above it, both"),
                MethodInput("legs", "code", 1, 7, "sitting, standing on straight or bent legs, kneeling, walking"),
                MethodInput("load", "code", 1, 3, "up to 10 kg, up to 20 kg, more"),
            ),
            outputs=("code", "total", "level"),
            levels=(
                ActionLevel(1, 1, 1, "Normal", "No action required.", 0),
                ActionLevel(2, 2, 2, "Slightly harmful", "Corrective measures in the near future.", 2),
                ActionLevel(3, 3, 3, "Distinctly harmful", "Corrective measures as soon as possible.", 3),
                ActionLevel(4, 4, 4, "Extremely harmful", "Corrective measures immediately.", 4),
            ),
            limits=(
                "Coarse: neck, elbows, wrists and the time a posture is held are not in the category.",
                "Made to be sampled over a shift, about every 30 s, 100 times or more; a film speaks for itself only.",
                "20° for a bent back is of later descriptions; the paper draws its postures.",
                "The table by share of the time is from memory and was not checked against print.",
            ),
        ),
        "iso11226": Method(
            id="iso11226",
            label="ISO 11226",
            name="screening against Ergonomics – Evaluation of static working postures",
            citation="ISO 11226:2000 with Cor 1:2006, Ergonomics – Evaluation of static working postures.",
            inputs=(
                MethodInput("trunk", "zone", 1, 4, "inclination, asymmetry, holding time"),
                MethodInput("head", "zone", 1, 4, "inclination, holding time"),
                MethodInput("neck", "zone", 1, 4, "head less trunk, asymmetry"),
                MethodInput("left_upper_arm", "zone", 1, 4, "elevation, awkward postures, holding time"),
                MethodInput("right_upper_arm", "zone", 1, 4, "elevation, awkward postures, holding time"),
                MethodInput("left_forearm", "zone", 1, 4, "extreme postures of elbow, forearm and wrist"),
                MethodInput("right_forearm", "zone", 1, 4, "extreme postures of elbow, forearm and wrist"),
                MethodInput("legs", "zone", 1, 4, "knees, standing and seated"),
            ),
            outputs=("total", "level"),
            levels=(
                ActionLevel(0, 1, 1, "Moving", "No posture is held longer than 4 s: outside this standard.", 0),
                ActionLevel(1, 2, 2, "Acceptable", "Acceptable however long it is held.", 0),
                ActionLevel(2, 3, 3, "Limited in time", "Acceptable for a limited holding time.", 2),
                ActionLevel(3, 4, 4, "Not recommended", "Not recommended, by its angle or by how long it is held.", 3),
            ),
            limits=(
                "A screening, no proof of conformity: edges and holding times are from public texts and one public "
                "implementation, the rules of neck, forearm, legs, support and awkward postures from memory. Check "
                "them against the standard.",
                "Holding times are those within the film; recovery between them is not judged.",
                "Only for work with no or little force.",
                "The lumbar curve of somebody seated and the ankles are left out.",
            ),
            scale="zones",
        ),
        "en1005_4": Method(
            id="en1005_4",
            label="EN 1005-4",
            name="screening against Evaluation of working postures and movements in relation to machinery",
            citation=(
                "EN 1005-4:2005+A1:2008, Safety of machinery – Human physical performance – Part 4: Evaluation of "
                "working postures and movements in relation to machinery."
            ),
            inputs=(
                MethodInput("trunk", "zone", 1, 3, "flexion; held, seldom or often moved"),
                MethodInput("trunk_turn", "zone", 1, 3, "twist and side bend"),
                MethodInput("left_upper_arm", "zone", 1, 3, "elevation; behind the trunk"),
                MethodInput("right_upper_arm", "zone", 1, 3, "elevation; behind the trunk"),
                MethodInput("neck", "zone", 1, 3, "line of sight"),
                MethodInput("neck_turn", "zone", 1, 3, "twist and side bend"),
            ),
            outputs=("total", "level"),
            levels=(
                ActionLevel(1, 1, 1, "Acceptable", "Acceptable.", 0),
                ActionLevel(2, 2, 2, "Conditional", "Acceptable only under conditions such as time or support.", 2),
                ActionLevel(3, 3, 3, "Not acceptable", "Not acceptable for machinery used for long periods.", 3),
            ),
            limits=(
                "A screening, no proof of conformity: edges are from public texts, several zones from memory. Check "
                "them against the standard.",
                "Written for the design of machinery; it judges postures with no or little force.",
                "The conditions of the middle zone (holding time, recovery, support, length of use) are not checked.",
                "Wrists, elbows, legs and other parts of the body are left out.",
            ),
            scale="zones",
        ),
    }
)
"""Every method that scores postures, by its id."""

TASK_METHODS: Mapping[str, TaskMethod] = MappingProxyType(
    {
        "niosh": TaskMethod(
            id="niosh",
            label="NIOSH",
            name="Revised NIOSH Lifting Equation",
            citation=(
                "Waters TR, Putz-Anderson V, Garg A, Fine LJ (1993). Revised NIOSH equation for the design and "
                "evaluation of manual lifting tasks. Ergonomics 36(7), 749–776."
            ),
            inputs=(
                Quantity("reach", "cm", "H: hands to the middle of the ankles, horizontally"),
                Quantity("height", "cm", "V: hands above the floor"),
                Quantity("travel", "cm", "D: V at the destination less V at the origin"),
                Quantity("asymmetry_deg", "°", "A: load against the mid-sagittal line"),
                Quantity("lifts_per_minute", "1/min", "F: mean over 15 minutes; told, or from a film that long"),
                Quantity("duration", "class", "short, moderate, long: up to 1, 2, 8 hours; told"),
                Quantity("coupling", "class", "good, fair, poor: the grip; told"),
                Quantity("load_weight", "kg", "L: told; without it there is no index"),
            ),
            outputs=(
                Quantity("firwl", "kg", "recommended weight limit, frequency left out"),
                Quantity("rwl", "kg", "recommended weight limit"),
                Quantity("index", "–", "LI: load over limit; for several tasks together CLI"),
            ),
            banded="index",
            bands=(
                Band(1, 0.0, 1.0, "Acceptable", "The goal for the design of every lifting job (p. 20).", 0),
                Band(2, 1.0, 3.0, "Increased", "Increased risk for some of the workers (p. 20).", 2),
                Band(3, 3.0, float("inf"), "High", "Increased risk for nearly all workers (p. 20).", 4),
            ),
            limits=(
                "Not for lifting with one hand, seated or kneeling, over 8 h, in a restricted space, of unstable "
                "things, while carrying, pushing or pulling, with shovels or wheelbarrows, at high speed (about 76 "
                "cm/s), on slippery floors, or in heat, cold or damp (p. 6).",
                "Lifting and lowering are taken to be equally risky.",
                "From a film nobody can tell whether the hands hold something: what is found are possible lifts.",
            ),
        ),
        "lifft": TaskMethod(
            id="lifft",
            label="LiFFT",
            name="Lifting Fatigue Failure Tool",
            citation=(
                "Gallagher S, Sesek RF, Schall MC, Huangfu R (2017). Development and validation of an easy-to-use risk "
                "assessment tool for cumulative low back loading: the Lifting Fatigue Failure Tool (LiFFT). Applied "
                "Ergonomics 63, 142–150."
            ),
            inputs=(
                Quantity("load_kg", "kg", "the load; told"),
                Quantity("lever_cm", "cm", "largest horizontal distance of the load from the hips"),
                Quantity("repetitions_per_day", "1/day", "how often it is lifted in a day; told"),
            ),
            outputs=(
                Quantity("damage", "–", "damage of the low back in a day"),
                Quantity("probability", "0–1", "that the job is one with high risk of low-back disorders"),
            ),
            banded="probability",
            bands=(
                Band(1, 0.0, 0.25, "Low", "Probability below 25 %.", 0),
                Band(2, 0.25, 0.5, "Moderate", "Probability from 25 to 50 %.", 2),
                Band(3, 0.5, 1.0, "High", "Probability above 50 %.", 4),
            ),
            limits=(
                "Rest, speed, twisting and the person's own weight are not in it.",
                "The paper's printed example and the authors' workbook disagree (see the rules).",
            ),
        ),
        "duet": TaskMethod(
            id="duet",
            label="DUET",
            name="Distal Upper Extremity Tool",
            citation=(
                "Gallagher S, Schall MC, Sesek RF, Huangfu R (2018). An upper extremity risk assessment tool based on "
                "material fatigue failure theory: the Distal Upper Extremity Tool (DUET). Human Factors 60(8), "
                "1146–1162."
            ),
            inputs=(
                Quantity("exertion", "0–10", "OMNI-RES effort of hand and forearm; told"),
                Quantity("repetitions_per_day", "1/day", "how often it comes in a day; told"),
            ),
            outputs=(
                Quantity("damage", "–", "damage of hand and forearm in a day"),
                Quantity("probability", "0–1", "of an injury with pain in the last year"),
            ),
            banded="damage",
            bands=(
                Band(1, 0.0, 0.03, "Low", "Up to the paper's cut of 0.03.", 0),
                Band(2, 0.03, float("inf"), "High", "Above the paper's cut of 0.03.", 3),
            ),
            limits=(
                "The exertion is a judgement of the worker or a trained observer; a film does not show it.",
                "Rest, speed and the person are not in it.",
            ),
        ),
    }
)
"""Every method that judges tasks, by its id."""
