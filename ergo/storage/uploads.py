"""Taking videos in: what the browser is told to send, and what counts as sent.

Nothing is remembered here. A plan is written beside the video (``uploads/<owner>/<id>/meta.json``), the arrived parts
are known to the store, so an upload goes on after any restart.

The key of a video is made by the server and sealed,
``uploads/<owner>/<32 random digits><16 digits of seal>/source.<ext>``;
the file name is only remembered, never used as a path.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

from ergo.errors import AccessDenied, EmptyFile, KeyNotFound, StorageFull, UploadRejected, VideoTooLarge
from ergo.storage.keys import owner_component
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store

PART_BYTES = 16 << 20
MAX_PARTS = 9_500  # R2 and S3 allow 10,000
SPARE_BYTES = 1 << 30  # left free for the results when an upload is accepted

EXTENSIONS = frozenset(
    ("mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "mts", "m2ts", "ts", "3gp", "wmv", "flv", "ogv", "mxf")
)

_META = "meta.json"
_GB = 1_000_000_000
_NAME_CHARS = 200
_SHOWN_MISSING = 5
_VIDEO_KEY = re.compile(
    r"uploads/(?P<owner>[a-z0-9_-]{1,64})/(?P<id>[0-9a-f]{32})(?P<seal>[0-9a-f]{16})/source\.(?P<extension>[a-z0-9]{2,4})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPlan:
    """How a file is to be sent: `part_count` parts of `part_size_bytes`, the last one with what is left."""

    video_key: str
    upload_id: str
    part_size_bytes: int
    part_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadMeta:
    """What is remembered of an upload. `size_bytes` is None when the sender did not say (single PUT).

    With `url` nobody sends anything: the worker fetches the video from there.
    """

    filename: str
    size_bytes: int | None
    part_size_bytes: int | None
    upload_id: str | None
    created_s: float
    url: str | None = None

    def part_bytes(self, number: int) -> int:
        """The size that part `number` must have. Raises UploadRejected when there is no such part."""
        if self.size_bytes is None or self.part_size_bytes is None or not 1 <= number <= self.part_count:
            raise UploadRejected(f"The upload has no part {number}.", f"Parts are numbered 1 to {self.part_count}.")
        return min(self.part_size_bytes, self.size_bytes - (number - 1) * self.part_size_bytes)

    @property
    def part_count(self) -> int:
        """How many parts there are, 0 for a single PUT."""
        if self.size_bytes is None or self.part_size_bytes is None:
            return 0
        return math.ceil(self.size_bytes / self.part_size_bytes)


class UploadService:
    """Plans, signs and closes uploads into `store`.

    Args:
        url_ttl_s: how long a URL holds.
        part_bytes: size of a part; a file that would need too many of them gets larger ones.
    """

    def __init__(
        self,
        store: Store,
        signer: UrlSigner,
        *,
        max_upload_gb: float,
        url_ttl_s: int,
        quota_gb: float | None = None,
        part_bytes: int = PART_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._signer = signer
        self._max_bytes = int(max_upload_gb * _GB)
        self._quota_bytes = math.inf if quota_gb is None else quota_gb * _GB
        self._ttl_s = url_ttl_s
        self._part_bytes = part_bytes
        self._clock = clock

    def begin(self, filename: str, size_bytes: int, owner: str) -> UploadPlan:
        """Plan the upload of a file in parts.

        Raises:
            EmptyFile: zero bytes.
            VideoTooLarge: beyond the limit.
            UploadRejected: the name does not end like a video's, or the owner's quota is used up.
            StorageFull: the disk has no room for it.
        """
        self._check_size(size_bytes)
        self._check_quota(owner, size_bytes)
        video_key = self._new_key(filename, owner)
        part_size_bytes = max(self._part_bytes, math.ceil(size_bytes / MAX_PARTS))
        upload_id = self._store.create_multipart(video_key, part_size_bytes=part_size_bytes)
        meta = UploadMeta(
            filename=_shown_name(filename),
            size_bytes=size_bytes,
            part_size_bytes=part_size_bytes,
            upload_id=upload_id,
            created_s=self._clock(),
        )
        self._store.put(_meta_key(video_key), json.dumps(asdict(meta)).encode())
        return UploadPlan(
            video_key=video_key, upload_id=upload_id, part_size_bytes=part_size_bytes, part_count=meta.part_count
        )

    def sign(self, video_key: str, upload_id: str, part_numbers: Iterable[int]) -> dict[int, str]:
        """A URL for each part asked for, to PUT exactly that part's bytes to.

        Raises:
            AccessDenied, KeyNotFound: not an upload of ours, or already ended.
            UploadRejected: no such part.
        """
        meta = self._meta_of(video_key, upload_id)
        return {
            n: self._store.part_url(video_key, upload_id, n, meta.part_bytes(n), ttl_s=self._ttl_s)
            for n in part_numbers
        }

    def finished_parts(self, video_key: str, upload_id: str) -> dict[int, int]:
        """Number → size in bytes of the parts that have arrived; all of them once the upload is complete."""
        meta = self._meta_of(video_key, upload_id)
        if self._store.head(video_key) is not None:
            return {n: meta.part_bytes(n) for n in range(1, meta.part_count + 1)}
        return dict(self._store.list_parts(video_key, upload_id))

    def complete(self, video_key: str, upload_id: str) -> None:
        """Close an upload whose parts have all arrived; doing it twice is harmless.

        Raises:
            UploadRejected: parts are missing or of a wrong size (the message names them).
            AccessDenied, KeyNotFound: not an upload of ours.
        """
        meta = self._meta_of(video_key, upload_id)
        if self._store.head(video_key) is not None:
            return
        try:
            arrived = self._store.list_parts(video_key, upload_id)
            wrong = [n for n in range(1, meta.part_count + 1) if arrived.get(n) != meta.part_bytes(n)]
            if wrong:
                raise UploadRejected(
                    f"{len(wrong)} of {meta.part_count} parts have not arrived whole: {_ranges(wrong)}.",
                    "Send them again, then complete the upload.",
                )
            self._store.complete_multipart(video_key, upload_id)
        except KeyNotFound:
            if self._store.head(video_key) is None:  # else another call has just completed it
                raise

    def abort(self, video_key: str, upload_id: str) -> None:
        """Forget an unfinished upload; a complete one stays."""
        try:
            self._meta_of(video_key, upload_id)
        except KeyNotFound:
            return
        self._store.abort_multipart(video_key, upload_id)
        if self._store.head(video_key) is None:
            self.delete(video_key)

    def single_url(self, filename: str, owner: str) -> tuple[str, str]:
        """A URL that takes the whole file by one PUT, and the key it will have.

        How much came is measured by `check_ready`, as not every store can limit what it was not told before.

        Raises:
            UploadRejected: the name does not end like a video's, or the owner's quota is used up.
        """
        self._check_quota(owner, 1)
        video_key = self._expect(filename, owner)
        return self._store.put_url(video_key, max_bytes=self._max_bytes, ttl_s=self._ttl_s), video_key

    def from_url(self, url: str, filename: str, owner: str) -> str:
        """The key that the video at `url` will have once a worker has fetched it. Raises UploadRejected (quota).

        A name that does not end like a video's gets an ending; the first bytes will tell what it is.
        """
        self._check_quota(owner, 1)
        named = filename if _extension(filename) in EXTENSIONS else f"{_shown_name(filename) or 'video'}.mp4"
        return self._expect(named, owner, url)

    def _expect(self, filename: str, owner: str, url: str | None = None) -> str:
        video_key = self._new_key(filename, owner)
        meta = UploadMeta(
            filename=_shown_name(filename),
            size_bytes=None,
            part_size_bytes=None,
            upload_id=None,
            created_s=self._clock(),
            url=url,
        )
        self._store.put(_meta_key(video_key), json.dumps(asdict(meta)).encode())
        return video_key

    def take_file(self, path: Path, owner: str) -> str:
        """Put a file of this machine into the store as if it had been uploaded; its key. Raises StorageFull."""
        _, video_key = self.single_url(path.name, owner)
        self._store.put_file(video_key, path)
        return video_key

    def owner_of(self, video_key: str) -> str:
        """The owner's component of a key that this server made. Raises AccessDenied for any other text."""
        match = _VIDEO_KEY.fullmatch(video_key)
        if match is None or not secrets.compare_digest(
            match["seal"], self._seal(*match.group("owner", "id", "extension"))
        ):
            raise AccessDenied("This is not the key of a video here.", "Use the video_key that the upload returned.")
        return match["owner"]

    def check_ready(self, video_key: str, owner: str) -> UploadMeta:
        """What is remembered of a video that is complete and belongs to `owner`.

        Raises:
            AccessDenied: made up, or somebody else's.
            KeyNotFound: deleted, or never begun.
            UploadRejected: not complete yet, or beyond the owner's quota.
            VideoTooLarge: beyond the limit.
        """
        meta = self.meta_for(video_key, owner)
        info = self._store.head(video_key)
        if info is None and meta.url is not None:
            return meta
        if info is None:
            raise UploadRejected("The upload is not complete yet.", "Finish the upload, then start the analysis.")
        if info.size_bytes == 0:
            raise EmptyFile(f"{meta.filename} has no content.", "Choose the video again.")
        if meta.size_bytes is None:  # nobody knew the size before it came
            self._check_what_came(video_key, info.size_bytes, owner)
        return meta

    def meta_for(self, video_key: str, owner: str) -> UploadMeta:
        """What is remembered of an upload of `owner`, complete or not. Raises AccessDenied, KeyNotFound."""
        if self.owner_of(video_key) != owner_component(owner):
            raise AccessDenied("This video belongs to somebody else.", "Upload it yourself.")
        return self.meta(video_key)

    def meta(self, video_key: str) -> UploadMeta:
        """What is remembered of an upload. Raises AccessDenied, KeyNotFound."""
        self.owner_of(video_key)
        try:
            return remembered(self._store, video_key)
        except KeyNotFound:
            raise KeyNotFound("The video has been deleted.", "Upload it again.") from None

    def delete(self, video_key: str) -> None:
        """Delete a video and what is remembered of it. Raises AccessDenied."""
        self.owner_of(video_key)
        self._store.delete_prefix(f"{PurePosixPath(video_key).parent}/")

    def sweep(self, older_than_s: float) -> None:
        """Forget uploads that got nothing for `older_than_s` seconds, and what was remembered of them."""
        self._store.sweep(older_than_s)
        horizon_s = self._clock() - older_than_s
        for folder, infos in groupby(self._store.list("uploads/"), key=lambda info: info.key.rpartition("/")[0]):
            found = list(infos)
            old = all(info.modified_s < horizon_s for info in found)
            if old and not _has_film(info.key for info in found) and not self._alive(folder):
                self._store.delete_prefix(f"{folder}/")

    def used_bytes(self, owner: str) -> int:
        """What the videos of an owner take up, unfinished ones counted with the size they will have."""
        prefix = f"uploads/{owner_component(owner)}/"
        total = 0
        for folder, infos in groupby(self._store.list(prefix), key=lambda info: info.key.rpartition("/")[0]):
            sizes = {info.key: info.size_bytes for info in infos}
            if _has_film(sizes):
                total += sum(size for key, size in sizes.items() if _has_film([key]))
            else:
                total += remembered(self._store, f"{folder}/{_META}").size_bytes or 0
        return total

    def _alive(self, folder: str) -> bool:
        """Whether an upload can still go on. One by a single PUT cannot: its URL has long expired."""
        try:
            meta = remembered(self._store, f"{folder}/{_META}")
            if meta.upload_id is not None:
                self._store.list_parts(f"{folder}/source.{_extension(meta.filename)}", meta.upload_id)
        except KeyNotFound:
            return False
        return meta.upload_id is not None

    def _meta_of(self, video_key: str, upload_id: str) -> UploadMeta:
        meta = self.meta(video_key)
        if meta.upload_id is None or not secrets.compare_digest(meta.upload_id.encode(), upload_id.encode()):
            raise KeyNotFound("There is no such unfinished upload.", "Start the upload again.")
        return meta

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes <= 0:
            raise EmptyFile("The file has no content.", "Choose another file.")
        self._check_limit(size_bytes)
        free_bytes = self._store.free_bytes()
        if free_bytes is not None and size_bytes + SPARE_BYTES > free_bytes:
            raise StorageFull(
                f"The file has {size_bytes / _GB:.1f} GB but only {free_bytes / _GB:.1f} GB are free.",
                "Delete old jobs, or set ERGO_DATA_DIR to a larger disk.",
            )

    def _check_limit(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise VideoTooLarge(
                f"The file has {size_bytes / _GB:.1f} GB, at most {self._max_bytes / _GB:g} GB are accepted.",
                "Cut or compress the video, or raise ERGO_MAX_UPLOAD_GB.",
            )

    def _check_quota(self, owner: str, size_bytes: int) -> None:
        if math.isinf(self._quota_bytes):
            return
        used = self.used_bytes(owner)
        if used + size_bytes > self._quota_bytes:
            raise UploadRejected(
                f"Your videos take up {used / _GB:.1f} GB of {self._quota_bytes / _GB:g} GB; this one does not fit.",
                "Delete an analysis with its video, or cut this one.",
            )

    def _check_what_came(self, video_key: str, size_bytes: int, owner: str) -> None:
        """Delete a video that should not have come, and say why."""
        try:
            self._check_limit(size_bytes)
            self._check_quota(owner, 0)
        except (VideoTooLarge, UploadRejected):
            self.delete(video_key)
            raise

    def _new_key(self, filename: str, owner: str) -> str:
        extension = _extension(filename)
        if extension not in EXTENSIONS:
            raise UploadRejected(
                f"{_shown_name(filename) or 'The file'!r} does not end like a video file.",
                f"Choose one of: {', '.join(sorted(EXTENSIONS))}.",
            )
        component, identity = owner_component(owner), secrets.token_hex(16)
        return f"uploads/{component}/{identity}{self._seal(component, identity, extension)}/source.{extension}"

    def _seal(self, owner: str, identity: str, extension: str) -> str:
        return self._signer.tag(f"video/{owner}/{identity}/{extension}")


def remembered(store: Store, video_key: str) -> UploadMeta:
    """What is remembered of the upload beside a key, which is not checked. Raises KeyNotFound."""
    return UploadMeta(**json.loads(store.get(_meta_key(video_key))))


def _has_film(keys: Iterable[str]) -> bool:
    """Whether the film itself is among the objects of an upload; beside it lie what is remembered and wished."""
    return any("/source." in key for key in keys)


def _meta_key(video_key: str) -> str:
    return f"{PurePosixPath(video_key).parent}/{_META}"


def _extension(filename: str) -> str:
    return PurePosixPath(_shown_name(filename)).suffix.removeprefix(".").lower()


def _shown_name(filename: str) -> str:
    """The last component of a name as a browser gives it, without control characters, not too long."""
    last = re.split(r"[/\\]", filename)[-1]
    clean = "".join(char for char in last if char.isprintable()).strip()
    return clean if len(clean) <= _NAME_CHARS else clean[: _NAME_CHARS // 2] + "…" + clean[-_NAME_CHARS // 2 :]


def _ranges(numbers: list[int]) -> str:
    """[3, 7, 8, 9] as "3, 7–9"; a long list is cut."""
    spans: list[tuple[int, int]] = []
    for n in numbers:
        if spans and spans[-1][1] == n - 1:
            spans[-1] = (spans[-1][0], n)
        else:
            spans.append((n, n))
    shown = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:_SHOWN_MISSING]]
    return ", ".join(shown) + (", …" if len(spans) > _SHOWN_MISSING else "")
