"""Limits on what an owner may keep, and what is cleared away: the same for the folder and for a bucket."""

import os
import time

import httpx
import pytest
from live_store import place_in

from ergo.errors import AccessDenied, KeyNotFound, UploadRejected, VideoTooLarge
from ergo.storage.signing import UrlSigner
from ergo.storage.upload_plan import PART_BYTES
from ergo.storage.uploads import UploadService

MB = 1_000_000


@pytest.fixture(params=["local", "s3"])
def place(request, tmp_path):
    with place_in(request.param, request, tmp_path) as place:
        yield place


def opened(place, **options):
    options = {"max_upload_gb": 1.0, "url_ttl_s": 600} | options
    return UploadService(place.store, UrlSigner(b"secret"), **options)


def send(place, uploads, plan, data):
    for number, url in uploads.sign(plan.video_key, plan.upload_id, range(1, plan.part_count + 1)).items():
        piece = data[(number - 1) * plan.part_size_bytes : number * plan.part_size_bytes]
        httpx.put(place.url(url), content=piece, timeout=60).raise_for_status()


def test_a_video_goes_up_in_parts_and_belongs_to_its_owner(place):
    uploads = opened(place)
    data = os.urandom(PART_BYTES + 77)
    plan = uploads.begin("film.mp4", len(data), "ann")
    with pytest.raises(UploadRejected, match="2 of 2 parts"):
        uploads.complete(plan.video_key, plan.upload_id)
    send(place, uploads, plan, data)
    assert uploads.finished_parts(plan.video_key, plan.upload_id) == {1: PART_BYTES, 2: 77}
    uploads.complete(plan.video_key, plan.upload_id)
    uploads.complete(plan.video_key, plan.upload_id)
    assert uploads.finished_parts(plan.video_key, plan.upload_id) == {1: PART_BYTES, 2: 77}
    assert place.store.get(plan.video_key) == data
    assert uploads.check_ready(plan.video_key, "ann").filename == "film.mp4"
    with pytest.raises(AccessDenied):
        uploads.check_ready(plan.video_key, "bob")
    uploads.delete(plan.video_key)
    assert list(place.store.list("")) == []


def test_a_quota_counts_what_is_planned_and_what_is_there(place):
    uploads = opened(place, quota_gb=0.01)
    first = uploads.begin("a.mp4", 6 * MB, "ann")
    assert uploads.used_bytes("ann") == 6 * MB
    with pytest.raises(UploadRejected, match=r"take up 0\.0 GB of 0\.01 GB"):
        uploads.begin("b.mp4", 5 * MB, "ann")
    uploads.begin("b.mp4", 9 * MB, "bob")  # another's videos do not count
    send(place, uploads, first, bytes(6 * MB))
    uploads.complete(first.video_key, first.upload_id)
    assert uploads.used_bytes("ann") == 6 * MB
    uploads.begin("c.mp4", 4 * MB, "ann")
    with pytest.raises(UploadRejected):
        uploads.single_url("d.mp4", "ann")
    uploads.delete(first.video_key)
    uploads.begin("e.mp4", 6 * MB, "ann")


def test_what_came_by_a_single_put_is_measured_before_use(place):
    small = opened(place, max_upload_gb=0.001)
    _, key = opened(place).single_url("film.mp4", "ann")
    place.store.put(key, bytes(MB + 1))  # as through a URL that could not limit it
    with pytest.raises(VideoTooLarge):
        small.check_ready(key, "ann")
    assert list(place.store.list("")) == []
    _, key = opened(place).single_url("film.mp4", "ann")
    place.store.put(key, bytes(MB + 1))
    with pytest.raises(UploadRejected, match="does not fit"):
        opened(place, quota_gb=0.001).check_ready(key, "ann")
    with pytest.raises(KeyNotFound):
        opened(place).check_ready(key, "ann")


def test_a_sweep_forgets_what_was_abandoned_and_nothing_else(place):
    uploads = opened(place)
    whole = uploads.begin("whole.mp4", 1000, "ann")
    send(place, uploads, whole, bytes(1000))
    uploads.complete(whole.video_key, whole.upload_id)
    abandoned = uploads.begin("abandoned.mp4", 1000, "ann")
    uploads.single_url("never.mp4", "ann")
    time.sleep(1.2)
    uploads.sweep(3600)
    assert uploads.finished_parts(abandoned.video_key, abandoned.upload_id) == {}
    uploads.sweep(0.1)
    folder = whole.video_key.rpartition("/")[0]
    assert {info.key for info in place.store.list("")} == {whole.video_key, f"{folder}/meta.json"}
    with pytest.raises(KeyNotFound):
        uploads.sign(abandoned.video_key, abandoned.upload_id, [1])


def test_an_old_upload_that_still_gets_parts_is_not_swept(place, monkeypatch):
    uploads = opened(place)
    slow = uploads.begin("slow.mp4", 1000, "ann")
    time.sleep(1.2)
    monkeypatch.setattr(place.store, "sweep", lambda older_than_s: None)  # the store has just seen a part
    uploads.sweep(0.1)
    assert uploads.sign(slow.video_key, slow.upload_id, [1])
