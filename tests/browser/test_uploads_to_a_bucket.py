"""Uploads from a real Chromium straight into a real S3 server, behind a proxy with R2's rules and faults on demand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, chromium
from page_process import running_page
from s3_proxy import Fault, S3Proxy, s3_proxy
from s3_server import s3_server
from wrong_clock import clock_off_by, needs_faketime

pytest.importorskip("playwright.sync_api")
import upload_stories as stories
from playwright.sync_api import Page
from uploading import (
    OPTIONS,
    Line,
    Place,
    choose,
    expect_line,
    film,
    new_context,
    new_page,
    pause_at,
    start_over,
    wait_for,
)

from ergo.config import Settings, variable
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner

PARTS = ("UploadPart",)
SLOW = Fault("slow", operations=PARTS, bytes_per_s=2_000_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


@pytest.fixture(scope="module")
def whole_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Proxy]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server, s3_proxy(server) as proxy:
        any_page = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["*"]}
        server.client().put_bucket_cors(Bucket=server.bucket, CORSConfiguration={"CORSRules": [any_page]})
        yield proxy


@pytest.fixture(scope="module")
def place(whole_proxy: S3Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    settings = {variable(field): str(value) for field, value in whole_proxy.settings().items()}
    past_the_proxy = Settings(**whole_proxy.server.settings(), _env_file=None)  # pyright: ignore[reportCallIssue]
    with running_page(tmp_path_factory.mktemp("data"), OPTIONS | settings) as app:
        yield Place(app, open_store(past_the_proxy, UrlSigner(b"any")))


@pytest.fixture(scope="module")
def tab(place: Place) -> Iterator[Page]:
    with chromium() as browser:
        yield new_page(new_context(browser), place.app.url)


@pytest.fixture
def proxy(whole_proxy: S3Proxy) -> Iterator[S3Proxy]:
    whole_proxy.seen.clear()
    yield whole_proxy
    whole_proxy.clear()


@pytest.fixture
def page(tab: Page, place: Place, proxy: S3Proxy) -> Page:
    return start_over(tab, place.app.url)


@pytest.fixture
def line(page: Page) -> Iterator[Line]:
    line = Line(page)
    yield line
    line.close()


def test_one_part_in_five_fails_and_lines_are_cut(place: Place, proxy: S3Proxy, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path, parts=10.4)
    proxy.add(Fault("fail", operations=PARTS, share=0.2, status=500, code="InternalError"))
    proxy.add(Fault("cut", operations=PARTS, share=0.15, after_bytes=1_000_000))
    proxy.add(Fault("lose", operations=PARTS, share=0.15))
    choose(page, video)
    assert place.has(page, video)
    answered, unheard = proxy.count("UploadPart", status=200), proxy.count("UploadPart", status=0)
    assert answered + unheard >= 11  # a part whose answer was lost is found in the bucket, and not sent again
    assert answered <= 22


def test_answers_that_get_lost_are_no_harm(place: Place, proxy: S3Proxy, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path)
    proxy.add(Fault("lose", operations=PARTS, times=2))
    proxy.add(Fault("lose", operations=("CreateMultipartUpload",), times=1))
    proxy.add(Fault("lose", operations=("CompleteMultipartUpload",), times=1))
    choose(page, video)
    assert place.has(page, video)
    assert proxy.count("UploadPart") <= 8  # the browser itself sends again on a connection that it used before
    assert proxy.count("CompleteMultipartUpload", status=0) == 1


@pytest.mark.parametrize(("status", "readable"), [(503, True), (503, False), (429, True)])
def test_a_storm_is_waited_out(
    place: Place, proxy: S3Proxy, page: Page, tmp_path: Path, status: int, readable: bool
) -> None:
    video = film(tmp_path, seed=status + readable)
    proxy.add(Fault("fail", operations=PARTS, status=status, times=8, cors=readable))
    choose(page, video)
    wait_for(page, "retrying")
    expect_line(page, "busy" if readable else "stumbles")
    assert place.has(page, video)


@pytest.mark.parametrize("status", [400, 403])
def test_addresses_that_expire_on_the_way_are_signed_anew(
    place: Place, proxy: S3Proxy, page: Page, tmp_path: Path, status: int
) -> None:
    video = film(tmp_path, seed=status)
    proxy.expired_status = status
    proxy.add(SLOW)
    choose(page, video)
    pause_at(page, 20)
    proxy.expire_urls()
    page.wait_for_timeout(1100)  # signatures have whole seconds
    proxy.clear()
    page.get_by_role("button", name="Continue").click()
    assert place.has(page, video)
    assert proxy.count("UploadPart", status=status) >= 1


def test_no_finished_part_is_sent_twice(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    stories.page_is_loaded_again_and_again(place, page, line, film(tmp_path))


def test_two_tabs_send_a_file_once(place: Place, page: Page, line: Line, tmp_path: Path) -> None:
    stories.two_tabs_take_the_same_file(place, page, line, film(tmp_path, parts=8.3))


@needs_faketime
def test_line_store_and_app_are_waited_for_and_the_app_may_come_back_with_a_wrong_clock(
    place: Place, proxy: S3Proxy, page: Page, line: Line, tmp_path: Path
) -> None:
    def down(it_is: bool) -> None:
        proxy.down = it_is

    clock = clock_off_by(tmp_path, 20)
    stories.everything_is_gone_for_a_while(place, page, line, film(tmp_path), store_down=down, restart_with=clock)
