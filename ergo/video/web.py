"""A video from an address that somebody gave, without being led astray.

The address may be anybody's word, so it must not reach what only this machine can reach: its own services, its
network, a cloud's metadata. A host name is resolved here, every address it has must be public, and the connection goes
to just the address that was checked (a second look-up could answer otherwise). Redirects are followed by hand, each one
checked like the first. What comes is measured while it comes, and looked at before the rest is waited for.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import httpcore
import httpx

from ergo.errors import ErgoError, StorageFull, VideoTooLarge, VideoUnreachable
from ergo.video.sniff import container_format

MAX_REDIRECTS = 5
_MAX_URL_CHARS = 2000
_CONNECT_S = 15.0
_IDLE_S = 30.0
_GRACE_S = 60.0
_SLOWEST_BYTES_PER_S = 50_000
_BLOCK_BYTES = 1 << 20
_GB = 1_000_000_000
_REDIRECTS = (301, 302, 303, 307, 308)
_NAME = re.compile(r"[^/\\]{1,200}")
_EMBEDDED_IN_IPV6 = tuple(
    ipaddress.IPv6Network(net) for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet: not this machine, its network, a cloud's metadata, a group.

    IPv6 addresses that stand for IPv4 ones are refused where they could stand for any.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.teredo is not None or any(address in network for network in _EMBEDDED_IN_IPV6):
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host name, as this machine looks them up."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a download may go: which addresses it may connect to, and how names become addresses."""

    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], Sequence[str]] = resolve


PUBLIC = Reach()


def check_url(url: str) -> httpx.URL:
    """`url` itself when it has the form of one that may be fetched. Raises VideoUnreachable."""
    try:
        parsed = httpx.URL(url) if len(url) <= _MAX_URL_CHARS and url.isprintable() else None
    except (httpx.InvalidURL, ValueError):
        parsed = None
    if parsed is None or parsed.scheme not in ("http", "https") or not parsed.host:
        raise VideoUnreachable(f"{url[:80]!r} is not the address of a video.", "Give one like https://host/film.mp4.")
    if parsed.userinfo:
        raise VideoUnreachable("The address carries a password.", "Give one that works without, such as a signed URL.")
    return parsed


def name_of(url: str) -> str:
    """A file name for what a URL gives, from the last part of its path."""
    last = unquote(check_url(url).path).rpartition("/")[2]
    return last if _NAME.fullmatch(last) else "video"


def download(url: str, path: Path, *, max_bytes: int, reach: Reach = PUBLIC) -> None:
    """Fetch a video into a new file.

    Args:
        url: an http or https address.
        path: the file to write; it is gone again when anything goes wrong.
        max_bytes: the most that is accepted.
        reach: where the download may go.

    Raises:
        VideoUnreachable: a wrong, forbidden or dead address, too many redirects, an answer that breaks off or drags.
        VideoTooLarge: more than `max_bytes`.
        EmptyFile, NotAVideo, NoVideoStream: it is something else; told from the first bytes.
        StorageFull: no room for it here.
    """
    backend = CheckedBackend(reach)
    context = ssl.create_default_context()
    try:
        with httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool:
            _follow(pool, check_url(url), path, max_bytes)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        path.unlink(missing_ok=True)
        raise VideoUnreachable(
            f"The video could not be fetched ({type(error).__name__}).", "Check the address and try again."
        ) from error
    except ErgoError:
        path.unlink(missing_ok=True)
        raise
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StorageFull(f"The video could not be kept ({error.strerror}).", "Free room on this machine.") from error


def _follow(pool: httpcore.ConnectionPool, url: httpx.URL, path: Path, max_bytes: int) -> None:
    timeouts = {"connect": _CONNECT_S, "read": _IDLE_S, "write": _IDLE_S, "pool": _CONNECT_S}
    for _ in range(MAX_REDIRECTS + 1):
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        headers = [("Host", url.netloc.decode()), ("Accept-Encoding", "identity"), ("User-Agent", "ergo")]
        with pool.stream("GET", target, headers=headers, extensions={"timeout": timeouts}) as answer:
            fields = {name.decode().lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status not in _REDIRECTS:
                return _receive(answer, fields, path, max_bytes)
            try:
                url = check_url(str(url.join(fields.get("location", ""))))
            except (httpx.InvalidURL, ValueError):
                raise VideoUnreachable("The address leads nowhere.", "Give the video's own address.") from None
    raise VideoUnreachable("The address leads from one to the next without end.", "Give the video's own address.")


def _receive(answer: httpcore.Response, fields: dict[str, str], path: Path, max_bytes: int) -> None:
    if answer.status != 200:
        raise VideoUnreachable(
            f"The server answers {answer.status} instead of the video.", "Check that the address still works."
        )
    announced = fields.get("content-length", "")
    _check_size(int(announced) if announced.isascii() and announced.isdigit() else 0, max_bytes)
    begun_s, done, seen = time.monotonic(), 0, False
    with path.open("xb") as file:
        for block in _blocks(answer.iter_stream()):
            done += len(block)
            _check_size(done, max_bytes)
            file.write(block)
            if not seen:
                file.flush()
                container_format(path)
                seen = True
            if time.monotonic() - begun_s > _GRACE_S + done / _SLOWEST_BYTES_PER_S:
                raise VideoUnreachable("The server sends too slowly.", "Upload the video instead.")
    container_format(path)  # a short one has not been looked at yet


def _blocks(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The same bytes in pieces of a megabyte: the first one holds all that tells what the file is."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _BLOCK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _check_size(size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise VideoTooLarge(
            f"The video at this address has more than {max_bytes / _GB:g} GB.", "Cut it, or raise ERGO_MAX_UPLOAD_GB."
        )


class CheckedBackend(httpcore.SyncBackend):
    """Connects to addresses that `reach` allows and to nothing else."""

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach = reach

    def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        """Connect to a host, all of whose addresses are allowed. Raises VideoUnreachable."""
        try:
            found = self._reach.resolve(host, port)
        except (OSError, UnicodeError):
            raise VideoUnreachable(f"There is no host {host[:80]!r}.", "Check the address.") from None
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        if not addresses or not all(self._reach.allows(address) for address in addresses):
            raise VideoUnreachable(
                "The address leads into a private network, which is not reached from here.",
                "Upload the video, or give an address on the internet.",
            )
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return super().connect_tcp(str(address), port, *arguments, **options)
        return super().connect_tcp(str(addresses[-1]), port, *arguments, **options)

    def connect_unix_socket(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        """Never."""
        raise VideoUnreachable("A socket is not an address.", "Give one like https://host/film.mp4.")
