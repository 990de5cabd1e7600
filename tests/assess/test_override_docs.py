"""The table of docs/overrides.md is the registry."""

from pathlib import Path

from ergo.assess.overridable import INPUTS

PAGE = Path(__file__).parents[2] / "docs" / "overrides.md"


def row(entry):
    values = {"yes_no": "yes, no", "choice": ", ".join(entry.choices), "number": f"{entry.low:g} to {entry.high:g}"}
    items = ", ".join(item.replace("side_", "").replace(".", " ") for item in entry.items)
    sides = "left, right" if entry.sided else ""
    cells = [f"`{entry.id}`", entry.label, sides, f"{values[entry.kind]} {entry.unit}".strip(), items]
    return f"| {' | '.join(cells)} |"


def test_the_table_is_what_can_be_set():
    table = "\n".join(["| input | | sides | values | items |", "|---|---|---|---|---|", *map(row, INPUTS.values())])
    assert PAGE.read_text(encoding="utf-8").endswith(f"{table}\n"), f"docs/overrides.md should end with:\n{table}"
