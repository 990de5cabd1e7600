"""A zip that is made while it is sent: files are stored as they are, and none of them is held in memory."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterable, Iterator

from ergo.storage.store import ObjectInfo, Store

_BLOCK_BYTES = 4 << 20  # a request each where the store is a bucket


class _Outlet(io.RawIOBase):
    """Collects what the zip writer has written since it was last emptied."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[override]
        self._waiting += data
        return len(data)

    def empty(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


def zip_stream(store: Store, infos: Iterable[ObjectInfo], prefix: str) -> Iterator[bytes]:
    """The bytes of a zip of these objects, named by what follows `prefix`. Raises KeyNotFound while iterating."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for info in infos:
            member = zipfile.ZipInfo(info.key.removeprefix(prefix), time.gmtime(info.modified_s)[:6])
            with archive.open(member, "w", force_zip64=info.size_bytes >= zipfile.ZIP64_LIMIT) as file:
                for start in range(0, info.size_bytes, _BLOCK_BYTES):
                    file.write(store.get_range(info.key, start, _BLOCK_BYTES))
                    yield outlet.empty()
            yield outlet.empty()
    yield outlet.empty()
