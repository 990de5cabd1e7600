"""The stage in a real Chromium with WebGL: what is drawn, what moves with what, and what happens without."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import CHROMIUM, FLAGS, WEBGL
from made_analysis import GAP, made_analysis
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from serve_files import serve_files

from ergo.assess.moments import worst_moments
from ergo.body.load import load_body
from ergo.report.viewer import write_viewer

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "assets"
NO_WEBGL = ["--disable-3d-apis"]
STATE = "document.getElementById('stage').__ergo"
SAME_FRAME_S = 0.04

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Stage</title>
<style>body {{ margin: 0; padding: 16px; }}</style><div id="stage"></div><script type="module">
import {{ mount }} from "/viewer/viewer.js";
window.stage = mount(document.getElementById("stage"), {{ data_url: "{data}", video_url: "{video}", title: "A lift" }});
</script></html>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    body = load_body(None)
    analysis = made_analysis(body)
    path = tmp_path_factory.mktemp("stage") / "viewer.bin"
    moments = worst_moments(analysis.assessments, analysis.angles, analysis.settings.context, 3)
    assert len(moments) >= 2
    write_viewer(path, analysis, body, moments)
    pages = {
        "/": PAGE.format(data="/viewer.bin", video="/clip.mp4"),
        "/level": PAGE.replace('title: "A lift"', 'title: "A lift", job: "j1"').format(
            data="/viewer.bin", video="/clip.mp4"
        ),
        "/no-video": PAGE.format(data="/viewer.bin", video=""),
        "/bad-video": PAGE.format(data="/viewer.bin", video="/viewer.bin"),
        "/gone": PAGE.format(data="/nothing.bin", video="/clip.mp4"),
    }
    roots = {"/viewer": ASSETS / "viewer", "/viewer.bin": path, "/clip.mp4": ASSETS / "examples" / "lift_squat.mp4"}
    with serve_files(roots, pages) as address:
        yield address


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *WEBGL])
        yield browser
        browser.close()


def open_page(browser: Browser, address: str, width: int = 1280, **context: Any) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": 900}, **context).new_page()
    trouble: list[str] = []
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(address)
    page.wait_for_function(f"{STATE}?.ready || {STATE}?.error", timeout=30_000)
    return page, trouble


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    page, trouble = open_page(browser, site)
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    yield page
    assert trouble == []
    page.context.close()


def state(page: Page) -> dict[str, Any]:
    return page.evaluate(STATE)


def seek(page: Page, time_s: float) -> None:
    page.evaluate("time => stage.seek(time)", time_s)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the video shows what was asked for and nothing is drawn any more."""
    page.wait_for_function("!document.querySelector('video').seeking")
    still = f"new Promise(done => {{ const n = {STATE}.drawn; setTimeout(() => done({STATE}.drawn === n), 250) }})"
    page.wait_for_function(still)


def picture(locator: Locator) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"), dtype=int)


def changed(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the pixels that differ visibly."""
    return float((np.abs(a - b).max(axis=-1) > 24).mean())


def test_the_body_is_drawn_and_moves_with_time(page: Page) -> None:
    canvas = page.locator(".ev-body canvas")
    seek(page, 0.0)
    upright = picture(canvas)
    assert changed(upright, np.broadcast_to(upright[4, 4], upright.shape)) > 0.02
    seek(page, 1.0)
    assert changed(upright, picture(canvas)) > 0.02
    seek(page, 0.0)
    assert changed(upright, picture(canvas)) < 0.002


def test_the_body_stops_drawing_when_nothing_moves(page: Page) -> None:
    settle(page)
    before = state(page)["drawn"]
    page.wait_for_timeout(400)
    assert state(page)["drawn"] == before


def test_a_click_in_the_timeline_seeks_video_body_and_scores(page: Page) -> None:
    seek(page, 0.0)
    before = picture(page.locator(".ev-body canvas"))
    timeline = page.locator(".ev-timeline canvas")
    box = timeline.bounding_box()
    assert box is not None
    timeline.click(position={"x": 104 + (box["width"] - 104 - 8) / 3, "y": box["height"] / 2})
    settle(page)
    assert state(page)["time_s"] == pytest.approx(1.0, abs=SAME_FRAME_S)
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(1.0, abs=SAME_FRAME_S)
    assert changed(before, picture(page.locator(".ev-body canvas"))) > 0.02
    expect(page.locator(".ev-time-now")).to_contain_text("1.0")
    expect(page.locator(".ev-card").nth(1)).to_contain_text("Very high")
    assert timeline.get_attribute("aria-valuenow") == f"{state(page)['time_s']:.2f}"


def test_dragging_scrubs_and_shift_dragging_loops_a_stretch(page: Page) -> None:
    box = page.locator(".ev-timeline canvas").bounding_box()
    assert box is not None
    left, width, y = box["x"] + 104, box["width"] - 112, box["y"] + 60
    page.mouse.move(left + 0.2 * width, y)
    page.mouse.down()
    page.mouse.move(left + 0.8 * width, y, steps=6)
    page.mouse.up()
    settle(page)
    assert state(page)["time_s"] == pytest.approx(2.4, abs=SAME_FRAME_S)
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(2.4, abs=SAME_FRAME_S)
    page.keyboard.down("Shift")
    page.mouse.move(left + 0.2 * width, y)
    page.mouse.down()
    page.mouse.move(left + 0.4 * width, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Play", exact=True).click()
    times = []
    for _ in range(12):
        page.wait_for_timeout(100)
        times.append(state(page)["time_s"])
    assert min(times) >= 0.6 - SAME_FRAME_S
    assert max(times) <= 1.2 + 0.1


def test_playing_moves_everything_on_the_clock_of_the_video(page: Page) -> None:
    seek(page, 0.0)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"{STATE}.time_s > 0.5")
    page.get_by_role("button", name="Pause", exact=True).click()
    settle(page)
    shown = page.evaluate("document.querySelector('video').currentTime")
    assert state(page)["time_s"] == pytest.approx(shown, abs=0.1)
    assert state(page)["playing"] is False


def test_keys(page: Page) -> None:
    seek(page, 0.0)
    page.locator(".ev-timeline canvas").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state(page)["frame"] == 1
    page.keyboard.press("Shift+ArrowRight")
    settle(page)
    assert state(page)["time_s"] == pytest.approx(1.0 + 1 / 15, abs=SAME_FRAME_S)
    page.keyboard.press("j")
    settle(page)
    first = state(page)["time_s"]
    page.keyboard.press("k")
    settle(page)
    assert state(page)["time_s"] > first
    view = picture(page.locator(".ev-body canvas"))
    page.keyboard.press("3")
    settle(page)
    expect(page.get_by_role("button", name="Top")).to_have_attribute("aria-pressed", "true")
    assert changed(view, picture(page.locator(".ev-body canvas"))) > 0.05
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    page.wait_for_function(f"{STATE}.playing")


def test_the_chosen_method_and_side_paint_body_and_items(page: Page) -> None:
    seek(page, 1.0)
    canvas = page.locator(".ev-body canvas")
    rula = picture(canvas)
    expect(page.locator(".ev-items tbody tr")).to_have_count(10)
    page.locator(".ev-choices").get_by_role("button", name="REBA").click()
    settle(page)
    expect(page.locator(".ev-items tbody tr")).to_have_count(9)
    assert changed(rula, picture(canvas)) > 0.002
    page.get_by_role("button", name="Right", exact=True).click()
    expect(page.locator(".ev-items caption")).to_contain_text("REBA right")


def test_what_was_not_seen_is_said_in_words(page: Page) -> None:
    seek(page, (GAP.start + GAP.stop) / 2 / 15)
    expect(page.locator(".ev-body .ev-note")).to_have_text("not seen")
    expect(page.locator(".ev-card").first).to_contain_text("not assessed")
    seek(page, 1.0)
    expect(page.locator(".ev-body .ev-note")).to_be_hidden()
    expect(page.locator(".ev-items tbody tr", has_text="Wrist").first).to_contain_text("side")


def test_skeleton_body_or_nothing_lies_over_the_video(page: Page) -> None:
    seek(page, 1.0)
    figure, over = page.locator(".ev-video"), page.get_by_role("group", name="Over the video")
    skeleton = picture(figure)
    over.get_by_role("button", name="None").click()
    bare = picture(figure)
    assert changed(skeleton, bare) > 0.005
    over.get_by_role("button", name="Body").click()
    body = picture(figure)
    assert changed(body, bare) > 0.01
    page.locator(".ev-choices").get_by_role("button", name="OWAS").click()
    assert changed(body, picture(figure)) > 0.002  # painted by the method that is shown
    seek(page, (GAP.start + GAP.stop) / 2 / 15)
    unseen = picture(figure)
    over.get_by_role("button", name="None").click()
    assert changed(unseen, picture(figure)) < 0.004  # nobody was seen there: only the buttons differ


def test_orbit_and_zoom(page: Page) -> None:
    seek(page, 1.0)
    canvas = page.locator(".ev-body canvas")
    before = picture(canvas)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 220, box["y"] + 120, steps=4)
    page.mouse.up()
    settle(page)
    turned = picture(canvas)
    assert changed(before, turned) > 0.02
    page.mouse.wheel(0, -300)
    settle(page)
    assert changed(turned, picture(canvas)) > 0.02


def test_a_part_of_the_body_leads_to_its_angle_and_the_timeline_to_a_moment_of_it(page: Page) -> None:
    seek(page, 1.0)
    story, timeline = page.locator(".ev-story"), page.locator(".ev-timeline canvas")
    page.get_by_role("button", name="left leg:").click()
    expect(story).to_contain_text("Left knee flexion")
    page.locator(".ev-choices").get_by_role("button", name="REBA").click()
    expect(story.locator(".ev-story-bands li").first).to_contain_text("%")
    expect(story.get_by_role("img", name="Left knee flexion, seen from the side")).to_be_visible()
    page.locator(".ev-now").get_by_role("button", name="Trunk", exact=True).click()  # an item of this moment
    expect(story).to_contain_text("Trunk flexion")
    expect(page.get_by_role("button", name="trunk:")).to_have_attribute("aria-pressed", "true")
    page.locator(".ev-now").get_by_role("button", name="Neck", exact=True).hover()
    meaning = page.get_by_role("tooltip")
    expect(meaning).to_contain_text("The head against the trunk; 0 is neutral gaze")
    expect(meaning.get_by_role("img", name="Neck flexion, seen from the side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    page.locator(".ev-heat-root").get_by_role("button", name="Lower arm", exact=True).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(meaning).to_contain_text("The forearm against the upper arm, straightened")
    drawn = picture(timeline)
    page.get_by_role("button", name="Zoom into the timeline").click()
    timeline.focus()
    page.keyboard.press("i")
    page.wait_for_timeout(300)
    assert changed(drawn, picture(timeline)) > 0.01
    box = timeline.bounding_box()
    assert box is not None
    timeline.click(position={"x": 104 + 1, "y": 60})  # the left end is no longer the beginning
    settle(page)
    assert 0.2 < state(page)["time_s"] < 1.0
    expect(page.locator(".ev-readout video")).to_be_visible()
    page.keyboard.press("0")
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Show more of the film")).to_be_disabled()


def test_the_ghost_of_another_moment_and_the_ways_of_the_hands(page: Page) -> None:
    canvas = page.locator(".ev-body canvas")
    seek(page, 0.0)
    canvas.focus()
    alone = picture(canvas)
    page.get_by_label("Ghost").select_option(index=1)
    canvas.focus()
    settle(page)
    assert changed(alone, picture(canvas)) > 0.005
    page.keyboard.press("g")  # this moment, and none
    page.keyboard.press("g")
    settle(page)
    assert changed(alone, picture(canvas)) < 0.005
    seek(page, 1.0)
    without = picture(canvas)
    page.get_by_role("button", name="Hands", exact=True).click()
    settle(page)
    assert changed(without, picture(canvas)) > 0.001
    head = page.get_by_role("button", name="head:")
    head.click()
    expect(head).to_have_attribute("aria-pressed", "true")
    height, width = without.shape[:2]
    canvas.click(position={"x": width / 2, "y": 0.52 * height})  # the body, not its head
    expect(head).to_have_attribute("aria-pressed", "false")


def test_nothing_overflows_and_both_schemes_are_readable(page: Page) -> None:
    for width in (390, 768, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """() => [...document.querySelectorAll('.ergo-viewer :is(button, td, canvas, video)')]
                 .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth)
                 .map(node => node.className || node.tagName)"""
        )
        assert outside == [], width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        ink = page.evaluate("getComputedStyle(document.querySelector('.ergo-viewer')).color")
        lightness = sum(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) / 3
        assert (lightness > 128) == (scheme == "dark")


def test_paper_is_light_and_without_buttons(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    settle(page)
    timeline = page.locator(".ev-timeline canvas")
    dark = picture(timeline)
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_timeout(200)
    assert page.evaluate("getComputedStyle(document.querySelector('.ergo-viewer')).color") == "rgb(28, 35, 43)"
    lane = picture(timeline)[26, 112]
    assert lane.mean() > dark[26, 112].mean() + 50
    assert not page.locator(".ev-transport").is_visible()


def test_nothing_jumps_while_the_numbers_change(page: Page) -> None:
    heights = set()
    for time_s in (0.0, 0.4, 1.0, 2.2, 2.6):
        seek(page, time_s)
        heights.add(page.evaluate("document.querySelector('.ergo-viewer').offsetHeight"))
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


def test_a_lost_context_comes_back(page: Page) -> None:
    seek(page, 1.0)
    canvas = page.locator(".ev-body canvas")
    before = picture(canvas)
    page.evaluate(
        """async () => {
             const gl = document.querySelector('.ev-body canvas').getContext('webgl2');
             const loss = gl.getExtension('WEBGL_lose_context');
             loss.loseContext();
             await new Promise(done => setTimeout(done, 200));
             loss.restoreContext();
             await new Promise(done => setTimeout(done, 500));
           }"""
    )
    seek(page, 1.0)
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


def test_unmounting_leaves_nothing_behind(page: Page) -> None:
    page.evaluate("stage.destroy()")
    assert page.locator(".ergo-viewer").count() == 0
    page.keyboard.press("Space")
    page.wait_for_timeout(200)


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


def test_without_a_job_the_level_is_only_shown(page: Page) -> None:
    page.get_by_role("button", name="Level", exact=True).click()
    expect(page.locator(".ev-level-readout")).to_contain_text("pitch")
    expect(page.get_by_role("button", name="Use this level")).to_be_hidden()
    assert page.locator(".ev-level g").count() == 4
