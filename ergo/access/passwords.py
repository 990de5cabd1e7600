"""Users and their passwords: a file with a line ``user:scrypt$n$r$p$salt$hash`` for each.

Hashes are scrypt (RFC 7914) from Python's hashlib, N = 2^15, r = 8, p = 1: 32 MB and about a tenth of a second a try.
``python -m ergo access password`` makes a line.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from ergo.errors import SettingsError

_N, _R, _P = 1 << 15, 8, 1
_SALT_BYTES, _HASH_BYTES = 16, 32
_MAX_MEMORY = 256 << 20
_USER = re.compile(r"[^\s:][^:\x00-\x1f]{0,98}[^\s:]|[^\s:]")
_MAX_PASSWORD_CHARS = 1024


def check_user(name: str) -> str:
    """`name` itself when it can be a user's. Raises SettingsError."""
    if not _USER.fullmatch(name):
        raise SettingsError(f"{name[:40]!r} cannot be a user's name.", "Use 1 to 100 characters, no colon.")
    return name


def hash_password(password: str) -> str:
    """A salted hash of a password. Raises SettingsError for one of no or over 1024 characters."""
    if not 0 < len(password) <= _MAX_PASSWORD_CHARS:
        raise SettingsError("The password is empty or too long.", f"Use 1 to {_MAX_PASSWORD_CHARS} characters.")
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(_derive(password, salt, _N, _R, _P))}"


def fits(password: str, password_hash: str) -> bool:
    """Whether a password is the one of a hash; takes the same time for any password of that length."""
    if len(password) > _MAX_PASSWORD_CHARS:
        return False
    n, r, p, salt, expected = _parsed(password_hash)
    return hmac.compare_digest(_derive(password, salt, n, r, p), expected)


class Users:
    """The users of a file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._hashes: dict[str, str] = {}
        # compared with when there is no such user, so that an answer takes as long as for one that exists
        self._nobody = hash_password(secrets.token_hex(16))
        if not self._all():
            raise SettingsError(f"{path} names no user.", "Make a line with python -m ergo access password.")

    def hash_of(self, user: str) -> str | None:
        """The password's hash of a user, None for one who is not there (any more)."""
        return self._all().get(user)

    def check(self, user: str, password: str) -> bool:
        """Whether this is the password of this user."""
        known = self.hash_of(user)
        return fits(password, known or self._nobody) and known is not None

    def _all(self) -> dict[str, str]:
        try:
            stat = self._path.stat()
            if self._read_at != (stat.st_mtime_ns, stat.st_size):
                self._hashes = read_users(self._path.read_text(encoding="utf-8"))
                self._read_at = (stat.st_mtime_ns, stat.st_size)
        except OSError as error:
            raise SettingsError(f"The file of users cannot be read ({error.strerror}).", "Correct ERGO_AUTH.") from None
        return self._hashes


def read_users(text: str) -> dict[str, str]:
    """User → hash from the lines of a file; empty ones and those with # are passed over. Raises SettingsError."""
    users: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        user, _, password_hash = entry.partition(":")
        try:
            _parsed(password_hash)
            users[check_user(user)] = password_hash
        except (SettingsError, ValueError):
            raise SettingsError(
                f"Line {number} of the file of users is not user:hash.", "Make one: python -m ergo access password."
            ) from None
    return users


def _parsed(password_hash: str) -> tuple[int, int, int, bytes, bytes]:
    kind, n, r, p, salt, digest = password_hash.split("$")
    if kind != "scrypt":
        raise ValueError(kind)
    return int(n), int(r), int(p), base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=_HASH_BYTES
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
