"""Uploads in parts, in a folder.

    <upload id>/about.json   {"key", "part_size_bytes"}; also the file that is locked
    <upload id>/data         the object being made; part n lies at (n − 1) × part_size_bytes
    <upload id>/parts/<n>    the size of part n; present only while that part is whole on the disk

Parts are written where they will stay, so completing an upload of any size is one rename and never needs the room
twice. A part arrives in a file of its own first: one that breaks off, or comes twice, does not touch the one there is.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ergo.errors import KeyNotFound, UploadRejected
from ergo.storage.files import Incoming, disk_full_is_told, settle_folder

MAX_PARTS = 10_000

_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class LocalMultipart:
    """The unfinished uploads in `root`; `incoming` is a folder on the same file system."""

    def __init__(self, root: Path, incoming: Path) -> None:
        self._root = root
        self._incoming = incoming
        root.mkdir(parents=True, exist_ok=True)

    def create(self, key: str, part_size_bytes: int) -> str:
        """Begin an upload; its id."""
        if part_size_bytes < 1:
            raise UploadRejected("A part has at least one byte.", "Choose a larger part size.")
        upload_id = secrets.token_hex(16)
        folder = self._root / upload_id
        with disk_full_is_told():
            (folder / "parts").mkdir(parents=True)
            (folder / "data").touch(mode=0o600)
        self._write(folder / "about.json", json.dumps({"key": key, "part_size_bytes": part_size_bytes}))
        return upload_id

    def parts(self, key: str, upload_id: str) -> dict[int, int]:
        """Number → size of the whole parts, in the order of their numbers."""
        folder, _ = self._open(key, upload_id)
        return _recorded(folder)

    def keep(self, key: str, upload_id: str, part_number: int, incoming: Incoming) -> None:
        """Take a part that has arrived; the last one of a number counts."""
        if not 1 <= part_number <= MAX_PARTS:
            raise UploadRejected(f"There is no part {part_number}.", f"Parts are numbered 1 to {MAX_PARTS}.")
        with self._locked(key, upload_id) as (folder, part_size_bytes):
            if not 0 < incoming.size_bytes <= part_size_bytes:
                raise UploadRejected(
                    f"Part {part_number} has {incoming.size_bytes} bytes, at most {part_size_bytes} were agreed.",
                    "Cut the file as the upload plan says.",
                )
            record = folder / "parts" / f"{part_number:05d}"
            record.unlink(missing_ok=True)  # from here until it is written anew the part does not count
            fd = os.open(folder / "data", os.O_WRONLY)
            try:
                incoming.copy_into(fd, (part_number - 1) * part_size_bytes)
                with disk_full_is_told():
                    os.fsync(fd)
            finally:
                os.close(fd)
            self._write(record, str(incoming.size_bytes))

    def complete(self, key: str, upload_id: str, place: Callable[[Path], None]) -> None:
        """Check that the parts leave no gap, then let `place` move the file that they make."""
        with self._locked(key, upload_id) as (folder, part_size_bytes):
            sizes = _recorded(folder)
            if list(sizes) != list(range(1, len(sizes) + 1)) or not sizes:
                raise UploadRejected("Parts of the upload are missing.", "Send them, then complete again.")
            short = [n for n, size in sizes.items() if size != part_size_bytes and n != len(sizes)]
            if short:
                raise UploadRejected(f"Part {short[0]} is shorter than the others.", "Send it again, whole.")
            data = folder / "data"
            if data.exists():  # else a crash came right after the object was placed
                os.truncate(data, (len(sizes) - 1) * part_size_bytes + sizes[len(sizes)])
                place(data)
            shutil.rmtree(folder, ignore_errors=True)

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload."""
        try:
            with self._locked(key, upload_id) as (folder, _):
                shutil.rmtree(folder, ignore_errors=True)
        except KeyNotFound:
            return

    def sweep(self, older_than_s: float) -> None:
        """Forget the uploads that got no part for `older_than_s` seconds."""
        horizon_s = time.time() - older_than_s
        for folder in self._root.iterdir():
            times = [path.stat().st_mtime for path in (folder, folder / "parts") if path.exists()]
            if times and max(times) < horizon_s:
                shutil.rmtree(folder, ignore_errors=True)

    def _open(self, key: str, upload_id: str) -> tuple[Path, int]:
        unknown = KeyNotFound("There is no such unfinished upload.", "Start the upload again.")
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise unknown
        folder = self._root / upload_id
        try:
            about = json.loads((folder / "about.json").read_bytes())
        except FileNotFoundError:
            raise unknown from None
        if about["key"] != key:
            raise unknown
        return folder, about["part_size_bytes"]

    @contextmanager
    def _locked(self, key: str, upload_id: str) -> Iterator[tuple[Path, int]]:
        folder, part_size_bytes = self._open(key, upload_id)
        try:
            fd = os.open(folder / "about.json", os.O_RDONLY)
        except FileNotFoundError:
            raise KeyNotFound("The upload has just ended.", "Start it again if that was not meant.") from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            self._open(key, upload_id)  # whoever held the lock may have completed or aborted the upload
            yield folder, part_size_bytes
        finally:
            os.close(fd)

    def _write(self, path: Path, text: str) -> None:
        with Incoming(self._incoming) as incoming:
            incoming.write(text.encode())
            incoming.settle()
            incoming.path.rename(path)
        settle_folder(path.parent)


def _recorded(folder: Path) -> dict[int, int]:
    sizes: dict[int, int] = {}
    try:
        names = sorted(path.name for path in (folder / "parts").iterdir())
    except FileNotFoundError:
        raise KeyNotFound("The upload has just ended.", "Start it again if that was not meant.") from None
    for name in names:
        try:
            sizes[int(name)] = int((folder / "parts" / name).read_bytes())
        except FileNotFoundError:
            continue  # it is being replaced at this moment
    return sizes
