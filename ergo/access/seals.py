"""What a cookie says, sealed with an HMAC so that nobody else can write one.

A browser's cookie carries a random name, a login's the user and an end, that of somebody who is away at an OpenID
provider the state that comes back with them. Each kind has a key of its own, derived from
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
_AWAY = re.compile(
    r"(?P<state>[A-Za-z0-9_-]{43})\.(?P<after>[A-Za-z0-9_-]{0,1400})\.(?P<expires>\d{10,12})\.(?P<mac>[0-9a-f]{64})"
)


class Seals:
    """Writes and reads sealed cookies; `clock` gives seconds since 1970."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._browser_key = hmac.digest(secret, b"ergo browser", "sha256")
        self._login_key = hmac.digest(secret, b"ergo login", "sha256")
        self._away_key = hmac.digest(secret, b"ergo away", "sha256")
        self._verifier_key = hmac.digest(secret, b"ergo verifier", "sha256")
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
        name = _shown(user)
        expires_s = int(self._clock()) + ttl_s
        return f"{name}.{expires_s}.{_mac(self._login_key, user, str(expires_s), password_hash)}"

    def login(self, cookie: str, password_hash_of: Callable[[str], str | None]) -> str | None:
        """The user of a login cookie; None for one that has ended, was not made here, or whose password changed."""
        match = _LOGIN.fullmatch(cookie)
        if match is None:
            return None
        try:
            user = _read(match["user"])
        except ValueError:
            return None
        password_hash = password_hash_of(user)
        if password_hash is None or self._clock() >= int(match["expires"]):
            return None
        expected = _mac(self._login_key, user, match["expires"], password_hash)
        return user if hmac.compare_digest(match["mac"], expected) else None

    def away_cookie(self, state: str, after: str, ttl_s: int) -> str:
        """The cookie of somebody sent to a provider with `state`, who then wants the page with the query `after`."""
        expires_s = int(self._clock()) + ttl_s
        return f"{state}.{_shown(after)}.{expires_s}.{_mac(self._away_key, state, after, str(expires_s))}"

    def away(self, cookie: str) -> tuple[str, str] | None:
        """Its state and its query; None for a cookie that has ended or was not made here."""
        match = _AWAY.fullmatch(cookie)
        if match is None:
            return None
        try:
            after = _read(match["after"])
        except ValueError:
            return None
        expected = _mac(self._away_key, match["state"], after, match["expires"])
        made_here = hmac.compare_digest(match["mac"], expected)
        return (match["state"], after) if made_here and self._clock() < int(match["expires"]) else None

    def verifier(self, state: str) -> str:
        """The code verifier of RFC 7636 that goes with a state; it never leaves this machine but for the provider."""
        return _mac(self._verifier_key, state)


def _shown(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(shown: str) -> str:
    return base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4)).decode()


def _mac(key: bytes, *parts: str) -> str:
    # lengths make the joined text unambiguous
    text = "".join(f"\n{len(part)}:{part}" for part in parts)
    return hmac.digest(key, text.encode(errors="surrogatepass"), "sha256").hex()
