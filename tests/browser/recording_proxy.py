"""A proxy that a browser is sent through: what it asks for, of whom, and what comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 1 << 16
_KEPT_BYTES = 1 << 20
_HEAD_END = b"\r\n\r\n"
_NOT_PASSED_ON = ("proxy-connection", "connection", "accept-encoding")  # closed after each answer, which is not packed


@dataclass
class Exchange:
    """A request and its answer; names of headers in small letters, as often as they came."""

    method: str
    place: str
    path: str
    asked: list[tuple[str, str]]
    status: int = 0
    answered: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Of the answer; empty where it has none."""
        return next((value for key, value in self.answered if key == name), "")


@dataclass
class RecordingProxy:
    """Its address, and what went through it in order."""

    address: str
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def playwright(self) -> dict[str, str]:
        """The option `proxy` of a browser context; this machine's own addresses go through it, too."""
        return {"server": self.address, "bypass": "<-loopback>"}


@contextmanager
def recording_proxy() -> Iterator[RecordingProxy]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        proxy = RecordingProxy(f"http://127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=(server, proxy), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server: socket.socket, proxy: RecordingProxy) -> None:
    with suppress(OSError):
        while True:
            browser, _ = server.accept()
            threading.Thread(target=_pass_on, args=(browser, proxy), daemon=True).start()


def _pass_on(browser: socket.socket, proxy: RecordingProxy) -> None:
    with browser, suppress(OSError):
        head, rest = _head(browser)
        if not head:
            return
        exchange, request = _read_request(head)
        proxy.exchanges.append(exchange)
        host, _, port = exchange.place.partition(":")
        if exchange.method == "CONNECT" or host != "127.0.0.1":
            browser.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")  # noted, and goes no further
            return
        with socket.create_connection((host, int(port or 80))) as server:
            server.sendall(request + rest)
            threading.Thread(target=_pump, args=(browser, server), daemon=True).start()
            _answer(server, browser, exchange)


def _read_request(head: bytes) -> tuple[Exchange, bytes]:
    """What is asked, and the same as the server wants to hear it."""
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = line.split(" ", 2)
    parts = urlsplit(target)
    path = parts._replace(scheme="", netloc="").geturl() or "/"
    asked = _fields(lines)
    exchange = Exchange(method, target if method == "CONNECT" else parts.netloc, path, asked)
    kept = [each for each in lines if each.partition(":")[0].lower() not in _NOT_PASSED_ON]
    return exchange, "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close"]).encode(
        "latin-1"
    ) + _HEAD_END


def _answer(server: socket.socket, browser: socket.socket, exchange: Exchange) -> None:
    head, rest = _head(server)
    line, *lines = head.decode("latin-1").split("\r\n")
    exchange.answered, exchange.body = _fields(lines), rest
    exchange.status = int(line.split(" ")[1])
    browser.sendall(head + _HEAD_END + rest)
    while chunk := server.recv(_CHUNK):
        if len(exchange.body) < _KEPT_BYTES:
            exchange.body += chunk
        browser.sendall(chunk)


def _head(source: socket.socket) -> tuple[bytes, bytes]:
    """Up to the empty line, and what came with it from behind that; empty when the other side has gone."""
    data = b""
    while _HEAD_END not in data:
        chunk = source.recv(_CHUNK)
        if not chunk:
            return b"", b""
        data += chunk
    head, _, rest = data.partition(_HEAD_END)
    return head, rest


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
