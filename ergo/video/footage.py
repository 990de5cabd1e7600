"""The file of a film, here or elsewhere: a film elsewhere is read by ranges, only as much of it as is looked at."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from ergo.storage.files import disk_full_is_told
from ergo.video.byte_ranges import ByteRange, Layout, Read, outline_of

BLOCK_BYTES = 1 << 20
_MOST_AT_ONCE = 8
_PARALLEL = 4


class Footage(Protocol):
    """A film's file. All paths have the name that its owner gave it."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it lies on this machine."""
        ...

    def whole(self) -> Path:
        """All of it. Raises StorageError."""
        ...

    def outline(self) -> Path | None:
        """A file of the same size that holds what tells the times of the pictures; None where that is all over it."""
        ...

    def part(self, layout: Layout, number: int) -> AbstractContextManager[Path]:
        """A file of the same size that holds what piece `number` needs, for as long as the context lasts."""
        ...


class Here:
    """A film that lies on this machine."""

    is_whole = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def whole(self) -> Path:
        """The file."""
        return self._path

    def outline(self) -> Path:
        """The file."""
        return self._path

    def part(self, layout: Layout, number: int) -> AbstractContextManager[Path]:
        """The file."""
        return nullcontext(self._path)


class Elsewhere:
    """A film in a store elsewhere.

    A piece becomes a file of the film's size whose other bytes are holes, so that the decoder, which has no way out,
    opens it like any other, and the disk holds one piece at a time.

    Args:
        folder: where files may be made.
        name: what they are called.
        size_bytes: of the film.
        read: gives some of its bytes; is called from several threads.
        fetch: writes all of it into a new file.
    """

    def __init__(self, folder: Path, name: str, size_bytes: int, read: Read, fetch: Callable[[Path], None]) -> None:
        self._folder, self._name, self._size_bytes = folder, name, size_bytes
        self._remote, self._fetch = read, fetch
        self._frame: _WithHoles | None = None
        self._counting = threading.Lock()
        self.read_bytes = 0
        """How many have come from elsewhere so far."""

    @property
    def is_whole(self) -> bool:
        """Whether all of it had to be fetched."""
        return self._whole.exists()

    @property
    def _whole(self) -> Path:
        return self._folder / "whole" / self._name

    def whole(self) -> Path:
        """All of it, fetched once."""
        if not self._whole.exists():
            self._whole.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._folder / "arriving"
            unfinished.unlink(missing_ok=True)
            self._fetch(unfinished)
            self.read_bytes += self._size_bytes
            unfinished.rename(self._whole)
        return self._whole

    def outline(self) -> Path | None:
        """What tells the times of the pictures."""
        ranges = outline_of(self._read, self._size_bytes)
        return None if ranges is None else self._framed(ranges).path

    @contextmanager
    def part(self, layout: Layout, number: int) -> Iterator[Path]:
        """What a piece needs; the whole film where that is here already."""
        if self.is_whole:
            yield self._whole
            return
        frame = self._framed(layout.frame)
        piece = _WithHoles(self._folder / "piece" / self._name, self._size_bytes)
        try:
            piece.fill([*layout.frame, layout.pieces[number]], self._read, frame)
            yield piece.path
        finally:
            piece.path.unlink(missing_ok=True)

    def _framed(self, ranges: Sequence[ByteRange]) -> _WithHoles:
        if self._frame is None:
            self._frame = _WithHoles(self._folder / "frame" / self._name, self._size_bytes)
        self._frame.fill(ranges, self._read)
        return self._frame

    def _read(self, start: int, length: int) -> bytes:
        data = self._remote(start, length)
        with self._counting:
            self.read_bytes += len(data)
        return data


class _WithHoles:
    """A new file of `size_bytes` that holds some blocks of another one."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self._size_bytes = size_bytes
        self._held: set[int] = set()
        with disk_full_is_told():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.truncate(size_bytes)

    def fill(self, ranges: Sequence[ByteRange], read: Read, nearer: _WithHoles | None = None) -> None:
        """Bring what `ranges` cover, out of `nearer` what that has and by `read` the rest. Raises StorageFull."""
        wanted = {block for begin, end in ranges for block in _blocks(begin, end)} - self._held
        known = sorted(wanted & nearer._held) if nearer is not None else []
        with disk_full_is_told(), self.path.open("r+b") as file, ThreadPoolExecutor(_PARALLEL) as threads:

            def bring(run: tuple[int, int]) -> None:
                _put(file.fileno(), run[0] * BLOCK_BYTES, read(run[0] * BLOCK_BYTES, (run[1] - run[0]) * BLOCK_BYTES))

            if nearer is not None:
                with nearer.path.open("rb") as source:
                    for block in known:
                        at = block * BLOCK_BYTES
                        _put(file.fileno(), at, os.pread(source.fileno(), BLOCK_BYTES, at))
            list(threads.map(bring, _runs(sorted(wanted.difference(known)))))
        self._held |= wanted


def _blocks(begin: int, end: int) -> range:
    return range(begin // BLOCK_BYTES, -(-end // BLOCK_BYTES))


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring blocks as (first, before which), a few at a time."""
    first = 0
    for i in range(1, len(blocks) + 1):
        if i == len(blocks) or blocks[i] != blocks[i - 1] + 1 or i - first == _MOST_AT_ONCE:
            yield blocks[first], blocks[i - 1] + 1
            first = i


def _put(fd: int, at: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        at, view = at + written, view[written:]
