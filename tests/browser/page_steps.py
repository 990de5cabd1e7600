"""What a person does on the page, for every test of it: open it, take the example, start, wait for the result."""

from __future__ import annotations

import re
from pathlib import Path

from kept_jobs import keep_job, new_ledger
from page_process import PageProcess
from playwright.sync_api import BrowserContext, Page, expect

READY = "document.querySelector('.ergo-viewer-host')?.__ergo?.ready"
ANALYSIS_MS = 240_000
SOON_MS = 15_000


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("[data-mounted]", state="attached", timeout=60_000)
    # the server has named this browser: from now on everything is connected
    page.wait_for_function("localStorage.getItem('ergo') !== null", timeout=SOON_MS)


def take_example(page: Page) -> None:
    page.click("[data-example=lift_squat]")
    expect(page.locator(".ergo-uploader")).to_have_attribute("data-state", "ready", timeout=SOON_MS)


def start(page: Page) -> None:
    page.get_by_label("Quick look").check()
    page.get_by_role("button", name="Start the analysis").click()
    expect(page.locator(".ergo-job")).to_have_attribute("data-job", re.compile(r"\w{8,}"), timeout=SOON_MS)


def wait_for_result(page: Page) -> None:
    """Until the analysis has ended; fails at once, with the reason, when it ended without a result."""
    expect(page.locator(".again-line, .card.trouble").first).to_be_visible(timeout=ANALYSIS_MS)
    expect(page.locator(".card.trouble")).to_have_count(0)
    expect(page.locator(".verdict:not(.small) .method")).to_have_count(2, timeout=SOON_MS)


def keep_finished(app: PageProcess, context: BrowserContext, result: Path) -> str:
    """The address of a finished analysis with the files of `result`; it belongs to the browser of `context`."""
    page = context.new_page()
    visit(page, app.url)
    page.close()
    owner = next(str(cookie.get("value")) for cookie in context.cookies() if cookie.get("name") == "ergo_browser")
    files = {path.name: path.read_bytes() for path in result.iterdir()}
    job_id = keep_job(new_ledger(app.store), files, title="lift_squat.mp4", owner=owner.partition(".")[0])
    return f"{app.url}/?job={job_id}"
