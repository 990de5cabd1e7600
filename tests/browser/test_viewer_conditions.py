"""The stage on other screens, on paper, with something missing, and when the level is set by hand."""

from __future__ import annotations

import pytest
from chromium import CHROMIUM, FLAGS

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect
from stage_page import STATE, changed, open_page, picture, seek, settle, state

NO_WEBGL = ["--disable-3d-apis"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


def test_nothing_overflows_and_both_schemes_are_readable(stage: Page) -> None:
    for width in (390, 768, 1440, 2560):
        stage.set_viewport_size({"width": width, "height": 900})
        settle(stage)
        assert stage.evaluate("document.documentElement.scrollWidth") <= width
        outside = stage.evaluate(
            """() => [...document.querySelectorAll('.ergo-viewer :is(button, td, canvas, video)')]
                 .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth)
                 .map(node => node.className || node.tagName)"""
        )
        assert outside == [], width
    for scheme in ("light", "dark"):
        stage.emulate_media(color_scheme=scheme)
        ink = stage.evaluate("getComputedStyle(document.querySelector('.ergo-viewer')).color")
        lightness = sum(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) / 3
        assert (lightness > 128) == (scheme == "dark")


def test_paper_is_light_and_without_buttons(stage: Page) -> None:
    stage.emulate_media(color_scheme="dark")
    settle(stage)
    timeline = stage.locator(".ev-timeline canvas")
    dark = picture(timeline)
    stage.emulate_media(media="print", color_scheme="dark")
    settle(stage)
    assert stage.evaluate("getComputedStyle(document.querySelector('.ergo-viewer')).color") == "rgb(28, 35, 43)"
    lane = picture(timeline)[26, 112]
    assert lane.mean() > dark[26, 112].mean() + 50
    assert not stage.locator(".ev-transport").is_visible()


def test_nothing_jumps_while_the_numbers_change(stage: Page) -> None:
    heights = set()
    for time_s in (0.0, 0.4, 1.0, 2.2, 2.6):
        seek(stage, time_s)
        heights.add(stage.evaluate("document.querySelector('.ergo-viewer').offsetHeight"))
    assert len(heights) == 1


@pytest.mark.parametrize("path", ["/no-video", "/bad-video"])
def test_without_a_video_the_stage_has_its_own_clock(browser: Browser, site: str, path: str) -> None:
    page, _ = open_page(browser, site + path)
    expect(page.locator(".ev-video .ev-note")).to_contain_text("play by themselves")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"{STATE}.time_s > 0.3")
    page.wait_for_function(f"!{STATE}.playing")
    assert state(page)["time_s"] == pytest.approx(3.0, abs=0.01)
    page.context.close()


def test_a_result_that_is_gone_is_said(browser: Browser, site: str) -> None:
    page, _ = open_page(browser, site + "/gone")
    expect(page.locator(".ev-message")).to_contain_text("HTTP 404")
    assert state(page)["ready"] is False
    page.context.close()


def test_a_lost_context_comes_back(stage: Page) -> None:
    seek(stage, 1.0)
    canvas = stage.locator(".ev-body canvas")
    before = picture(canvas)
    stage.evaluate(
        """async () => {
             const gl = document.querySelector('.ev-body canvas').getContext('webgl2');
             const loss = gl.getExtension('WEBGL_lose_context');
             const canvas = gl.canvas;
             const told = (name) => new Promise(done => canvas.addEventListener(name, done, { once: true }));
             const lost = told("webglcontextlost"), back = told("webglcontextrestored");
             loss.loseContext();
             await lost;
             await new Promise(done => setTimeout(done)); // listeners after this one
             loss.restoreContext();
             await back;
           }"""
    )
    seek(stage, 1.0)
    assert changed(before, picture(canvas)) < 0.01


def test_without_webgl_the_rest_works(site: str, browser: Browser) -> None:
    plain = browser.browser_type.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *NO_WEBGL])
    page, trouble = open_page(plain, site)
    expect(page.locator(".ev-body .ev-note")).to_contain_text("cannot draw in 3D")
    page.evaluate("stage.seek(1)")
    expect(page.locator(".ev-card").first).to_contain_text("RULA left")
    page.get_by_role("button", name="Body", exact=True).click()
    expect(page.locator(".ev-video .ev-note")).to_contain_text("The skeleton is shown instead.")
    expect(page.get_by_role("button", name="Skeleton")).to_have_attribute("aria-pressed", "true")
    assert state(page)["frame"] == 15
    assert trouble == []
    plain.close()


def test_unmounting_leaves_nothing_behind(browser: Browser, site: str) -> None:
    page, trouble = open_page(browser, site)
    page.evaluate("stage.destroy()")
    assert page.locator(".ergo-viewer").count() == 0
    page.keyboard.press("Space")
    page.wait_for_timeout(200)  # for what might go wrong
    assert trouble == []
    page.context.close()


def tilt_shown(page: Page) -> tuple[float, float]:
    words = page.locator(".ev-level-readout").inner_text().replace("−", "-").replace("°", "").replace(",", "").split()
    return float(words[1]), float(words[3])


def test_the_level_is_dragged_turned_by_keys_and_asked_for(browser: Browser, site: str) -> None:
    page, trouble = open_page(browser, f"{site}/level")
    page.evaluate("addEventListener('ergo:level', (event) => (window.asked = event.detail))")
    button = page.get_by_role("button", name="Level", exact=True)
    expect(page.locator(".ev-level-panel")).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    use = page.get_by_role("button", name="Use this level")
    expect(use).to_be_disabled()
    pitch, roll = tilt_shown(page)
    handle = page.get_by_role("slider", name="Level of the camera")
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 30, steps=3)
    page.mouse.up()
    down, same = tilt_shown(page)
    assert down < pitch - 1
    assert same == pytest.approx(roll, abs=0.1)

    page.mouse.move(x + 0.4 * box["width"], y)
    page.mouse.down()
    page.mouse.move(x + 0.4 * box["width"], y + 20, steps=3)
    page.mouse.up()
    assert tilt_shown(page)[0] == pytest.approx(down, abs=0.1)
    assert tilt_shown(page)[1] > roll + 2

    page.get_by_role("button", name="Reset").click()
    assert tilt_shown(page) == pytest.approx((pitch, roll), abs=0.051)
    before_s = state(page)["time_s"]
    handle.focus()
    for key in ("ArrowUp", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert tilt_shown(page) == pytest.approx((pitch + 1, roll + 5), abs=0.1)
    assert state(page)["time_s"] == before_s  # the arrows did not step through time
    assert "pitch" in (handle.get_attribute("aria-valuetext") or "")
    use.click()
    asked = page.evaluate("window.asked")
    assert asked["job"] == "j1"
    assert (asked["pitch_deg"], asked["roll_deg"]) == pytest.approx((pitch + 1, roll + 5), abs=0.1)
    assert trouble == []
    page.context.close()
    page.context.close()


def test_without_a_job_the_level_is_only_shown(stage: Page) -> None:
    stage.get_by_role("button", name="Level", exact=True).click()
    expect(stage.locator(".ev-level-readout")).to_contain_text("pitch")
    expect(stage.get_by_role("button", name="Use this level")).to_be_hidden()
    assert stage.locator(".ev-level g").count() == 4
