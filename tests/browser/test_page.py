"""The page as a person uses it: a real app, a real Chromium, a real analysis."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS, WEBGL
from page_process import ROOT, page_process

playwright_api = pytest.importorskip("playwright.sync_api")
from page_steps import SOON_MS, start, take_example, visit, wait_for_result  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright  # noqa: E402
from playwright.sync_api import Error as PlaywrightError  # noqa: E402
from uploading import wait_until  # noqa: E402

EXAMPLE = ROOT / "assets" / "examples" / "lift_squat.mp4"
PART_BYTES = 16 << 20

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_process(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *WEBGL])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, owner: BrowserContext, app: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    _as_owner(context, owner)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and errors.append(said.text))
    visit(page, app)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def owner(browser: Browser) -> Iterator[BrowserContext]:
    """The browser to which the finished analysis belongs."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture(scope="module")
def finished(owner: BrowserContext, app: str) -> str:
    """The address of a finished analysis of the example, made by clicking through the page."""
    page = owner.new_page()
    visit(page, app)
    take_example(page)
    start(page)
    wait_for_result(page)
    url = page.url
    page.close()
    return url


def _as_owner(context: BrowserContext, owner: BrowserContext) -> None:
    """Another window of the same browser: the cookie is the same, what it remembers of itself is not."""
    for cookie in owner.cookies():
        context.add_cookies([cookie])


def test_example_becomes_a_result_and_a_moment_moves_the_player(finished: str, page: Page) -> None:
    page.goto(finished)
    expect(page.locator(".verdict:not(.small) .method")).to_have_count(2, timeout=60_000)
    for card in page.locator(".verdict:not(.small) .method").all():
        expect(card.locator(".score")).to_have_text(re.compile(r"\d+"))
    page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
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


def test_a_level_set_by_hand_is_used_without_looking_at_the_video_again(finished: str, owner: BrowserContext) -> None:
    page = owner.new_page()
    page.goto(finished)
    page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
    page.get_by_role("button", name="Level", exact=True).click()
    page.get_by_role("slider", name="Level of the camera").focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Use this level").click()
    page.wait_for_function("before => location.href !== before", arg=finished, timeout=SOON_MS)
    wait_for_result(page)
    page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
    page.get_by_role("button", name="Level", exact=True).click()
    expect(page.locator(".ev-level-readout")).to_contain_text("set by hand")
    page.goto(finished)  # what was there before is still there
    expect(page.locator(".verdict:not(.small) .method").first).to_be_visible(timeout=60_000)
    page.close()


def test_timeline_moves_video_and_body(finished: str, page: Page) -> None:
    page.goto(finished)
    page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
    page.locator(".ergo-viewer canvas").last.scroll_into_view_if_needed()
    box = page.locator(".ev-timeline canvas").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function("document.querySelector('.ergo-viewer-host').__ergo.time_s > 0.5", timeout=SOON_MS)
    page.wait_for_function("document.querySelector('.ergo-viewer video').currentTime > 0.5", timeout=SOON_MS)


def test_downloads_come_with_their_names(finished: str, page: Page) -> None:
    page.goto(finished)
    with page.expect_download(timeout=60_000) as download:
        page.locator(".file-list a", has_text="result.json").click()
    assert download.value.suggested_filename.endswith("result.json")
    assert (download.value.path()).read_text().startswith("{")


def test_reports_and_other_formats_are_made_when_asked_for(finished: str, page: Page) -> None:
    page.goto(finished)
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


def test_pictures_of_the_result_are_there(finished: str, page: Page) -> None:
    page.goto(finished)
    picture = page.locator(".moment img").first
    picture.scroll_into_view_if_needed(timeout=60_000)
    page.wait_for_function("document.querySelector('.moment img').naturalWidth > 0", timeout=SOON_MS)


def test_a_dropped_file_is_uploaded_and_analysed(page: Page) -> None:
    page.set_input_files(".ergo-uploader input[type=file]", EXAMPLE)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.locator(".file-name")).to_have_text("lift_squat.mp4")
    start(page)
    wait_for_result(page)
    expect(page.locator(".result-head h2")).to_have_text("lift_squat.mp4")


def test_a_file_can_be_dropped_anywhere(page: Page) -> None:
    content = list(EXAMPLE.read_bytes()[:4096])
    page.evaluate(
        """content => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(content)], "cut.mp4", { type: "video/mp4" }));
            for (const type of ["dragenter", "dragover", "drop"]) {
                const init = { bubbles: true, cancelable: true, dataTransfer: data };
                document.body.dispatchEvent(new DragEvent(type, init));
            }
        }""",
        content,
    )
    expect(page.locator(".file-name")).to_have_text("cut.mp4")
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=SOON_MS)


def test_an_interrupted_upload_continues_where_it_stopped(page: Page, app: str, tmp_path: Path) -> None:
    video = tmp_path / "long.mp4"
    video.write_bytes(EXAMPLE.read_bytes())
    with video.open("r+b") as file:
        file.truncate(6 * PART_BYTES)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 24_000_000}
    network.send("Network.emulateNetworkConditions", limits)
    page.set_input_files(".ergo-uploader input[type=file]", video)
    page.wait_for_function(
        "Number(document.querySelector('.ergo-uploader .bar').getAttribute('aria-valuenow')) > 70", timeout=120_000
    )
    network.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": -1})
    page.on("dialog", lambda dialog: dialog.accept())
    visit(page, app)
    sent: list[str] = []
    page.on("request", lambda request: request.method == "PUT" and sent.append(request.url))
    page.set_input_files(".ergo-uploader input[type=file]", video)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=60_000)
    assert 1 <= len(sent) <= 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("notes.mp4", b"10:15 lift the box from the pallet\n", "NotAVideo"),
        ("empty.mp4", b"", "EmptyFile"),
        ("song.mp4", b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(500), "NoVideoStream"),
    ],
)
def test_a_bad_file_is_told_before_it_is_sent(page: Page, name: str, content: bytes, code: str) -> None:
    page.set_input_files(
        ".ergo-uploader input[type=file]", files=[{"name": name, "mimeType": "video/mp4", "buffer": content}]
    )
    root = page.locator(".ergo-uploader")
    expect(root).to_have_attribute("data-code", code)
    expect(page.locator(".file-hint")).not_to_be_empty()
    expect(page.locator("#ergo-start")).not_to_be_visible()
    page.get_by_role("button", name="Choose another").click()
    expect(root).to_have_attribute("data-state", "empty")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_sound_without_picture_fails_with_its_hint(page: Page, tmp_path: Path) -> None:
    sound = tmp_path / "lunch.mp4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=2", "-c:a", "aac", str(sound)]
    subprocess.run(command, check=True, timeout=60)
    page.set_input_files(".ergo-uploader input[type=file]", sound)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=SOON_MS)
    start(page)
    trouble = page.locator(".card.trouble")
    expect(trouble).to_have_attribute("data-code", "NoVideoStream", timeout=60_000)
    expect(trouble.locator(".hint")).not_to_be_empty()
    first = page.locator(".ergo-job").get_attribute("data-job") or ""
    page.get_by_role("button", name="Run it again").click()
    expect(page.locator(".ergo-job")).not_to_have_attribute("data-job", first, timeout=SOON_MS)
    expect(trouble).to_have_attribute("data-code", "NoVideoStream", timeout=60_000)


def test_reload_goes_on_with_the_running_job_and_cancel_ends_it(page: Page, app: str) -> None:
    take_example(page)
    page.get_by_role("button", name="Start the analysis").click()
    panel = page.locator(".ergo-job")
    expect(panel).to_have_attribute("data-view", "job", timeout=SOON_MS)
    job = panel.get_attribute("data-job")
    page.wait_for_url(f"**job={job}*")
    page.reload()
    expect(panel).to_have_attribute("data-job", job or "", timeout=60_000)
    visit(page, app)  # without the address: the browser remembers
    expect(panel).to_have_attribute("data-job", job or "", timeout=60_000)
    if panel.get_attribute("data-view") == "job":
        page.get_by_role("button", name="Cancel the analysis").click()
    expect(panel).to_have_attribute("data-view", re.compile("trouble|result"), timeout=60_000)


def test_the_figure_stands_among_the_verdicts_and_an_outage_is_said(finished: str, page: Page) -> None:
    page.goto(finished)
    figure = page.locator(".verdict [data-heat] .ev-figure")
    expect(figure).to_be_visible(timeout=60_000)
    figure.locator("[data-region=trunk]").click()
    expect(page.locator(".ev-story")).to_contain_text("Trunk flexion")
    page.context.set_offline(True)
    expect(page.locator(".ergo-offline")).to_contain_text("Offline")
    page.context.set_offline(False)
    expect(page.locator(".ergo-offline")).to_be_empty()


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
    page.goto(finished)
    page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
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
        except PlaywrightError:  # a stream in which nothing is said
            continue
        if f"jobs/{job_id}" in request.url:
            of_the_job += 1
            assert answer.status in (403, 404), request.url
        assert job_id not in answer.text().replace(finished, ""), request.url
    assert of_the_job >= 3
    other.close()


def test_my_analyses_are_there_after_a_reload_and_one_is_shared(
    finished: str, page: Page, app: str, browser: Browser
) -> None:
    page.goto(f"{app}/?new")
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
    other.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
    other.locator(".moment").first.click()
    other.wait_for_function("document.querySelector('.ergo-viewer-host').__ergo.time_s > 0", timeout=SOON_MS)
    assert refused == []
    line.get_by_role("button", name="End it").click()
    expect(page.locator(".history-said")).to_contain_text("ended", timeout=SOON_MS)
    other.reload()
    expect(other.locator(".trouble")).to_contain_text("expired", timeout=SOON_MS)
    context.close()


def test_an_unknown_address_says_so(app: str, page: Page) -> None:
    page.goto(f"{app}/?job=0123456789abcdef0123456789abcdef")
    trouble = page.locator(".card.trouble")
    expect(trouble).to_contain_text("There is no analysis at this address.", timeout=60_000)
    expect(trouble.locator(".hint")).not_to_be_empty()


def test_a_wrong_answer_names_its_field(page: Page) -> None:
    take_example(page)
    page.get_by_role("button", name="What the camera cannot see").click()
    page.get_by_label(re.compile("Load")).fill("ten")
    page.get_by_role("button", name="Start the analysis").click()
    expect(page.locator(".ergo-notice")).to_contain_text("Load is 'ten'", timeout=SOON_MS)
    expect(page.locator("#ergo-start")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1024])
@pytest.mark.parametrize("place", ["empty", "settings", "result"])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, owner: BrowserContext, app: str, finished: str, width: int, place: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    _as_owner(context, owner)
    page = context.new_page()
    if place == "result":
        page.goto(finished)
        page.wait_for_function("document.querySelector('.ergo-viewer-host')?.__ergo?.ready", timeout=60_000)
    else:
        visit(page, app)
    if place == "settings":
        take_example(page)
        for name in ("What the camera cannot see", "The person", "Advanced"):
            page.get_by_role("button", name=name).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_drop_area_works_from_the_keyboard(page: Page) -> None:
    focused: list[str] = []
    with page.expect_file_chooser(timeout=SOON_MS) as chooser:  # around all keys: listening starts with a delay
        while "file" not in focused:
            page.keyboard.press("Tab")
            focused.append(page.evaluate("document.activeElement?.type ?? document.activeElement?.tagName ?? ''"))
            assert len(focused) < 8, focused
        page.keyboard.press("Enter")
    chooser.value.set_files(EXAMPLE)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=60_000)
    assert page.locator(".ergo-uploader .announcer").inner_text()
