"""Changes of a workplace as changes of inputs, each with what it takes for granted.

No model tells how a body moves at another bench: these set limits and leave the rest as it was filmed.
"""

from __future__ import annotations

from dataclasses import dataclass

from ergo.types import Override


@dataclass(frozen=True, slots=True, kw_only=True)
class Redesign:
    """A change as people name it, what it sets, and what it assumes."""

    label: str
    assumes: str
    overrides: tuple[Override, ...]


def _at_most(name: str, value: float) -> Override:
    return Override(input=name, value=value, rule="at_most")


def redesigns(load_kg: float | None) -> tuple[Redesign, ...]:
    """What can be tried with one click; half the load only where the load is known."""
    halved = (Redesign(
        label="Half the load",
        assumes=f"{load_kg:g} kg become {load_kg / 2:g} kg, handled in the same way.",
        overrides=(Override(input="load_kg", value=load_kg / 2),),
    ),) if load_kg else ()  # fmt: skip
    return (
        Redesign(
            label="Higher work: no stooping",
            assumes="Trunk never beyond 19°, knees never beyond 29°: as if all deeper bending came from the height of "
            "the work. Arms, neck and twist stay as filmed.",
            overrides=(_at_most("trunk_flexion", 19.0), _at_most("knee_flexion", 29.0)),
        ),
        Redesign(
            label="Lower work: no reaching up",
            assumes="Upper arms never beyond 44°, shoulders not raised, neck not bent back. The rest stays as filmed.",
            overrides=(
                _at_most("upper_arm_flexion", 44.0),
                _at_most("arm_elevation", 44.0),
                Override(input="raised", value=False),
                Override(input="neck_flexion", value=0.0, rule="at_least"),
            ),
        ),
        Redesign(
            label="No twisting",
            assumes="Trunk neither twisted nor bent to the side. The rest stays as filmed.",
            overrides=(Override(input="trunk_twisted", value=False), Override(input="trunk_side_bent", value=False)),
        ),
        Redesign(
            label="Support the arms",
            assumes="The arms rest on something, or their weight is carried.",
            overrides=(Override(input="arms_supported", value=True),),
        ),
        *halved,
    )
