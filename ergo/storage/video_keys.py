"""Keys of videos: made by the server and sealed for their owner, so that none can be guessed or made up.

``uploads/<owner>/<32 random digits><16 digits of seal>/source.<ext>``;
the file name is only remembered, never used as a path.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import PurePosixPath

from ergo.errors import AccessDenied, UploadRejected
from ergo.storage.keys import owner_component
from ergo.storage.signing import UrlSigner

EXTENSIONS = frozenset(
    ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "mts", "m2ts", "ts", "3gp", "wmv", "flv", "ogv", "mxf")
)

META = "meta.json"
"""The name, beside a video, of what is remembered of it."""

_NAME_CHARS = 200
_VIDEO_KEY = re.compile(
    r"uploads/(?P<owner>[a-z0-9_-]{1,64})/(?P<id>[0-9a-f]{32})(?P<seal>[0-9a-f]{16})/source\.(?P<extension>[a-z0-9]{2,4})"
)


def new_video_key(signer: UrlSigner, filename: str, owner: str) -> str:
    """A key that nobody has. Raises UploadRejected: the name does not end like a video's."""
    ending = extension(filename)
    if ending not in EXTENSIONS:
        raise UploadRejected(
            f"{shown_name(filename) or 'The file'!r} does not end like a video file.",
            f"Choose one of: {', '.join(sorted(EXTENSIONS))}.",
        )
    component, identity = owner_component(owner), secrets.token_hex(16)
    return f"uploads/{component}/{identity}{_seal(signer, component, identity, ending)}/source.{ending}"


def owner_of(signer: UrlSigner, video_key: str) -> str:
    """The owner's component of a key that `new_video_key` made. Raises AccessDenied for any other text."""
    match = _VIDEO_KEY.fullmatch(video_key)
    if match is None or not secrets.compare_digest(
        match["seal"], _seal(signer, *match.group("owner", "id", "extension"))
    ):
        raise AccessDenied("This is not the key of a video here.", "Use the video_key that the upload returned.")
    return match["owner"]


def meta_key(video_key: str) -> str:
    """The key under which is remembered what belongs to a video."""
    return f"{PurePosixPath(video_key).parent}/{META}"


def has_film(keys: Iterable[str]) -> bool:
    """Whether the film itself is among the objects of an upload; beside it lie what is remembered and wished."""
    return any("/source." in key for key in keys)


def extension(filename: str) -> str:
    """The ending of a file name, in small letters, without its dot."""
    return PurePosixPath(shown_name(filename)).suffix.removeprefix(".").lower()


def shown_name(filename: str) -> str:
    """The last component of a name as a browser gives it, without control characters, not too long."""
    last = re.split(r"[/\\]", filename)[-1]
    clean = "".join(char for char in last if char.isprintable()).strip()
    return clean if len(clean) <= _NAME_CHARS else clean[: _NAME_CHARS // 2] + "…" + clean[-_NAME_CHARS // 2 :]


def _seal(signer: UrlSigner, owner: str, identity: str, ending: str) -> str:
    return signer.tag(f"video/{owner}/{identity}/{ending}")
