"""A copy of the store in a folder, and back: ``python -m ergo storage backup FOLDER``, ``… restore FOLDER``.

    FOLDER/objects/<key>    each object, under its key
    FOLDER/index.json       size and SHA-256 of each

A backup may be made into the same folder again: what has not changed is not read again. Copying goes object by object
while the service runs; a job that is being written meanwhile may lack its last objects, and is continued or started
again after a restore, as after a crash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ergo.errors import KeyNotFound, StorageError
from ergo.storage.keys import check_key
from ergo.storage.store import ObjectInfo, Store

RESULTS = ("jobs/", "owners/", "queue/", "running/")
"""All that is known of jobs; the videos themselves are under ``uploads/``."""
VIDEOS = "uploads/"

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the index says of an object; `etag` is the store's at the time of the copy."""

    size_bytes: int
    etag: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many objects were copied, and how many were as they should be already."""

    copied: int
    same: int


def back_up(store: Store, folder: Path, *, videos: bool = False, tell: Callable[[str], None] = lambda _: None) -> Count:
    """Copy the store's jobs and results, and the `videos` too if asked, into `folder`.

    Raises:
        StorageError: the store does not answer, or the folder has no room.
    """
    before, kept = _index(folder), {}
    copied = 0
    for info in _objects(store, videos=videos):
        known = before.get(info.key)
        path = folder / "objects" / info.key
        if known is not None and known.etag == info.etag and path.is_file():
            kept[info.key] = known
            continue
        tell(info.key)
        try:
            kept[info.key] = _copy(store, info, path)
        except KeyNotFound:  # deleted while we copied
            continue
        copied += 1
    for key in before.keys() - kept.keys():
        if videos or not key.startswith(VIDEOS):
            (folder / "objects" / key).unlink(missing_ok=True)
        else:
            kept[key] = before[key]
    _write_index(folder, kept)
    return Count(copied=copied, same=len(kept) - copied)


def restore(store: Store, folder: Path, *, tell: Callable[[str], None] = lambda _: None) -> Count:
    """Put what a backup holds and the store lacks into the store; what is there stays as it is.

    Raises:
        StorageError: `folder` is no backup, or a file in it is not what it was.
    """
    kept = _index(folder)
    if not kept:
        raise StorageError(f"{folder} is no backup.", "Name the folder that 'storage backup' has written.")
    present = {info.key for info in store.list("")}
    for key, what in kept.items():
        if _digest(folder / "objects" / check_key(key)) != what.sha256:
            raise StorageError(f"{key} in the backup is damaged.", "Take an older backup; nothing was restored.")
    # result.json says that a job is complete, so it comes when the rest of its job is there
    missing = sorted(kept.keys() - present, key=lambda key: (key.endswith("/result.json"), key))
    for key in missing:
        tell(key)
        store.put_file(key, folder / "objects" / key)
    return Count(copied=len(missing), same=len(kept) - len(missing))


def _objects(store: Store, *, videos: bool) -> Iterator[ObjectInfo]:
    for prefix in (*RESULTS, *((VIDEOS,) if videos else ())):
        yield from store.list(prefix)


def _copy(store: Store, info: ObjectInfo, path: Path) -> Kept:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    store.fetch(info.key, fresh)
    fresh.replace(path)
    return Kept(size_bytes=path.stat().st_size, etag=info.etag, sha256=_digest(path))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


def _index(folder: Path) -> dict[str, Kept]:
    path = folder / "index.json"
    if not path.is_file():
        return {}
    try:
        return {key: Kept(**fields) for key, fields in json.loads(path.read_text()).items()}
    except (ValueError, TypeError, AttributeError):
        raise StorageError(f"{path} is not the index of a backup.", "Name another folder.") from None


def _write_index(folder: Path, kept: dict[str, Kept]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "index.json.part"
    fresh.write_text(json.dumps({key: asdict(what) for key, what in sorted(kept.items())}, indent=1))
    fresh.replace(folder / "index.json")
