"""Uploads to this machine, in a real Chromium: what may go wrong at either end, and what the page says of it."""

from __future__ import annotations

import base64
import json
import random
import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, chromium
from page_process import running_page

pytest.importorskip("playwright.sync_api")
import upload_stories as stories
from playwright.sync_api import Page, Route, expect
from uploading import (
    EXAMPLE,
    OPTIONS,
    PART,
    SOON_MS,
    Line,
    Place,
    choose,
    expect_line,
    film,
    new_context,
    new_page,
    parts_sent,
    pause_at,
    plans,
    start_analysis,
    start_over,
    visit,
    wait_for,
    wait_for_share,
    wait_until,
)

from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.storage.uploads import ABANDONED_AFTER_S
from ergo.video.limits import DecodeLimits
from ergo.video.probing import probe

SLOW = 4_000_000
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps what it is given."""
    return tmp_path_factory.mktemp("data") / "store"


@pytest.fixture(scope="module")
def place(folder: Path) -> Iterator[Place]:
    with running_page(folder.parent, OPTIONS) as app:
        yield Place(app, LocalStore(folder, UrlSigner(b"any")))


@pytest.fixture(scope="module")
def tab(place: Place) -> Iterator[Page]:
    with chromium(*CAMERA) as browser:
        yield new_page(new_context(browser), place.app.url)


@pytest.fixture
def page(tab: Page, place: Place) -> Page:
    return start_over(tab, place.app.url)


@pytest.fixture
def line(page: Page) -> Iterator[Line]:
    line = Line(page)
    yield line
    line.close()


def test_parts_that_fail_are_sent_again(place: Place, page: Page, tmp_path: Path) -> None:
    video, chance, storm = film(tmp_path), random.Random(3), iter(range(6))

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
    assert place.has(page, video)


def test_line_and_app_are_waited_for(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    stories.everything_is_gone_for_a_while(place, page, line, film(tmp_path))


def test_two_tabs_send_a_file_once(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    stories.two_tabs_take_the_same_file(place, page, line, film(tmp_path, parts=8.3))


def test_no_finished_part_is_sent_twice(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    stories.page_is_loaded_again_and_again(place, page, line, film(tmp_path))


def test_an_interrupted_upload_is_offered_again_and_another_file_is_told(
    place: Place, page: Page, line: Line, tmp_path: Path
) -> None:
    video = film(tmp_path, parts=8.3)
    sent = parts_sent(page)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    pause_at(page, 60)
    line.set()
    visit(page, place.app.url)
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
    assert place.has(page, video)


def test_a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room(
    place: Place, folder: Path, page: Page, tmp_path: Path
) -> None:
    video = film(tmp_path)
    sent = parts_sent(page)
    _, hard = resource.prlimit(place.app.pid, resource.RLIMIT_FSIZE)
    full = (3 * PART, hard)  # no file may grow beyond: to writers, no room
    resource.prlimit(place.app.pid, resource.RLIMIT_FSIZE, full)
    try:
        choose(page, video)
        wait_for(page, "failed")
    finally:
        resource.prlimit(place.app.pid, resource.RLIMIT_FSIZE, (hard, hard))
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-code", "StorageFull")
    expect_line(page, "No room is left")
    wait_until(page, lambda: not list((folder / "incoming").iterdir()))
    assert len(sent) <= 3
    page.get_by_role("button", name="Try again").click()
    assert place.has(page, video)
    assert set(sent.values()) == {1}


def test_a_file_that_changes_while_it_is_sent_is_told(page: Page, line: Line, tmp_path: Path) -> None:
    video = film(tmp_path)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    wait_for_share(page, 20)
    with video.open("ab") as file:
        file.write(b"more")
    wait_for(page, "failed")
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-code", "FileChanged")


def test_pause_continue_and_cancel_leave_nothing_behind(folder: Path, page: Page, line: Line, tmp_path: Path) -> None:
    before = {path.name for path in (folder / "multipart").iterdir()}
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
    wait_until(page, lambda: {path.name for path in (folder / "multipart").iterdir()} == before)
    expect(page.locator(".unfinished")).to_be_hidden()


def test_an_analysis_asked_for_early_begins_by_itself_after_a_reload_too(
    place: Place, page: Page, line: Line, tmp_path: Path
) -> None:
    video = film(tmp_path)
    line.set(bytes_per_s=SLOW)
    choose(page, video)
    pause_at(page, 10)
    start_analysis(page)
    expect(page.locator(".ergo-promise")).to_contain_text("starts by itself", timeout=SOON_MS)
    line.set()
    visit(page, place.app.url)
    expect(page.locator(".unfinished .file-hint")).to_contain_text("starts by itself")
    choose(page, video)
    panel = page.locator(".ergo-job")
    expect(panel).to_have_attribute("data-job", re.compile("[0-9a-f]{32}"), timeout=60_000)
    expect(panel.locator(".job-title")).to_have_text("shift.mp4")
    page.get_by_role("button", name="Cancel the analysis").click()
    expect(panel).to_have_attribute("data-view", "trouble", timeout=60_000)


def test_several_files_one_after_the_other(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    first, second = film(tmp_path, "first.mp4", parts=2.3), film(tmp_path, "second.mp4", parts=1.3)
    notes = tmp_path / "notes.mp4"
    notes.write_text("10:15 lift the box\n")
    line.set(bytes_per_s=SLOW)
    choose(page, first, second, notes)
    pause_at(page, 5)
    expect(page.locator(".files .file").nth(2)).to_have_attribute("data-state", "failed", timeout=SOON_MS)
    expect(page.locator(".files .file[data-state=waiting]")).to_have_count(1, timeout=SOON_MS)  # whichever it is
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
        page.goto(f"{place.app.url}/{job}")
        page.get_by_role("button", name="Cancel the analysis").click(timeout=SOON_MS)


@pytest.mark.parametrize("name", ["\u9577\u3044" * 1000, "\u05ea\u05e8\u05d2\u05d9\u05dc \u202egnp"])
def test_names_of_any_length_and_direction(place: Place, page: Page, name: str) -> None:
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], name, { type: "video/mp4", lastModified: 1 }));
            const init = { bubbles: true, cancelable: true, dataTransfer: data };
            document.body.dispatchEvent(new DragEvent("drop", init));
        }""",
        [f"{name}.mp4", base64.b64encode(EXAMPLE.read_bytes()).decode()],
    )
    assert place.has(page, EXAMPLE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_the_browsers_clock_does_not_matter(place: Place, page: Page, tmp_path: Path) -> None:
    for minutes in (-20, 20):
        page.evaluate("ms => { const now = Date.now; Date.now = () => now() + ms; }", 2 * minutes * 60_000)
        video = film(tmp_path, parts=2.3, seed=minutes)
        choose(page, video)
        assert place.has(page, video)
        start_over(page, place.app.url)


def test_a_recording_is_uploaded_like_any_film(folder: Path, page: Page) -> None:
    sent = parts_sent(page)
    page.get_by_role("button", name="Record one").first.click()
    page.get_by_role("button", name="Start recording").click(timeout=SOON_MS)
    expect(page.locator(".camera-time")).to_have_text("0:02", timeout=SOON_MS)
    page.get_by_role("button", name="Stop and upload").click()
    wait_for(page, "ready")
    expect(page.locator(".file-name")).to_have_text(re.compile(r"Recording [\d-]+ [\d-]+\.(mp4|webm)"))
    assert sum(sent.values()) >= 1
    [plan] = plans(page, "done")
    info = probe(folder / "objects" / plan["videoKey"], DecodeLimits())
    assert info.width_px > 100 and len(info.timestamps_s) > 20


def test_a_camera_that_may_not_be_used_is_told(page: Page, place: Place) -> None:
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
    visit(page, place.app.url)


def test_nothing_is_left_where_bytes_arrive(place: Place, folder: Path, page: Page) -> None:
    def empty() -> bool:
        place.store.sweep(ABANDONED_AFTER_S)  # workers of cancelled analyses were killed over their writing
        return not list((folder / "incoming").iterdir())

    wait_until(page, empty)
    for meta in (folder / "objects" / "uploads").rglob("meta.json"):
        assert json.loads(meta.read_bytes())["filename"]
