"""File work of the local store: durable writes, and a full disk told as such."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from ergo.errors import StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BLOCK_BYTES = 1 << 20


@contextmanager
def disk_full_is_told() -> Iterator[None]:
    """Turn the operating system's "no space", "over quota" and "file too large" into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                "No room is left where Ergo keeps its data.", "Delete old jobs, or set ERGO_DATA_DIR to a larger disk."
            ) from error
        raise


class Incoming:
    """Bytes on their way into the store, in a file of their own that vanishes unless it is moved away.

    Use as a context manager; `write` and `settle` raise StorageFull. The file is locked while its writer lives.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / secrets.token_hex(16)
        self.size_bytes = 0
        self._fd = -1

    def __enter__(self) -> Incoming:
        with disk_full_is_told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._fd)
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        with disk_full_is_told():
            while view:
                written = os.write(self._fd, view)
                view = view[written:]
                self.size_bytes += written

    def write_file(self, path: Path) -> None:
        """Append a whole file."""
        with path.open("rb") as source:
            while block := source.read(_BLOCK_BYTES):
                self.write(block)

    def settle(self) -> None:
        """Make sure that the bytes are on the disk."""
        with disk_full_is_told():
            os.fsync(self._fd)

    def copy_into(self, target_fd: int, offset: int) -> None:
        """Copy all bytes to `offset` of an open file, sharing blocks where the file system can."""
        done = 0
        with disk_full_is_told():
            while done < self.size_bytes:
                done += _copy_some(self._fd, target_fd, self.size_bytes - done, done, offset + done)


def writer_died(path: Path) -> bool:
    """Whether nobody writes an incoming file any more. Raises FileNotFoundError."""
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


def _copy_some(source_fd: int, target_fd: int, count: int, source_at: int, target_at: int) -> int:
    if hasattr(os, "copy_file_range"):
        try:
            copied = os.copy_file_range(source_fd, target_fd, count, source_at, target_at)
        except OSError as error:
            if error.errno in _FULL:
                raise
            copied = 0  # this file system cannot; copy by hand
        if copied:
            return copied
    block = os.pread(source_fd, min(count, _BLOCK_BYTES), source_at)
    if not block:
        raise OSError(errno.EIO, "the file became shorter while it was copied")
    return os.pwrite(target_fd, block, target_at)


def settle_folder(folder: Path) -> None:
    """Make sure that names made or removed in a folder are on the disk."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
