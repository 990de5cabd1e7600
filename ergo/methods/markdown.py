"""The pages in docs/methods: every method as it is scored here, from its tables and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ergo.methods.catalogue import METHODS, Method
from ergo.methods.lookup import load


def render(method_id: str) -> str:
    """The page of a method as Markdown.

    Raises:
        KeyError: there is no such method.
    """
    method, data = METHODS[method_id], load(method_id)
    parts = [
        *_head(method, data),
        "## Points of each item\n",
        data["edges"] + "\n",
        *(line for item in data["items"].values() for line in _item(item)),
        *_tables(data),
        *_holding_times(data),
        *_levels(method),
        *_example(data["example"]),
        "## Limits\n",
        *(f"- {limit}" for limit in method.limits),
    ]
    return "\n".join(parts) + "\n"


def _head(method: Method, data: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {method.label}: {method.name}\n"
    yield from (f"- {source}" for source in data["sources"])
    yield f"\nIn Python: `from ergo.methods import {method.id}; {method.id}.score(...)`.\n"
    yield from (f"{number}. {step}" for number, step in enumerate(data["combine"], start=1))
    yield ""


def _item(item: Mapping[str, Any]) -> Iterator[str]:
    low, high = item["range"]
    yield f"### {item['label']} ({low} to {high})\n"
    yield from rows(("Points", "When"), [(band["points"], f"`{band['rule']}`") for band in item["bands"]])
    yield ""
    if item["adjust"]:
        yield from (f"- {change['points']:+d} {change['when']}".replace("-1", "−1") for change in item["adjust"])
        yield ""
    if "note" in item:
        yield item["note"] + "\n"
    yield f"Source: {item['source']}.\n"


def _tables(data: Mapping[str, Any]) -> Iterator[str]:
    names = [name for name in data if name.startswith("table_")]
    if names:
        yield "## Tables\n"
    for name in names:
        yield from _table(name, data[name])


def _holding_times(data: Mapping[str, Any]) -> Iterator[str]:
    if "holding_time" not in data:
        return
    yield "## Longest acceptable holding times\n"
    yield f"Source: {data['holding_time']['source']}.\n"
    ends = [(name.replace("_", " "), *part["angle_deg"], *part["minutes"]) for name, part in
            data["holding_time"]["parts"].items()]  # fmt: skip
    yield from rows(
        ("Part", "From", "To", "", ""),
        [(name, f"{low}°", f"{high}°", f"{first} min at {low}°", f"{last} min at {high}°")
         for name, low, high, first, last in ends],
    )  # fmt: skip
    yield ""


def _table(name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    axes, shape, first = entry["axes"], entry["shape"], entry["row_axes"]
    title = entry.get("title", "Table " + name.removeprefix("table_").upper())
    yield f"### {title}\n"
    yield f"Source: {entry['source']}.\n"
    columns = [" ".join(f"{axis} {i}" for axis, i in zip(axes[first:], c, strict=True)) for c in _counts(shape[first:])]
    body = [
        (*(f"**{i}**" for i in index), *values)
        for index, values in zip(_counts(shape[:first]), entry["rows"], strict=True)
    ]
    yield from rows((*axes[:first], *columns), body)
    yield ""


def _levels(method: Method) -> Iterator[str]:
    yield "## Action levels\n"
    yield from rows(
        ("Level", "Score", "", "Meaning"),
        [
            (entry.level, str(entry.low) if entry.low == entry.high else f"{entry.low}–{entry.high}", entry.label,
             entry.text)
            for entry in method.levels
        ],
    )  # fmt: skip
    yield ""


def _example(example: Mapping[str, Any]) -> Iterator[str]:
    yield "## Worked example\n"
    yield example["text"] + "\n"
    yield from rows(("Input", "Points"), [(name.replace("_", " "), v) for name, v in example["points"].items()])
    yield ""
    yield from rows(("Result", ""), [(name.replace("_", " "), v) for name, v in example["result"].items()])
    yield ""


def _counts(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Every index of `shape`, from 1, the last fastest."""
    indices: list[tuple[int, ...]] = [()]
    for size in shape:
        indices = [(*index, i) for index in indices for i in range(1, size + 1)]
    return indices


def rows(head: Sequence[object], body: Sequence[Sequence[object]]) -> Iterator[str]:
    """A table, line by line."""
    yield "| " + " | ".join(str(cell) for cell in head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(str(cell) for cell in row) + " |" for row in body)
