"""Taking videos in: what the browser is told to send, and what counts as sent.

Nothing is remembered here. A plan is written beside the video (``uploads/<owner>/<id>/meta.json``), the arrived parts
are known to the store, so an upload goes on after any restart.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path, PurePosixPath

from ergo.errors import AccessDenied, EmptyFile, KeyNotFound, StorageFull, UploadRejected, VideoTooLarge
from ergo.storage.keys import owner_component
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.storage.upload_plan import (
    PART_BYTES,
    UploadMeta,
    UploadPlan,
    part_size_for,
    remember,
    remembered,
    shown_ranges,
)
from ergo.storage.video_keys import EXTENSIONS, META, extension, has_film, new_video_key, owner_of, shown_name

ABANDONED_AFTER_S = 7 * 24 * 3600.0  # as R2 does
SPARE_BYTES = 1 << 30  # left free for the results when an upload is accepted

_GB = 1_000_000_000


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
        video_key = new_video_key(self._signer, filename, owner)
        part_size_bytes = part_size_for(size_bytes, self._part_bytes)
        upload_id = self._store.create_multipart(video_key, part_size_bytes=part_size_bytes)
        meta = UploadMeta(
            filename=shown_name(filename),
            size_bytes=size_bytes,
            part_size_bytes=part_size_bytes,
            upload_id=upload_id,
            created_s=self._clock(),
        )
        remember(self._store, video_key, meta)
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
                if self._store.head(video_key) is not None:  # another call has just completed it
                    return
                raise UploadRejected(
                    f"{len(wrong)} of {meta.part_count} parts have not arrived whole: {shown_ranges(wrong)}.",
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
        named = filename if extension(filename) in EXTENSIONS else f"{shown_name(filename) or 'video'}.mp4"
        return self._expect(named, owner, url)

    def _expect(self, filename: str, owner: str, url: str | None = None) -> str:
        video_key = new_video_key(self._signer, filename, owner)
        meta = UploadMeta(
            filename=shown_name(filename),
            size_bytes=None,
            part_size_bytes=None,
            upload_id=None,
            created_s=self._clock(),
            url=url,
        )
        remember(self._store, video_key, meta)
        return video_key

    def take_file(self, path: Path, owner: str) -> str:
        """Put a file of this machine into the store as if it had been uploaded; its key. Raises StorageFull."""
        _, video_key = self.single_url(path.name, owner)
        self._store.put_file(video_key, path)
        return video_key

    def owner_of(self, video_key: str) -> str:
        """The owner's component of a key that this server made. Raises AccessDenied for any other text."""
        return owner_of(self._signer, video_key)

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

    def made(self, video_key: str) -> bool:
        """Whether a key was made here."""
        try:
            self.owner_of(video_key)
        except AccessDenied:
            return False
        return True

    def delete(self, video_key: str) -> None:
        """Delete a video and what is remembered of it. Raises AccessDenied."""
        self.owner_of(video_key)
        self._store.delete_prefix(f"{PurePosixPath(video_key).parent}/")

    def sweep(self, older_than_s: float = ABANDONED_AFTER_S) -> None:
        """Forget uploads that got nothing for `older_than_s` seconds, and what was remembered of them."""
        self._store.sweep(older_than_s)
        horizon_s = self._clock() - older_than_s
        for folder, infos in groupby(self._store.list("uploads/"), key=lambda info: info.key.rpartition("/")[0]):
            found = list(infos)
            old = all(info.modified_s < horizon_s for info in found)
            if old and not has_film(info.key for info in found) and not self._alive(folder):
                self._store.delete_prefix(f"{folder}/")

    def used_bytes(self, owner: str) -> int:
        """What the videos of an owner take up, unfinished ones counted with the size they will have."""
        prefix = f"uploads/{owner_component(owner)}/"
        total = 0
        for folder, infos in groupby(self._store.list(prefix), key=lambda info: info.key.rpartition("/")[0]):
            sizes = {info.key: info.size_bytes for info in infos}
            if has_film(sizes):
                total += sum(size for key, size in sizes.items() if has_film([key]))
            else:
                total += remembered(self._store, f"{folder}/{META}").size_bytes or 0
        return total

    def _alive(self, folder: str) -> bool:
        """Whether an upload can still go on. One by a single PUT cannot: its URL has long expired."""
        try:
            meta = remembered(self._store, f"{folder}/{META}")
            if meta.upload_id is not None:
                self._store.list_parts(f"{folder}/source.{extension(meta.filename)}", meta.upload_id)
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
