"""Other inputs tried on a real result in a real Chromium, kept as a new analysis, and compared with the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import CHROMIUM, chromium
from page_process import PageProcess
from page_steps import READY, SOON_MS, keep_finished, wait_for_result
from playwright.sync_api import Page, expect

from ergo.types import Analysis

TIMELINE = ".ev-timeline canvas"
WHO, WHY = "A. Smith", "a lift table is planned"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A window of the browser to which the first result belongs."""
    with chromium() as browser:  # no body is drawn: quicker
        page = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


@pytest.fixture(scope="module")
def first(page: Page, app: PageProcess, squat: tuple[Analysis, Path]) -> str:
    """The address of the first result."""
    return keep_finished(app, page.context, squat[1])


@pytest.fixture
def panel(page: Page, first: str) -> Page:
    """The first result with its panel open and nothing changed."""
    page.goto(first)
    page.wait_for_function(READY, timeout=60_000)
    page.get_by_role("button", name="What if…").click()
    expect(page.locator(".ev-whatif-outcome tr")).not_to_have_count(0, timeout=SOON_MS)
    return page


def _outcome(page: Page) -> dict[str, str]:
    """The score of each method and side as the panel tells it last: "4" of "7 → 4"."""
    rows = page.locator(".ev-whatif-outcome tr").all()
    return {
        row.locator("th").inner_text(): row.locator(".ev-whatif-score").inner_text().split("→")[-1].strip()
        for row in rows
    }


def _pixels(page: Page) -> str:
    """The timeline as it is drawn once it has come to rest."""
    page.mouse.move(2, 2)
    return page.evaluate(
        """async (selector) => {
            for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
            return document.querySelector(selector).toDataURL();
        }""",
        TIMELINE,
    )


def _settled(page: Page, state: str) -> None:
    expect(page.locator(".ev-whatif")).to_have_attribute("data-state", state, timeout=SOON_MS)


def _result(page: Page) -> dict[str, Any]:
    address = page.locator(".file-list a", has_text="result.json").get_attribute("href") or ""
    return page.request.get(address if address.startswith("http") else page.url.split("/?")[0] + address).json()


def _exactly(page: Page, name: str, value: str) -> None:
    field = page.get_by_role("spinbutton", name=re.compile(f"^{name}, exactly"))
    field.fill(value)
    field.press("Enter")


def test_a_change_stands_beside_what_was_seen_until_it_is_reset(panel: Page) -> None:
    before, drawn = _outcome(panel), _pixels(panel)
    cards = panel.locator(".verdict .beside")
    panel.get_by_role("button", name="Higher work: no stooping").click()
    _settled(panel, "changed")
    expect(panel.locator(".ev-whatif-note")).to_contain_text("Trunk never beyond 19°")
    changed = panel.locator(".ev-whatif-outcome tr.ev-changed")
    expect(changed.first.locator(".ev-whatif-score")).to_have_text(re.compile(r".+ → .+"))
    after = _outcome(panel)
    assert after != before
    assert _pixels(panel) != drawn  # the lanes with a line where the scores would be
    owas = panel.locator("article[data-method=owas] .beside")
    expect(owas.first).to_contain_text(f"With the changes{after['OWAS']}")
    expect(owas.last).to_have_text("Without them")
    panel.locator(TIMELINE).focus()
    panel.keyboard.press("k")
    expect(panel.locator(".ev-after", has_text="→").first).to_be_visible(timeout=SOON_MS)
    panel.keyboard.press("Home")
    panel.get_by_role("button", name="Reset").click()
    _settled(panel, "same")
    expect(panel.locator(".ev-whatif-list li")).to_have_count(0)
    expect(panel.locator(".ev-whatif-keep")).to_be_hidden()
    expect(cards).to_have_count(0)
    assert _outcome(panel) == before
    assert _pixels(panel) == drawn


def test_a_stretch_is_dragged_or_set_from_the_keyboard(panel: Page) -> None:
    panel.get_by_role("button", name="A stretch").press("Enter")
    panel.get_by_role("button", name="No twisting").click()
    expect(panel.locator(".ev-whatif-range")).to_contain_text("choose a stretch first")
    timeline = panel.locator(TIMELINE)
    timeline.scroll_into_view_if_needed()
    box = timeline.bounding_box()
    assert box
    panel.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 60)
    panel.mouse.down()
    panel.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 60, steps=4)
    panel.mouse.up()
    expect(panel.locator(".ev-whatif-range")).to_have_text(re.compile(r"^\d\.\d s – \d\.\d s$"))
    timeline.press("Home")
    panel.get_by_role("button", name="From here").press("Enter")
    timeline.press("Shift+ArrowRight")
    panel.get_by_role("button", name="To here").press("Enter")
    _exactly(panel, "Trunk bend", "5")
    said = panel.locator(".ev-whatif-list li")
    expect(said).to_have_count(1, timeout=SOON_MS)
    expect(said.first).to_contain_text("Trunk bend 5°")
    expect(said.first).to_contain_text("from 0.0 to 1.0 s")
    panel.get_by_role("button", name="Undo: Trunk bend 5°").press("Enter")
    expect(said).to_have_count(0, timeout=SOON_MS)
    _exactly(panel, "Trunk bend", "500")  # the browser refuses it
    expect(said).to_have_count(0)


def test_what_is_kept_is_a_new_analysis_that_scores_as_it_was_told(panel: Page, first: str) -> None:
    panel.get_by_role("button", name="Higher work: no stooping").click()
    panel.get_by_role("button", name="Lifts", exact=True).click()
    _exactly(panel, "Load", "12")
    expect(panel.locator(".ev-whatif-list li")).to_have_count(3, timeout=SOON_MS)
    _settled(panel, "changed")
    promised = _outcome(panel)
    panel.get_by_label("Who").first.fill(WHO)
    panel.get_by_label("Why").first.fill(WHY)
    panel.get_by_role("button", name="Keep as a new analysis").click()
    panel.wait_for_function("before => location.href !== before", arg=first, timeout=SOON_MS)
    wait_for_result(panel)
    expect(panel.locator(".by-hand")).to_contain_text(WHY, timeout=SOON_MS)
    expect(panel.locator(".beside")).to_have_count(0)
    result = _result(panel)
    assert {(said["input"], said["value"], said["rule"]) for said in result["overrides"]} == {
        ("trunk_flexion", 19, "at_most"),
        ("knee_flexion", 29, "at_most"),
        ("load_kg", 12, "is"),
    }
    assert {(said["who"], said["why"]) for said in result["overrides"]} == {(WHO, WHY)}
    for method in ("rula", "reba"):
        for side, summary in result["methods"][method]["sides"].items():
            assert promised[f"{method.upper()} {side}"] == f"{summary['peak']:.0f}"
    assert promised["OWAS"] == f"{result['methods']['owas']['sides']['body']['peak']:.0f}"
    index = max(limit["index"] for lift in result["lifting"]["lifts"] for limit in lift["limits"][:1])
    assert promised["NIOSH, hardest lift"] == f"LI {index:.1f}"
    _strike_out_a_lift(panel, len(result["lifting"]["lifts"]))
    _compare_with(panel, first)


def _strike_out_a_lift(page: Page, lifts: int) -> None:
    """One that is none is struck out, beside what was set before, and nothing counts it any more."""
    earlier = page.url
    strike = page.locator(".lift-strike").first
    strike.locator("summary").click()
    strike.get_by_label("Why").fill("a wave")
    strike.get_by_role("button", name="Strike it out").click()
    page.wait_for_function("before => location.href !== before", arg=earlier, timeout=SOON_MS)
    wait_for_result(page)
    expect(page.locator(".by-hand")).to_contain_text("a wave", timeout=SOON_MS)
    result = _result(page)
    assert [said["input"] for said in result["overrides"]] == ["trunk_flexion", "knee_flexion", "load_kg", "lift"]
    assert len(result["lifting"]["lifts"]) == lifts - 1


def _compare_with(page: Page, first: str) -> None:
    """The first analysis of this browser is offered, compared with, and still there after a reload."""
    page.get_by_text("Compare with…").click()
    earlier = first.split("job=")[1]
    page.locator(f'.compare-with a[href$="&with={earlier}"]').click()
    for _ in range(2):
        expect(page.locator(".comparison .compare-row")).not_to_have_count(0, timeout=60_000)
        expect(page.locator(".compare-cautions")).to_contain_text("set by hand in the one after")
        page.reload()
    page.get_by_role("link", name="Swap").click()
    expect(page.locator(".compare-cautions")).to_contain_text("set by hand in the one before", timeout=60_000)
