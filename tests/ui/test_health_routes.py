"""Health and metrics: what monitors ask."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from ergo.config import Settings
from ergo.errors import StoreUnreachable
from ergo.jobs.health import HealthLook
from ergo.jobs.ledger import Ledger
from ergo.jobs.services import open_services
from ergo.types import AnalysisSettings
from ergo.ui.health_routes import health_routes


@pytest.fixture
def services(tmp_path):
    return open_services(Settings(data_dir=tmp_path, _env_file=None))


TOKEN = "letmein"  # noqa: S105


def client_of(services, token=TOKEN, **options):
    look = HealthLook(Ledger(services.store), **options)
    return TestClient(Starlette(routes=health_routes(look, services.endings, SecretStr(token) if token else None)))


def gauges(client):
    answer = client.get("/metrics", headers={"Authorization": "Bearer letmein"})
    assert answer.status_code == 200
    found = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {(sample.name, sample.labels.get("state")): sample.value for sample in found}


def test_waiting_jobs_are_counted(services):
    for _ in range(2):
        _, key = services.uploads.single_url("film.mp4", "local")
        services.store.put(key, b"x")
        services.jobs.submit(key, AnalysisSettings(), owner="local")
    seen = gauges(client_of(services))
    assert seen["ergo_jobs", "queued"] == 2 and seen["ergo_jobs", "running"] == 0
    assert 0 < seen["ergo_oldest_job_seconds", "queued"] < 60
    assert seen["ergo_oldest_job_seconds", "running"] == 0
    services.endings.count("a", "failed")
    services.endings.count("a", "failed")  # told twice
    assert gauges(client_of(services))["ergo_jobs_ended_total", "failed"] == 1
    assert seen["ergo_jobs_ended_total", "completed"] == 0
    assert seen["ergo_store_free_bytes", None] > 0 and seen["process_resident_memory_bytes", None] > 0


def test_a_store_that_does_not_answer_is_told_without_detail(services, monkeypatch):
    def broken(_):
        raise StoreUnreachable("bucket-name at secret-host does not answer.", "")

    client = client_of(services)
    assert client.get("/healthz").json() == {"status": "ok"}
    monkeypatch.setattr(Ledger, "queued", broken)
    later = client_of(services)
    answer = later.get("/healthz")
    assert answer.status_code == 503 and "secret-host" not in answer.text
    assert gauges(later)["ergo_store_up", None] == 0


def test_metrics_need_their_token(services):
    client = client_of(services)
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer létmein".encode()}):
        assert client.get("/metrics", headers=given).status_code == 403
    assert client_of(services, token=None).get("/metrics").status_code == 404


def test_many_questions_are_one_look(services, monkeypatch):
    looks, now_s = [], [0.0]
    listed = Ledger.queued
    monkeypatch.setattr(Ledger, "queued", lambda self: looks.append(1) or listed(self))
    client = client_of(services, clock_s=lambda: now_s[0])
    for _ in range(20):
        client.get("/healthz")
    assert len(looks) == 1
    now_s[0] = 6.0
    client.get("/healthz")
    assert len(looks) == 2
