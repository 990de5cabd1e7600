"""Uploads in parts, in a bucket.

R2 asks for equal parts but the last, and says so only at completion; the parts are checked here before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ergo.errors import KeyNotFound, UploadRejected
from ergo.storage.keys import content_type
from ergo.storage.s3_client import Bucket
from ergo.storage.s3_errors import told

MIN_PART_BYTES = 5 << 20
MAX_PART_BYTES = 5 << 30


class S3Multipart:
    """The unfinished uploads of `bucket`."""

    def __init__(self, client: Any, bucket: Bucket) -> None:
        self._client = client
        self._bucket = bucket

    def create(self, key: str, part_size_bytes: int) -> str:
        """Begin an upload; its id."""
        if not MIN_PART_BYTES <= part_size_bytes <= MAX_PART_BYTES:
            raise UploadRejected("A part has 5 MiB to 5 GiB.", "Choose another part size.")
        with told(self._bucket, key):
            return self._client.create_multipart_upload(
                Bucket=self._bucket.name, Key=key, ContentType=content_type(key)
            )["UploadId"]

    def parts(self, key: str, upload_id: str) -> dict[int, int]:
        """Number → size of the parts, in the order of their numbers."""
        return {number: part["Size"] for number, part in self._latest(key, upload_id).items()}

    def complete(self, key: str, upload_id: str) -> None:
        """Check that the parts leave no gap and are equal, then make the object of them."""
        parts = self._latest(key, upload_id)
        count = len(parts)
        if not parts or list(parts) != list(range(1, count + 1)):
            raise UploadRejected("Parts of the upload are missing.", "Send them, then complete again.")
        whole = parts[1]["Size"]
        odd = [n for n, part in parts.items() if part["Size"] > whole or (part["Size"] < whole and n != count)]
        if odd:
            raise UploadRejected(f"Part {odd[0]} is not as long as the others.", "Send it again, whole.")
        made_of = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in parts.items()]
        with told(self._bucket, key):
            self._client.complete_multipart_upload(
                Bucket=self._bucket.name, Key=key, UploadId=upload_id, MultipartUpload={"Parts": made_of}
            )

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload."""
        try:
            with told(self._bucket, key):
                self._client.abort_multipart_upload(Bucket=self._bucket.name, Key=key, UploadId=upload_id)
        except KeyNotFound:
            return

    def sweep(self, older_than_s: float) -> None:
        """Forget the uploads that got no part for `older_than_s` seconds."""
        horizon_s = time.time() - older_than_s
        for key, upload_id, begun_s in list(self._unfinished()):
            if begun_s >= horizon_s:
                continue
            try:
                latest_s = [part["LastModified"].timestamp() for part in self._listed(key, upload_id)]
            except KeyNotFound:
                continue
            if not latest_s or max(latest_s) < horizon_s:
                self.abort(key, upload_id)

    def _latest(self, key: str, upload_id: str) -> dict[int, dict[str, Any]]:
        """The parts by number. One that came twice is listed twice by some servers; the later one counts."""
        in_time = sorted(self._listed(key, upload_id), key=lambda part: part["LastModified"])
        by_number = {part["PartNumber"]: part for part in in_time}
        return dict(sorted(by_number.items()))

    def _listed(self, key: str, upload_id: str) -> Iterator[dict[str, Any]]:
        """The parts as the bucket lists them, a thousand with each call."""
        pages = self._client.get_paginator("list_parts")
        with told(self._bucket, key):
            for page in pages.paginate(Bucket=self._bucket.name, Key=key, UploadId=upload_id):
                yield from page.get("Parts", ())

    def _unfinished(self) -> Iterator[tuple[str, str, float]]:
        pages = self._client.get_paginator("list_multipart_uploads")
        with told(self._bucket, ""):
            for page in pages.paginate(Bucket=self._bucket.name):
                for entry in page.get("Uploads", ()):
                    yield entry["Key"], entry["UploadId"], entry["Initiated"].timestamp()
