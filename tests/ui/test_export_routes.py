"""A finished job in a real store, asked for in other formats over HTTP."""

import time

import httpx
import pytest
from kept_jobs import keep_job
from live_server import serving
from stored_results import stored_result

from ergo.config import Settings
from ergo.errors import JobNotFound
from ergo.jobs.export_api import ExportApi
from ergo.jobs.ledger import Ledger
from ergo.jobs.services import open_services
from ergo.ui.export_routes import export_routes
from ergo.ui.routes import store_routes


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    stored_result(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def services(tmp_path):
    services = open_services(Settings(data_dir=tmp_path / "data", _env_file=None))
    yield services
    services.exports.stop()


@pytest.fixture
def client(services):
    api = ExportApi(services.exports, services.store, 3600)
    routes = export_routes(services.exports, api, lambda request, job_id: request.headers.get("x-who") != "stranger")
    with (
        serving([*routes, *store_routes(services.store, services.signer)]) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


def ready(client, **said):
    for _ in range(60):
        answer = client.post("/ergo/api/export", json=said)
        assert answer.status_code == 200, answer.text
        found = answer.json()["export"]
        if found["state"] == "ready":
            return found
        time.sleep(0.5)
    raise AssertionError("it takes too long")


def test_an_export_is_made_once_kept_with_the_job_and_gone_with_it(services, client, files):
    ledger = Ledger(services.store)
    job_id = keep_job(ledger, files, title="Früh schicht.mp4")
    found = ready(client, job_id=job_id, format="bvh")
    answer = httpx.get(found["download_url"])
    assert answer.content.startswith(b"HIERARCHY") and len(answer.content) == found["size_bytes"]
    assert "Fr%C3%BCh%20schicht%20motion.bvh" in answer.headers["content-disposition"]
    (kept,) = services.store.list(f"jobs/{job_id}/exports/")
    again = ready(client, job_id=job_id, format="bvh")
    assert again["size_bytes"] == found["size_bytes"]
    assert [info.etag for info in services.store.list(f"jobs/{job_id}/exports/")] == [kept.etag]
    early, late = (ready(client, job_id=job_id, format="ply", at_s=at) for at in ("0.2", "1.0"))
    assert httpx.get(early["download_url"]).content != httpx.get(late["download_url"]).content
    ledger.delete(ledger.manifest(job_id))
    assert not list(services.store.list(f"jobs/{job_id}/"))
    assert client.post("/ergo/api/export", json={"job_id": job_id, "format": "bvh"}).status_code == 404


def test_a_report_carries_what_was_typed_in_and_is_kept_nowhere(services, client, files):
    job_id = keep_job(Ledger(services.store), files)
    said = {"job_id": job_id, "format": "html", "fields": {"company": "Müller <Söhne>", "notes": "Second shift."}}
    answer = client.post("/ergo/api/report", json=said)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert "Müller &lt;Söhne&gt;" in answer.text and "<h1>lift.mp4</h1>" in answer.text
    assert answer.headers["cache-control"] == "no-store" and "attachment" in answer.headers["content-disposition"]
    assert not list(services.store.list(f"jobs/{job_id}/exports/"))


def test_what_cannot_be_made_is_an_answer(services, client, files):
    ledger = Ledger(services.store)
    done, waiting = keep_job(ledger, files), keep_job(ledger, {})
    bare = keep_job(ledger, {"result.json": files["result.json"]})
    for call, said, status, code in (
        ("export", {"job_id": done, "format": "fbx"}, 400, "SettingsError"),
        ("export", {"job_id": done, "format": "ply", "at_s": "soon"}, 400, "SettingsError"),
        ("export", {"job_id": done, "format": "ply", "at_s": "99"}, 400, "SettingsError"),
        ("export", {"job_id": done}, 400, "InputError"),
        ("export", {"job_id": done, "format": "bvh", "who": "me"}, 400, "InputError"),
        ("export", {"job_id": waiting, "format": "bvh"}, 404, "KeyNotFound"),
        ("export", {"job_id": bare, "format": "bvh"}, 400, "SettingsError"),
        ("export", {"job_id": "0" * 32, "format": "bvh"}, 404, "JobNotFound"),
        ("report", {"job_id": done, "format": "bvh"}, 400, "SettingsError"),
        ("report", {"job_id": done, "format": "pdf", "fields": {"logo": "%"}}, 400, "SettingsError"),
        ("report", {"job_id": done, "format": "pdf", "fields": []}, 400, "InputError"),
        ("report", {"job_id": done, "format": "pdf", "fields": {"notes": "x" * 800_000}}, 400, "InputError"),
    ):
        answer = client.post(f"/ergo/api/{call}", json=said)
        assert (answer.status_code, answer.json()["code"]) == (status, code), said
    assert client.post("/ergo/api/export", content=b"{}").json()["code"] == "InputError"
    stranger = client.post("/ergo/api/export", json={"job_id": done, "format": "bvh"}, headers={"x-who": "stranger"})
    assert stranger.status_code == JobNotFound.http_status
