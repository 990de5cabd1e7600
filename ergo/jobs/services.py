"""The services of one Ergo, put together from its settings."""

from __future__ import annotations

from dataclasses import dataclass

from ergo.access.limits import RateLimit
from ergo.access.visitor import Visitor
from ergo.config import Settings
from ergo.errors import JobNotFound, SettingsError
from ergo.jobs.exporting import Exports
from ergo.jobs.ledger import Ledger
from ergo.jobs.local_runner import LocalRunner, RunnerSettings
from ergo.jobs.notices import Endings, Notices
from ergo.jobs.owned import OwnedJobs
from ergo.jobs.retention import Retention, Swept
from ergo.jobs.runner import Runner
from ergo.jobs.runpod_client import RunPodClient
from ergo.jobs.runpod_runner import FleetSettings, RunPodRunner
from ergo.jobs.service import HOOK_ROUTE, JobService, hook_token
from ergo.jobs.waiting import WaitingStarts
from ergo.storage.keys import owner_component
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.storage.uploads import UploadService

_BUCKET_FRESH_S = 0.5
_HOUR_S = 3600.0
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
    exports: Exports
    starts: RateLimit
    endings: Endings

    def owned(self, visitor: Visitor) -> OwnedJobs:
        """The jobs as `visitor` may see them."""
        return OwnedJobs(self.jobs, visitor, self.starts)

    def sweep(self) -> Swept:
        """Delete videos and results that have had their time."""
        kept = Retention(video_hours=self.settings.video_hours, result_days=self.settings.result_days)
        return kept.sweep(Ledger(self.store), self.uploads, self.jobs)

    def belongs(self, key: str, visitor: Visitor) -> bool:
        """Whether an object of the store is `visitor`'s: a video of theirs, or a file of one of their jobs."""
        kind, name, *_ = [*key.split("/"), ""]
        if kind == "uploads":
            return name == owner_component(visitor.owner)
        try:
            return kind == "jobs" and self.jobs.owner_of(name) == visitor.owner
        except JobNotFound:
            return True  # nothing is there: the route says so


def open_runner(
    settings: Settings,
    ledger: Ledger,
    signer: UrlSigner,
    notices: Notices,
    runner_settings: RunnerSettings | FleetSettings | None,
) -> Runner:
    """Who works on jobs. Raises SettingsError when something is missing for that."""
    if settings.runner == "local":
        idle = RunnerSettings() if settings.storage_provider == "local" else RunnerSettings(idle_s=_BUCKET_IDLE_S)
        local = runner_settings if isinstance(runner_settings, RunnerSettings) else idle
        return LocalRunner(ledger, settings, local, notices)
    fleet = runner_settings if isinstance(runner_settings, FleetSettings) else FleetSettings()
    page = settings.runpod_webhook

    def webhook(job_id: str) -> str | None:
        token = hook_token(signer, job_id)
        return None if page is None else f"{page.rstrip('/')}{HOOK_ROUTE}{job_id}?token={token}"

    return RunPodRunner(ledger, settings, open_client(settings), notices, fleet, webhook)


def open_client(settings: Settings) -> RunPodClient:
    """RunPod's endpoint of the settings. Raises SettingsError, naming what is missing."""
    if settings.runpod_api_key is None:
        raise SettingsError("RUNPOD_API_KEY is not set.", "Make a key on RunPod and put it into .env.")
    if not settings.runpod_endpoint_id:
        raise SettingsError(
            "RUNPOD_ENDPOINT_ID is not set.", "Make an endpoint (docs/deployment.md); its id goes there."
        )
    return RunPodClient(settings.runpod_endpoint_id, settings.runpod_api_key, api=settings.runpod_api)


def open_services(settings: Settings, runner_settings: RunnerSettings | FleetSettings | None = None) -> Services:
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
    ledger = Ledger(store)
    notices = Notices(ledger, settings)
    runner = open_runner(settings, ledger, signer, notices, runner_settings)
    jobs = JobService(
        ledger,
        uploads,
        signer,
        runner,
        url_ttl_s=settings.url_ttl_s,
        rented=settings.runner != "local",
        fresh_s=0.0 if settings.storage_provider == "local" else _BUCKET_FRESH_S,
    )
    waiting = WaitingStarts(ledger, uploads, runner.nudge)
    exports = Exports(ledger, settings.smplx_dir)
    return Services(
        settings=settings,
        store=store,
        signer=signer,
        uploads=uploads,
        jobs=jobs,
        waiting=waiting,
        exports=exports,
        starts=RateLimit(settings.starts_per_hour, _HOUR_S),
        endings=notices.endings,
    )
