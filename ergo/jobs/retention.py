"""What has had its time is deleted: videos some hours after their last analysis, results some days after theirs.

A look now and then, by the app (:class:`Sweeper`) or ``python -m ergo storage sweep``; twice, or by two at once, does
no harm. Of an expired result a stone stays, ``gone/<job>.json`` with its owner's digest and the day, so that its
address can say what became of it; it goes after as many days again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from ergo.access.audit import note, owner_digest
from ergo.access.visitor import Visitor
from ergo.errors import AccessDenied, ErgoError, JobFailed, JobNotFound, KeyNotFound
from ergo.jobs.ledger import Ledger, job_prefix
from ergo.jobs.service import JobService
from ergo.jobs.wire import TERMINAL, Manifest
from ergo.storage.store import Store
from ergo.storage.uploads import UploadService
from ergo.storage.video_keys import has_film

STONES = "gone/"

_log = logging.getLogger(__name__)
_HOUR_S, _DAY_S = 3600.0, 86_400.0
_EVERY_S = 900.0
_SWEEPER = Visitor(owner="", kind="script", address="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was deleted: keys of videos, ids of jobs."""

    videos: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept; 0 keeps a video as long as its results, and results for good."""

    video_hours: int
    result_days: int

    def sweep(self, ledger: Ledger, uploads: UploadService, jobs: JobService, now_s: float | None = None) -> Swept:
        """Delete what has had its time."""
        now_s = time.time() if now_s is None else now_s
        swept = Swept()
        ends: dict[str, list[float]] = defaultdict(list)
        for manifest in _all(ledger):
            ended_s = _ended_s(ledger, manifest.job_id)
            if self.result_days and now_s - ended_s > self.result_days * _DAY_S:
                if _deleted(jobs, manifest.job_id):
                    _write_stone(ledger.store, manifest, now_s)
                    swept.jobs.append(manifest.job_id)
                continue
            ends[manifest.video_key].append(ended_s)
        if self.video_hours:
            for key, last_s in _films(ledger.store):
                if now_s - max([last_s, *ends[key]]) > self.video_hours * _HOUR_S:
                    try:
                        uploads.delete(key)
                    except AccessDenied:  # not put there by Ergo
                        continue
                    swept.videos.append(key)
        for info in list(ledger.store.list(STONES)):
            if self.result_days and now_s - info.modified_s > self.result_days * _DAY_S:
                ledger.store.delete(info.key)
        for job_id in swept.jobs:
            note(_SWEEPER, "expire", job_id)
        for key in swept.videos:
            note(_SWEEPER, "expire", key)
        return swept


class Sweeper:
    """Sweeps when started and every quarter of an hour, in a thread of its own."""

    def __init__(self, sweep: Callable[[], object], every_s: float = _EVERY_S) -> None:
        self._sweep = sweep
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ergo-sweeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look that is going on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            try:
                self._sweep()
            except ErgoError as error:  # the store may be back in a quarter of an hour
                _log.warning("nothing could be swept: %s", error)
            except Exception:
                _log.exception("nothing could be swept")
            if self._over.wait(self._every_s):
                return


def expired_on(store: Store, job_id: str, owner: str) -> str | None:
    """The day, ``2026-11-30``, on which a job of `owner` expired; None when it did not."""
    try:
        job_prefix(job_id)
        stone = json.loads(store.get(f"{STONES}{job_id}.json"))
    except (KeyNotFound, JobNotFound, ValueError):
        return None
    return stone["on"] if stone["owner"] == owner_digest(owner) else None


def run(job_id: str | None) -> int:
    """``python -m ergo storage sweep``; the exit code. Raises SettingsError, JobNotFound, StorageError."""
    from ergo.access.audit import keep_audit  # noqa: PLC0415
    from ergo.config import Settings  # noqa: PLC0415
    from ergo.jobs.services import open_services  # noqa: PLC0415

    settings = Settings()
    services = open_services(settings)
    audit = keep_audit(settings.audit_path())
    try:
        if job_id is None:
            services.uploads.sweep()
            swept = services.sweep()
            print(f"Deleted {len(swept.videos)} videos and {len(swept.jobs)} results that had had their time.")
            return 0
        left = services.jobs.delete(job_id)
        note(_SWEEPER, "delete", job_id, "left" if left else "ok")
    finally:
        audit.close()
    print(f"Still there: {', '.join(left)}" if left else f"The job {job_id} is deleted; nothing of it is left.")
    return 1 if left else 0


def _all(ledger: Ledger) -> Iterator[Manifest]:
    for job_id in [info.key.rpartition("-")[2] for info in ledger.store.list("owners/")]:
        try:
            yield ledger.manifest(job_id)
        except (JobNotFound, JobFailed):
            continue  # deleted at this moment, or written by a version that this one cannot read


def _ended_s(ledger: Ledger, job_id: str) -> float:
    """When a job ended; one that has not ended is as if it did later than ever."""
    try:
        if ledger.state(job_id) not in TERMINAL:
            return float("inf")
    except JobNotFound:
        return float("inf")
    prefix = job_prefix(job_id)
    ends = [ledger.store.head(f"{prefix}{name}") for name in ("result/result.json", "cancelled.json", "failed.json")]
    return max((info.modified_s for info in ends if info is not None), default=float("inf"))


def _films(store: Store) -> Iterator[tuple[str, float]]:
    """Key and time of arrival of each video that is there."""
    for _, infos in groupby(list(store.list("uploads/")), key=lambda info: PurePosixPath(info.key).parent):
        for info in infos:
            if has_film([info.key]):
                yield info.key, info.modified_s


def _deleted(jobs: JobService, job_id: str) -> bool:
    try:
        return not jobs.delete(job_id)
    except JobNotFound:
        return False


def _write_stone(store: Store, manifest: Manifest, now_s: float) -> None:
    stone = {"owner": owner_digest(manifest.owner), "on": time.strftime("%Y-%m-%d", time.gmtime(now_s))}
    store.put(f"{STONES}{manifest.job_id}.json", json.dumps(stone).encode())
