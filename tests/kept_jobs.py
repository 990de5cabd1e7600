"""Finished jobs, put into a ledger without a worker: a manifest and the files of a result."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from ergo.jobs.ledger import Ledger, result_key
from ergo.jobs.wire import Manifest
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.types import AnalysisSettings


def new_ledger(folder: Path) -> Ledger:
    return Ledger(LocalStore(folder, UrlSigner(b"k" * 32)))


def keep_job(
    ledger: Ledger,
    files: Mapping[str, bytes],
    settings: AnalysisSettings | None = None,
    *,
    title: str = "lift.mp4",
    owner: str = "local",
    video_key: str = "uploads/local/0/source.mp4",
) -> str:
    """A job with these result files; with ``result.json`` among them it has completed. Returns its id."""
    job_id = secrets.token_hex(16)
    ledger.create(
        Manifest(
            job_id=job_id,
            owner=owner,
            title=title,
            video_key=video_key,
            settings=settings or AnalysisSettings(),
            created_s=time.time(),
        )
    )
    for name, content in files.items():
        ledger.store.put(result_key(job_id, name), content)
    return job_id
