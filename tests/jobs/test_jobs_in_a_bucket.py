"""Jobs whose only durable place is a bucket: worker process, results by signed URL, the zip made from ranges."""

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urljoin

import httpx
import pytest
from job_places import QUICK, ended, eventually, opened, submit
from live_server import serving

from ergo.errors import StoreUnreachable
from ergo.jobs.ledger import Ledger
from ergo.storage.setup import cors_rules, lifecycle_rules, write_rules
from ergo.ui.routes import store_routes

ORIGIN = "https://ergo.example.com"


@pytest.fixture
def services(s3, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(__file__).rpartition("/")[0])  # where the worker finds its analysis
    services = opened(tmp_path / "data", QUICK, **s3.settings())
    services.jobs.start()
    yield services
    services.jobs.stop()


def test_a_job_runs_and_its_results_are_read_from_the_bucket(services, tmp_path):
    job_id = submit(services, steps=3)
    assert ended(services, job_id)[-1].state == "completed"
    assert services.jobs.result(job_id)
    write_rules(services.store, cors_rules([ORIGIN]), lifecycle_rules(7, 90))
    names = services.jobs.result_names(job_id)
    for name in names:
        url = services.jobs.result_url(job_id, name)
        assert url.startswith(services.settings.s3_endpoint)
        answer = httpx.get(url, headers={"Origin": ORIGIN})
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == ORIGIN
    zipped = services.jobs.result_url(job_id, "all.zip")
    with serving(store_routes(services.store, services.signer)) as site:
        answer = httpx.get(urljoin(site, zipped), timeout=60)
        assert httpx.get(urljoin(site, zipped[:-1] + "x")).status_code == 403
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == sorted(names) and archive.testzip() is None
    services.jobs.delete(job_id)
    assert list(services.store.list("")) == []
    assert not (tmp_path / "data" / "store").exists()


def test_who_follows_a_job_outlasts_a_store_that_does_not_answer(r2, tmp_path):
    services = opened(tmp_path / "data", QUICK, **r2.settings())
    job_id = submit(services)
    following = services.jobs.watch(job_id, poll_s=0.02)
    assert next(following).state == "queued"
    r2.down = True
    with ThreadPoolExecutor(1) as aside:
        later = aside.submit(next, following)
        eventually(lambda: not answers(services, job_id))
        eventually(lambda: not answers(services, job_id))  # who follows has asked at least once in between
        r2.clear()
        services.jobs.cancel(job_id)
        assert later.result(60).state == "cancelled"


def test_a_worker_outlasts_a_store_that_does_not_answer(r2, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(__file__).rpartition("/")[0])
    services = opened(tmp_path / "data", replace(QUICK, hang_s=120.0), **r2.settings())
    services.jobs.start()
    job_id = submit(services, pieces=3, hold=1)
    trace = services.settings.data_dir / "trace"
    eventually(lambda: list(trace.glob("piece_1_*")))
    r2.down = True
    (trace / "release").touch()  # what it has seen cannot be stored
    eventually(lambda: not answers(services, job_id))
    time.sleep(3.0)  # so that the worker has given up asking, too
    r2.clear()
    assert ended(services, job_id)[-1].state == "completed"
    assert Ledger(services.store).attempts(job_id) == 1
    services.jobs.stop()


def answers(services, job_id):
    try:
        return services.jobs.status(job_id)
    except StoreUnreachable:
        return None
