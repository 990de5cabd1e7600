"""The stage inside a real Gradio page: it follows its value, and nothing is left when the value goes."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
import pytest
from chromium import CHROMIUM
from made_analysis import made_analysis
from playwright.sync_api import Browser, expect

from ergo.body.load import load_body
from ergo.report.viewer import write_viewer
from ergo.ui.assets import PUBLIC, asset_url
from ergo.ui.viewer import viewer, viewer_value

pytestmark = pytest.mark.browser

STATE = "document.querySelector('.ergo-viewer-host')?.__ergo"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    folder = tmp_path_factory.mktemp("component")
    body = load_body(None)
    write_viewer(folder / "viewer.bin", made_analysis(body), body)
    gr.set_static_paths([*PUBLIC, folder])

    def link(name: str, download: bool) -> str:
        assert not download
        return asset_url(folder / name)

    with gr.Blocks(analytics_enabled=False) as app:
        show, hide = gr.Button("Show"), gr.Button("Hide")
        stage = viewer()
        show.click(lambda: viewer_value(link, "A lift"), None, stage)
        hide.click(lambda: None, None, stage)
    _, address, _ = app.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield address
    app.close()


def test_the_component_follows_its_value(browser: Browser, app: str) -> None:
    page = browser.new_page()
    page.goto(app)
    for _ in range(2):
        page.get_by_role("button", name="Show").click()
        page.wait_for_function(f"{STATE}?.ready", timeout=30_000)
        expect(page.locator(".ergo-viewer")).to_have_count(1)
        expect(page.locator(".ev-title")).to_have_text("A lift")
        page.locator(".ev-timeline canvas").focus()
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_function(f"{STATE}.time_s > 0.9 && {STATE}.frame === 15 && {STATE}.drawn > 0")
        page.get_by_role("button", name="Hide").click()
        expect(page.locator(".ergo-viewer")).to_have_count(0)
