"""Personal tokens for scripts where people log in: shown once, kept as a digest, revocable.

``access/tokens/<sha256 of the token>.json`` names the user and what the token is for; without that
object the token is worthless.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from dataclasses import asdict, dataclass

from ergo.errors import KeyNotFound
from ergo.storage.store import Store

_PREFIX = "access/tokens/"
_TOKEN = re.compile(r"ergo_[A-Za-z0-9_-]{43}")
_FRESH_S = 10.0
_LABEL_CHARS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token; `token_id` is the beginning of its digest."""

    token_id: str
    user: str
    label: str
    created_s: float


class Tokens:
    """The tokens in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[float, Token | None]] = {}

    def make(self, user: str, label: str = "") -> str:
        """A new token of `user`. This is the only time that it is seen."""
        token = f"ergo_{secrets.token_urlsafe(32)}"
        digest = _digest(token)
        clean = "".join(char for char in label if char.isprintable()).strip()[:_LABEL_CHARS]
        kept = Token(token_id=digest[:12], user=user, label=clean, created_s=time.time())
        self._store.put(f"{_PREFIX}{digest}.json", json.dumps(asdict(kept)).encode(), if_none_match=True)
        return token

    def user_of(self, token: str) -> str | None:
        """Whose token this is; None for one that was revoked or made up. An answer may be ten seconds old."""
        if not _TOKEN.fullmatch(token):
            return None
        digest, now_s = _digest(token), time.monotonic()
        asked_s, found = self._known.get(digest, (-_FRESH_S, None))
        if now_s - asked_s >= _FRESH_S:
            found = self._read(f"{_PREFIX}{digest}.json")
            if len(self._known) > 1000:
                self._known.clear()
            self._known[digest] = (now_s, found)
        return found.user if found else None

    def all(self, user: str | None = None) -> list[Token]:
        """All tokens, or those of one user, oldest first."""
        found = [self._read(info.key) for info in self._store.list(_PREFIX)]
        mine = [token for token in found if token is not None and user in (None, token.user)]
        return sorted(mine, key=lambda token: token.created_s)

    def revoke(self, token_id: str) -> Token:
        """Make a token worthless. Raises KeyNotFound."""
        for info in list(self._store.list(_PREFIX)):
            token = self._read(info.key)
            if token is not None and token.token_id == token_id:
                self._store.delete(info.key)
                self._known.clear()
                return token
        raise KeyNotFound(f"There is no token {token_id[:20]!r}.", "python -m ergo access tokens lists them.")

    def _read(self, key: str) -> Token | None:
        try:
            return Token(**json.loads(self._store.get(key)))
        except (KeyNotFound, TypeError, ValueError):
            return None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
