"""Proves a bucket: does with it, in about ten seconds, everything that Ergo and its page will do.

Whatever it writes lies under ``check/`` and is gone afterwards.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from ergo.errors import AlreadyExists, ErgoError, StoreMisconfigured
from ergo.storage.s3 import S3Store
from ergo.storage.s3_errors import told
from ergo.storage.s3_multipart import MIN_PART_BYTES

_TOLERATED_SKEW_S = 300.0  # servers refuse from 15 minutes on
_STRANGER = "https://stranger.invalid"
_SETUP = "python -m ergo storage setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one step found. `passed` is None where the credentials do not allow to look; `fix` says what to do."""

    name: str
    passed: bool | None
    detail: str
    fix: str = ""


class _WrongError(Exception):
    """A step found something wrong: `str(self)` says what, `fix` what to do."""

    def __init__(self, detail: str, fix: str) -> None:
        super().__init__(detail)
        self.fix = fix


class _UnseenError(Exception):
    """A step could not look."""


def check_bucket(store: S3Store, origins: Sequence[str]) -> Iterator[Finding]:
    """The findings, one after the other; the first failure of the bucket itself ends them."""
    probe = _Probe(store, origins)
    yield (first := _found("bucket", probe.bucket))
    if not first.passed:
        return
    steps = {
        "clock": probe.clock,
        "write and read": probe.write_and_read,
        "conditional write": probe.conditional_write,
        "upload in parts": probe.multipart,
        "ranges": probe.ranges,
        "expiry": probe.expiry,
        "CORS": probe.cors,
        "lifecycle": probe.lifecycle,
    }
    try:
        for name, step in steps.items():
            yield _found(name, step)
    finally:
        last = _found("clean-up", probe.clean_up)
    yield last


def _found(name: str, step: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, passed=True, detail=step())
    except _WrongError as wrong:
        return Finding(name=name, passed=False, detail=str(wrong), fix=wrong.fix)
    except _UnseenError as unseen:
        return Finding(name=name, passed=None, detail=str(unseen))
    except ErgoError as error:
        return Finding(name=name, passed=False, detail=error.message, fix=error.hint)
    except httpx.HTTPError as error:
        hint = "Check the network between this machine and the store."
        return Finding(name=name, passed=False, detail=f"No answer to a signed URL ({type(error).__name__}).", fix=hint)


class _Probe:
    """The steps; each returns what it saw or raises."""

    def __init__(self, store: S3Store, origins: Sequence[str]) -> None:
        self._store = store
        self._origins = origins
        self._prefix = f"check/{secrets.token_hex(8)}/"
        self._data = secrets.token_bytes(1000)
        self._film = f"{self._prefix}film.mp4"

    def bucket(self) -> str:
        bucket = self._store.bucket
        with told(bucket, ""):
            self._store.client.list_objects_v2(Bucket=bucket.name, MaxKeys=1)
        return f"{bucket.name} at {bucket.endpoint or 'AWS in ' + bucket.region} can be listed"

    def clock(self) -> str:
        with told(self._store.bucket, ""):
            answer = self._store.client.list_objects_v2(Bucket=self._store.bucket.name, MaxKeys=1)
        server_s = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
        ahead_s = time.time() - server_s
        if abs(ahead_s) > _TOLERATED_SKEW_S:
            raise _WrongError(
                f"this machine's clock is {abs(ahead_s):.0f} s {'ahead' if ahead_s > 0 else 'behind'}",
                "Set it, for example by starting NTP: signatures are corrected for it, other times are not.",
            )
        return f"{abs(ahead_s):.0f} s from the store's"

    def write_and_read(self) -> str:
        self._store.put(f"{self._prefix}a", self._data)
        if self._store.get(f"{self._prefix}a") != self._data:
            raise _WrongError("an object did not come back as it was written", "This store cannot be used.")
        self._store.delete(f"{self._prefix}a")
        if self._store.head(f"{self._prefix}a") is not None:
            raise _WrongError("a deleted object is still there", "This store cannot be used.")
        return "an object was written, read and deleted"

    def conditional_write(self) -> str:
        self._store.put(f"{self._prefix}claim", b"1", if_none_match=True)
        try:
            self._store.put(f"{self._prefix}claim", b"2", if_none_match=True)
        except AlreadyExists:
            return "the second of two writers was refused"
        raise _WrongError(
            "the second of two writers was not refused (If-None-Match)",
            "Two workers could take the same job: use a store that has conditional writes.",
        )

    def multipart(self) -> str:
        upload = self._store.create_multipart(self._film, part_size_bytes=MIN_PART_BYTES)
        for number, size in ((1, MIN_PART_BYTES), (2, len(self._data))):
            url = self._store.part_url(self._film, upload, number, size, ttl_s=300)
            body = bytes(size) if number == 1 else self._data
            if number == 2 and httpx.put(url, content=body + b"x").is_success:
                raise _WrongError("a part longer than signed was taken", "Upload limits would not hold on this store.")
            answer = httpx.put(url, content=body, timeout=300)
            if not answer.is_success:
                raise _WrongError(
                    f"a part was refused (HTTP {answer.status_code})", "The token needs to write objects."
                )
        info = self._store.complete_multipart(self._film, upload)
        if info.size_bytes != MIN_PART_BYTES + len(self._data):
            raise _WrongError("parts were lost", "This store cannot be used.")
        return "two parts went up by signed URLs and became one object; a wrong length was refused"

    def ranges(self) -> str:
        if self._store.get_range(self._film, MIN_PART_BYTES, 2000) != self._data:
            raise _WrongError("a range came back wrong", "This store cannot be used.")
        url = self._store.get_url(self._film, ttl_s=300, download_name="Größe 1.mp4")
        answer = httpx.get(url, headers={"Range": f"bytes={MIN_PART_BYTES}-{MIN_PART_BYTES + 9}"})
        if answer.status_code != 206 or answer.content != self._data[:10]:
            raise _WrongError(f"a signed URL gave no range (HTTP {answer.status_code})", "Videos could not be seeked.")
        if "filename*=" not in answer.headers.get("content-disposition", ""):
            return "they come as asked for, but downloads will not have their names"
        return "they come as asked for, under a download name"

    def expiry(self) -> str:
        url = self._store.get_url(self._film, ttl_s=1)
        time.sleep(2.5)
        if httpx.get(url, headers={"Range": "bytes=0-9"}).is_success:
            raise _WrongError("a URL of one second still works after two", "Check the clock of the store.")
        return "a URL stops working at its time"

    def cors(self) -> str:
        url = self._store.put_url(self._film, max_bytes=1, ttl_s=300)
        for origin in self._origins:
            ask = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
            allowed = httpx.options(url, headers=ask).headers.get("access-control-allow-origin")
            read = httpx.get(
                self._store.get_url(self._film, ttl_s=300), headers={"Origin": origin, "Range": "bytes=0-9"}
            )
            if allowed not in (origin, "*") or read.headers.get("access-control-allow-origin") not in (origin, "*"):
                raise _WrongError(
                    f"pages of {origin} may not use the bucket",
                    f"The CORS rule is missing: name the origin in ERGO_ORIGINS and run {_SETUP}.",
                )
        ask = {"Origin": _STRANGER, "Access-Control-Request-Method": "PUT"}
        if "access-control-allow-origin" in httpx.options(url, headers=ask).headers:
            raise _WrongError(
                "pages of any origin may use the bucket", f"Name the right ones in ERGO_ORIGINS and run {_SETUP}."
            )
        return f"pages of {' and '.join(self._origins)} may send and read, others may not"

    def lifecycle(self) -> str:
        bucket = self._store.bucket
        try:
            with told(bucket, ""):
                rules = self._store.client.get_bucket_lifecycle_configuration(Bucket=bucket.name)["Rules"]
        except StoreMisconfigured:
            raise _UnseenError("these credentials may not see the bucket's rules; look in the dashboard") from None
        except ErgoError:
            rules = []
        enabled = [rule for rule in rules if rule.get("Status") == "Enabled"]
        if bucket.provider != "r2" and not any("AbortIncompleteMultipartUpload" in rule for rule in enabled):
            raise _WrongError(
                "unfinished uploads are never cleared away, but paid for", f"A rule is missing: run {_SETUP}."
            )
        expiring = [rule for rule in enabled if "Expiration" in rule]
        if not expiring:
            raise _WrongError("videos and results are kept for ever", f"If that is not meant, run {_SETUP}.")
        return f"{len(enabled)} rules, {len(expiring)} of them delete what has had its time"

    def clean_up(self) -> str:
        self._store.delete_prefix(self._prefix)
        if next(self._store.list(self._prefix), None) is not None:
            raise _WrongError("what the check wrote is still there", "The token needs to delete objects.")
        return "nothing of the check is left"
