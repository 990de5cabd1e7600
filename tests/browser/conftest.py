"""What the files of browser tests share: one app for all that ask nothing special of it, and the stage by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import WEBGL, chromium
from page_process import PageProcess, running_page
from recording_proxy import RecordingProxy, recording_proxy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageProcess]:
    with running_page(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture(scope="module")
def wire() -> Iterator[RecordingProxy]:
    """A proxy between a browser and the app."""
    with recording_proxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*WEBGL) as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Pages with the stage alone."""
    from stage_page import stage_site

    with stage_site(tmp_path_factory.mktemp("stage")) as address:
        yield address


@pytest.fixture(scope="module")
def stage_tab(browser: Browser, site: str) -> tuple[Page, list[str]]:
    from stage_page import open_page

    return open_page(browser, site, reduced_motion="reduce")  # views that turn slowly cost a software renderer much


@pytest.fixture
def stage(stage_tab: tuple[Page, list[str]]) -> Iterator[Page]:
    """A window with the stage just mounted."""
    from stage_page import start_over

    page, trouble = stage_tab
    start_over(page)
    yield page
    assert trouble == []
