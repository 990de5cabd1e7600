"""Names of objects: what a key may look like, how an owner becomes part of one, as what an object is served."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import quote

from ergo.errors import AccessDenied

MAX_KEY_CHARS = 1024
MAX_COMPONENT_BYTES = 255  # what common file systems allow for one name

CONTENT_TYPES = MappingProxyType(
    {
        ".json": "application/json",
        ".csv": "text/csv; charset=utf-8",
        ".pdf": "application/pdf",
        ".html": "text/html; charset=utf-8",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".glb": "model/gltf-binary",
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".mp4": "video/mp4",
        ".m4v": "video/mp4",
        ".mov": "video/quicktime",
        ".webm": "video/webm",
        ".mkv": "video/x-matroska",
    }
)
_OTHER_TYPE = "application/octet-stream"

_PLAIN_OWNER = re.compile(r"(?!u-)[a-z0-9][a-z0-9_-]{0,63}")


def check_key(key: str) -> str:
    """`key` itself when it is a safe object name.

    A key is components joined by ``/``: no empty one, no ``.`` or ``..``, nothing absolute, no backslash, no control
    character, at most 1024 characters and 255 bytes a component.

    Raises:
        AccessDenied: anything else.
    """
    components = key.split("/")
    safe = (
        0 < len(key) <= MAX_KEY_CHARS
        and key.isprintable()
        and "\\" not in key
        and all(_component_ok(component) for component in components)
    )
    if not safe:
        raise AccessDenied(f"{key[:80]!r} is not an object name.", "Use the key that Ergo returned.")
    return key


def check_prefix(prefix: str) -> str:
    """`prefix` itself when it is empty or a safe key that ends in ``/``.

    Raises:
        AccessDenied: anything else.
    """
    if prefix:
        check_key(prefix.removesuffix("/"))
        if not prefix.endswith("/"):
            raise AccessDenied(f"{prefix[:80]!r} is not a folder.", "End the prefix with a slash.")
    return prefix


def owner_component(owner: str) -> str:
    """One safe key component for an owner; the same owner always gives the same, two owners never share one.

    Plain lower-case names stay readable, everything else (e-mail addresses, capitals) becomes a digest.
    """
    if _PLAIN_OWNER.fullmatch(owner):
        return owner
    return "u-" + hashlib.sha256(owner.encode()).hexdigest()[:32]


def content_type(key: str) -> str:
    """The media type under which an object is served."""
    return CONTENT_TYPES.get(PurePosixPath(key).suffix, _OTHER_TYPE)


def attachment(name: str) -> str:
    """The header value that makes a browser save under a name of any characters (RFC 6266, RFC 5987)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _component_ok(component: str) -> bool:
    if component in ("", ".", ".."):
        return False
    try:
        return len(component.encode()) <= MAX_COMPONENT_BYTES
    except UnicodeEncodeError:  # a lone surrogate names no file
        return False
