"""Plain sentences for why an item has points: "Trunk bent forward 63°", "Left upper arm raised 95°"."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from ergo.assess.posture import KNEE_BENT_DEG, THRESHOLDS, behind, out_of_plane_deg
from ergo.assess.signals import MINUTE_S
from ergo.types import Side, TaskContext

_FIXED = MappingProxyType(
    {
        "wrist_twist": "Forearm turned far",
        "muscle_use_arm": "Arm held still for over a minute, or moved 4 times a minute or more",
        "muscle_use_body": "Neck and trunk held still for over a minute, or trunk moved 4 times a minute or more",
    }
)


def explain(
    item: str, side: Side | None, angle: Callable[[str], float], context: TaskContext, *, film_s: float = MINUTE_S
) -> str:
    """The sentence for `item` (an id of :data:`ergo.assess.items.ITEMS`) of an assessment of `side`.

    `angle` gives an angle at the moment in degrees, NaN when it was not seen. In a film of under a minute
    (`film_s`) nothing can have been found held or repeated.
    """
    told = _told(context, film_s)
    if item in told:
        return told[item]
    if item in ("trunk", "neck"):
        return _bent(item, angle)
    if item == "legs":
        return _legs(angle)
    whose = "" if side is None else f"{side.capitalize()} "
    text = {"upper_arm": _upper_arm, "lower_arm": _lower_arm, "wrist": _wrist}[item](side or "left", angle)
    return f"{whose}{text}" if whose else text.capitalize()


def _told(context: TaskContext, film_s: float) -> dict[str, str]:
    """Sentences of the items that no angle explains."""
    load = "Load" if context.load_kg is None else f"Load {context.load_kg:g} kg"
    load += " with shock" if context.shock else ""
    rapid = "rapid large movement"
    activity = rapid if film_s < MINUTE_S else f"held for over a minute, repeated over 4 times a minute, or {rapid}"
    return {
        **_FIXED,
        "force": load,
        "load": load,
        "coupling": f"Grip {context.coupling}",
        "activity": activity.capitalize(),
    }


def _bent(part: str, angle: Callable[[str], float]) -> str:
    """Flexion, twist and side bend, each that matters; the flexion when none does."""
    flexion, twist, side_bend = (angle(f"{part}_{kind}") for kind in ("flexion", "twist", "side_bend"))
    found = []
    if abs(flexion) >= 5:
        found.append(f"bent {'forward' if flexion > 0 else 'backward'} {abs(flexion):.0f}°")
    if abs(twist) >= THRESHOLDS["twisted"].off:
        found.append(f"twisted {abs(twist):.0f}° to the {'left' if twist > 0 else 'right'}")
    if abs(side_bend) >= THRESHOLDS["side_bent"].off:
        found.append(f"bent {abs(side_bend):.0f}° to the {'right' if side_bend > 0 else 'left'}")
    return f"{part.capitalize()} {_listed(found) or f'bent {flexion:.0f}°'}"


def _upper_arm(side: Side, angle: Callable[[str], float]) -> str:
    flexion, abduction, elevation = (angle(f"{side}_shoulder_{kind}") for kind in ("flexion", "abduction", "elevation"))
    backward = bool(behind(np.array([flexion]), np.array([abduction]), np.array([elevation]))[0])
    found = [f"{'moved back' if backward else 'raised'} {elevation:.0f}°"]
    outward = float(out_of_plane_deg(np.array([flexion]), np.array([abduction]), np.array([elevation]))[0])
    if outward >= THRESHOLDS["abducted"].off:
        found.append("out to the side")
    if angle(f"{side}_shoulder_raised_cm") >= THRESHOLDS["raised"].off:
        found.append("shoulder raised")
    return f"upper arm {', '.join(found)}"


def _lower_arm(side: Side, angle: Callable[[str], float]) -> str:
    elbow = angle(f"{side}_elbow_flexion")
    found = [f"elbow bent {elbow:.0f}°"]
    if angle(f"{side}_hand_across_cm") >= THRESHOLDS["across"].off:
        found.append("hand across the body")
    if angle(f"{side}_hand_out_cm") >= THRESHOLDS["out"].off:
        found.append("hand out to the side")
    return ", ".join(found)


def _wrist(side: Side, angle: Callable[[str], float]) -> str:
    found = [f"wrist bent {abs(angle(f'{side}_wrist_flexion')):.0f}°"]
    deviation = abs(angle(f"{side}_wrist_deviation"))
    if deviation >= THRESHOLDS["deviated"].off:
        found.append(f"turned sideways {deviation:.0f}°")
    return ", ".join(found)


def _legs(angle: Callable[[str], float]) -> str:
    knee = np.fmax(angle("left_knee_flexion"), angle("right_knee_flexion"))
    if knee >= KNEE_BENT_DEG:
        return f"Knee bent {knee:.0f}°"
    return "Weight not even on both feet"


def _listed(found: list[str]) -> str:
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1] if found else ""
