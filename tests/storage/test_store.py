"""What every store promises: the same tests for the folder and for a real S3 server behind R2's rules."""

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from live_store import Place, place_in

from ergo.errors import AccessDenied, AlreadyExists, KeyNotFound, StorageError, UploadRejected

MIB = 1 << 20
PART = 5 * MIB


@pytest.fixture(params=["local", "r2"])
def place(request, tmp_path):
    with place_in(request.param, request, tmp_path) as place:
        yield place


@pytest.fixture
def store(place: Place):
    return place.store


def test_an_object_comes_back_as_it_was(store, tmp_path):
    data = os.urandom(3_000_000)
    info = store.put("a/b/c.bin", data)
    assert info.size_bytes == len(data) and info.key == "a/b/c.bin"
    assert store.get("a/b/c.bin") == data
    assert store.get_range("a/b/c.bin", 1000, 5) == data[1000:1005]
    assert store.get_range("a/b/c.bin", len(data) - 2, 100) == data[-2:]
    assert store.get_range("a/b/c.bin", len(data) + 5, 100) == b""
    assert store.get_range("a/b/c.bin", 5, 0) == b""
    seen = store.head("a/b/c.bin")
    assert (seen.key, seen.size_bytes, seen.etag) == (info.key, info.size_bytes, info.etag)
    assert abs(seen.modified_s - info.modified_s) <= 2
    store.fetch("a/b/c.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data


@pytest.mark.parametrize("size_bytes", [0, 3, 16 * MIB, 40 * MIB + 1])
def test_a_file_of_any_size_goes_in_and_comes_out(store, tmp_path, size_bytes):
    path = tmp_path / "in"
    path.write_bytes(os.urandom(size_bytes))
    assert store.put_file("x.mp4", path).size_bytes == size_bytes
    store.fetch("x.mp4", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("key", ["nothing", "a/b/c"])
def test_what_is_not_there_is_told(store, tmp_path, key):
    store.put("a/other", b"1")
    assert store.head(key) is None
    for call in (
        lambda: store.get(key),
        lambda: store.get_range(key, 0, 1),
        lambda: store.get_range(key, 0, 0),
        lambda: store.fetch(key, tmp_path / "out"),
    ):
        with pytest.raises(KeyNotFound):
            call()
    assert not (tmp_path / "out").exists()
    store.delete(key)
    assert store.get("a/other") == b"1"


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../outside", "a\0", ""])
def test_no_bad_key_reaches_the_store(store, tmp_path, key):
    calls = (
        lambda: store.put(key, b"x"),
        lambda: store.put(key, b"x", if_none_match=True),
        lambda: store.put_file(key, tmp_path / "in"),
        lambda: store.get(key),
        lambda: store.get_range(key, 0, 1),
        lambda: store.head(key),
        lambda: store.delete(key),
        lambda: store.fetch(key, tmp_path / "out"),
        lambda: store.local_path(key),
        lambda: store.get_url(key, ttl_s=60),
        lambda: store.put_url(key, max_bytes=1, ttl_s=60),
        lambda: store.part_url(key, "u", 1, 1, ttl_s=60),
        lambda: store.create_multipart(key, part_size_bytes=PART),
        lambda: store.list_parts(key, "u"),
        lambda: store.complete_multipart(key, "u"),
        lambda: store.abort_multipart(key, "u"),
        lambda: list(store.list(f"{key}/")),
        lambda: store.delete_prefix(f"{key}/"),
    )
    for call in calls:
        with pytest.raises(AccessDenied):
            call()


def test_exactly_one_of_many_conditional_writers_wins(store):
    start = threading.Barrier(8)

    def create(n):
        start.wait()
        try:
            store.put("jobs/claim", str(n).encode(), if_none_match=True)
        except AlreadyExists:
            return None
        return n

    with ThreadPoolExecutor(8) as pool:
        winners = [n for n in pool.map(create, range(8)) if n is not None]
    assert len(winners) == 1
    assert store.get("jobs/claim") == str(winners[0]).encode()


def test_names_of_any_characters(store):
    for key in ("é/ü b", "a+b%20c", "q?x=1&y#z", "日本/ф.mp4"):
        store.put(key, key.encode())
        assert store.get(key) == key.encode()
        assert store.head(key).size_bytes == len(key.encode())
    assert {info.key for info in store.list("")} == {"é/ü b", "a+b%20c", "q?x=1&y#z", "日本/ф.mp4"}


def test_a_listing_is_in_the_order_of_the_keys(store):
    keys = [f"queue/{n:05d}" for n in random.Random(1).sample(range(99_999), 30)]
    for key in [*keys, "other/1", "queues"]:
        store.put(key, b"12")
    found = list(store.list("queue/"))
    assert [info.key for info in found] == sorted(keys)
    assert {info.size_bytes for info in found} == {2}
    assert list(store.list("none/")) == []


def test_deleting_takes_a_prefix_and_no_neighbour(store):
    for key in ("p/q/r", "p/q/s", "p/s", "pq"):
        store.put(key, b"1")
    store.delete("p/q/r")
    store.delete("p/q/r")
    store.delete_prefix("p/")
    store.delete_prefix("p/")
    assert [info.key for info in store.list("")] == ["pq"]
    with pytest.raises(StorageError):
        store.delete_prefix("")


def test_an_upload_in_parts_through_signed_urls(store, place):
    data = os.urandom(2 * PART + 4321)
    upload = store.create_multipart("film é.mp4", part_size_bytes=PART)
    parts = {1: data[:PART], 2: data[PART : 2 * PART], 3: data[2 * PART :]}
    assert store.list_parts("film é.mp4", upload) == {}
    for n in (3, 1, 2, 1):  # any order, and one twice
        place.put_part("film é.mp4", upload, n, parts[n]).raise_for_status()
    assert store.list_parts("film é.mp4", upload) == {1: PART, 2: PART, 3: 4321}
    assert store.head("film é.mp4") is None
    assert store.complete_multipart("film é.mp4", upload).size_bytes == len(data)
    assert store.get("film é.mp4") == data
    with pytest.raises(KeyNotFound):
        store.list_parts("film é.mp4", upload)


def test_a_part_of_another_length_than_signed_is_refused(store, place):
    upload = store.create_multipart("k.mp4", part_size_bytes=PART)
    url = place.url(store.part_url("k.mp4", upload, 1, PART, ttl_s=60))
    for wrong in (b"", b"x" * (PART - 1), b"x" * (PART + 1)):
        assert httpx.put(url, content=wrong).status_code in (400, 403)
    assert store.list_parts("k.mp4", upload) == {}


@pytest.mark.parametrize("parts", [{2: PART}, {1: PART, 3: PART}, {1: PART - 1, 2: PART, 3: 5}, {}])
def test_a_gap_or_an_odd_part_is_told_and_nothing_is_lost(store, place, parts):
    upload = store.create_multipart("k.mp4", part_size_bytes=PART)
    for n, size in parts.items():
        place.put_part("k.mp4", upload, n, b"x" * size).raise_for_status()
    with pytest.raises(UploadRejected):
        store.complete_multipart("k.mp4", upload)
    assert store.list_parts("k.mp4", upload) == parts
    assert store.head("k.mp4") is None


def test_an_aborted_upload_is_gone(store, place):
    upload = store.create_multipart("k.mp4", part_size_bytes=PART)
    place.put_part("k.mp4", upload, 1, b"x").raise_for_status()
    store.abort_multipart("k.mp4", upload)
    store.abort_multipart("k.mp4", upload)
    for call in (store.list_parts, store.complete_multipart):
        with pytest.raises(KeyNotFound):
            call("k.mp4", upload)


def test_an_upload_belongs_to_its_key(store):
    upload = store.create_multipart("mine.mp4", part_size_bytes=PART)
    store.create_multipart("other.mp4", part_size_bytes=PART)
    with pytest.raises(KeyNotFound):
        store.list_parts("other.mp4", upload)
    store.abort_multipart("other.mp4", upload)
    assert store.list_parts("mine.mp4", upload) == {}


def test_a_sweep_leaves_what_is_at_work(store):
    upload = store.create_multipart("k.mp4", part_size_bytes=PART)
    store.sweep(3600)
    assert store.list_parts("k.mp4", upload) == {}


def test_a_signed_url_takes_and_gives_an_object(store, place):
    data = os.urandom(100_000)
    put = place.url(store.put_url("v/film.mp4", max_bytes=200_000, ttl_s=60))
    assert httpx.put(put, content=data).status_code == 200
    url = place.url(store.get_url("v/film.mp4", ttl_s=60))
    whole = httpx.get(url)
    assert whole.content == data and whole.headers["content-type"] == "video/mp4"
    assert "content-disposition" not in whole.headers
    some = httpx.get(url, headers={"Range": "bytes=1000-1999"})
    assert (some.status_code, some.content) == (206, data[1000:2000])
    assert some.headers["content-range"] == f"bytes 1000-1999/{len(data)}"


def test_a_download_has_the_name_that_was_asked_for(store, place):
    store.put("r/x.csv", b"1,2")
    url = place.url(store.get_url("r/x.csv", ttl_s=60, download_name='Schicht "früh" 日本 ;x=.csv'))
    answer = httpx.get(url)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''Schicht%20%22fr%C3%BCh%22%20%E6%97%A5%E6%9C%AC%20%3Bx%3D.csv"
    )


def test_a_url_is_for_one_thing(store, place):
    store.put("a.mp4", b"mine")
    store.put("b.mp4", b"other")
    url = place.url(store.get_url("a.mp4", ttl_s=60))
    assert httpx.get(url.replace("a.mp4", "b.mp4")).status_code == 403
    assert httpx.put(url, content=b"evil").status_code in (403, 429)
    assert httpx.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert store.get("a.mp4") == b"mine"
