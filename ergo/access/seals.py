"""What a cookie says, sealed with an HMAC so that nobody else can write one.

A browser's cookie carries a random name, a login's the user and an end. Each kind has a key of its own, derived from
the app's secret, so that one can never pass for another, nor for the signature of a URL.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable

_BROWSER = re.compile(r"(?P<name>b-[0-9a-f]{32})\.(?P<mac>[0-9a-f]{64})")
_LOGIN = re.compile(r"(?P<user>[A-Za-z0-9_-]{1,400})\.(?P<expires>\d{10,12})\.(?P<mac>[0-9a-f]{64})")


class Seals:
    """Writes and reads sealed cookies; `clock` gives seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._browser_key = hmac.digest(secret, b"ergo browser", "sha256")
        self._login_key = hmac.digest(secret, b"ergo login", "sha256")
        self._clock = clock

    def new_browser(self) -> tuple[str, str]:
        """A name that no browser has, and the cookie that carries it."""
        name = f"b-{secrets.token_hex(16)}"
        return name, self.browser_cookie(name)

    def browser_cookie(self, name: str) -> str:
        """The cookie of a browser."""
        return f"{name}.{_mac(self._browser_key, name)}"

    def browser(self, cookie: str) -> str | None:
        """The browser's name; None for a cookie that was not made here."""
        match = _BROWSER.fullmatch(cookie)
        if match is None or not hmac.compare_digest(match["mac"], _mac(self._browser_key, match["name"])):
            return None
        return match["name"]

    def login_cookie(self, user: str, password_hash: str, ttl_s: int) -> str:
        """The cookie of a user who has just logged in. It holds until it ends or the password changes."""
        name = base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")
        expires_s = int(self._clock()) + ttl_s
        return f"{name}.{expires_s}.{_mac(self._login_key, user, str(expires_s), password_hash)}"

    def login(self, cookie: str, password_hash_of: Callable[[str], str | None]) -> str | None:
        """The user of a login cookie; None for one that has ended, was not made here, or whose password changed."""
        match = _LOGIN.fullmatch(cookie)
        if match is None:
            return None
        try:
            user = base64.urlsafe_b64decode(match["user"] + "=" * (-len(match["user"]) % 4)).decode()
        except ValueError:
            return None
        password_hash = password_hash_of(user)
        if password_hash is None or self._clock() >= int(match["expires"]):
            return None
        expected = _mac(self._login_key, user, match["expires"], password_hash)
        return user if hmac.compare_digest(match["mac"], expected) else None


def _mac(key: bytes, *parts: str) -> str:
    # lengths make the joined text unambiguous
    text = "".join(f"\n{len(part)}:{part}" for part in parts)
    return hmac.digest(key, text.encode(errors="surrogatepass"), "sha256").hex()
