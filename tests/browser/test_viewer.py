"""The stage in a real Chromium with WebGL: what is drawn, and what moves with what."""

from __future__ import annotations

import numpy as np
import pytest
from chromium import CHROMIUM
from made_analysis import GAP

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect
from stage_page import SAME_FRAME_S, STATE, changed, picture, seek, settle, state

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


def test_the_body_is_drawn_and_moves_with_time(stage: Page) -> None:
    canvas = stage.locator(".ev-body canvas")
    seek(stage, 0.0)
    upright = picture(canvas)
    assert changed(upright, np.broadcast_to(upright[4, 4], upright.shape)) > 0.02
    seek(stage, 1.0)
    assert changed(upright, picture(canvas)) > 0.02
    seek(stage, 0.0)
    assert changed(upright, picture(canvas)) < 0.002


def test_the_body_stops_drawing_when_nothing_moves(stage: Page) -> None:
    settle(stage)
    before = state(stage)["drawn"]
    stage.wait_for_timeout(400)
    assert state(stage)["drawn"] == before


def test_a_click_in_the_timeline_seeks_video_body_and_scores(stage: Page) -> None:
    seek(stage, 0.0)
    before = picture(stage.locator(".ev-body canvas"))
    timeline = stage.locator(".ev-timeline canvas")
    box = timeline.bounding_box()
    assert box is not None
    timeline.click(position={"x": 104 + (box["width"] - 104 - 8) / 3, "y": box["height"] / 2})
    settle(stage)
    assert state(stage)["time_s"] == pytest.approx(1.0, abs=SAME_FRAME_S)
    assert stage.evaluate("document.querySelector('video').currentTime") == pytest.approx(1.0, abs=SAME_FRAME_S)
    assert changed(before, picture(stage.locator(".ev-body canvas"))) > 0.02
    expect(stage.locator(".ev-time-now")).to_contain_text("1.0")
    expect(stage.locator(".ev-card").nth(1)).to_contain_text("Very high")
    assert timeline.get_attribute("aria-valuenow") == f"{state(stage)['time_s']:.2f}"


def test_dragging_scrubs_and_shift_dragging_loops_a_stretch(stage: Page) -> None:
    box = stage.locator(".ev-timeline canvas").bounding_box()
    assert box is not None
    left, width, y = box["x"] + 104, box["width"] - 112, box["y"] + 60
    stage.mouse.move(left + 0.2 * width, y)
    stage.mouse.down()
    stage.mouse.move(left + 0.8 * width, y, steps=6)
    stage.mouse.up()
    settle(stage)
    assert state(stage)["time_s"] == pytest.approx(2.4, abs=SAME_FRAME_S)
    assert stage.evaluate("document.querySelector('video').currentTime") == pytest.approx(2.4, abs=SAME_FRAME_S)
    stage.keyboard.down("Shift")
    stage.mouse.move(left + 0.2 * width, y)
    stage.mouse.down()
    stage.mouse.move(left + 0.4 * width, y, steps=4)
    stage.mouse.up()
    stage.keyboard.up("Shift")
    expect(stage.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    stage.get_by_role("button", name="Play", exact=True).click()
    least_s = stage.wait_for_function(
        f"""() => {{
            const seen = (window.seen ??= {{ last_s: 0, least_s: Infinity, returns: 0 }}), {{ time_s }} = {STATE};
            seen.returns += time_s < seen.last_s;
            seen.least_s = Math.min(seen.least_s, time_s);
            seen.last_s = time_s;
            return seen.returns >= 2 && seen.least_s;
        }}"""
    ).json_value()
    assert least_s >= 0.6 - SAME_FRAME_S


def test_playing_moves_everything_on_the_clock_of_the_video(stage: Page) -> None:
    seek(stage, 0.0)
    stage.get_by_role("button", name="Play", exact=True).click()
    stage.wait_for_function(f"{STATE}.time_s > 0.5")
    stage.get_by_role("button", name="Pause", exact=True).click()
    settle(stage)
    shown = stage.evaluate("document.querySelector('video').currentTime")
    assert state(stage)["time_s"] == pytest.approx(shown, abs=0.1)
    assert state(stage)["playing"] is False


def test_keys(stage: Page) -> None:
    seek(stage, 0.0)
    stage.locator(".ev-timeline canvas").focus()
    stage.keyboard.press("ArrowRight")
    settle(stage)
    assert state(stage)["frame"] == 1
    stage.keyboard.press("Shift+ArrowRight")
    settle(stage)
    assert state(stage)["time_s"] == pytest.approx(1.0 + 1 / 15, abs=SAME_FRAME_S)
    stage.keyboard.press("j")
    settle(stage)
    first = state(stage)["time_s"]
    stage.keyboard.press("k")
    settle(stage)
    assert state(stage)["time_s"] > first
    view = picture(stage.locator(".ev-body canvas"))
    stage.keyboard.press("3")
    settle(stage)
    expect(stage.get_by_role("button", name="Top")).to_have_attribute("aria-pressed", "true")
    assert changed(view, picture(stage.locator(".ev-body canvas"))) > 0.05
    stage.keyboard.press("?")
    expect(stage.get_by_role("dialog", name="Keys")).to_be_visible()
    stage.keyboard.press("Escape")
    stage.keyboard.press("Home")
    stage.keyboard.press("Space")
    stage.wait_for_function(f"{STATE}.playing")


def test_the_chosen_method_and_side_paint_body_and_items(stage: Page) -> None:
    seek(stage, 1.0)
    canvas = stage.locator(".ev-body canvas")
    rula = picture(canvas)
    expect(stage.locator(".ev-items tbody tr")).to_have_count(10)
    stage.locator(".ev-choices").get_by_role("button", name="REBA").click()
    settle(stage)
    expect(stage.locator(".ev-items tbody tr")).to_have_count(9)
    assert changed(rula, picture(canvas)) > 0.002
    stage.get_by_role("button", name="Right", exact=True).click()
    expect(stage.locator(".ev-items caption")).to_contain_text("REBA right")


def test_what_was_not_seen_is_said_in_words(stage: Page) -> None:
    seek(stage, (GAP.start + GAP.stop) / 2 / 15)
    expect(stage.locator(".ev-body .ev-note")).to_have_text("not seen")
    expect(stage.locator(".ev-card").first).to_contain_text("not assessed")
    seek(stage, 1.0)
    expect(stage.locator(".ev-body .ev-note")).to_be_hidden()
    expect(stage.locator(".ev-items tbody tr", has_text="Wrist").first).to_contain_text("side")


def test_skeleton_body_or_nothing_lies_over_the_video(stage: Page) -> None:
    seek(stage, 1.0)
    figure, over = stage.locator(".ev-video"), stage.get_by_role("group", name="Over the video")
    skeleton = picture(figure)
    over.get_by_role("button", name="None").click()
    bare = picture(figure)
    assert changed(skeleton, bare) > 0.005
    over.get_by_role("button", name="Body").click()
    body = picture(figure)
    assert changed(body, bare) > 0.01
    stage.locator(".ev-choices").get_by_role("button", name="OWAS").click()
    assert changed(body, picture(figure)) > 0.002  # painted by the method that is shown
    seek(stage, (GAP.start + GAP.stop) / 2 / 15)
    unseen = picture(figure)
    over.get_by_role("button", name="None").click()
    assert changed(unseen, picture(figure)) < 0.004  # nobody was seen there: only the buttons differ


def test_orbit_and_zoom(stage: Page) -> None:
    seek(stage, 1.0)
    canvas = stage.locator(".ev-body canvas")
    before = picture(canvas)
    box = canvas.bounding_box()
    assert box is not None
    stage.mouse.move(box["x"] + 100, box["y"] + 100)
    stage.mouse.down()
    stage.mouse.move(box["x"] + 220, box["y"] + 120, steps=4)
    stage.mouse.up()
    settle(stage)
    turned = picture(canvas)
    assert changed(before, turned) > 0.02
    stage.mouse.wheel(0, -300)
    settle(stage)
    assert changed(turned, picture(canvas)) > 0.02


def test_a_part_of_the_body_leads_to_its_angle_and_the_timeline_to_a_moment_of_it(stage: Page) -> None:
    seek(stage, 1.0)
    story, timeline = stage.locator(".ev-story"), stage.locator(".ev-timeline canvas")
    stage.get_by_role("button", name="left leg:").click()
    expect(story).to_contain_text("Left knee flexion")
    stage.locator(".ev-choices").get_by_role("button", name="REBA").click()
    expect(story.locator(".ev-story-bands li").first).to_contain_text("%")
    expect(story.get_by_role("img", name="Left knee flexion, seen from the side")).to_be_visible()
    stage.locator(".ev-now").get_by_role("button", name="Trunk", exact=True).click()  # an item of this moment
    expect(story).to_contain_text("Trunk flexion")
    expect(stage.get_by_role("button", name="trunk:")).to_have_attribute("aria-pressed", "true")
    stage.locator(".ev-now").get_by_role("button", name="Neck", exact=True).hover()
    meaning = stage.get_by_role("tooltip")
    expect(meaning).to_contain_text("The head against the trunk; 0 is neutral gaze")
    expect(meaning.get_by_role("img", name="Neck flexion, seen from the side")).to_be_visible()
    stage.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    stage.locator(".ev-heat-root").get_by_role("button", name="Lower arm", exact=True).focus()
    stage.keyboard.press("Shift+Tab")
    stage.keyboard.press("Tab")
    expect(meaning).to_contain_text("The forearm against the upper arm, straightened")
    drawn = picture(timeline)
    stage.get_by_role("button", name="Zoom into the timeline").click()
    timeline.focus()
    stage.keyboard.press("i")
    settle(stage)
    assert changed(drawn, picture(timeline)) > 0.01
    box = timeline.bounding_box()
    assert box is not None
    timeline.click(position={"x": 104 + 1, "y": 60})  # the left end is no longer the beginning
    settle(stage)
    assert 0.2 < state(stage)["time_s"] < 1.0
    expect(stage.locator(".ev-readout video")).to_be_visible()
    stage.keyboard.press("0")
    expect(stage.get_by_role("button", name="Show more of the film")).to_be_disabled()


def test_the_ghost_of_another_moment_and_the_ways_of_the_hands(stage: Page) -> None:
    canvas = stage.locator(".ev-body canvas")
    seek(stage, 0.0)
    canvas.focus()
    alone = picture(canvas)
    stage.get_by_label("Ghost").select_option(index=1)
    canvas.focus()
    settle(stage)
    assert changed(alone, picture(canvas)) > 0.005
    stage.keyboard.press("g")  # this moment, and none
    stage.keyboard.press("g")
    settle(stage)
    assert changed(alone, picture(canvas)) < 0.005
    seek(stage, 1.0)
    without = picture(canvas)
    stage.get_by_role("button", name="Hands", exact=True).click()
    settle(stage)
    assert changed(without, picture(canvas)) > 0.001
    head = stage.get_by_role("button", name="head:")
    head.click()
    expect(head).to_have_attribute("aria-pressed", "true")
    height, width = without.shape[:2]
    canvas.click(position={"x": width / 2, "y": 0.52 * height})  # the body, not its head
    expect(head).to_have_attribute("aria-pressed", "false")
