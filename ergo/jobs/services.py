"""The services of one Ergo, put together from its settings."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ergo.config import Settings
from ergo.errors import StorageError
from ergo.jobs.ledger import Ledger
from ergo.jobs.local_runner import LocalRunner, RunnerSettings
from ergo.jobs.service import JobService
from ergo.jobs.waiting import WaitingStarts
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.storage.uploads import UploadService

_log = logging.getLogger(__name__)

_ABANDONED_AFTER_S = 7 * 24 * 3600.0  # as R2 does
_BUCKET_IDLE_S = 10.0  # two listings a look: half a million a month instead of ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the page and the routes need."""

    settings: Settings
    store: Store
    signer: UrlSigner
    uploads: UploadService
    jobs: JobService
    waiting: WaitingStarts


def open_services(settings: Settings, runner_settings: RunnerSettings | None = None) -> Services:
    """Put the services together; jobs run only after ``services.jobs.start()``."""
    signer = UrlSigner(settings.signing_key())
    store = open_store(settings, signer)
    uploads = UploadService(
        store,
        signer,
        max_upload_gb=settings.max_upload_gb,
        url_ttl_s=settings.url_ttl_s,
        quota_gb=settings.quota_gb,
        part_bytes=settings.part_mib << 20,
    )
    try:
        uploads.sweep(_ABANDONED_AFTER_S)
    except StorageError as error:  # the page can say so, too; the store may be back in a minute
        _log.warning("unfinished uploads could not be swept: %s", error)
    ledger = Ledger(store)
    idle = RunnerSettings() if settings.storage_provider == "local" else RunnerSettings(idle_s=_BUCKET_IDLE_S)
    runner = LocalRunner(ledger, settings, runner_settings or idle)
    jobs = JobService(ledger, uploads, signer, runner, url_ttl_s=settings.url_ttl_s)
    waiting = WaitingStarts(ledger, uploads, runner.nudge)
    return Services(settings=settings, store=store, signer=signer, uploads=uploads, jobs=jobs, waiting=waiting)
