"""The stage alone on a page of its own, and how tests look at it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from made_analysis import made_analysis
from PIL import Image
from playwright.sync_api import Browser, Locator, Page
from serve_files import serve_files

from ergo.assess.moments import worst_moments
from ergo.body.load import load_body
from ergo.report.viewer import write_viewer

ASSETS = Path(__file__).parents[2] / "assets"
STATE = "document.getElementById('stage').__ergo"
SAME_FRAME_S = 0.04

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Stage</title>
<style>body {{ margin: 0; padding: 16px; }}</style><div id="stage"></div><script type="module">
import {{ mount }} from "/viewer/viewer.js";
const config = {{ data_url: "{data}", video_url: "{video}", title: "A lift" }};
window.show = () => (window.stage = mount(document.getElementById("stage"), config));
show();
</script></html>"""


@contextmanager
def stage_site(folder: Path) -> Iterator[str]:
    """The address of a server with the stage on ``/``, and on other paths with something else or missing."""
    body = load_body(None)
    analysis = made_analysis(body)
    moments = worst_moments(analysis.assessments, analysis.angles, analysis.settings.context, 3)
    assert len(moments) >= 2
    path = folder / "viewer.bin"
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


def open_page(browser: Browser, address: str, **context: Any) -> tuple[Page, list[str]]:
    """A page of the site, and what goes wrong in it."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **context).new_page()
    trouble: list[str] = []
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(address)
    page.wait_for_function(f"{STATE}?.ready || {STATE}?.error", timeout=60_000)
    return page, trouble


def start_over(page: Page) -> None:
    """The stage as it is when it has just been mounted, on a screen as it was."""
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.mouse.move(0, 0)
    page.evaluate("() => { stage.destroy(); show(); scrollTo(0, 0); }")
    page.wait_for_function(f"{STATE}?.ready && document.querySelector('video').readyState >= 2", timeout=60_000)


def state(page: Page) -> dict[str, Any]:
    return page.evaluate(STATE)


def seek(page: Page, time_s: float) -> None:
    page.evaluate("time => stage.seek(time)", time_s)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the video shows what was asked for and nothing is drawn any more: ten pictures of the screen long,
    however long those take."""
    page.wait_for_function(
        f"""() => new Promise((done) => {{
            let drawn, calm = 0;
            const look = () => {{
                const still = {STATE}.drawn === drawn && !document.querySelector('video').seeking;
                calm = still ? calm + 1 : 0;
                drawn = {STATE}.drawn;
                if (calm < 10) requestAnimationFrame(look);
                else done(true);
            }};
            look();
        }})"""
    )


def picture(locator: Locator) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"), dtype=int)


def changed(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the pixels that differ visibly."""
    return float((np.abs(a - b).max(axis=-1) > 24).mean())
