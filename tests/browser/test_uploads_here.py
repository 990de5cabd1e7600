"""Uploads to this machine, in a real Chromium: what may go wrong at either end, and what the page says of it."""

from __future__ import annotations

import base64
import json
import random
import re
import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS
from page_process import PageProcess, running_page

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from uploading import (
    EXAMPLE,
    OPTIONS,
    PART,
    SOON_MS,
    Line,
    choose,
    expect_line,
    film,
    new_context,
    new_page,
    pause_at,
    sha256,
    start_analysis,
    visit,
    wait_for,
    wait_for_share,
    wait_until,
)

SLOW = 4_000_000
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.xdist_group("uploads here"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageProcess]:
    with running_page(tmp_path_factory.mktemp("data"), OPTIONS) as process:
        yield process


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *CAMERA])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, app: PageProcess) -> Page:
    return new_page(context, app.url)


def _store(app: PageProcess) -> Path:
    return Path(app._environment["ERGO_DATA_DIR"]) / "store"


def _stored(app: PageProcess, page: Page) -> str:
    """The digest of what the store has of the page's first film."""
    page.wait_for_function("document.querySelector('.ergo-uploader').dataset.state === 'ready'")
    kept = page.evaluate(
        "Object.entries(localStorage).filter(([k]) => k.startsWith('ergo.upload.')).map(([, v]) => JSON.parse(v))"
    )
    [record] = [entry for entry in kept if entry["state"] == "done"]
    return sha256((_store(app) / "objects" / record["plan"]["videoKey"]).read_bytes())


def _parts_sent(page: Page) -> Counter[str]:
    """Counts the parts that are answered with success from now on."""
    sent: Counter[str] = Counter()

    def note(response: object) -> None:
        url, method, ok = response.url, response.request.method, response.ok  # type: ignore[attr-defined]
        if method == "PUT" and ok:
            sent[re.search(r"part=(\d+)", url)[1]] += 1  # type: ignore[index]

    page.on("response", note)
    return sent


def test_parts_that_fail_are_sent_again(app: PageProcess, page: Page, tmp_path: Path) -> None:
    video, chance, storm = film(tmp_path, parts=8.3), random.Random(3), iter(range(6))

    def stumble(route: Route) -> None:
        if next(storm, None) is not None:
            route.fulfill(status=429, headers={"Retry-After": "1"})
        elif chance.random() < 0.2:
            route.abort("connectionreset")
        elif chance.random() < 0.2:
            route.fulfill(status=chance.choice([500, 503, 400, 403]))
        else:
            route.continue_()

    page.route("**/ergo/store/**", stumble)
    choose(page, video)
    wait_for(page, "retrying")
    expect_line(page, "busy")
    wait_for(page, "ready")
    assert _stored(app, page) == sha256(video.read_bytes())


def test_a_restart_of_the_app_is_waited_for(app: PageProcess, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    wait_for_share(page, 40)
    app.stop(kill=True)
    wait_for(page, "retrying")
    app.start()
    wait_for(page, "ready")
    assert _stored(app, page) == sha256(video.read_bytes())


def test_offline_is_said_and_waited_for(app: PageProcess, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    wait_for_share(page, 10)
    line.set(offline=True)
    expect_line(page, "offline")
    line.set(bytes_per_s=SLOW)
    wait_for(page, "ready")
    assert _stored(app, page) == sha256(video.read_bytes())


def test_two_tabs_send_a_file_once(app: PageProcess, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path, parts=8.3)
    other = new_page(page.context, app.url)
    sent, sent_by_other = _parts_sent(page), _parts_sent(other)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    pause_at(page, 60)
    choose(other, video)
    wait_for(other, "elsewhere")
    expect_line(other, "another tab")
    page.close(run_before_unload=False)
    wait_for(other, "ready")
    assert max((sent + sent_by_other).values()) == 1
    assert sent_by_other
    assert _stored(app, other) == sha256(video.read_bytes())


def test_an_interrupted_upload_is_offered_again_and_another_file_is_told(
    app: PageProcess, page: Page, tmp_path: Path
) -> None:
    video = film(tmp_path, parts=8.3)
    sent = _parts_sent(page)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    pause_at(page, 60)
    line.set()
    visit(page, app.url)
    row = page.locator(".unfinished .file")
    expect(row.locator(".file-name")).to_have_text("shift.mp4")
    expect(row.locator(".file-state")).to_contain_text(re.compile(r"\d+ % of 43\.5 MB had arrived"))
    with page.expect_file_chooser() as chooser:
        row.get_by_role("button", name="Choose the same file").click()
    chooser.value.set_files(EXAMPLE)
    expect(row).to_have_attribute("data-code", "AnotherFile")
    expect(row.locator(".file-hint")).to_contain_text("lift_squat.mp4")
    with page.expect_file_chooser() as chooser:
        row.get_by_role("button", name="Choose the same file").click()
    chooser.value.set_files(video)
    wait_for(page, "ready")
    assert set(sent.values()) == {1}
    assert _stored(app, page) == sha256(video.read_bytes())


def test_a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room(
    app: PageProcess, page: Page, tmp_path: Path
) -> None:
    video = film(tmp_path)
    sent = _parts_sent(page)
    _, hard = resource.prlimit(app.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(app.pid, resource.RLIMIT_FSIZE, (3 * PART, hard))  # no file may grow beyond: to writers, no room
    try:
        choose(page, video)
        wait_for(page, "failed")
    finally:
        resource.prlimit(app.pid, resource.RLIMIT_FSIZE, (hard, hard))
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-code", "StorageFull")
    expect_line(page, "No room is left")
    wait_until(page, lambda: not list((_store(app) / "incoming").iterdir()))
    assert 0 < len(sent) <= 3
    page.get_by_role("button", name="Try again").click()
    wait_for(page, "ready")
    assert set(sent.values()) == {1}
    assert _stored(app, page) == sha256(video.read_bytes())


def test_a_file_that_changes_while_it_is_sent_is_told(page: Page, tmp_path: Path) -> None:
    video = film(tmp_path)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    wait_for_share(page, 20)
    with video.open("ab") as file:
        file.write(b"more")
    wait_for(page, "failed")
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-code", "FileChanged")


def test_pause_continue_and_cancel_leave_nothing_behind(app: PageProcess, page: Page, tmp_path: Path) -> None:
    before = {path.name for path in (_store(app) / "multipart").iterdir()}
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, film(tmp_path))
    pause_at(page, 20)
    expect_line(page, re.compile(r"Paused at \d+ %"))
    assert page.evaluate("document.activeElement.dataset.act") == "resume"
    page.keyboard.press("Enter")
    wait_for(page, "uploading")
    page.get_by_role("button", name="Cancel").click()
    wait_for(page, "empty")
    page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('ergo.upload.'))")
    for _ in range(50):
        if {path.name for path in (_store(app) / "multipart").iterdir()} == before:
            break
        page.wait_for_timeout(100)
    assert {path.name for path in (_store(app) / "multipart").iterdir()} == before
    expect(page.locator(".unfinished")).to_be_hidden()


def test_an_analysis_asked_for_early_begins_by_itself_after_a_reload_too(
    app: PageProcess, page: Page, tmp_path: Path
) -> None:
    video = film(tmp_path)
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    pause_at(page, 10)
    start_analysis(page)
    expect(page.locator(".ergo-promise")).to_contain_text("starts by itself", timeout=SOON_MS)
    line.set()
    visit(page, app.url)
    expect(page.locator(".unfinished .file-hint")).to_contain_text("starts by itself")
    choose(page, video)
    panel = page.locator(".ergo-job")
    expect(panel).to_have_attribute("data-job", re.compile("[0-9a-f]{32}"), timeout=60_000)
    expect(panel.locator(".job-title")).to_have_text("shift.mp4")
    page.get_by_role("button", name="Cancel the analysis").click()
    expect(panel).to_have_attribute("data-view", "trouble", timeout=60_000)


def test_several_files_one_after_the_other(app: PageProcess, page: Page, tmp_path: Path) -> None:
    first, second = film(tmp_path, "first.mp4", parts=2.3), film(tmp_path, "second.mp4", parts=1.3)
    notes = tmp_path / "notes.mp4"
    notes.write_text("10:15 lift the box\n")
    line = Line(page)
    line.set(bytes_per_s=SLOW)
    choose(page, first, second, notes)
    cards = page.locator(".files .file")
    pause_at(page, 5)
    expect(cards.nth(2)).to_have_attribute("data-state", "failed", timeout=SOON_MS)
    expect(cards.nth(1)).to_have_attribute("data-state", "waiting", timeout=SOON_MS)
    start_analysis(page)
    expect(page.locator(".ergo-promise")).to_contain_text("2 analyses start by themselves", timeout=SOON_MS)
    page.get_by_role("button", name="Continue").click()
    wait_for(page, "ready")
    expect(page.locator(".files .see:visible")).to_have_count(2, timeout=SOON_MS)
    jobs = {link.get_attribute("href") for link in page.locator(".files .see:visible").all()}
    assert len(jobs) == 2
    start_analysis(page)
    expect(page.locator(".ergo-notice")).to_contain_text("already", timeout=SOON_MS)
    for job in jobs:
        page.goto(f"{app.url}/{job}")
        page.get_by_role("button", name="Cancel the analysis").click(timeout=SOON_MS)


@pytest.mark.parametrize("name", ["\u9577\u3044" * 900, "\u05ea\u05e8\u05d2\u05d9\u05dc \u202egnp"])
def test_names_of_any_length_and_direction(app: PageProcess, page: Page, name: str) -> None:
    content = EXAMPLE.read_bytes()
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], name, { type: "video/mp4", lastModified: 1 }));
            const init = { bubbles: true, cancelable: true, dataTransfer: data };
            document.body.dispatchEvent(new DragEvent("drop", init));
        }""",
        [f"{name}.mp4", base64.b64encode(content).decode()],
    )
    wait_for(page, "ready")
    assert _stored(app, page) == sha256(content)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_the_browsers_clock_does_not_matter(app: PageProcess, context: BrowserContext, tmp_path: Path) -> None:
    video = film(tmp_path, parts=2.3)
    for minutes in (-20, 20):
        context.add_init_script(f"{{ const now = Date.now; Date.now = () => now() + {minutes * 60_000}; }}")
        page = new_page(context, app.url)
        choose(page, video)
        wait_for(page, "ready")
    assert _stored(app, page) == sha256(video.read_bytes())


def test_a_recording_is_uploaded_like_any_film(app: PageProcess, page: Page) -> None:
    sent = _parts_sent(page)
    page.get_by_role("button", name="Record one").first.click()
    page.get_by_role("button", name="Start recording").click(timeout=SOON_MS)
    expect(page.locator(".camera-time")).to_have_text("0:02", timeout=SOON_MS)
    page.get_by_role("button", name="Stop and upload").click()
    wait_for(page, "ready")
    expect(page.locator(".file-name")).to_have_text(re.compile(r"Recording [\d-]+ [\d-]+\.(mp4|webm)"))
    assert sum(sent.values()) >= 1
    digest = _stored(app, page)
    [video] = [p for p in (_store(app) / "objects").rglob("source.*") if sha256(p.read_bytes()) == digest]
    from ergo.video import DecodeLimits, probe

    info = probe(video, DecodeLimits())
    assert info.width_px > 100 and len(info.timestamps_s) > 20


def test_a_camera_that_may_not_be_used_is_told(browser: Browser, app: PageProcess) -> None:
    context = new_context(browser)
    page = new_page(context, app.url)
    for name, words in (("NotAllowedError", "may not use the camera"), ("NotFoundError", "No camera")):
        page.evaluate(
            "n => (navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', n); })", name
        )
        page.get_by_role("button", name="Record one").first.click()
        expect(page.locator(".camera")).to_have_attribute("data-code", name)
        expect(page.locator(".camera-state")).to_contain_text(words)
        expect(page.locator(".camera-hint")).not_to_be_empty()
        page.keyboard.press("Escape")
        expect(page.locator(".drop")).to_be_visible()
    context.close()


def test_nothing_is_left_where_bytes_arrive(app: PageProcess, page: Page) -> None:
    wait_until(page, lambda: not list((_store(app) / "incoming").iterdir()))
    for meta in (_store(app) / "objects" / "uploads").rglob("meta.json"):
        assert json.loads(meta.read_bytes())["filename"]
