"""What Ergo asks of a bucket: the protocol that the local folder, S3 and R2 all keep.

The promises are those that S3 and R2 both give, nothing more:

- an object appears whole or not at all, and a reader never sees half of one
- ``if_none_match`` creates an object only where there is none, and exactly one of several racing writers wins
- parts of a multipart upload are equal in size but for the last, number from 1, arrive in any order and any number
  of times (the last one counts), and become an object only at completion
- deleting what is not there is no error
- a listing comes in the order of the keys

A store elsewhere may be out of reach or wrongly set up: any call may raise StoreUnreachable or StoreMisconfigured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """What a store knows of an object without reading it; `modified_s` is seconds since 1970, UTC."""

    key: str
    size_bytes: int
    modified_s: float
    etag: str


@runtime_checkable
class Store(Protocol):
    """A bucket. Keys are checked by :func:`ergo.storage.keys.check_key`; a bad one raises AccessDenied."""

    def put(self, key: str, data: bytes, *, if_none_match: bool = False) -> ObjectInfo:
        """Write a small object.

        Raises:
            AlreadyExists: `if_none_match` and there is one.
            StorageFull: no room left.
        """
        ...

    def put_file(self, key: str, path: Path) -> ObjectInfo:
        """Write a file of any size as an object; the file stays as it is.

        Raises:
            StorageFull: no room left.
        """
        ...

    def get(self, key: str) -> bytes:
        """A small object's bytes. Raises KeyNotFound."""
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start` on (fewer at the end of the object). Raises KeyNotFound."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, None where there is none."""
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects under a prefix that ends in ``/`` (empty: all), in the order of their keys."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Remove all objects under a prefix that ends in ``/``."""
        ...

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object of any size into a new file. Raises KeyNotFound, StorageFull."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where an object lies as a file on this machine, to be read in place; None when it has to be fetched."""
        ...

    def free_bytes(self) -> int | None:
        """Room left for objects, None when there is no known limit."""
        ...

    def create_multipart(self, key: str, *, part_size_bytes: int) -> str:
        """Begin an upload in parts and return its id. All parts but the last have `part_size_bytes`."""
        ...

    def list_parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        """Number → size in bytes of the parts that have arrived whole. Raises KeyNotFound."""
        ...

    def complete_multipart(self, key: str, upload_id: str) -> ObjectInfo:
        """Make the object of all the parts that have arrived. Raises KeyNotFound, UploadRejected (a gap)."""
        ...

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an unfinished upload and its parts, if it is there."""
        ...

    def sweep(self, older_than_s: float) -> None:
        """Forget what unfinished uploads left behind that got nothing for `older_than_s` seconds."""
        ...

    def part_url(self, key: str, upload_id: str, part_number: int, size_bytes: int, *, ttl_s: int) -> str:
        """A URL that takes exactly `size_bytes` by PUT as one part, for `ttl_s` seconds."""
        ...

    def put_url(self, key: str, *, max_bytes: int, ttl_s: int) -> str:
        """A URL that takes a whole object by PUT, for `ttl_s` seconds.

        S3 cannot bind a size that is not known yet, so what arrives is to be measured against `max_bytes` before use.
        """
        ...

    def get_url(self, key: str, *, ttl_s: int, download_name: str | None = None) -> str:
        """A URL that gives an object by GET, for `ttl_s` seconds; with a name the browser saves it under that."""
        ...
