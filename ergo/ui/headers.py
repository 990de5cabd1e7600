"""Headers that tell a browser what a page of ours may do.

Gradio runs the scripts of its HTML components through ``new Function`` and writes style attributes, so the page itself
needs ``unsafe-eval`` for scripts and ``unsafe-inline`` for styles; scripts in the markup run by a nonce alone. Nothing
is fetched from, sent to or shown in another site but the bucket and those that the settings name.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import Scope

from ergo.storage.local import LocalStore
from ergo.storage.store import Store

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),  # with no-referrer a browser's own forms say "Origin: null"
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
)
_STRIPPED = ("access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
             "access-control-allow-headers", "access-control-max-age")  # fmt: skip


class PageHeaders:
    """The headers for a store (whose bucket the page talks to) and the pages that may show this one in a frame."""

    def __init__(self, store: Store, framed_by: Sequence[str]) -> None:
        bucket = bucket_origin(store)
        self._elsewhere = f" {bucket}" if bucket else ""
        self._frames = " ".join(["'self'", *framed_by])
        self._framed = bool(framed_by)

    def add(self, headers: MutableHeaders, scope: Scope) -> None:
        """Dress an answer; what a route has said for itself stays."""
        for name in _STRIPPED:
            if name in headers:
                del headers[name]
        for name, value in _ALWAYS:
            headers.setdefault(name, value)
        if not self._framed:
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Content-Security-Policy", self.policy(scope.get("ergo.nonce", "")))
        if scope["path"] == "/":
            headers["Cache-Control"] = "no-store"

    def policy(self, nonce: str) -> str:
        """The Content-Security-Policy of Gradio's page."""
        return self._policy(f"'self' 'nonce-{nonce}' 'unsafe-eval'" if nonce else "'none'", "'self' 'unsafe-inline'")

    def plain_policy(self, nonce: str) -> str:
        """The one of a page without Gradio: no eval; styles by nonce, but for attributes, which scripts set."""
        return self._policy(f"'self' 'nonce-{nonce}'", "'self' 'unsafe-inline'")

    def _policy(self, scripts: str, styles: str) -> str:
        away = self._elsewhere
        return (
            f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data: blob:{away}; "
            f"media-src 'self' data: blob:{away}; connect-src 'self'{away}; font-src 'self' data:; "
            f"worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'self'; object-src 'none'; "
            f"frame-src 'none'; frame-ancestors {self._frames}"
        )


def bucket_origin(store: Store) -> str:
    """The origin under which browsers reach a bucket; empty for the local store."""
    if isinstance(store, LocalStore):
        return ""
    parts = urlsplit(store.get_url("probe", ttl_s=60))
    return f"{parts.scheme}://{parts.netloc}"
