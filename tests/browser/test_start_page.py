"""The page before there is a result, in a real Chromium: a film is given, an analysis begins, runs, fails or ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from chromium import CHROMIUM, chromium

pytest.importorskip("playwright.sync_api")
from page_process import PageProcess
from page_steps import SOON_MS, start, take_example, visit, wait_for_result
from playwright.sync_api import Browser, Page, Route, expect
from recording_proxy import RecordingProxy
from uploading import EXAMPLE, start_over

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:  # no body is drawn: quicker
        yield browser


@pytest.fixture(scope="module")
def tab(browser: Browser, app: PageProcess, wire: RecordingProxy) -> tuple[Page, list[str]]:
    """A window that has not been here before, and what goes wrong in it."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, proxy=wire.playwright).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and errors.append(said.text))
    visit(page, app.url)
    return page, errors


@pytest.fixture
def page(tab: tuple[Page, list[str]], app: PageProcess) -> Iterator[Page]:
    """The window with nothing chosen in it."""
    page, errors = tab
    yield start_over(page, f"{app.url}/?new")
    assert errors == []


DROP = """([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(content)], name, { type: "video/mp4" }));
    return ["dragenter", "dragover", "drop"].map((type) => {
        const init = { bubbles: true, cancelable: true, dataTransfer: data };
        return document.documentElement.dispatchEvent(new DragEvent(type, init));
    });
}"""
NAMES = ".file-name"


def test_films_are_taken_from_the_first_moment_on_wherever_they_are_dropped(page: Page, app: PageProcess) -> None:
    content = list(EXAMPLE.read_bytes()[:4096])
    held: list[Route] = []
    page.route("**/uploader/uploader.js", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks functions
    page.goto(f"{app.url}/?new", wait_until="commit")
    assert page.evaluate(DROP, ["first.mp4", content])[1:] == [False, False]  # the browser does not leave for the film
    page.wait_for_selector(".ergo-uploader input[type=file]", state="attached", timeout=SOON_MS)
    page.set_input_files(".ergo-uploader input[type=file]", EXAMPLE)
    page.wait_for_function("window.ergoEarly && document.querySelector('.ergo-uploader[aria-busy=true]')")
    assert held and page.locator(NAMES).count() == 0
    held[0].continue_()
    page.unroute("**/uploader/uploader.js")
    expect(page.locator(NAMES)).to_have_text(["first.mp4", "lift_squat.mp4"], timeout=SOON_MS)
    page.evaluate(DROP, ["third.mp4", content])
    expect(page.locator(NAMES)).to_have_text(["first.mp4", "lift_squat.mp4", "third.mp4"])
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=SOON_MS)
    page.wait_for_function("localStorage.getItem('ergo') !== null", timeout=SOON_MS)


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


def test_a_wrong_answer_names_its_field(page: Page) -> None:
    take_example(page)
    page.get_by_role("button", name="What the camera cannot see").click()
    page.get_by_label(re.compile("Load")).fill("ten")
    page.get_by_role("button", name="Start the analysis").click()
    expect(page.locator(".ergo-notice")).to_contain_text("Load is 'ten'", timeout=SOON_MS)
    expect(page.locator("#ergo-start")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_is_wider_than_the_screen(page: Page, app: PageProcess, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, f"{app.url}/?new")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    take_example(page)
    for name in ("What the camera cannot see", "The person", "Advanced"):
        page.get_by_role("button", name=name).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


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


def test_sound_without_picture_fails_with_its_hint(page: Page, tmp_path: Path) -> None:
    sound = tmp_path / "lunch.mp4"
    with av.open(sound, "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        for n in range(94):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 1024 * n
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
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


def test_reload_goes_on_with_the_running_job_and_cancel_ends_it(page: Page, app: PageProcess) -> None:
    take_example(page)
    page.get_by_role("button", name="Start the analysis").click()
    panel = page.locator(".ergo-job")
    expect(panel).to_have_attribute("data-view", "job", timeout=SOON_MS)
    job = panel.get_attribute("data-job")
    page.wait_for_url(f"**job={job}*")
    page.reload()
    expect(panel).to_have_attribute("data-job", job or "", timeout=60_000)
    visit(page, app.url)  # without the address: the browser remembers
    expect(panel).to_have_attribute("data-job", job or "", timeout=60_000)
    if panel.get_attribute("data-view") == "job":
        page.get_by_role("button", name="Cancel the analysis").click()
    expect(panel).to_have_attribute("data-view", re.compile("trouble|result"), timeout=60_000)


def test_a_dropped_file_is_uploaded_and_analysed(page: Page) -> None:
    page.set_input_files(".ergo-uploader input[type=file]", EXAMPLE)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=60_000)
    expect(page.locator(".file-name")).to_have_text("lift_squat.mp4")
    start(page)
    wait_for_result(page)
    expect(page.locator(".result-head h2")).to_have_text("lift_squat.mp4")


def test_nothing_is_asked_of_anybody_else_and_every_answer_is_guarded(
    page: Page, app: PageProcess, wire: RecordingProxy
) -> None:
    """All that the window of these tests has asked for, as the proxy in between saw it."""
    page.set_input_files(".ergo-uploader input[type=file]", EXAMPLE)
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=60_000)
    [name] = [each for each in page.context.cookies() if each.get("name") == "ergo_browser"]
    secret = (app.store.parent / "secret.key").read_bytes().strip()
    answered = [each for each in wire.exchanges if each.status]
    assert len(answered) > 30
    assert {each.place for each in wire.exchanges} == {app.url.removeprefix("http://")}
    for each in answered:
        assert each.header("x-content-type-options") == "nosniff", each.path
        given_out = each.method == "GET" and each.path.startswith("/ergo/store/")
        policy = "sandbox" if given_out else "default-src 'none'"
        assert each.header("content-security-policy").startswith(policy), each.path
        assert each.header("referrer-policy") in ("same-origin", "no-referrer"), each.path
        assert not [key for key, _ in each.answered if key.startswith("access-control-")], each.path
        assert secret not in each.body, each.path
        assert str(name.get("value")) not in each.path and str(name.get("value")).encode() not in each.body, each.path
    cookies = [value for each in answered for key, value in each.answered if key == "set-cookie"]
    assert cookies
    assert all("httponly" in each.lower() and "samesite=lax" in each.lower() for each in cookies)
