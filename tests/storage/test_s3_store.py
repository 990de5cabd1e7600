"""What only a bucket can meet: its errors in words, answers that get lost, R2's rules, many parts."""

import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from s3_proxy import Fault
from s3_server import READ_ONLY_KEY

from ergo.config import Settings
from ergo.errors import AlreadyExists, SettingsError, StorageFull, StoreMisconfigured, StoreUnreachable, UploadRejected
from ergo.storage.open import open_store
from ergo.storage.s3_client import MAX_TTL_S, bucket_from, clamped
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store

PART = 5 << 20


def opened(place, **options):
    return open_store(Settings(**(place.settings() | options), _env_file=None), UrlSigner(b"s"))


def test_it_is_a_store(s3):
    assert isinstance(opened(s3), Store)


# -- settings -------------------------------------------------------------------------------------------------------


def test_r2_needs_an_account_or_an_endpoint():
    options = {"storage_provider": "r2", "r2_bucket_name": "b", "r2_access_key_id": "k", "r2_secret_access_key": "s"}
    with pytest.raises(SettingsError, match="R2_ACCOUNT_ID is not set"):
        bucket_from(Settings(**options, _env_file=None))
    bucket = bucket_from(Settings(**options, r2_account_id="0af", _env_file=None))
    assert (bucket.endpoint, bucket.region) == ("https://0af.r2.cloudflarestorage.com", "auto")
    assert "secret" not in repr(bucket) and "'k'" not in repr(bucket)


def test_what_is_missing_is_named_by_its_variable():
    with pytest.raises(SettingsError, match=r"R2_ACCOUNT_ID, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_BUCKET_NAME"):
        bucket_from(Settings(storage_provider="r2", _env_file=None))
    with pytest.raises(SettingsError, match="S3_SECRET_ACCESS_KEY is not set"):
        bucket_from(Settings(storage_provider="s3", s3_bucket_name="b", s3_access_key_id="k", _env_file=None))


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({}, "https://videos.s3.amazonaws.com/a.mp4?"),
        ({"s3_region": "eu-central-1"}, "https://videos.s3.eu-central-1.amazonaws.com/a.mp4?"),
        ({"s3_addressing": "path"}, "https://s3.amazonaws.com/videos/a.mp4?"),
        ({"s3_endpoint": "https://s3.example.com"}, "https://s3.example.com/videos/a.mp4?"),
        (
            {"s3_endpoint": "https://s3.example.com", "s3_addressing": "virtual"},
            "https://videos.s3.example.com/a.mp4?",
        ),
    ],
)
def test_where_a_url_leads(options, start):
    keys = {"s3_bucket_name": "videos", "s3_access_key_id": "k", "s3_secret_access_key": "s"}
    store = open_store(Settings(storage_provider="s3", **keys, **options, _env_file=None), UrlSigner(b"s"))
    url = store.get_url("a.mp4", ttl_s=60)
    assert url.startswith(start)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url and "X-Amz-SignedHeaders=host" in url
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in store.part_url("a.mp4", "u", 1, 5, ttl_s=60)


def test_no_url_outlives_a_week_or_nothing(s3):
    assert [clamped(ttl) for ttl in (-5, 0, 7, 8 * 24 * 3600)] == [1, 1, 7, MAX_TTL_S]
    assert f"X-Amz-Expires={MAX_TTL_S}" in opened(s3).get_url("a", ttl_s=10**9)


# -- wrong set-ups --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"s3_bucket_name": "nowhere"}, "no bucket 'nowhere'", "S3_BUCKET_NAME"),
        ({"s3_access_key_id": "unknown"}, "does not know the credentials", "S3_ACCESS_KEY_ID"),
        ({"s3_secret_access_key": "wrong"}, "does not know the credentials", "S3_SECRET_ACCESS_KEY"),
        ({"s3_access_key_id": READ_ONLY_KEY}, "refuses access", "write, list and delete"),
        ({"s3_bucket_name": "UPPER/case"}, "cannot be the name of a bucket", "S3_BUCKET_NAME"),
    ],
)
def test_a_wrong_set_up_says_what_to_correct(s3, options, message, hint):
    store = opened(s3, **options)
    with pytest.raises(StoreMisconfigured, match=message) as caught:
        store.put("a", b"1")
    assert hint in caught.value.hint
    assert s3.secret_key not in str(caught.value) and "wrong" not in str(caught.value)


def test_a_store_that_is_not_there_is_told(s3, monkeypatch):
    monkeypatch.setattr("ergo.storage.s3_client.TRIES", 1)
    for endpoint in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        with pytest.raises(StoreUnreachable, match="does not answer") as caught:
            opened(s3, s3_endpoint=endpoint).get("a")
        assert "S3_ENDPOINT" in caught.value.hint
    with pytest.raises(SettingsError, match="not the address"):
        opened(s3, s3_endpoint="s3.example.com")


def test_a_clock_that_is_wrong_is_told(r2):
    r2.add(Fault("fail", status=403, code="RequestTimeTooSkewed"))
    with pytest.raises(StoreMisconfigured, match="clock"):
        opened(r2).put("a", b"1")


# -- a store that stumbles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_store_is_asked_again(r2, tmp_path, status):
    store = opened(r2)
    r2.add(Fault("fail", status=status, code="TooManyRequests", share=0.3))
    for n in range(5):
        store.put(f"k/{n}", bytes([n]), if_none_match=n % 2 == 0)
        assert store.get(f"k/{n}") == bytes([n])
    assert len(list(store.list("k/"))) == 5
    store.delete_prefix("k/")
    assert list(store.list("")) == []


def test_a_store_that_stays_busy_is_told(r2, monkeypatch):
    monkeypatch.setattr("ergo.storage.s3_client.TRIES", 2)
    store = opened(r2)
    r2.add(Fault("fail"))
    with pytest.raises(StoreUnreachable, match="too busy"):
        store.put("a", b"1")
    r2.down = True
    with pytest.raises(StoreUnreachable, match="does not answer"):
        store.get("a")


def test_bodies_that_break_off_are_read_again(r2, tmp_path):
    store = opened(r2)
    data = os.urandom(20 << 20)
    (tmp_path / "in").write_bytes(data)
    r2.add(Fault("cut", operations=("UploadPart",), after_bytes=1 << 20, times=2))
    store.put_file("film.mp4", tmp_path / "in")
    r2.add(Fault("cut", operations=("GetObject",), after_bytes=1 << 20, times=3))
    store.fetch("film.mp4", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    r2.add(Fault("cut", operations=("GetObject",), after_bytes=1 << 20, times=3))
    assert store.get_range("film.mp4", 5, 15 << 20) == data[5 : 5 + (15 << 20)]


def test_the_winner_of_a_conditional_write_whose_answer_got_lost_knows_that_it_won(r2):
    store = opened(r2)
    r2.add(Fault("lose", operations=("PutObject",), times=1))
    assert store.put("claim", b"mine", if_none_match=True).size_bytes == 4
    with pytest.raises(AlreadyExists):
        store.put("claim", b"mine", if_none_match=True)


def test_a_conflict_of_conditional_writers_is_waited_for(r2):
    store = opened(r2)
    r2.add(Fault("fail", operations=("PutObject",), status=409, code="ConditionalRequestConflict", times=3))
    store.put("claim", b"mine", if_none_match=True)
    assert store.get("claim") == b"mine"


def test_completing_again_after_the_answer_got_lost(r2):
    store = opened(r2)
    upload = store.create_multipart("k.mp4", part_size_bytes=PART)
    httpx.put(store.part_url("k.mp4", upload, 1, 3, ttl_s=60), content=b"abc").raise_for_status()
    r2.add(Fault("lose", operations=("CompleteMultipartUpload",), times=1))
    assert store.complete_multipart("k.mp4", upload).size_bytes == 3
    assert store.complete_multipart("k.mp4", upload).size_bytes == 3


def test_a_full_disk_is_told_while_fetching(s3, tmp_path):
    store = opened(s3)
    store.put("k", b"x" * 100_000)
    with pytest.raises(StorageFull):
        _fetch_into_full_disk(store, tmp_path)


def _fetch_into_full_disk(store, folder):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        store.fetch("k", folder / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)


# -- rules ----------------------------------------------------------------------------------------------------------


def test_the_proxy_keeps_r2s_rules(r2):
    client = r2.server.client(endpoint_url=r2.endpoint)
    upload = client.create_multipart_upload(Bucket="ergo", Key="k")["UploadId"]
    for n, size in ((1, PART), (2, PART + 1), (3, 4)):
        client.upload_part(Bucket="ergo", Key="k", UploadId=upload, PartNumber=n, Body=b"x" * size)
    listed = client.list_parts(Bucket="ergo", Key="k", UploadId=upload)["Parts"]
    parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
    with pytest.raises(client.exceptions.ClientError, match="InvalidPart"):
        client.complete_multipart_upload(Bucket="ergo", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert r2.count("UploadPart", 200) == 3 and r2.count("CompleteMultipartUpload", 400) == 1
    store = opened(r2)
    urls = [store.put_url(key, max_bytes=10, ttl_s=60) for key in ("x", "x", "y")]
    assert [httpx.put(url, content=b"1").status_code for url in urls] == [200, 429, 200]


@pytest.mark.parametrize("status", [400, 403])
def test_an_expired_url_is_refused_as_r2_or_s3_do(r2, status):
    r2.expired_status = status
    store = opened(r2)
    store.put("k", b"1")
    url = store.get_url("k", ttl_s=600)
    assert httpx.get(url).status_code == 200
    r2.expire_urls()
    assert httpx.get(url).status_code == status
    time.sleep(1.1)  # signatures count in seconds
    assert httpx.get(store.get_url("k", ttl_s=600)).status_code == 200


def test_unequal_parts_are_told_before_r2_would(s3):
    store = opened(s3)
    upload = store.create_multipart("k", part_size_bytes=PART)
    for n, size in ((1, PART), (2, PART + 1)):
        httpx.put(store.part_url("k", upload, n, size, ttl_s=60), content=b"x" * size).raise_for_status()
    with pytest.raises(UploadRejected, match="Part 2"):
        store.complete_multipart("k", upload)


def test_more_parts_than_one_listing_shows(s3, monkeypatch):
    store = opened(s3)
    upload = store.create_multipart("k", part_size_bytes=PART)

    def send(n):
        return httpx.put(store.part_url("k", upload, n, 1, ttl_s=600), content=b"x", timeout=60).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(1, 26))) == {200}
    pages = store.client.get_paginator

    def small_pages(name):
        paginator = pages(name)
        whole = paginator.paginate
        paginator.paginate = lambda **options: whole(**options, PaginationConfig={"PageSize": 10})
        return paginator

    monkeypatch.setattr(store.client, "get_paginator", small_pages)
    assert store.list_parts("k", upload) == dict.fromkeys(range(1, 26), 1)


def test_a_sweep_takes_what_got_nothing_for_long(s3):
    store = opened(s3)
    upload = store.create_multipart("k", part_size_bytes=PART)
    time.sleep(1.1)
    store.sweep(0.0)
    assert s3.client().list_multipart_uploads(Bucket="ergo").get("Uploads", []) == []
    assert upload
