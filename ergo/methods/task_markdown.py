"""The pages in docs/methods of methods that judge tasks, from their tables and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ergo.methods.catalogue import TASK_METHODS, Quantity, TaskMethod
from ergo.methods.lookup import load
from ergo.methods.markdown import rows


def render_task(method_id: str) -> str:
    """The page of a method as Markdown.

    Raises:
        KeyError: there is no such method.
    """
    method, data = TASK_METHODS[method_id], load(method_id)
    parts = [
        f"# {method.label}: {method.name}\n",
        *(f"- {source}" for source in data["sources"]),
        f"\nIn Python: `{data['python']}`.\n",
        "## Inputs and outputs\n",
        *_quantities((*method.inputs, *method.outputs), len(method.inputs)),
        "## Rules\n",
        *(f"- {rule}" for rule in data["rules"]),
        "",
        *_tables(data),
        *_bands(method),
        *_example(data["example"]),
        "## Limits\n",
        *(f"- {limit}" for limit in method.limits),
    ]
    return "\n".join(parts) + "\n"


def _quantities(quantities: Sequence[Quantity], inputs: int) -> Iterator[str]:
    yield from rows(
        ("", "Name", "Unit", "Meaning"),
        [("in" if at < inputs else "out", f"`{q.name}`", q.unit, q.text) for at, q in enumerate(quantities)],
    )
    yield ""


def _tables(data: Mapping[str, Any]) -> Iterator[str]:
    if "frequency" in data:
        yield "## Frequency multiplier\n"
        yield from rows(("Lifts a minute", *data["frequency"]["columns"]), data["frequency"]["rows"])
        yield "\n## Coupling multiplier\n"
        coupling = data["coupling"]
        yield from rows(
            ("Coupling", *coupling["columns"]), [(name, *coupling[name]) for name in coupling if name != "columns"]
        )
        yield ""
    if "damage_per_cycle" in data:
        yield "## Damage of one exertion\n"
        yield from rows(("OMNI-RES", "Damage"), list(enumerate(data["damage_per_cycle"])))
        yield ""


def _bands(method: TaskMethod) -> Iterator[str]:
    yield "## Levels\n"
    yield from rows(
        ("Level", method.banded.capitalize(), "", "Meaning"),
        [
            (b.level, f"above {b.low:g}" if b.high == float("inf") else f"{b.low:g}–{b.high:g}", b.label, b.text)
            for b in method.bands
        ],
    )
    yield ""


def _example(example: Mapping[str, Any]) -> Iterator[str]:
    yield "## Worked example\n"
    yield example["text"] + "\n"
    yield from rows(("Input", "Value"), [(f"`{name}`", value) for name, value in example["inputs"].items()])
    yield ""
    yield from rows(("Result", ""), [(f"`{name}`", value) for name, value in example["result"].items()])
    yield ""
