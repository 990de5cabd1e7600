"""Analyses that were asked for while their film was on its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ergo.config import Settings
from ergo.errors import AccessDenied, KeyNotFound, SettingsError
from ergo.jobs.ledger import Ledger
from ergo.jobs.services import Services, open_services
from ergo.storage.local import LocalStore
from ergo.storage.upload_plan import UploadPlan
from ergo.types import AnalysisSettings


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return open_services(Settings(data_dir=tmp_path, _env_file=None))  # pyright: ignore[reportCallIssue]


def _send(services: Services, plan: UploadPlan) -> None:
    assert isinstance(services.store, LocalStore)
    with services.store.incoming() as incoming:
        incoming.write(b"0123456789")
        services.store.keep_part(incoming, plan.video_key, plan.upload_id, 1)
    services.uploads.complete(plan.video_key, plan.upload_id)


def _jobs(services: Services) -> list[str]:
    return [entry.job_id for entry in Ledger(services.store).queued()]


def test_it_begins_once_when_the_film_has_arrived(services: Services, tmp_path: Path) -> None:
    plan = services.uploads.begin("shift.mp4", 10, "ann")
    assert services.waiting.arrived(plan.video_key) is None
    assert services.waiting.wish(plan.video_key, AnalysisSettings(quality="low"), owner="ann") is None
    assert services.waiting.wish(plan.video_key, AnalysisSettings(quality="high"), owner="ann") is None
    assert services.waiting.wished(plan.video_key)
    assert _jobs(services) == []
    _send(services, plan)
    services = open_services(Settings(data_dir=tmp_path, _env_file=None))  # pyright: ignore[reportCallIssue]
    job_id = services.waiting.arrived(plan.video_key)
    assert services.waiting.arrived(plan.video_key) == job_id
    assert _jobs(services) == [job_id]
    manifest = Ledger(services.store).manifest(job_id or "")
    assert (manifest.title, manifest.settings.quality, manifest.owner) == ("shift.mp4", "high", "ann")


def test_a_wish_that_comes_when_the_film_is_there_is_a_job_at_once(services: Services) -> None:
    plan = services.uploads.begin("shift.mp4", 10, "ann")
    _send(services, plan)
    job_id = services.waiting.wish(plan.video_key, AnalysisSettings(), owner="ann")
    assert job_id and _jobs(services) == [job_id]


def test_a_job_whose_making_was_interrupted_is_put_into_the_queue(services: Services) -> None:
    plan = services.uploads.begin("shift.mp4", 10, "ann")
    services.waiting.wish(plan.video_key, AnalysisSettings(), owner="ann")
    _send(services, plan)
    job_id = services.waiting.arrived(plan.video_key)
    for info in list(services.store.list("queue/")):
        services.store.delete(info.key)
    services.waiting.arrived(plan.video_key)
    assert _jobs(services) == [job_id]


def test_nobody_wishes_for_anothers_film_and_a_dropped_one_takes_its_wish_along(services: Services) -> None:
    plan = services.uploads.begin("shift.mp4", 10, "ann")
    with pytest.raises(AccessDenied):
        services.waiting.wish(plan.video_key, AnalysisSettings(), owner="bob")
    with pytest.raises(AccessDenied):
        services.waiting.arrived("uploads/ann/" + "0" * 48 + "/source.mp4")
    with pytest.raises(SettingsError):
        services.waiting.wish(plan.video_key, AnalysisSettings(quality="best"), owner="ann")  # type: ignore[arg-type]
    services.waiting.wish(plan.video_key, AnalysisSettings(), owner="ann")
    assert services.uploads.used_bytes("ann") == 10
    services.uploads.abort(plan.video_key, plan.upload_id)
    assert list(services.store.list("")) == []
    with pytest.raises(KeyNotFound):
        services.waiting.wish(plan.video_key, AnalysisSettings(), owner="ann")


def test_an_abandoned_upload_is_swept_with_its_wish(services: Services) -> None:
    plan = services.uploads.begin("shift.mp4", 10, "ann")
    services.waiting.wish(plan.video_key, AnalysisSettings(), owner="ann")
    services.uploads.sweep(-1.0)
    assert list(services.store.list("")) == []
