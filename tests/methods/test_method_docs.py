from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ergo.methods import en1005_4, iso11226, owas, reba, rula
from ergo.methods.catalogue import METHODS
from ergo.methods.lookup import load
from ergo.methods.markdown import render

DOCS = Path(__file__).parents[2] / "docs" / "methods"
MODULES = {"rula": rula, "reba": reba, "owas": owas, "iso11226": iso11226, "en1005_4": en1005_4}


@pytest.mark.parametrize("method_id", METHODS)
def test_the_page_in_docs_is_what_the_tables_render_to(method_id):
    assert (DOCS / f"{method_id}.md").read_text(encoding="utf-8") == render(method_id), (
        f'write render("{method_id}") of ergo.methods.markdown into docs/methods/{method_id}.md'
    )


@pytest.mark.parametrize("method_id", ["rula", "reba"])
def test_every_rule_in_words_is_what_its_function_does(method_id):
    """The rules printed in the documentation, read as Python, against the functions on a fine grid."""
    angles = {"upper_arm": "flexion", "lower_arm": "flexion", "wrist": "flexion", "neck": "flexion",
              "trunk": "flexion", "wrist_twist": "rotation", "load": "load"}  # fmt: skip
    checked = 0
    for name, item in load(method_id)["items"].items():
        if name not in angles:
            continue
        grid = np.round(np.arange(0 if name == "load" else -120, 180, 0.5), 1)
        points = getattr(MODULES[method_id], f"{name}_points")(grid)
        for value, scored in zip(grid, points, strict=True):
            true = [band["points"] for band in item["bands"] if eval(band["rule"], {angles[name]: value})]  # noqa: S307
            assert true == [scored], f"{name} at {value}"
            checked += 1
    assert checked > 1000


def test_rules_of_legs_force_and_muscle_use_are_what_their_functions_do():
    items = load("rula")["items"]
    for kg in (0, 1.9, 2, 5, 10, 10.1, 40):
        for pattern in rula.PATTERNS:
            for shock in (False, True):
                names = {"load": kg, "sustained": pattern != "intermittent", "shock": shock}
                true = [b["points"] for b in items["force"]["bands"] if eval(b["rule"], names)]  # noqa: S307
                assert true == [rula.force_points(kg, pattern=pattern, shock=shock)], names
    for knee in (0, 29.9, 30, 60, 60.1, 120):
        for unstable in (False, True):
            for sitting in (False, True):
                names = {"knee": knee, "unstable": unstable, "sitting": sitting}
                bands = load("reba")["items"]["legs"]["bands"]
                true = [b["points"] for b in bands if eval(b["rule"], names)]  # noqa: S307
                assert true == [reba.legs_points(knee, unstable=unstable, sitting=sitting)], names


@pytest.mark.parametrize("method_id", METHODS)
def test_catalogue_agrees_with_the_module(method_id):
    method, module = METHODS[method_id], MODULES[method_id]
    result = module.score(**{entry.name: entry.low for entry in method.inputs})
    assert tuple(result.__slots__) == method.outputs
    assert result.total == method.levels[0].low
    assert module.score(**{entry.name: entry.high for entry in method.inputs}).total == method.max_total
    for total in range(1, method.max_total + 1):
        (entry,) = (e for e in method.levels if e.low <= total <= e.high)
        assert module.level(total) == entry.level
        assert module.risk_step(total) == entry.risk_step
    assert tuple(entry.low for entry in method.levels) == module.LOWEST_TOTALS
