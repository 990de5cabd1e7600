import json

import httpx
import pytest
from kept_jobs import keep_job
from live_server import serving

from ergo.config import Settings
from ergo.jobs.ledger import Ledger
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.services import open_services
from ergo.jobs.wire import JobErrorInfo
from ergo.methods.catalogue import METHODS
from ergo.types import Override
from ergo.ui.api_routes import api_routes
from ergo.ui.routes import store_routes


@pytest.fixture
def services(tmp_path):
    return open_services(Settings(data_dir=tmp_path / "data", _env_file=None))


@pytest.fixture
def client(services):
    routes = [*api_routes(LegacyApi(services.uploads, services.jobs)), *store_routes(services.store, services.signer)]
    with serving(routes) as url, httpx.Client(base_url=url) as client:
        yield client


def call(client, name, **arguments):
    return client.post(f"/ergo/api/{name}", json=arguments)


def test_links_lead_to_where_the_caller_came_in_behind_a_proxy_too(client):
    outside = {"X-Forwarded-Host": "ergo.example, inner:7860", "X-Forwarded-Proto": "https"}
    answer = client.post("/ergo/api/generate_upload_url", json={"filename": "a.mp4"}, headers=outside).json()
    assert answer["upload_url"].startswith("https://ergo.example/")


def test_the_three_calls_in_a_row(services, client):
    answer = call(client, "generate_upload_url", filename="a b.mp4").json()
    assert set(answer) == {"status", "upload_url", "video_key"} and answer["status"] == "success"
    assert answer["upload_url"].startswith(str(client.base_url))
    assert httpx.put(answer["upload_url"], content=b"video").status_code == 200

    started = call(client, "start_processing", video_key=answer["video_key"], quality="low").json()
    assert set(started) == {"status", "job_id", "message"} and started["status"] == "success"
    queued = call(client, "get_status", job_id=started["job_id"]).json()
    assert queued == {
        "status": "success",
        "job_status": {"status": "queued", "progress": 0, "download_url": None},
    }

    # the worker's part, by its own ledger
    prefix = f"jobs/{started['job_id']}/result/"
    services.store.put(f"{prefix}result.json", b"{}")
    done = call(client, "get_status", job_id=started["job_id"]).json()["job_status"]
    assert (done["status"], done["progress"]) == ("completed", 100)
    archive = httpx.get(done["download_url"])
    assert archive.status_code == 200 and archive.content.startswith(b"PK")


def test_settings_travel_as_text(services, client):
    answer = call(client, "generate_upload_url", filename="a.mp4").json()
    httpx.put(answer["upload_url"], content=b"video")
    told = '{"height_m": 1.8, "context": {"load_kg": 12, "exertion": 4}}'
    started = call(client, "start_processing", video_key=answer["video_key"], quality="low", settings=told).json()
    settings = Ledger(services.store).manifest(started["job_id"]).settings
    assert (settings.quality, settings.height_m, settings.context.load_kg) == ("low", 1.8, 12.0)
    assert settings.context.exertion == 4 and settings.context.coupling is None


def test_what_is_set_by_hand_travels_with_the_settings(services, client):
    answer = call(client, "generate_upload_url", filename="a.mp4").json()
    httpx.put(answer["upload_url"], content=b"video")
    told = {"input": "trunk_twisted", "value": False, "start_s": 1.0, "end_s": 2.5, "who": "A. Smith", "why": "sleeve"}
    sent = {"video_key": answer["video_key"], "settings": json.dumps({"overrides": [told]})}
    started = call(client, "start_processing", **sent).json()
    (said,) = Ledger(services.store).manifest(started["job_id"]).settings.overrides
    assert said == Override(**told)
    refused = call(client, "start_processing", **sent | {"settings": '{"overrides": [{"input": "mood", "value": 1}]}'})
    assert refused.status_code == 400 and "mood" in refused.json()["message"]


@pytest.fixture
def finished(services, client):
    """A finished job with a load, a grip and a side bend that was set by hand."""
    answer = call(client, "generate_upload_url", filename="a.mp4").json()
    httpx.put(answer["upload_url"], content=b"video")
    said = {"input": "trunk_side_bent", "value": False, "end_s": 9.0, "who": "B. Jones"}
    settings = {"height_m": 1.8, "context": {"load_kg": 12, "coupling": "poor"}, "overrides": [said]}
    sent = {"video_key": answer["video_key"], "quality": "low", "settings": json.dumps(settings)}
    job_id = call(client, "start_processing", **sent).json()["job_id"]
    for name in ("result.json", "keypoints.npz"):
        services.store.put(f"jobs/{job_id}/result/{name}", b"{}")
    return job_id


def test_a_job_is_scored_again_with_what_is_set_by_hand(services, client, finished):
    said = [
        {"input": "lift", "value": False, "start_s": 4.0, "end_s": 5.2, "who": "A. Smith", "why": "a wave"},
        {"input": "trunk_side_bent", "value": True, "end_s": 2.0},
    ]
    change = {"context": {"load_kg": 6}}
    again = call(client, "again", job_id=finished, overrides=json.dumps(said), settings=json.dumps(change)).json()
    assert set(again) == {"status", "job_id", "message"} and again["status"] == "success"
    manifest = Ledger(services.store).manifest(again["job_id"])
    settings = manifest.settings
    assert manifest.again_of == finished
    assert (settings.quality, settings.height_m) == ("low", 1.8)
    assert (settings.context.load_kg, settings.context.coupling) == (6.0, "poor")
    old, lift, bent = settings.overrides
    assert (old.input, old.value, old.start_s, old.end_s, old.who) == ("trunk_side_bent", False, 2.0, 9.0, "B. Jones")
    assert (lift.input, lift.value, lift.who, lift.why) == ("lift", False, "A. Smith", "a wave") and lift.made_utc
    assert (bent.value, bent.end_s) == (True, 2.0)
    same = call(client, "again", job_id=finished).json()["job_id"]
    assert Ledger(services.store).manifest(same).settings == Ledger(services.store).manifest(finished).settings
    dropped = call(client, "again", job_id=finished, settings='{"overrides": []}').json()["job_id"]
    assert Ledger(services.store).manifest(dropped).settings.overrides == ()


def test_what_cannot_be_set_again_is_named(client, finished):
    for arguments, word in (
        ({"overrides": '[{"input": "mood", "value": 1}]'}, "mood"),
        ({"overrides": '[{"input": "load_kg", "value": -2}]'}, "load_kg is -2"),
        ({"overrides": '[{"input": "load_kg", "value": NaN}]'}, "overrides[0].value"),
        ({"overrides": '[{"input": "coupling", "value": "sticky"}]'}, "coupling"),
        ({"overrides": '[{"input": "lift"}]'}, "overrides[0].value"),
        ({"overrides": '[{"input": "lift", "value": false, "colour": "red"}]'}, "overrides[0].colour"),
        ({"overrides": '[{"input": "raised", "value": true}, {"input": "raised", "value": false}]'}, "raised"),
        ({"overrides": '[{"input": "exertion", "value": 3, "end_s": 2}]'}, "exertion"),
        ({"overrides": '{"input": "lift"}'}, "overrides is not a JSON list"),
        ({"settings": '{"context": {"coupling": "sticky"}}'}, "context.coupling"),
        ({"settings": '{"context": 3}'}, "context"),
        ({"settings": "load"}, "not a JSON object"),
    ):
        response = call(client, "again", job_id=finished, **arguments)
        answer = response.json()
        assert (response.status_code, answer["code"]) == (400, "SettingsError"), arguments
        assert word in answer["message"] and answer["hint"]


def reba_result(peak):
    levels = [{"level": entry.level, "label": entry.label} for entry in METHODS["reba"].levels]
    side = {
        "peak": peak, "peak_level": 3, "peak_p05": peak, "peak_p95": peak, "peak_chance": {f"{peak:g}": 1.0},
        "median": 3.0, "p90": 4.0, "coverage": 1.0, "share_of_time": {"3": 1.0}, "share_of_parts": {},
    }  # fmt: skip
    method = {"label": "REBA", "levels": levels, "parts": [], "sides": {"left": side}}
    settings = {"quality": "low", "context": {}}
    return {"schema": "ergo.result/1", "settings": settings, "methods": {"reba": method}}


def test_two_results_are_compared(services, client):
    ledger = Ledger(services.store)
    before, after = (keep_job(ledger, {"result.json": json.dumps(reba_result(peak)).encode()}) for peak in (9.0, 5.0))
    answer = call(client, "compare", before=before, after=after).json()
    assert answer["status"] == "success"
    (side,) = answer["comparison"]["sides"]
    assert (side["method"], side["side"], side["verdict"]) == ("reba", "left", "lower")
    assert (side["peak"]["before"], side["peak"]["after"]) == (9.0, 5.0)
    unknown = call(client, "compare", before=before, after="0" * 32)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "JobNotFound")
    unfinished = call(client, "compare", before=keep_job(ledger, {}), after=after)
    assert (unfinished.status_code, unfinished.json()["code"]) == (404, "KeyNotFound")


def test_a_failed_job_says_why(services, client):
    answer = call(client, "generate_upload_url", filename="a.mp4").json()
    httpx.put(answer["upload_url"], content=b"video")
    job_id = call(client, "start_processing", video_key=answer["video_key"], quality="low").json()["job_id"]
    Ledger(services.store).end_failed(job_id, JobErrorInfo(code="NotAVideo", message="It is text.", hint="Film it."))
    status = call(client, "get_status", job_id=job_id).json()["job_status"]
    assert status["status"] == "failed"
    assert status["error"] == {"code": "NotAVideo", "message": "It is text.", "hint": "Film it."}


@pytest.mark.parametrize(
    ("name", "arguments", "status", "code"),
    [
        ("generate_upload_url", {"filename": "a.exe"}, 400, "UploadRejected"),
        ("start_processing", {"video_key": "uploads/x", "quality": "low"}, 403, "AccessDenied"),
        ("start_processing", {"video_key": "x", "quality": "best"}, 400, "SettingsError"),
        ("start_processing", {"video_key": "x", "settings": '{"context": {"load": 3}}'}, 400, "SettingsError"),
        ("start_processing", {"video_key": "x", "settings": '{"context": {"load_kg": -3}}'}, 400, "SettingsError"),
        ("start_processing", {"video_key": "x", "settings": "[1]"}, 400, "SettingsError"),
        ("start_processing", {}, 400, "InputError"),
        ("start_processing", {"video_key": "x", "video_url": "https://a.example/a.mp4"}, 400, "InputError"),
        ("start_processing", {"video_url": "file:///etc/passwd"}, 400, "VideoUnreachable"),
        ("again", {"job_id": "0" * 32}, 404, "JobNotFound"),
        ("again", {}, 400, "BadRequest"),
        ("get_status", {"job_id": "../../etc"}, 404, "JobNotFound"),
        ("get_status", {"job_id": "0" * 32}, 404, "JobNotFound"),
        ("get_status", {}, 400, "BadRequest"),
        ("get_status", {"job_id": 5}, 400, "BadRequest"),
        ("get_status", {"job_id": "x", "more": "y"}, 400, "BadRequest"),
    ],
)
def test_errors_are_typed(client, name, arguments, status, code):
    response = call(client, name, **arguments)
    answer = response.json()
    assert (response.status_code, answer["status"], answer["code"]) == (status, "error", code)
    assert answer["message"] and answer["hint"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'"' + b"x" * 70_000 + b'"', "application/json", 413),
        (b'{"job_id": "x"}', "text/plain", 415),
        (b"job_id=x", "application/x-www-form-urlencoded", 415),
    ],
)
def test_malformed_requests_are_refused(client, content, kind, status):
    response = client.post("/ergo/api/get_status", content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["status"]) == (status, "error")
