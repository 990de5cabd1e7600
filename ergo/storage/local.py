"""A folder that keeps the promises of a bucket.

    <root>/objects/<key>            the objects
    <root>/multipart/<upload id>/   unfinished uploads (see ergo.storage.local_multipart)
    <root>/incoming/<random>        bytes still arriving; moved when whole, removed otherwise

All three share a file system, so an object appears by one rename (or one link, for conditional writes).
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ergo.errors import AlreadyExists, KeyNotFound, StorageError
from ergo.storage.files import Incoming, disk_full_is_told, settle_folder, writer_died
from ergo.storage.keys import check_key, check_prefix
from ergo.storage.local_multipart import LocalMultipart
from ergo.storage.signing import UrlSigner
from ergo.storage.store import ObjectInfo

_PLACE_TRIES = 20
_LOCKED_WITHIN_S = 2.0  # by far: a writer locks its file as soon as it has made it


class LocalStore:
    """The :class:`~ergo.storage.store.Store` in a folder; `signer` makes its URLs, which the app's routes serve."""

    def __init__(self, root: Path, signer: UrlSigner) -> None:
        self.root = root.absolute()
        self.signer = signer
        self._objects = self.root / "objects"
        self._incoming = self.root / "incoming"
        self._multipart = LocalMultipart(self.root / "multipart", self._incoming)
        for folder in (self._objects, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes, *, if_none_match: bool = False) -> ObjectInfo:
        """Write a small object; see :class:`~ergo.storage.store.Store`."""
        check_key(key)
        with self.incoming() as incoming:
            incoming.write(data)
            return self.keep_object(incoming, key, if_none_match=if_none_match)

    def put_file(self, key: str, path: Path) -> ObjectInfo:
        """Write a file of any size as an object."""
        check_key(key)
        with self.incoming() as incoming:
            incoming.write_file(path)
            return self.keep_object(incoming, key)

    def get(self, key: str) -> bytes:
        """A small object's bytes."""
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise _missing(key) from None

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start` on."""
        try:
            with self._path(key).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise _missing(key) from None

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, None where there is none."""
        return _info(key, self._path(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects under a prefix, in the order of their keys."""
        check_prefix(prefix)
        yield from _walk(self._objects / prefix, prefix)

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except (NotADirectoryError, IsADirectoryError, PermissionError):
            if path.is_file():
                raise
            return
        self._prune(path.parent)

    def delete_prefix(self, prefix: str) -> None:
        """Remove all objects under a prefix."""
        check_prefix(prefix)
        if not prefix:
            raise StorageError("Refusing to empty the whole store.", "Name a prefix.")
        folder = self._objects / prefix
        shutil.rmtree(folder, ignore_errors=True)
        for info in _walk(folder, prefix):  # a writer came between
            self.delete(info.key)
        self._prune(folder.parent)

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object into a new file."""
        source = self._path(key)
        if _info(key, source) is None:
            raise _missing(key)
        with disk_full_is_told():
            shutil.copyfile(source, path)

    def local_path(self, key: str) -> Path | None:
        """Where the object lies. Raises KeyNotFound."""
        path = self._path(key)
        if _info(key, path) is None:
            raise _missing(key)
        return path

    def free_bytes(self) -> int | None:
        """Room left on the disk."""
        return shutil.disk_usage(self.root).free

    def create_multipart(self, key: str, *, part_size_bytes: int) -> str:
        """Begin an upload in parts."""
        return self._multipart.create(check_key(key), part_size_bytes)

    def list_parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        """Number → size of the parts that have arrived whole."""
        return self._multipart.parts(check_key(key), upload_id)

    def complete_multipart(self, key: str, upload_id: str) -> ObjectInfo:
        """Make the object of its parts: one rename, however large it is."""

        def place(data: Path) -> None:
            self._place(key, data.rename)

        self._multipart.complete(check_key(key), upload_id, place)
        return self._known(key)

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an unfinished upload."""
        self._multipart.abort(check_key(key), upload_id)

    def part_url(self, key: str, upload_id: str, part_number: int, size_bytes: int, *, ttl_s: int) -> str:
        """A URL that takes one part."""
        check_key(key)
        return self.signer.url("part", key, ttl_s=ttl_s, upload=upload_id, part=part_number, size_bytes=size_bytes)

    def put_url(self, key: str, *, max_bytes: int, ttl_s: int) -> str:
        """A URL that takes a whole object."""
        return self.signer.url("put", check_key(key), ttl_s=ttl_s, size_bytes=max_bytes)

    def get_url(self, key: str, *, ttl_s: int, download_name: str | None = None) -> str:
        """A URL that gives an object."""
        return self.signer.url("get", check_key(key), ttl_s=ttl_s, name=download_name or "")

    def incoming(self) -> Incoming:
        """A place for bytes on their way in; see `keep_object` and `keep_part`."""
        return Incoming(self._incoming)

    def keep_object(self, incoming: Incoming, key: str, *, if_none_match: bool = False) -> ObjectInfo:
        """Make an object of bytes that have arrived. Raises AlreadyExists, StorageFull."""
        check_key(key)
        incoming.settle()
        if if_none_match:
            self._place(key, lambda path: path.hardlink_to(incoming.path))
        else:
            self._place(key, incoming.path.rename)
        return self._known(key)

    def keep_part(self, incoming: Incoming, key: str, upload_id: str, part_number: int) -> None:
        """Make a part of bytes that have arrived. Raises KeyNotFound, UploadRejected, StorageFull."""
        self._multipart.keep(check_key(key), upload_id, part_number, incoming)

    def sweep(self, older_than_s: float) -> None:
        """Remove uploads that nobody has touched for `older_than_s` seconds, and what dead writers left."""
        self._multipart.sweep(older_than_s)
        horizon_s = time.time() - _LOCKED_WITHIN_S
        for path in self._incoming.iterdir():
            try:
                if path.stat().st_mtime < horizon_s and writer_died(path):
                    path.unlink(missing_ok=True)
            except FileNotFoundError:
                continue  # its writer has just finished

    def _path(self, key: str) -> Path:
        return self._objects / check_key(key)

    def _known(self, key: str) -> ObjectInfo:
        info = self.head(key)
        if info is None:
            raise _missing(key)  # deleted again within the same moment
        return info

    def _place(self, key: str, put_at: Callable[[Path], object]) -> None:
        path = self._path(key)
        for _ in range(_PLACE_TRIES):
            try:
                with disk_full_is_told():
                    path.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, FileNotFoundError, NotADirectoryError):
                continue  # under another object, or that folder has just been removed: told apart by trying again
            try:
                with disk_full_is_told():
                    put_at(path)
            except FileExistsError:
                if path.is_file():
                    raise AlreadyExists(f"The object {key!r} is already there.", "Read it instead.") from None
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                continue  # somebody deleted the last neighbour, and the folder with it, between mkdir and now
            else:
                with suppress(FileNotFoundError):  # deleted again already
                    settle_folder(path.parent)
                return
        raise StorageError(f"{key!r} lies over or under another object.", "Use another key.")

    def _prune(self, folder: Path) -> None:
        while folder != self._objects and self._objects in folder.parents:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return  # not empty
            folder = folder.parent


def _missing(key: str) -> KeyNotFound:
    return KeyNotFound(f"There is no object {key!r}.", "It may have been deleted; upload or run it again.")


def _info(key: str, path: Path) -> ObjectInfo | None:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    # every write makes a new file, so inode and time name the version
    etag = f'"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"'
    return ObjectInfo(key=key, size_bytes=found.st_size, modified_s=found.st_mtime, etag=etag)


def _walk(folder: Path, prefix: str) -> Iterator[ObjectInfo]:
    try:
        with os.scandir(folder) as entries:
            named = sorted((f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name) for e in entries)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in named:
        if name.endswith("/"):
            yield from _walk(folder / name, f"{prefix}{name}")
        elif (info := _info(f"{prefix}{name}", folder / name)) is not None:
            yield info
