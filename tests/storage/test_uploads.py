import math
import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.errors import AccessDenied, EmptyFile, KeyNotFound, StorageFull, UploadRejected, VideoTooLarge
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.storage.upload_plan import MAX_PARTS, PART_BYTES, UploadMeta
from ergo.storage.uploads import UploadService

MIB = 1 << 20


def opened(folder, **options):
    signer = UrlSigner(b"secret")
    store = LocalStore(folder / "store", signer)
    options = {"max_upload_gb": 100.0, "url_ttl_s": 600} | options
    return store, UploadService(store, signer, **options)


def send(store, plan, number, data):
    with store.incoming() as incoming:
        incoming.write(data)
        store.keep_part(incoming, plan.video_key, plan.upload_id, number)


def parts_of(data, plan):
    size = plan.part_size_bytes
    return {n + 1: data[n * size : (n + 1) * size] for n in range(plan.part_count)}


@given(st.integers(1, 5 << 40))
def test_a_plan_covers_the_file_exactly(size_bytes):
    part = max(PART_BYTES, math.ceil(size_bytes / MAX_PARTS))
    meta = UploadMeta(filename="x", size_bytes=size_bytes, part_size_bytes=part, upload_id="u", created_s=0.0)
    assert 1 <= meta.part_count <= MAX_PARTS
    last = meta.part_bytes(meta.part_count)
    assert 0 < last <= part
    assert (meta.part_count - 1) * part + last == size_bytes
    with pytest.raises(UploadRejected):
        meta.part_bytes(meta.part_count + 1)


def test_parts_in_any_order_twice_and_across_restarts(tmp_path):
    store, uploads = opened(tmp_path)
    data = os.urandom(3 * PART_BYTES + 12_345)
    plan = uploads.begin("a.mp4", len(data), "local")
    assert (plan.part_size_bytes, plan.part_count) == (PART_BYTES, 4)
    pieces = parts_of(data, plan)
    order = [*pieces, 2, 4]
    random.Random(7).shuffle(order)
    first_two = order[:2]
    for n in first_two:
        send(store, plan, n, pieces[n])
    with pytest.raises(UploadRejected, match="of 4 parts have not arrived"):
        uploads.complete(plan.video_key, plan.upload_id)

    store, uploads = opened(tmp_path)  # the app was restarted
    assert uploads.finished_parts(plan.video_key, plan.upload_id) == {n: len(pieces[n]) for n in sorted(set(first_two))}
    for n in order[2:]:
        send(store, plan, n, pieces[n])
    uploads.complete(plan.video_key, plan.upload_id)
    uploads.complete(plan.video_key, plan.upload_id)
    assert store.local_path(plan.video_key).read_bytes() == data
    assert uploads.finished_parts(plan.video_key, plan.upload_id) == {n: len(p) for n, p in pieces.items()}
    assert list((store.root / "multipart").iterdir()) == []
    assert uploads.check_ready(plan.video_key, "local").filename == "a.mp4"


def test_the_last_of_two_sendings_of_a_part_counts(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "local")
    send(store, plan, 1, b"0123456789")
    send(store, plan, 1, b"abcdefghij")
    uploads.complete(plan.video_key, plan.upload_id)
    assert store.get(plan.video_key) == b"abcdefghij"


def test_a_part_does_not_count_after_its_replacement_broke_off_halfway(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "local")
    send(store, plan, 1, b"0123456789")
    with store.incoming() as incoming, pytest.raises(OSError, match="shorter"):
        incoming.write(b"abcdefghij")
        os.truncate(incoming.path, 3)
        store.keep_part(incoming, plan.video_key, plan.upload_id, 1)
    assert uploads.finished_parts(plan.video_key, plan.upload_id) == {}


def test_completing_from_several_threads_at_once(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "local")
    send(store, plan, 1, b"0123456789")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: uploads.complete(plan.video_key, plan.upload_id), range(8)))
    assert store.get(plan.video_key) == b"0123456789"


def test_missing_and_short_parts_are_named(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 6 * PART_BYTES, "local")
    send(store, plan, 2, b"x" * PART_BYTES)
    send(store, plan, 5, b"too short")
    with pytest.raises(UploadRejected, match=r"5 of 6 parts .*: 1, 3–6\."):
        uploads.complete(plan.video_key, plan.upload_id)
    with pytest.raises(UploadRejected):
        send(store, plan, 1, b"x" * (PART_BYTES + 1))
    with pytest.raises(UploadRejected):
        send(store, plan, 0, b"x")
    assert store.head(plan.video_key) is None


def test_a_crash_right_after_the_object_was_placed_is_mended(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "local")
    send(store, plan, 1, b"0123456789")
    target = store.root / "objects" / plan.video_key
    (store.root / "multipart" / plan.upload_id / "data").rename(target)
    assert store.complete_multipart(plan.video_key, plan.upload_id).size_bytes == 10
    assert list((store.root / "multipart").iterdir()) == []


def test_an_aborted_upload_is_gone(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "local")
    uploads.abort(plan.video_key, plan.upload_id)
    uploads.abort(plan.video_key, plan.upload_id)
    with pytest.raises(KeyNotFound):
        uploads.sign(plan.video_key, plan.upload_id, [1])
    assert list(store.list("")) == []


@pytest.mark.parametrize("size_bytes", [0, -1])
def test_an_empty_file_is_refused(tmp_path, size_bytes):
    with pytest.raises(EmptyFile):
        opened(tmp_path)[1].begin("a.mp4", size_bytes, "local")


def test_size_limits_are_told_before_anything_is_sent(tmp_path):
    store, uploads = opened(tmp_path, max_upload_gb=0.001)
    with pytest.raises(VideoTooLarge, match=r"0\.001 GB"):
        uploads.begin("a.mp4", 1_000_001, "local")
    store, uploads = opened(tmp_path, max_upload_gb=1e9)
    with pytest.raises(StorageFull):
        uploads.begin("a.mp4", store.free_bytes() + 1, "local")
    assert list(store.list("")) == []


@pytest.mark.parametrize("filename", ["a.exe", "mp4", "", "a.mp4.html", ".mp4", "a.m3u8", "a.mp4/"])
def test_only_names_of_videos_are_taken(tmp_path, filename):
    with pytest.raises(UploadRejected):
        opened(tmp_path)[1].begin(filename, 10, "local")
    with pytest.raises(UploadRejected):
        opened(tmp_path)[1].single_url(filename, "local")


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_a_file_name_never_becomes_a_path(tmp_path_factory, text):
    _, uploads = opened(tmp_path_factory.getbasetemp() / "names")
    try:
        plan = uploads.begin(f"{text}.MP4", 10, "../../Ann O'Nym")
    except UploadRejected:
        return
    assert plan.video_key.startswith("uploads/u-") and plan.video_key.endswith("/source.mp4")
    assert ".." not in plan.video_key
    name = uploads.meta(plan.video_key).filename
    assert "/" not in name and "\\" not in name and name.isprintable() and len(name) <= 201


def test_a_video_belongs_to_its_owner_and_keys_cannot_be_made_up(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "ann")
    with pytest.raises(UploadRejected, match="not complete"):
        uploads.check_ready(plan.video_key, "ann")
    send(store, plan, 1, b"0123456789")
    uploads.complete(plan.video_key, plan.upload_id)
    uploads.check_ready(plan.video_key, "ann")
    with pytest.raises(AccessDenied, match="somebody else"):
        uploads.check_ready(plan.video_key, "bob")
    _, _, identity, _ = plan.video_key.split("/")
    store.put("uploads/bob/" + identity + "/source.mp4", b"planted")
    for forged in (
        plan.video_key.replace("/ann/", "/bob/"),
        f"uploads/ann/{'0' * 48}/source.mp4",
        plan.video_key + "x",
        "jobs/x/manifest.json",
        "../../etc/passwd",
        "",
    ):
        for owner in ("ann", "bob"):
            with pytest.raises(AccessDenied):
                uploads.check_ready(forged, owner)
        with pytest.raises(AccessDenied):
            uploads.delete(forged)
    with pytest.raises(KeyNotFound):
        uploads.sign(plan.video_key, "0" * 32, [1])


def test_deleting_a_video_leaves_nothing(tmp_path):
    store, uploads = opened(tmp_path)
    plan = uploads.begin("a.mp4", 10, "ann")
    send(store, plan, 1, b"0123456789")
    uploads.complete(plan.video_key, plan.upload_id)
    uploads.delete(plan.video_key)
    assert list(store.list("")) == []
    with pytest.raises(KeyNotFound, match="deleted"):
        uploads.check_ready(plan.video_key, "ann")
