"""A finished analysis as its owner sees it in a real Chromium, and as others do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from chromium import CHROMIUM

pytest.importorskip("playwright.sync_api")
from axe_playwright_python.sync_playwright import Axe
from page_process import PageProcess
from page_steps import READY, SOON_MS, keep_finished, wait_for_result
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, expect
from uploading import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
AXE_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


@pytest.fixture(scope="module")
def owner(browser: Browser) -> BrowserContext:
    """The browser to which the finished analysis belongs."""
    return browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")  # see stage_tab


@pytest.fixture(scope="module")
def finished(owner: BrowserContext, app: PageProcess, squat) -> str:
    """The address of a finished analysis of the example."""
    return keep_finished(app, owner, squat[1])


@pytest.fixture(scope="module")
def tab(owner: BrowserContext) -> tuple[Page, list[str]]:
    """The owner's window, and what went wrong in it."""
    page = owner.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and errors.append(said.text))
    return page, errors


@pytest.fixture
def page(tab: tuple[Page, list[str]], finished: str) -> Iterator[Page]:
    """The owner's window at the result, which is loaded again only when the last test has left it."""
    page, errors = tab
    if page.url != finished:
        page.goto(finished)
    page.wait_for_function(READY, timeout=60_000)
    yield page
    assert errors == []


def test_a_moment_moves_the_player(page: Page) -> None:
    expect(page.locator(".verdict:not(.small) .method")).to_have_count(2, timeout=60_000)
    for card in page.locator(".verdict:not(.small) .method").all():
        expect(card.locator(".score")).to_have_text(re.compile(r"\d+"))
    moment = page.locator("[data-seek-s]").first
    wanted_s = float(moment.get_attribute("data-seek-s") or "nan")
    moment.click()
    page.wait_for_function(
        "t => Math.abs(document.querySelector('.ergo-viewer-host').__ergo.time_s - t) < 0.1",
        arg=wanted_s,
        timeout=SOON_MS,
    )
    page.wait_for_function(
        "t => Math.abs(document.querySelector('.ergo-viewer video').currentTime - t) < 0.1",
        arg=wanted_s,
        timeout=SOON_MS,
    )


def test_timeline_moves_video_and_body(page: Page) -> None:
    page.locator(".ergo-viewer canvas").last.scroll_into_view_if_needed()
    box = page.locator(".ev-timeline canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function("document.querySelector('.ergo-viewer-host').__ergo.time_s > 0.5", timeout=SOON_MS)
    page.wait_for_function("document.querySelector('.ergo-viewer video').currentTime > 0.5", timeout=SOON_MS)


def test_downloads_come_with_their_names(page: Page) -> None:
    with page.expect_download(timeout=60_000) as download:
        page.locator(".file-list a", has_text="result.json").click()
    assert download.value.suggested_filename.endswith("result.json")
    assert (download.value.path()).read_text().startswith("{")


def test_reports_and_other_formats_are_made_when_asked_for(page: Page) -> None:
    page.locator(".report-fields summary").click(timeout=60_000)
    page.fill(".report-fields [name=company]", "Example Ltd")
    with page.expect_download(timeout=60_000) as download:
        page.locator("[data-report=html]").click()
    assert "Example Ltd" in download.value.path().read_text()
    with page.expect_download(timeout=60_000) as download:
        page.locator("[data-export=bvh]").click()
    assert download.value.path().read_text().startswith("HIERARCHY")
    expect(page.locator(".take-away-state")).to_have_text("BVH is saved.")
    page.reload()
    page.locator(".report-fields summary").click(timeout=60_000)
    expect(page.locator(".report-fields [name=company]")).to_have_value("Example Ltd")
    page.locator(".take-away").evaluate("place => (place.dataset.job = 'f'.repeat(32))")
    page.locator("[data-export=mot]").click()
    expect(page.locator(".take-away-state.bad")).to_contain_text("There is no job", timeout=60_000)


def test_the_angles_of_a_reason_are_defined_and_do_not_move_the_player(page: Page) -> None:
    name = page.locator(".reasons .term").first
    name.scroll_into_view_if_needed(timeout=60_000)
    before_s = page.evaluate("document.querySelector('.ergo-viewer-host').__ergo.time_s")
    name.click()
    expect(page.locator(".ev-definition")).to_contain_text(name.get_attribute("data-label") or "?")
    expect(page.locator(".ev-definition svg.ev-angle")).to_be_visible()
    assert page.evaluate("document.querySelector('.ergo-viewer-host').__ergo.time_s") == before_s
    page.keyboard.press("Escape")


def test_pictures_of_the_result_are_there(page: Page) -> None:
    picture = page.locator(".moment img").first
    picture.scroll_into_view_if_needed(timeout=60_000)
    page.wait_for_function("document.querySelector('.moment img').naturalWidth > 0", timeout=SOON_MS)


def test_the_figure_stands_among_the_verdicts_and_an_outage_is_said(page: Page) -> None:
    figure = page.locator(".verdict [data-heat] .ev-figure")
    expect(figure).to_be_visible(timeout=60_000)
    figure.locator("[data-region=trunk]").click()
    expect(page.locator(".ev-story")).to_contain_text("Trunk flexion")
    page.context.set_offline(True)
    expect(page.locator(".ergo-offline")).to_contain_text("Offline")
    page.context.set_offline(False)
    expect(page.locator(".ergo-offline")).to_be_empty()


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    page.wait_for_function(READY, timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_axe_objects_to_nothing_on_the_result(finished: str, page: Page) -> None:
    # the other scheme is the same page in other colours
    for scheme, rules in (("dark", AXE_RULES), ("light", AXE_COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.goto(finished)
        page.wait_for_function(READY, timeout=60_000)
        page.evaluate("document.querySelectorAll('#ergo-page details').forEach((one) => (one.open = true))")
        page.get_by_role("button", name="Body", exact=True).click()
        page.get_by_role("button", name="Level", exact=True).click()
        page.locator(".ev-item-name").first.focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("tooltip")).to_be_visible()
        found = Axe().run(page, options={"runOnly": rules})
        assert found.violations_count == 0, found.generate_report()
    page.goto("about:blank")  # the next test begins with all folded


def test_another_browser_does_not_get_to_see_it(finished: str, browser: Browser) -> None:
    context = browser.new_context()
    other = context.new_page()
    other.goto(finished)
    expect(other.locator(".card.trouble")).to_contain_text("There is no analysis at this address.", timeout=60_000)
    assert other.locator(".verdict").count() == 0
    context.close()


def test_what_the_page_asked_for_is_given_to_nobody_else(finished: str, page: Page, browser: Browser) -> None:
    """Every request that showing a result takes, made again by another browser."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  Playwright takes no builtin
    page.reload()
    page.wait_for_function(READY, timeout=60_000)
    job_id, other = finished.partition("job=")[2], browser.new_context()
    # film, motion, pictures
    wait_until(page, lambda: len({each.url for each in asked if f"jobs/{job_id}" in each.url}) >= 3)
    of_the_job = 0
    for request in {(each.method, each.url, each.post_data): each for each in asked}.values():
        if "/static/" in request.url or "/assets/" in request.url:
            continue
        try:
            answer = other.request.fetch(
                request.url, method=request.method, data=request.post_data, timeout=5000,
                headers={"Content-Type": request.headers.get("content-type", "text/plain")},
            )  # fmt: skip
        except Error:  # a stream in which nothing is said
            continue
        if f"jobs/{job_id}" in request.url:
            of_the_job += 1
            assert answer.status in (403, 404), request.url
        assert job_id not in answer.text().replace(finished, ""), request.url
    assert of_the_job >= 3
    other.close()


def test_my_analyses_are_there_after_a_reload_and_one_is_shared(
    finished: str, page: Page, app: PageProcess, browser: Browser
) -> None:
    page.goto(f"{app.url}/?new")
    line = page.locator(f"li[data-job='{finished.partition('job=')[2]}']")
    expect(line.locator(".verdict-line")).to_contain_text("REBA", timeout=60_000)
    page.wait_for_function("document.querySelector('.history img')?.naturalWidth > 0", timeout=SOON_MS)
    line.get_by_role("button", name="Share").click()
    line.get_by_label("show the film").check()
    line.get_by_role("button", name="Make a link").click()
    link = line.get_by_label("Address of the link")
    expect(link).to_have_value(re.compile("/ergo/shared/"), timeout=SOON_MS)
    context = browser.new_context()
    other = context.new_page()
    refused: list[str] = []
    other.on("console", lambda said: "Content Security Policy" in said.text and refused.append(said.text))
    other.goto(link.input_value())
    other.wait_for_function(READY, timeout=60_000)
    other.locator(".moment-head").first.click()
    other.wait_for_function("document.querySelector('.ergo-viewer-host').__ergo.time_s > 0", timeout=SOON_MS)
    assert refused == []
    line.get_by_role("button", name="End it").click()
    expect(page.locator(".history-said")).to_contain_text("ended", timeout=SOON_MS)
    other.reload()
    expect(other.locator(".trouble")).to_contain_text("expired", timeout=SOON_MS)
    context.close()


def test_a_level_set_by_hand_is_used_without_looking_at_the_video_again(finished: str, page: Page) -> None:
    page.get_by_role("button", name="Level", exact=True).click()
    page.get_by_role("slider", name="Level of the camera").focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Use this level").click()
    page.wait_for_function("before => location.href !== before", arg=finished, timeout=SOON_MS)
    wait_for_result(page)
    page.wait_for_function(READY, timeout=60_000)
    page.get_by_role("button", name="Level", exact=True).click()
    expect(page.locator(".ev-level-readout")).to_contain_text("set by hand")
    page.goto(finished)  # what was there before is still there
    expect(page.locator(".verdict:not(.small) .method").first).to_be_visible(timeout=60_000)


def test_an_unknown_address_says_so(app: PageProcess, page: Page) -> None:
    page.goto(f"{app.url}/?job=0123456789abcdef0123456789abcdef")
    trouble = page.locator(".card.trouble")
    expect(trouble).to_contain_text("There is no analysis at this address.", timeout=60_000)
    expect(trouble.locator(".hint")).not_to_be_empty()
