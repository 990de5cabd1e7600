"""A bucket of AWS S3, Cloudflare R2 or any service that speaks S3."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from ergo.errors import AlreadyExists, KeyNotFound, StorageError
from ergo.storage.files import disk_full_is_told
from ergo.storage.keys import attachment, check_key, check_prefix, content_type
from ergo.storage.s3_client import TRIES, Bucket, clamped, make_client
from ergo.storage.s3_errors import code_of, told, until_no_conflict
from ergo.storage.s3_multipart import S3Multipart
from ergo.storage.store import ObjectInfo

_DELETE_AT_ONCE = 1000  # what one call may name
_PART_BYTES = 16 << 20
_PARALLEL = 4
_WRITER = "ergo-writer"


class S3Store:
    """The :class:`~ergo.storage.store.Store` in `bucket`; the browser reaches it directly by presigned URLs."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.client = make_client(bucket)
        self._multipart = S3Multipart(self.client, bucket)

    def put(self, key: str, data: bytes, *, if_none_match: bool = False) -> ObjectInfo:
        """Write a small object; see :class:`~ergo.storage.store.Store`."""
        check_key(key)
        about: dict[str, Any] = {"Key": key, "Body": data, "ContentType": content_type(key)}
        if if_none_match:
            return self._create(key, about)
        return self._info_of_put(key, len(data), self._call("put_object", key, **about))

    def put_file(self, key: str, path: Path) -> ObjectInfo:
        """Write a file of any size as an object, in equal parts when it is large."""
        check_key(key)
        with told(self.bucket, key):
            self.client.upload_file(
                str(path),
                self.bucket.name,
                key,
                ExtraArgs={"ContentType": content_type(key)},
                Config=_transfer(),
            )
        return self._known(key)

    def get(self, key: str) -> bytes:
        """A small object's bytes."""
        return self._read(key)

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start` on."""
        if length <= 0:
            self._known(key)
            return b""
        return self._read(key, Range=f"bytes={start}-{start + length - 1}")

    def head(self, key: str) -> ObjectInfo | None:
        """What is known of an object, None where there is none."""
        check_key(key)
        try:
            found = self._call("head_object", key, Key=key)
        except KeyNotFound:
            return None
        return ObjectInfo(
            key=key,
            size_bytes=found["ContentLength"],
            modified_s=found["LastModified"].timestamp(),
            etag=found["ETag"],
        )

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects under a prefix, in the order of their keys."""
        check_prefix(prefix)
        for entry in self._entries(prefix):
            if not entry["Key"].endswith("/"):  # a folder that somebody made in a dashboard
                yield ObjectInfo(
                    key=entry["Key"],
                    size_bytes=entry["Size"],
                    modified_s=entry["LastModified"].timestamp(),
                    etag=entry["ETag"],
                )

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        check_key(key)
        self._call("delete_object", key, Key=key)

    def delete_prefix(self, prefix: str) -> None:
        """Remove all objects under a prefix, a thousand with each call."""
        check_prefix(prefix)
        if not prefix:
            raise StorageError("Refusing to empty the whole store.", "Name a prefix.")
        waiting: list[str] = []
        for entry in self._entries(prefix):
            waiting.append(entry["Key"])
            if len(waiting) == _DELETE_AT_ONCE:
                self._delete_all(waiting)
                waiting = []
        if waiting:
            self._delete_all(waiting)

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object into a new file, by ranges a few at a time."""
        check_key(key)
        with told(self.bucket, key), disk_full_is_told():
            self.client.download_file(self.bucket.name, key, str(path), Config=_transfer())

    def local_path(self, key: str) -> Path | None:
        """None: an object has to be fetched."""
        check_key(key)
        return None

    def free_bytes(self) -> int | None:
        """None: a bucket has no known end."""
        return None

    def create_multipart(self, key: str, *, part_size_bytes: int) -> str:
        """Begin an upload in parts."""
        return self._multipart.create(check_key(key), part_size_bytes)

    def list_parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        """Number → size of the parts that have arrived whole."""
        return self._multipart.parts(check_key(key), upload_id)

    def complete_multipart(self, key: str, upload_id: str) -> ObjectInfo:
        """Make the object of its parts, as the bucket lists them: nobody else's word is needed."""
        try:
            self._multipart.complete(check_key(key), upload_id)
        except KeyNotFound:
            done = self.head(key)  # an earlier try of this very call may have come through without an answer
            if done is None:
                raise
            return done
        return self._known(key)

    def abort_multipart(self, key: str, upload_id: str) -> None:
        """Forget an unfinished upload."""
        self._multipart.abort(check_key(key), upload_id)

    def sweep(self, older_than_s: float) -> None:
        """Forget unfinished uploads that got no part for `older_than_s` seconds."""
        self._multipart.sweep(older_than_s)

    def part_url(self, key: str, upload_id: str, part_number: int, size_bytes: int, *, ttl_s: int) -> str:
        """A URL that takes one part; its length is signed, so no other one passes."""
        return self._signed(
            "upload_part", key, ttl_s, UploadId=upload_id, PartNumber=part_number, ContentLength=size_bytes
        )

    def put_url(self, key: str, *, max_bytes: int, ttl_s: int) -> str:
        """A URL that takes a whole object. R2 has no presigned POST, the only kind that limits an unknown size."""
        return self._signed("put_object", key, ttl_s)

    def get_url(self, key: str, *, ttl_s: int, download_name: str | None = None) -> str:
        """A URL that gives an object, whole or by ranges."""
        answer = {"ResponseContentType": content_type(key)}
        if download_name:
            answer["ResponseContentDisposition"] = attachment(download_name)
        return self._signed("get_object", key, ttl_s, **answer)

    # -- calls ----------------------------------------------------------------------------------------------------

    def _call(self, operation: str, key: str, **arguments: Any) -> Any:
        with told(self.bucket, key):
            return getattr(self.client, operation)(Bucket=self.bucket.name, **arguments)

    def _signed(self, operation: str, key: str, ttl_s: int, **arguments: Any) -> str:
        check_key(key)
        with told(self.bucket, key):
            return self.client.generate_presigned_url(
                operation,
                Params={"Bucket": self.bucket.name, "Key": key, **arguments},
                ExpiresIn=clamped(ttl_s),
            )

    def _create(self, key: str, about: dict[str, Any]) -> ObjectInfo:
        """Write where there is nothing.

        A try whose answer got lost makes the next one find its own object: the writer's mark tells it from others'.
        """
        mark = secrets.token_hex(16)
        with told(self.bucket, key):
            try:
                answer = until_no_conflict(
                    lambda: self.client.put_object(
                        Bucket=self.bucket.name, IfNoneMatch="*", Metadata={_WRITER: mark}, **about
                    )
                )
            except self.client.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 412:
                    raise
                answer = self.client.head_object(Bucket=self.bucket.name, Key=key)
                if answer["Metadata"].get(_WRITER) != mark:
                    raise AlreadyExists(f"The object {key!r} is already there.", "Read it instead.") from None
        return self._info_of_put(key, len(about["Body"]), answer)

    def _read(self, key: str, **arguments: Any) -> bytes:
        """An object's bytes. A body that breaks off is asked for again: boto3 repeats only what it has not begun."""
        from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError  # noqa: PLC0415

        check_key(key)
        with told(self.bucket, key):
            for left in reversed(range(TRIES)):
                try:
                    return self.client.get_object(Bucket=self.bucket.name, Key=key, **arguments)["Body"].read()
                except ClientError as error:
                    if code_of(error.response) != "InvalidRange":
                        raise
                    return b""  # behind the end
                except (HTTPClientError, IncompleteReadError):
                    if not left:
                        raise
        raise AssertionError  # the last try has returned or raised

    def _entries(self, prefix: str) -> Iterator[dict[str, Any]]:
        with told(self.bucket, prefix):
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket.name, Prefix=prefix):
                yield from page.get("Contents", ())

    def _delete_all(self, keys: list[str]) -> None:
        named = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        failed = self._call("delete_objects", keys[0], Delete=named).get("Errors", ())
        if failed:
            raise StorageError(
                f"{len(failed)} of {len(keys)} objects could not be deleted ({failed[0].get('Code')}).", "Try again."
            )

    def _known(self, key: str) -> ObjectInfo:
        info = self.head(key)
        if info is None:
            raise KeyNotFound(f"There is no object {key!r}.", "It may have been deleted; upload or run it again.")
        return info

    @staticmethod
    def _info_of_put(key: str, size_bytes: int, answer: Any) -> ObjectInfo:
        written_s = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
        return ObjectInfo(key=key, size_bytes=size_bytes, modified_s=written_s, etag=answer["ETag"])


def _transfer() -> Any:
    """How files travel: in equal parts, a few at a time, so that memory stays flat."""
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415

    return TransferConfig(
        multipart_threshold=_PART_BYTES,
        multipart_chunksize=_PART_BYTES,
        max_concurrency=_PARALLEL,
        preferred_transfer_client="classic",
    )
