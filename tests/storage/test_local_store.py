import errno
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ergo.errors import AccessDenied, KeyNotFound, StorageError, StorageFull
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store", UrlSigner(b"secret"))


def files_in(store):
    return [p for p in store.root.rglob("*") if p.is_file()]


def test_it_is_a_store(store):
    assert isinstance(store, Store)


def test_an_object_comes_back_as_it_was(store, tmp_path):
    data = os.urandom(3_000_000)
    info = store.put("a/b/c.bin", data)
    assert info.size_bytes == len(data) and info.key == "a/b/c.bin"
    assert store.get("a/b/c.bin") == data
    assert store.get_range("a/b/c.bin", 1000, 5) == data[1000:1005]
    assert store.get_range("a/b/c.bin", len(data) - 2, 100) == data[-2:]
    assert store.head("a/b/c.bin") == info
    store.fetch("a/b/c.bin", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    assert store.local_path("a/b/c.bin").read_bytes() == data


def test_putting_a_file_leaves_the_file(store, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    store.put_file("x", path)
    path.write_bytes(b"changed")
    assert store.get("x") == b"abc"


def test_a_new_version_has_another_etag(store):
    tags = {store.put("k", b"same bytes").etag for _ in range(5)}
    assert len(tags) == 5


@pytest.mark.parametrize("key", ["nothing", "a", "a/b/c"])
def test_what_is_not_there_is_told(store, tmp_path, key):
    store.put("a/b", b"")
    assert store.head(key) is None
    for call in (
        lambda: store.get(key),
        lambda: store.get_range(key, 0, 1),
        lambda: store.local_path(key),
        lambda: store.fetch(key, tmp_path / "out"),
    ):
        with pytest.raises(KeyNotFound):
            call()
    store.delete(key)
    assert store.get("a/b") == b""


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../outside", "a\0", ""])
def test_no_call_leaves_the_folder(store, tmp_path, key):
    (tmp_path / "outside").write_text("mine")
    upload_id = store.create_multipart("fine", part_size_bytes=10)
    calls = (
        lambda: store.put(key, b"x"),
        lambda: store.put_file(key, tmp_path / "outside"),
        lambda: store.get(key),
        lambda: store.head(key),
        lambda: store.delete(key),
        lambda: store.local_path(key),
        lambda: store.get_url(key, ttl_s=60),
        lambda: store.put_url(key, max_bytes=1, ttl_s=60),
        lambda: store.create_multipart(key, part_size_bytes=10),
        lambda: store.complete_multipart(key, upload_id),
        lambda: list(store.list(f"{key}/")),
        lambda: store.delete_prefix(f"{key}/"),
    )
    for call in calls:
        with pytest.raises(AccessDenied):
            call()
    assert (tmp_path / "outside").read_text() == "mine"


def test_one_object_cannot_lie_under_another(store):
    store.put("a", b"file")
    store.put("d/x", b"file")
    for key in ("a/b", "d"):
        with pytest.raises(StorageError):
            store.put(key, b"x")
        with pytest.raises(StorageError):
            store.put(key, b"x", if_none_match=True)


def test_a_reader_never_sees_half_an_object(store):
    versions = [bytes([n]) * 400_000 for n in range(4)]
    store.put("k", versions[0])
    stop = threading.Event()

    def write():
        while not stop.is_set():
            for data in versions:
                store.put("k", data)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(200):
            assert store.get("k") in versions
    finally:
        stop.set()
        thread.join()


def test_a_listing_is_in_the_order_of_the_keys(store):
    keys = ["a-b", "a/b", "a/b-c", "a/c/d", "ab", "a.x", "z/1", "a/b.c/x"]
    for key in keys:
        store.put(key, b"1")
    assert [i.key for i in store.list("")] == sorted(keys)
    assert [i.key for i in store.list("a/")] == sorted(k for k in keys if k.startswith("a/"))
    assert list(store.list("none/")) == []


def test_deleting_takes_empty_folders_along_but_no_neighbour(store):
    store.put("p/q/r", b"1")
    store.put("p/s", b"2")
    store.delete("p/q/r")
    store.delete("p/q/r")
    assert [i.key for i in store.list("")] == ["p/s"]
    store.delete_prefix("p/")
    assert list(store.list("")) == []
    with pytest.raises(StorageError):
        store.delete_prefix("")
    store.put("p/q", b"again")
    assert store.get("p/q") == b"again"


def test_writers_and_deleters_of_one_folder_do_not_trip_over_each_other(store):
    def work(n):
        for _ in range(60):
            store.put(f"deep/er/{n}", b"x")
            store.delete(f"deep/er/{n}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert list(store.list("")) == []


def test_a_writer_that_fails_leaves_nothing(store):
    with pytest.raises(RuntimeError), store.incoming() as incoming:
        incoming.write(b"half")
        raise RuntimeError
    assert files_in(store) == []


def test_a_sweep_takes_only_what_is_old(store):
    old, new = (store.create_multipart(f"k{n}", part_size_bytes=10) for n in (1, 2))
    for path in (*(store.root / "multipart" / old).rglob("*"), store.root / "multipart" / old):
        os.utime(path, (1, 1))
    store.sweep(3600)
    with pytest.raises(KeyNotFound):
        store.list_parts("k1", old)
    assert store.list_parts("k2", new) == {}


def test_bytes_of_a_writer_that_was_killed_are_swept_and_those_of_a_living_one_are_not(store):
    dies = "import os, sys; from pathlib import Path; from ergo.storage.files import Incoming\n"
    dies += "Incoming(Path(sys.argv[1])).__enter__().write(b'half'); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", dies, str(store.root / "incoming")], timeout=60, check=False)
    [left] = files_in(store)
    with store.incoming() as incoming:
        incoming.write(b"half")
        store.sweep(7 * 24 * 3600)
        assert left.exists()  # it may just be about to lock it
        for path in (left, incoming.path):
            os.utime(path, (time.time() - 120, time.time() - 120))
        store.sweep(7 * 24 * 3600)
        assert files_in(store) == [incoming.path]
        incoming.write(b" and half")
        store.keep_object(incoming, "whole")
    assert store.get("whole") == b"half and half"


FULL_DISK = """
import sys, os
from pathlib import Path
from ergo.errors import StorageFull
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
{prepare}
store = LocalStore(Path(sys.argv[1]), UrlSigner(b"s"))
store.put("keep", b"old")
told = 0
source = Path(sys.argv[2])
for call in (
    lambda: store.put("keep", b"x" * 3_000_000),
    lambda: store.put_file("big", source),
):
    try:
        call()
    except StorageFull as error:
        assert "ERGO_DATA_DIR" in error.hint
        told += 1
upload = store.create_multipart("video", part_size_bytes=3_000_000)
try:
    with store.incoming() as incoming:
        incoming.write(b"y" * 3_000_000)
        store.keep_part(incoming, "video", upload, 1)
except StorageFull:
    told += 1
assert store.get("keep") == b"old"
assert store.head("big") is None
assert dict(store.list_parts("video", upload)) == {{}}
assert os.listdir(store.root / "incoming") == []
store.put("small", b"still works")
print("told", told)
"""


def run_full_disk(prepare, folder, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"z" * 3_000_000)
    code = FULL_DISK.format(prepare=prepare)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(source)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "told 3"


def test_a_limit_on_file_size_is_told_as_a_full_store(tmp_path):
    prepare = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    prepare += "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    run_full_disk(prepare, tmp_path / "store", tmp_path)


def test_a_full_disk_is_told(tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs more rights")
    try:
        run_full_disk("", mount / "store", tmp_path)
    finally:
        subprocess.run(["/bin/umount", str(mount)], check=True)


def test_other_trouble_of_the_disk_is_not_called_full():
    from ergo.storage.files import disk_full_is_told

    with pytest.raises(OSError) as caught, disk_full_is_told():
        raise OSError(errno.EIO, "broken")
    assert not isinstance(caught.value, StorageFull)
