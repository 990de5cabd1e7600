"""A strict proxy in front of a test's S3 server: R2's rules, and faults on demand.

    with s3_server(folder) as server, s3_proxy(server) as proxy:
        store = open_store(Settings(**proxy.settings()), signer)
        proxy.add(Fault("fail", operations=("UploadPart",), share=0.2))     # 1 in 5 parts answers 503
        proxy.add(Fault("cut", after_bytes=100_000, times=3))               # three connections break off
        proxy.expire_urls()                                                 # URLs signed until now have expired
        proxy.down = True                                                   # nobody answers
        proxy.clear()
        assert proxy.count("UploadPart", status=200) == 7

Always enforced, as R2 does: parts equal in size but the last at Complete (400 InvalidPart), one write a second for each
key (429), no presigned POST (501), URL lives of 1 s to 7 days (400), no checksum headers or trailers that nobody
needs (501), expired URLs answered with `expired_status`.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from s3_server import S3Server

_BLOCK_BYTES = 256 << 10
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "proxy-connection", "expect"}
_WEEK_S = 7 * 24 * 3600
_WRITES = ("PutObject", "CompleteMultipartUpload", "CopyObject")


@dataclass(slots=True)
class Fault:
    """What goes wrong, for which requests.

    Args:
        kind: "fail" answers with `status` and `code` (after the body was taken), "cut" closes the connection after
            `after_bytes` of the body (of the answer where the request has none), "lose" does the request and closes the
            connection instead of answering, "slow" waits `delay_s` and holds the body to `bytes_per_s`.
        operations: S3 operations that are hit, such as "UploadPart"; none named: all but a browser's Preflight.
        key: start of the keys that are hit.
        share: of the requests that match, drawn at random.
        times: how often at most.
        cors: whether a failing answer lets a page read it; without, a browser sees nothing but a network error.
    """

    kind: Literal["fail", "cut", "lose", "slow"]
    operations: tuple[str, ...] = ()
    key: str = ""
    share: float = 1.0
    times: int | None = None
    status: int = 503
    code: str = "SlowDown"
    cors: bool = True
    after_bytes: int = 64 << 10
    delay_s: float = 0.0
    bytes_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came by. `bytes` counts the body taken in; `status` is 0 where no answer was given."""

    at_s: float
    operation: str
    key: str
    part: int
    status: int
    bytes: int


class S3Proxy:
    """Rules, faults and the record of what came by; see the module's text. Safe to use from any thread."""

    def __init__(self, server: S3Server, expired_status: int, seed: int) -> None:
        self.server = server
        self.endpoint = ""
        self.expired_status = expired_status
        self.down = False
        self.seen: list[Seen] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._expired_until_s = 0.0
        self._parts: dict[str, dict[int, int]] = {}
        self._written_s: dict[str, float] = {}

    def settings(self) -> dict[str, Any]:
        """Options of Ergo for the bucket behind this proxy, taken for R2."""
        return {
            "storage_provider": "r2",
            "r2_endpoint": self.endpoint,
            "r2_bucket_name": self.server.bucket,
            "r2_access_key_id": self.server.access_key,
            "r2_secret_access_key": self.server.secret_key,
        }

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more; what has expired stays so."""
        self.down = False
        with self._lock:
            self._faults.clear()

    def expire_urls(self) -> None:
        """Take every URL that has been signed until now for expired."""
        self._expired_until_s = time.time()

    def count(self, operation: str, status: int | None = None) -> int:
        """How many requests of a kind came by, with a certain answer."""
        return sum(s.operation == operation and status in (None, s.status) for s in list(self.seen))

    # -- for the handler ------------------------------------------------------------------------------------------

    def draw(self, operation: str, key: str, kinds: tuple[str, ...]) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                fits = operation in fault.operations if fault.operations else operation != "Preflight"
                if fault.kind not in kinds or not fits or not key.startswith(fault.key) or fault.times == 0:
                    continue
                if self._random.random() < fault.share:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def refusal(self, operation: str, key: str, query: dict[str, str], headers: Any) -> tuple[int, str] | None:
        """What R2 would not take of a request whose body has not been seen yet."""
        if "X-Amz-Signature" in query and operation != "Preflight":
            lives_s = int(query.get("X-Amz-Expires", "0"))
            if not 1 <= lives_s <= _WEEK_S:
                return 400, "AuthorizationQueryParametersError"
            signed_s = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            if signed_s <= self._expired_until_s or signed_s + lives_s < time.time():
                return self.expired_status, "ExpiredRequest" if self.expired_status == 400 else "AccessDenied"
        needless = [name for name in headers if name.lower().startswith(("x-amz-checksum-", "x-amz-sdk-checksum"))]
        if "x-amz-trailer" in headers or (needless and operation in (*_WRITES, "UploadPart", "CreateMultipartUpload")):
            return 501, "NotImplemented"
        if operation == "PostObject":
            return 501, "NotImplemented"
        if operation in _WRITES:
            with self._lock:
                if time.monotonic() - self._written_s.get(key, -10.0) < 1.0:
                    return 429, "TooManyRequests"
                self._written_s[key] = time.monotonic()
        return None

    def refused_parts(self, upload_id: str, body: bytes) -> tuple[int, str] | None:
        """R2's rule at Complete."""
        numbers = [int(n) for n in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
        sizes = [self._parts.get(upload_id, {}).get(n, 0) for n in numbers]
        equal = all(size == sizes[0] for size in sizes[:-1]) and (not sizes or sizes[-1] <= sizes[0])
        return None if equal else (400, "InvalidPart")

    def note(self, seen: Seen, upload_id: str, *, done: bool) -> None:
        with self._lock:
            self.seen.append(seen)
            if seen.operation == "UploadPart" and done:
                self._parts.setdefault(upload_id, {})[seen.part] = seen.bytes
            elif seen.operation in _WRITES and seen.status != 200:
                self._written_s.pop(seen.key, None)  # nothing was written


@contextmanager
def s3_proxy(server: S3Server, *, expired_status: int = 403, seed: int = 1) -> Iterator[S3Proxy]:
    """Start a proxy in front of `server` on a free port."""
    proxy = S3Proxy(server, expired_status, seed)

    class Bound(_Handler):
        pass

    Bound.proxy = proxy
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    proxy.endpoint = f"http://127.0.0.1:{listener.server_address[1]}"
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


class _CutOffError(Exception):
    """The connection is to break here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: S3Proxy

    def handle_one(self) -> None:
        split = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
        _, _, key = unquote(split.path).lstrip("/").partition("/")
        self.key, self.operation = key, _operation(self.command, key, self.query, self.headers)
        self.left = int(self.headers.get("Content-Length") or 0)
        self.taken = self.status = 0
        self.done = False  # behind this proxy, whether the client hears of it or not
        try:
            self._serve()
        except (_CutOffError, ConnectionError, TimeoutError, http.client.HTTPException):
            self.close_connection = True
        part = int(self.query.get("partNumber") or 0)
        seen = Seen(time.time(), self.operation, self.key, part, self.status, self.taken)
        self.proxy.note(seen, self.query.get("uploadId", ""), done=self.done)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = handle_one  # noqa: N815

    def handle_expect_100(self) -> bool:
        return True if self.proxy.down else super().handle_expect_100()

    def _serve(self) -> None:
        if self.proxy.down:
            raise _CutOffError
        slow = self.proxy.draw(self.operation, self.key, ("slow",))
        self.pace = slow.bytes_per_s if slow else None
        if slow:
            time.sleep(slow.delay_s)
        fault = self.proxy.draw(self.operation, self.key, ("fail", "cut", "lose"))
        refused = self.proxy.refusal(self.operation, self.key, self.query, self.headers)
        if fault is not None and fault.kind == "fail":
            self._drain()
            return self._refuse(fault.status, fault.code, cors=fault.cors)
        if refused is not None:
            self._drain()
            return self._refuse(*refused)
        return self._forward(fault)

    def _forward(self, fault: Fault | None) -> None:
        cut_after = fault.after_bytes if fault is not None and fault.kind == "cut" else None
        upstream = http.client.HTTPConnection(urlsplit(self.proxy.server.endpoint).netloc, timeout=120)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOP:
                    upstream.putheader(name, value)
            upstream.endheaders()
            if self.operation == "CompleteMultipartUpload":
                body = b"".join(self._body(None))
                refused = self.proxy.refused_parts(self.query["uploadId"], body)
                if refused is not None:
                    return self._refuse(*refused)
                upstream.send(body)
            else:
                for block in self._body(cut_after):
                    upstream.send(block)
            answer = upstream.getresponse()
            self.done = answer.status == 200
            if fault is not None and fault.kind == "lose":
                answer.read()
                raise _CutOffError
            return self._pass_on(answer, cut_after)
        finally:
            upstream.close()

    def _body(self, cut_after: int | None) -> Iterator[bytes]:
        """The request's body; ends the connection where it is to be cut."""
        while self.left:
            if cut_after is not None and self.taken >= cut_after:
                raise _CutOffError
            block = self.rfile.read(min(self.left, _BLOCK_BYTES, cut_after or _BLOCK_BYTES))
            if not block:
                raise _CutOffError  # the client went away
            self.left -= len(block)
            self.taken += len(block)
            self._hold(len(block))
            yield block

    def _pass_on(self, answer: http.client.HTTPResponse, cut_after: int | None) -> None:
        self.status = answer.status
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if answer.length is None and self.command != "HEAD" and answer.status not in (204, 304):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        sent = 0
        while block := answer.read(min(_BLOCK_BYTES, cut_after or _BLOCK_BYTES)):
            if cut_after is not None and sent >= cut_after and not self.taken:
                self.status = 0
                raise _CutOffError
            self.wfile.write(block)
            sent += len(block)
            self._hold(len(block))

    def _refuse(self, status: int, code: str, *, cors: bool = True) -> None:
        self.status = status
        body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>refused</Message></Error>"
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        if cors and "Origin" in self.headers:
            self.send_header("Access-Control-Allow-Origin", self.headers["Origin"])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def _drain(self) -> None:
        for _ in self._body(None):
            pass

    def _hold(self, count: int) -> None:
        if self.pace:
            time.sleep(count / self.pace)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _operation(method: str, key: str, query: dict[str, str], headers: Any) -> str:
    multipart = {"PUT": "UploadPart", "GET": "ListParts", "POST": "CompleteMultipartUpload"}
    name = f"{method.capitalize()}{'Object' if key or method == 'POST' else 'Bucket'}"
    if method == "OPTIONS":
        name = "Preflight"
    elif "uploadId" in query:
        name = multipart.get(method, "AbortMultipartUpload")
    elif "uploads" in query:
        name = "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    elif key and method == "PUT" and "x-amz-copy-source" in headers:
        name = "CopyObject"
    elif not key and "delete" in query:
        name = "DeleteObjects"
    elif not key and (of_bucket := {"cors", "lifecycle", "location"} & query.keys()):
        name += of_bucket.pop().capitalize()
    elif not key and method == "GET":
        name = "ListObjectsV2"
    return name
