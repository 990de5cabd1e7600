"""What the tests of uploads share: films of any size, a place that they go to, a page that is asked how far it is."""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page_process import ROOT, PageProcess
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from ergo.errors import KeyNotFound
from ergo.storage.store import Store

MIB = 1 << 20
PART = 5 * MIB  # what every S3 takes
OPTIONS = {"ERGO_PART_MIB": "5", "ERGO_LOCAL_WORKERS": "1"}
EXAMPLE = ROOT / "assets" / "examples" / "lift_squat.mp4"
SOON_MS = 60_000
ARRIVES_MS = 120_000


@dataclass(frozen=True, slots=True)
class Place:
    """An app, and the store that its page sends films to."""

    app: PageProcess
    store: Store

    def finished(self, page: Page) -> set[int]:
        """The parts that the store has of the film that the page has not sent whole."""
        [plan] = plans(page, "sending")
        return set(self.store.list_parts(plan["videoKey"], plan["uploadId"]))

    def has(self, page: Page, video: Path) -> bool:
        """Whether the page calls the film ready, and the store holds exactly it and no unfinished upload of it."""
        wait_for(page, "ready")
        [plan] = plans(page, "done")
        try:
            self.store.list_parts(plan["videoKey"], plan["uploadId"])
        except KeyNotFound:
            return sha256(self.store.get(plan["videoKey"])) == sha256(video.read_bytes())
        return False


def film(folder: Path, name: str = "shift.mp4", *, parts: float = 5.3, seed: int = 0) -> Path:
    """A real film, made longer by noise behind its end, which decoders ignore."""
    path = folder / name
    noise = random.Random(f"{name}{seed}").randbytes(int(parts * PART) - EXAMPLE.stat().st_size)
    path.write_bytes(EXAMPLE.read_bytes() + noise)
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def new_page(context: BrowserContext, url: str) -> Page:
    """A tab with the page open and connected."""
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    visit(page, url)
    return page


def start_over(page: Page, url: str) -> Page:
    """The page as it was when it was loaded; loads it again only where letting go of all films is not enough."""
    for other in page.context.pages:
        if other is not page:
            other.close()
    page.evaluate(
        """() => {
            for (const key of Object.keys(localStorage))
                if (key.startsWith('ergo.upload.')) localStorage.removeItem(key);
            for (const act of ['cancel', 'clear'])
                document.querySelectorAll(`.files [data-act=${act}]:not([hidden])`).forEach((button) => button.click());
        }"""
    )
    try:
        page.wait_for_selector(".ergo-uploader[data-state=empty] .drop", timeout=2000)
        page.wait_for_selector(".unfinished", state="hidden", timeout=2000)
    except Error:
        visit(page, url)
    return page


def new_context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 1024, "height": 800}, reduced_motion="reduce")


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".ergo-uploader[data-mounted]", state="attached", timeout=60_000)
    page.wait_for_function("localStorage.getItem('ergo') !== null", timeout=SOON_MS)


def choose(page: Page, *files: Path) -> None:
    page.set_input_files(".ergo-uploader input[type=file]", list(files))


def wait_for(page: Page, state: str | Sequence[str], timeout_ms: float = ARRIVES_MS) -> None:
    """Until the uploader is in one of these states; the failure shows what the cards say."""
    wanted = [state] if isinstance(state, str) else list(state)
    try:
        page.wait_for_function(
            "wanted => wanted.includes(document.querySelector('.ergo-uploader').dataset.state)",
            arg=wanted,
            timeout=timeout_ms,
        )
    except Exception as error:
        cards = page.locator(".files .file").all_inner_texts()
        raise AssertionError(f"{page.locator('.ergo-uploader').get_attribute('data-state')}: {cards}") from error


def wait_for_share(page: Page, percent: int) -> None:
    """Until so much of the film is on its way."""
    page.wait_for_function(
        "p => Number(document.querySelector('.files .bar')?.getAttribute('aria-valuenow')) >= p",
        arg=percent,
        timeout=ARRIVES_MS,
    )


def pause_at(page: Page, percent: int) -> None:
    """Press Pause as soon as so much is on its way; from inside the page, which is quicker than any test."""
    page.wait_for_function(
        """percent => {
            const bars = [...document.querySelectorAll('.files .bar')];
            if (!bars.some((bar) => Number(bar.getAttribute('aria-valuenow')) >= percent)) return false;
            document.querySelector('.files [data-act=pause]:not([hidden])')?.click();
            return document.querySelector('.ergo-uploader').dataset.state === 'paused';
        }""",
        arg=percent,
        timeout=ARRIVES_MS,
    )


def plans(page: Page, state: str) -> list[dict[str, Any]]:
    """What the browser remembers of its films: "sending" or "done"."""
    kept = page.evaluate("Object.entries(localStorage).filter(([key]) => key.startsWith('ergo.upload.'))")
    records = [json.loads(text) for _, text in kept]
    return [record["plan"] for record in records if record["state"] == state]


def parts_begun(page: Page) -> set[int]:
    """The parts that the page begins to send from now on."""
    begun: set[int] = set()
    page.on("request", lambda request: begun.update(_part(request)))
    return begun


def parts_sent(page: Page) -> Counter[int]:
    """Counts the parts that are answered with success from now on."""
    sent: Counter[int] = Counter()
    page.on("response", lambda response: sent.update(_part(response.request) if response.ok else ()))
    return sent


def _part(request: Any) -> list[int]:
    found = re.search(r"[?&]part(?:Number)?=(\d+)", request.url) if request.method == "PUT" else None
    return [int(found[1])] if found else []


class Line:
    """The page's line to the world: how fast it is, and whether there is one."""

    def __init__(self, page: Page) -> None:
        self._network = page.context.new_cdp_session(page)
        self._network.send("Network.enable")

    def set(self, *, bytes_per_s: float = -1, offline: bool = False) -> None:
        limits = {"offline": offline, "latency": 2, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
        self._network.send("Network.emulateNetworkConditions", limits)

    def close(self) -> None:
        """The line is as it is; two who set it would get into each other's way."""
        self.set()
        self._network.detach()


def wait_until(page: Page, holds: Callable[[], object]) -> None:
    """Until something outside the page holds."""
    deadline = time.monotonic() + ARRIVES_MS / 1000
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)  # lets the page's events in


def start_analysis(page: Page) -> None:
    page.get_by_label("Quick look").check()
    page.get_by_role("button", name="Start the analysis").click()


def expect_line(page: Page, pattern: object) -> None:
    expect(page.locator(".files .file-state").first).to_contain_text(pattern, timeout=SOON_MS)  # type: ignore[arg-type]
