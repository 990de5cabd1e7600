"""Uploads from a real Chromium straight into a real S3 server, behind a proxy with R2's rules and faults on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS
from page_process import PageProcess, running_page
from s3_proxy import Fault, S3Proxy, s3_proxy
from s3_server import S3Server, s3_server

from ergo.config import variable

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from uploading import (
    OPTIONS,
    choose,
    expect_line,
    film,
    new_context,
    new_page,
    pause_at,
    sha256,
    wait_for,
)

PARTS = ("UploadPart",)
SLOW = Fault("slow", operations=PARTS, bytes_per_s=2_000_000)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.xdist_group("uploads to a bucket"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        any_page = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["*"]}
        server.client().put_bucket_cors(Bucket=server.bucket, CORSConfiguration={"CORSRules": [any_page]})
        yield server


@pytest.fixture(scope="module")
def whole_proxy(server: S3Server) -> Iterator[S3Proxy]:
    with s3_proxy(server) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def app(whole_proxy: S3Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageProcess]:
    settings = {variable(field): str(value) for field, value in whole_proxy.settings().items()}
    with running_page(tmp_path_factory.mktemp("data"), OPTIONS | settings) as process:
        yield process


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def proxy(whole_proxy: S3Proxy) -> Iterator[S3Proxy]:
    whole_proxy.seen.clear()
    yield whole_proxy
    whole_proxy.clear()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, app: PageProcess) -> Page:
    return new_page(context, app.url)


def _arrived_whole(server: S3Server, video: Path) -> bool:
    """Whether the bucket holds exactly this film, and no unfinished upload."""
    client, wanted = server.client(), video.read_bytes()
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=server.bucket, Prefix="uploads/")["Contents"]]
    bodies = (client.get_object(Bucket=server.bucket, Key=key)["Body"].read() for key in keys if "/source." in key)
    unfinished = client.list_multipart_uploads(Bucket=server.bucket).get("Uploads", [])
    return sha256(wanted) in {sha256(body) for body in bodies} and not unfinished


def _times_stored(proxy: S3Proxy) -> Counter[int]:
    """How often each part was taken in whole."""
    return Counter(seen.part for seen in list(proxy.seen) if seen.operation == "UploadPart" and seen.status == 200)


def test_one_part_in_five_fails_and_lines_are_cut(server: S3Server, proxy: S3Proxy, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path, parts=10.4)
    proxy.add(Fault("fail", operations=PARTS, share=0.2, status=500, code="InternalError"))
    proxy.add(Fault("cut", operations=PARTS, share=0.15, after_bytes=1_000_000))
    proxy.add(Fault("lose", operations=PARTS, share=0.15))
    choose(page, video)
    wait_for(page, "ready")
    assert _arrived_whole(server, video)
    assert max(_times_stored(proxy).values()) <= 2


def test_lost_answers_are_no_harm(server: S3Server, proxy: S3Proxy, page: Page, tmp_path: Path) -> None:
    video = film(tmp_path)
    proxy.add(Fault("lose", operations=PARTS, times=2))
    choose(page, video)
    wait_for(page, "ready")
    assert _arrived_whole(server, video)
    assert proxy.count("UploadPart") <= 8  # the browser itself sends again on a connection that it used before


@pytest.mark.parametrize(("status", "readable"), [(503, True), (503, False), (429, True), (429, False)])
def test_a_storm_is_waited_out(
    server: S3Server, proxy: S3Proxy, page: Page, tmp_path: Path, status: int, readable: bool
) -> None:
    video = film(tmp_path, seed=status + readable)
    proxy.add(Fault("fail", operations=PARTS, status=status, times=12, cors=readable))
    choose(page, video)
    wait_for(page, "retrying")
    expect_line(page, "busy" if readable else "stumbles")
    wait_for(page, "ready")
    assert _arrived_whole(server, video)


@pytest.mark.parametrize("status", [400, 403])
def test_addresses_that_expire_on_the_way_are_signed_anew(
    server: S3Server, proxy: S3Proxy, page: Page, tmp_path: Path, status: int
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
    wait_for(page, "ready")
    assert proxy.count("UploadPart", status=status) >= 1
    assert _arrived_whole(server, video)
