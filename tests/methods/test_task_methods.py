"""Methods that judge tasks: their pages, the worked examples by hand, LiFFT against its published coefficients."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ergo.errors import MethodInputError
from ergo.methods import duet, lifft, niosh, reba
from ergo.methods.catalogue import METHODS, TASK_METHODS
from ergo.methods.lookup import load
from ergo.methods.task_markdown import render_task

DOCS = Path(__file__).parents[2] / "docs" / "methods"


@pytest.mark.parametrize("method_id", TASK_METHODS)
def test_the_page_in_docs_is_what_the_tables_render_to(method_id):
    assert (DOCS / f"{method_id}.md").read_text(encoding="utf-8") == render_task(method_id), (
        f'write render_task("{method_id}") of ergo.methods.task_markdown into docs/methods/{method_id}.md'
    )


def test_every_page_belongs_to_a_method():
    pages = {page.stem for page in DOCS.glob("*.md")} - {"README", "observed"}  # from Python; from a film
    assert pages == set(METHODS) | set(TASK_METHODS)


def test_niosh_example_is_what_the_code_gives():
    example = load("niosh")["example"]
    weight = example["inputs"]["load_weight"]
    limit = niosh.recommended_weight(**{k: v for k, v in example["inputs"].items() if k != "load_weight"})
    for name in niosh.MULTIPLIERS:
        assert getattr(limit, name) == pytest.approx(example["result"][name], abs=6e-5), name
    assert (round(float(limit.firwl), 2), round(float(limit.rwl), 2)) == (
        example["result"]["firwl"],
        example["result"]["rwl"],
    )
    index = niosh.lifting_index(weight, limit.rwl)
    assert round(float(index), 2) == example["result"]["index"] and niosh.level(index) == example["result"]["level"]


def test_lifft_and_duet_examples_are_what_the_code_gives():
    example = load("lifft")["example"]
    dose = lifft.damage(**example["inputs"])
    assert round(float(dose), 5) == example["result"]["damage"]
    assert round(float(lifft.probability(dose)), 3) == example["result"]["probability"]
    assert lifft.level(dose) == example["result"]["level"]
    moment = lifft.moment_nm(example["inputs"]["load_kg"], example["inputs"]["lever_cm"])
    assert round(float(moment), 2) == example["result"]["moment_nm"]

    example = load("duet")["example"]
    dose = duet.damage(**example["inputs"])
    assert round(float(dose), 5) == example["result"]["damage"]
    assert round(float(duet.probability(dose)), 3) == example["result"]["probability"]
    assert duet.level(dose) == example["result"]["level"]


def test_lifft_by_the_formulas_of_the_workbook():
    """One lift of 25 lb at 20 inches: 41.67 ft·lb, in the workbook's own units."""
    per_lift = 10 ** (-5.81636221052493 + 0.0222878437409416 * 25 * 20 / 12)
    dose = lifft.damage(25 * 0.45359237, 20 * 2.54, 300)
    assert dose == pytest.approx(300 * per_lift, rel=1e-6)
    assert lifft.probability(dose) == pytest.approx(1 / (1 + math.exp(-1.7229 - 1.0239 * math.log10(300 * per_lift))))


def test_lifft_grows_with_load_reach_and_count_and_adds_up():
    assert lifft.damage(12, 50, 200) < lifft.damage(14, 50, 200) < lifft.damage(14, 60, 200)
    assert lifft.damage(12, 50, 400) == pytest.approx(2 * lifft.damage(12, 50, 200))
    assert lifft.probability(0) == 0 and lifft.level([0, 1]).tolist() == [1, 3]
    assert np.isnan(lifft.probability(lifft.damage(np.nan, 50, 10)))


def test_lifft_names_what_is_impossible():
    for wrong in ({"load_kg": -1}, {"lever_cm": -1}, {"repetitions_per_day": math.inf}):
        with pytest.raises(MethodInputError, match=next(iter(wrong))):
            lifft.damage(**({"load_kg": 10, "lever_cm": 50, "repetitions_per_day": 100} | wrong))


@pytest.mark.parametrize("method_id", TASK_METHODS)
def test_bands_are_those_of_the_module(method_id):
    method = TASK_METHODS[method_id]
    levels = {"niosh": niosh.level, "duet": duet.level}
    assert [band.low for band in method.bands[1:]] == [band.high for band in method.bands[:-1]]
    for band in method.bands:
        inside = band.low + 1e-6 if math.isinf(band.high) else (band.low + band.high) / 2
        if method_id in levels:
            assert levels[method_id](inside) == band.level
    if method_id == "lifft":  # banded by probability, the function takes the damage
        doses = np.logspace(-8, 2, 200)
        found = lifft.level(doses)
        for chance, level in zip(lifft.probability(doses), found, strict=True):
            assert any(b.low <= chance <= b.high and b.level == level for b in method.bands)


def test_arguments_that_do_not_fit_together_are_named():
    with pytest.raises(MethodInputError, match="reach 2, height 3") as caught:
        niosh.recommended_weight(
            reach=[30, 40], height=[70, 80, 90], travel=30, asymmetry_deg=0, lifts_per_minute=1, duration="short",
            coupling="good",
        )  # fmt: skip
    assert caught.value.hint
    with pytest.raises(MethodInputError, match="neck 2, trunk 3"):
        reba.score(neck=[1, 2], trunk=[1, 2, 3], legs=1, load=0, upper_arm=1, lower_arm=1, wrist=1)
    with pytest.raises(MethodInputError, match="largest_load is -3"):
        niosh.composite_index(
            firwl=[10, 12], load_weight=3, largest_load=[-3, 5], lifts_per_minute=1, height=75, duration="short"
        )
    together = reba.score(neck=[[1], [2]], trunk=[1, 2, 3], legs=1, load=0, upper_arm=1, lower_arm=1, wrist=1)
    assert together.total.shape == (2, 3)
