"""Signed, expiring URLs for the local store: what S3 calls presigned.

Gradio's own login does not guard extra routes, so each URL carries its permission: an HMAC-SHA256 over what may be
done, to which key, until when, and (for uploads) with how many bytes. URLs are relative to the site, so that they
hold behind share links and proxies.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, cast, get_args
from urllib.parse import quote, urlencode

from ergo.errors import AccessDenied

ROUTE = "/ergo/store/"

Operation = Literal["get", "put", "part", "zip"]

_VERSION = "ergo-url-1"
_REFRESH = "Reload the page to get a fresh link."


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one URL permits.

    `size_bytes` is the exact size for a part and the largest size for a whole object; `name` is the file name under
    which a browser saves a download; `expires_s` is seconds since 1970, UTC.
    """

    op: Operation
    key: str
    expires_s: int
    upload: str = ""
    part: int = 0
    size_bytes: int = 0
    name: str = ""


# query parameter of each field that travels beside the key (the key is the path of the URL)
_PARAMETERS = {
    "op": "op",
    "expires_s": "expires",
    "upload": "upload",
    "part": "part",
    "size_bytes": "size",
    "name": "name",
}


class UrlSigner:
    """Signs grants into URLs and reads them back; `clock` gives seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        # one derived key for each use, so that a URL's signature can never serve as another kind of proof
        self._url_key = hmac.digest(secret, b"ergo url", "sha256")
        self._tag_key = hmac.digest(secret, b"ergo tag", "sha256")
        self._clock = clock

    def url(
        self,
        op: Operation,
        key: str,
        *,
        ttl_s: int,
        upload: str = "",
        part: int = 0,
        size_bytes: int = 0,
        name: str = "",
    ) -> str:
        """The site-relative URL that permits `op` on `key` for `ttl_s` seconds."""
        grant = Grant(
            op=op,
            key=key,
            expires_s=int(self._clock()) + ttl_s,
            upload=upload,
            part=part,
            size_bytes=size_bytes,
            name=name,
        )
        query = {_PARAMETERS[f.name]: getattr(grant, f.name) for f in fields(grant) if f.name in _PARAMETERS}
        shown = {parameter: value for parameter, value in query.items() if value}
        return f"{ROUTE}{quote(key)}?{urlencode(shown | {'sig': self._signature(grant)}, quote_via=quote)}"

    def read(self, key: str, query: Mapping[str, str], *, allowed: tuple[Operation, ...]) -> Grant:
        """The grant of a request for `key` with the parameters `query`.

        Raises:
            AccessDenied: not signed by us, changed since, expired, or for something that is not `allowed` here.
        """
        try:
            op, expires_s = query["op"], int(query["expires"])
            part, size_bytes = int(query.get("part", "0")), int(query.get("size", "0"))
        except (KeyError, ValueError):
            raise AccessDenied("The link is not complete.", _REFRESH) from None
        if op not in get_args(Operation):
            raise AccessDenied("The link is not one of ours.", _REFRESH)
        grant = Grant(
            op=cast(Operation, op),
            key=key,
            expires_s=expires_s,
            upload=query.get("upload", ""),
            part=part,
            size_bytes=size_bytes,
            name=query.get("name", ""),
        )
        if not hmac.compare_digest(self._signature(grant).encode(), query.get("sig", "").encode()):
            raise AccessDenied("The link's signature does not fit.", _REFRESH)
        if op not in allowed:
            raise AccessDenied("The link is for something else.", _REFRESH)
        if self._clock() >= expires_s:
            raise AccessDenied("The link has expired.", _REFRESH)
        return grant

    def tag(self, text: str) -> str:
        """Sixteen hexadecimal digits that only this signer can make for `text`: the seal on a server-made key."""
        return hmac.digest(self._tag_key, text.encode(), "sha256").hex()[:16]

    def _signature(self, grant: Grant) -> str:
        values = (str(getattr(grant, f.name)) for f in fields(grant))
        # lengths make the joined text unambiguous whatever characters a name holds
        text = _VERSION + "".join(f"\n{len(value)}:{value}" for value in values)
        return hmac.new(self._url_key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
