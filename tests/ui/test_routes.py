import io
import json
import os
import random
import socket
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from live_server import serving

from ergo.config import Settings
from ergo.jobs.services import open_services
from ergo.storage.signing import UrlSigner
from ergo.ui.routes import store_routes


@pytest.fixture
def services(tmp_path):
    return open_services(Settings(data_dir=tmp_path / "data", _env_file=None))


@pytest.fixture
def client(services):
    with serving(store_routes(services.store, services.signer)) as url, httpx.Client(base_url=url) as client:
        yield client


def kept(services):
    """Names of everything that the store holds, unfinished uploads included."""
    return sorted(str(p.relative_to(services.store.root)) for p in services.store.root.rglob("*") if p.is_file())


def error_of(response):
    error = response.json()["error"]
    assert set(error) == {"code", "message", "hint"}
    return error["code"]


def test_a_video_goes_up_in_parts_and_comes_back_by_ranges(services, client):
    data = os.urandom(2 * (16 << 20) + 4321)
    plan = services.uploads.begin("Schicht früh.mp4", len(data), "local")
    urls = services.uploads.sign(plan.video_key, plan.upload_id, range(1, plan.part_count + 1))
    order = [*urls, 2]
    random.Random(3).shuffle(order)

    def send(n):
        size = plan.part_size_bytes
        return client.put(urls[n], content=data[(n - 1) * size : n * size]).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(send, order)) == {200}
    services.uploads.complete(plan.video_key, plan.upload_id)

    url = services.store.get_url(plan.video_key, ttl_s=60)
    whole = client.get(url)
    assert whole.content == data
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in whole.headers
    head = client.head(url)
    assert head.status_code == 200 and head.headers["content-length"] == str(len(data)) and head.content == b""

    some = client.get(url, headers={"Range": "bytes=1000-1999"})
    assert (some.status_code, some.content) == (206, data[1000:2000])
    assert some.headers["content-range"] == f"bytes 1000-1999/{len(data)}"
    assert client.get(url, headers={"Range": "bytes=-5"}).content == data[-5:]
    assert client.get(url, headers={"Range": f"bytes={len(data) - 3}-"}).content == data[-3:]
    assert client.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    same = client.get(url, headers={"Range": "bytes=0-9", "If-Range": whole.headers["etag"]})
    assert (same.status_code, same.content) == (206, data[:10])


def test_if_range_of_an_older_version_gives_the_whole_new_one(services, client):
    services.store.put("x.json", b"[1]")
    url = services.store.get_url("x.json", ttl_s=60)
    old = client.get(url).headers["etag"]
    services.store.put("x.json", b"[2]")
    response = client.get(url, headers={"Range": "bytes=0-0", "If-Range": old})
    assert (response.status_code, response.content) == (200, b"[2]")


@pytest.mark.parametrize(
    "name", ["angles.csv", "Früh Schicht 7.csv", 'a"; filename="b.html', "工作.csv", "x\r\nSet-Cookie: a=b"]
)
def test_a_download_has_its_name_and_no_other_header(services, client, name):
    services.store.put("angles.csv", b"1,2")
    response = client.get(services.store.get_url("angles.csv", ttl_s=60, download_name=name))
    assert response.status_code == 200
    assert response.headers["content-disposition"] == f"attachment; filename*=UTF-8''{httpx_quote(name)}"
    assert "set-cookie" not in response.headers


def httpx_quote(name):
    from urllib.parse import quote

    return quote(name, safe="")


def test_without_a_good_signature_nothing_is_given_or_taken(services, client):
    services.store.put("a.json", b"[]")
    good = services.store.get_url("a.json", ttl_s=60)
    before = kept(services)
    late = UrlSigner(services.settings.signing_key(), clock=lambda: 1_000_000.0).url("get", "a.json", ttl_s=60)
    foreign = UrlSigner(b"other").url("get", "a.json", ttl_s=60)
    part = services.store.part_url("a.json", "0" * 32, 1, 3, ttl_s=60)
    for url in (
        urlsplit(good).path,
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.replace("a.json", "b.json"),
        good.replace("op=get", "op=put"),
        late,
        foreign,
        part,
    ):
        response = client.get(url)
        assert response.status_code == 403, url
        assert error_of(response) == "AccessDenied"
    response = client.put(good, content=b"abc")
    assert (response.status_code, error_of(response)) == (403, "AccessDenied")
    assert kept(services) == before
    assert client.get(good).content == b"[]"


@pytest.mark.parametrize("dots", ["..", "%2e%2e", "%2e."])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_even_a_signed_traversal_stays_inside(services, client, dots, method):
    secret = services.settings.signing_key()
    op = "get" if method == "GET" else "put"
    url = services.signer.url(op, "../../secret.key", ttl_s=60, size_bytes=3).replace("..", dots)
    # by hand, because a client tidies such paths up
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=10) as line:
        body = "" if method == "GET" else "abc"
        line.sendall(f"{method} {url} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 403 ") and b"AccessDenied" in answer
    assert secret not in answer
    assert services.settings.signing_key() == secret


def test_an_expired_link_is_told_even_to_a_client_that_is_still_sending(services, client):
    late = UrlSigner(services.settings.signing_key(), clock=lambda: 1_000_000.0)
    size = 48 << 20
    url = late.url("part", "a", ttl_s=60, upload="0" * 32, part=1, size_bytes=size)
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=20) as line:
        line.sendall(f"PUT {url} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        line.sendall(bytes(size))  # like a browser, it reads only after it has sent all
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 403 ") and b"AccessDenied" in answer


def test_a_deleted_file_is_told(services, client):
    services.store.put("a.json", b"[]")
    url = services.store.get_url("a.json", ttl_s=60)
    services.store.delete("a.json")
    response = client.get(url)
    assert (response.status_code, error_of(response)) == (404, "KeyNotFound")


def test_a_part_has_the_agreed_size_or_is_not_taken(services, client):
    plan = services.uploads.begin("a.mp4", 1000, "local")
    (url,) = services.uploads.sign(plan.video_key, plan.upload_id, [1]).values()
    for size in (0, 999, 1001):
        response = client.put(url, content=b"x" * size)
        assert (response.status_code, error_of(response)) == (400, "UploadRejected")
    response = client.put(url, content=iter([b"x" * 1000]))  # chunked: does not say how long it is
    assert (response.status_code, error_of(response)) == (400, "UploadRejected")
    assert services.uploads.finished_parts(plan.video_key, plan.upload_id) == {}
    assert client.put(url, content=b"x" * 1000).status_code == 200
    assert services.uploads.finished_parts(plan.video_key, plan.upload_id) == {1: 1000}


def eventually(condition):
    deadline_s = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_a_body_that_breaks_off_leaves_nothing(services, client):
    plan = services.uploads.begin("a.mp4", 4 << 20, "local")
    (url,) = services.uploads.sign(plan.video_key, plan.upload_id, [1]).values()
    before = kept(services)
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port)) as line:
        head = f"PUT {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {4 << 20}\r\n\r\n"
        line.sendall(head.encode() + b"x" * (3 << 20))
        eventually(lambda: len(kept(services)) == len(before) + 1)  # it is arriving
    eventually(lambda: kept(services) == before)
    assert services.uploads.finished_parts(plan.video_key, plan.upload_id) == {}


def test_a_whole_video_in_one_put(services, client):
    url, key = services.uploads.single_url("a.webm", "local")
    response = client.put(url, content=b"")
    assert (response.status_code, error_of(response)) == (400, "EmptyFile")
    assert client.put(url, content=b"first").status_code == 200
    assert client.put(url, content=b"second").status_code == 200
    assert services.store.get(key) == b"second"
    small = services.store.put_url(key, max_bytes=3, ttl_s=60)
    response = client.put(small, content=b"four")
    assert (response.status_code, error_of(response)) == (400, "UploadRejected")


def test_all_results_in_one_zip(services, client):
    files = {"result.json": b"{}", "angles.csv": b"1,2\n" * 300_000, "empty.csv": b"", "ü.bin": os.urandom(3_000_000)}
    for name, data in files.items():
        services.store.put(f"jobs/x/result/{name}", data)
    url = services.signer.url("zip", "jobs/x/result", ttl_s=60, name="Früh ergo.zip")
    response = client.get(url)
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["content-disposition"].endswith("Fr%C3%BCh%20ergo.zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert client.head(url).status_code == 200
    services.store.delete_prefix("jobs/x/")
    assert client.get(url).status_code == 404


def test_other_methods_are_refused(services, client):
    services.store.put("a.json", b"[]")
    url = services.store.get_url("a.json", ttl_s=60)
    for method in ("DELETE", "POST", "PATCH"):
        assert client.request(method, url).status_code == 405
    assert json.loads(client.get(url).content) == []
