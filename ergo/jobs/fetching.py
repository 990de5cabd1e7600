"""The video of a job, as its worker gets at it: in place, by ranges out of the bucket, or from the web."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from ergo.config import Settings
from ergo.errors import KeyNotFound
from ergo.jobs.wire import Manifest
from ergo.progress import Clock
from ergo.storage.store import Store
from ergo.storage.upload_plan import remembered

if TYPE_CHECKING:
    from ergo.video.footage import Footage
    from ergo.video.web import Reach

_LONGEST_NAME_BYTES = 120


def footage_of(
    store: Store, manifest: Manifest, folder: Path, settings: Settings, clock: Clock, reach: Reach | None
) -> Footage:
    """The film of a job, under the name its owner gave it, so that messages and results speak of that.

    One that comes from the web is fetched and put into the store first.

    Raises:
        KeyNotFound: the video was deleted.
        VideoUnreachable, VideoTooLarge, NotAVideo: see :func:`ergo.video.web.download`.
        StorageFull: no room for it here.
    """
    from ergo.video.footage import Elsewhere, Here  # noqa: PLC0415  late, so that a worker shows life at once

    key = manifest.video_key
    info = store.head(key)
    if info is None and (url := remembered(store, key).url) is not None:
        return Here(named(_from_the_web(store, key, url, folder, settings, clock, reach), manifest.title, folder))
    here = store.local_path(key)
    if here is not None:
        return Here(named(here, manifest.title, folder))
    if info is None:
        raise KeyNotFound("The video of this job is no longer there.", "Upload it again.")
    name = _shown(manifest.title, Path(key).suffix) or Path(key).name
    return Elsewhere(
        folder,
        name,
        info.size_bytes,
        read=lambda start, length: store.get_range(key, start, length),
        fetch=lambda path: store.fetch(key, path),
    )


def _from_the_web(
    store: Store, key: str, url: str, folder: Path, settings: Settings, clock: Clock, reach: Reach | None
) -> Path:
    from ergo.video.web import PUBLIC, download  # noqa: PLC0415  late, too

    path = folder / Path(key).name
    clock.enter("video")
    clock.at(0.0, "Fetching the video")
    download(url, path, max_bytes=int(settings.max_upload_gb * 1e9), reach=reach or PUBLIC)
    store.put_file(key, path)
    return path


def named(video: Path, title: str, folder: Path) -> Path:
    """A link to `video` in `folder` under the name its owner gave it.

    Path separators and invisible characters are taken out of the name and a long one is cut; without a name the
    video is returned as it is.
    """
    name = _shown(title, video.suffix)
    link = folder / name
    if name and link != video:
        link.symlink_to(video.absolute())
    return link if name else video


def _shown(title: str, suffix: str) -> str:
    """A file name that shows a title; empty for one without visible characters."""
    visible = "".join(c for c in Path(title).stem if c not in "/\\" and unicodedata.category(c)[0] != "C").strip(". ")
    return visible.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore") + suffix if visible else ""
