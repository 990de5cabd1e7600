"""Every address of the running app, asked by somebody else: nothing of an owner is given, nothing is done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from kept_jobs import keep_job
from running_app import RunningApp, running_app

from ergo.jobs.ledger import Ledger
from ergo.ui.ways import is_open

CANARY = "canary-of-ann"
FILLED = {"path_or_url": "etc/passwd", "url_path": "http://127.0.0.1/", "ext": "ts"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("access"), requests_per_minute=100_000) as app:
        yield app


@pytest.fixture(scope="module")
def ann(app: RunningApp) -> httpx.Client:
    return app.visitor()


@pytest.fixture(scope="module")
def bob(app: RunningApp) -> httpx.Client:
    return app.visitor()


@pytest.fixture(scope="module")
def job(app: RunningApp, ann: httpx.Client) -> str:
    owner = app.owner(ann)
    _, key = app.services.uploads.single_url("film.mp4", owner)
    app.services.store.put(key, CANARY.encode())
    files = {"result.json": json.dumps({"said": CANARY}).encode(), "angles.csv": CANARY.encode()}
    return keep_job(Ledger(app.services.store), files, title=CANARY, owner=owner, video_key=key)


def component(app: RunningApp, ann: httpx.Client, function: str) -> int:
    """The number of the component that has a server function of this name."""
    config = ann.get("/config").json()
    found = [c["id"] for c in config["components"] if function in c["props"].get("server_fns", ())]
    assert len(found) == 1, (function, found)
    return found[0]


def ask(client: httpx.Client, number: int, function: str, data: dict, session: str = "s") -> httpx.Response:
    body = {"data": data, "component_id": number, "fn_name": function, "session_hash": session}
    return client.post("/gradio_api/component_server", json=body)


def test_every_route_of_the_app_is_closed_or_gives_others_nothing(app, ann, bob, job):
    manifest = Ledger(app.services.store).manifest(job)
    closed = 0
    for route in app.routes:
        path = getattr(route, "path", "")
        for name in re.findall(r"{(\w+)(?::\w+)?}", path):
            told = {"job_id": job, "key": manifest.video_key, "session_hash": "ann-session"} | FILLED
            path = re.sub(rf"{{{name}(:\w+)?}}", told.get(name, "x"), path)
        if not is_open(path):
            closed += 1
            for method in getattr(route, "methods", None) or ("GET",):
                assert bob.request(method, path).status_code in (404, 405), (method, path)
            continue
        for method in sorted(set(getattr(route, "methods", None) or ("GET",)) - {"HEAD", "OPTIONS"}):
            if "/queue/data" in path or "/heartbeat/" in path or (method == "GET" and "/call/" in path):
                continue  # streams, which do not end: below
            body = {"job_id": job, "session_hash": "x", "data": [job], "fn_index": 0, "event_id": "x", "fn_name": "x",
                    "component_id": 0, "video_key": manifest.video_key, "before": job, "after": job}  # fmt: skip
            alone = {"Connection": "close"}  # Gradio resets the line after an error
            with bob.stream(method, path, json=None if method == "GET" else body, headers=alone) as answer:
                said = next(answer.iter_bytes(1 << 20), b"") if answer.status_code == 200 else answer.read()
            assert CANARY.encode() not in said, (method, path)
    assert closed >= 20  # file proxies, uploads through Gradio, monitoring, vibe editing …
    assert app.services.jobs.status(job).state == "completed"


def test_what_nobody_needs_is_not_there(bob):
    for method, path in (
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file=http://127.0.0.1:1/"),
        ("GET", "/gradio_api/proxy=http://127.0.0.1:1/"),
        ("GET", "/gradio_api/stream/a/b/c/playlist.m3u8"),
        ("POST", "/gradio_api/vibe-edit/"),
        ("GET", "/monitoring"),
        ("GET", "/gradio_api/token"),
        ("DELETE", "/"),
    ):
        assert bob.request(method, path).status_code in (404, 405), path
    public = next(path for path in Path("assets/page").resolve().iterdir() if path.suffix == ".js")
    assert bob.get(f"/gradio_api/file={public}").status_code == 200
    around = f"/gradio_api/file={public.parent}/../../app.py"
    assert httpx.request("GET", f"{bob.base_url}{around}").status_code in (403, 404)


def test_calls_of_the_api_know_no_job_of_others(ann, bob, app, job):
    anonymous = httpx.Client(base_url=app.url)
    manifest = Ledger(app.services.store).manifest(job)
    assert ann.post("/ergo/api/get_status", json={"job_id": job}).json()["job_status"]["status"] == "completed"
    for client in (bob, anonymous):
        for call, arguments, status in (
            ("get_status", {"job_id": job}, 404),
            ("compare", {"before": job, "after": job}, 404),
            ("start_processing", {"video_key": manifest.video_key}, 403),
        ):
            answer = client.post(f"/ergo/api/{call}", json=arguments)
            assert (answer.status_code, CANARY in answer.text) == (status, False)


def test_signed_addresses_are_for_whom_they_were_made(ann, bob, app, job):
    services = app.services
    manifest = Ledger(services.store).manifest(job)
    addresses = [services.jobs.result_url(job, name) for name in ("result.json", "all.zip")]
    addresses.append(services.jobs.video_url(job))
    for url in addresses:
        assert ann.get(url).status_code == 200
        assert bob.get(url).status_code == httpx.get(f"{app.url}{url}").status_code == 403
    plan = services.uploads.begin("a.mp4", 10, manifest.owner)
    (put,) = services.uploads.sign(plan.video_key, plan.upload_id, [1]).values()
    assert bob.put(put, content=b"x" * 10).status_code == 403
    assert ann.put(put, content=b"x" * 10).status_code == 200


@pytest.mark.parametrize("function", ["sign", "parts", "complete", "abort"])
def test_an_upload_is_its_owner_s(ann, bob, app, function):
    plan = app.services.uploads.begin("a.mp4", 10, app.owner(ann))
    data = {"videoKey": plan.video_key, "uploadId": plan.upload_id, "numbers": [1]}
    number = component(app, ann, function)
    assert ask(bob, number, function, data).json()["error"]["code"] == "AccessDenied"
    if function != "complete":
        assert "error" not in ask(ann, number, function, data, "t").json()


def test_other_inputs_are_tried_on_one_s_own_jobs(ann, bob, app, job):
    number, data = component(app, ann, "rescore"), {"job": job, "overrides": []}
    assert ask(bob, number, "rescore", data, "b").json()["error"]["code"] == "JobNotFound"
    assert ask(ann, number, "rescore", data, "a").json()["error"]["code"] == "SettingsError"  # it keeps no angles


def event_of(app: RunningApp, ann: httpx.Client, name: str) -> int:
    return next(d["id"] for d in ann.get("/config").json()["dependencies"] if d["api_name"] == name)


def stream(client: httpx.Client, session: str) -> str:
    """What Gradio's event stream says until the event has ended."""
    said = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as answer:
        for line in answer.iter_lines():
            said += line + "\n"
            if "process_completed" in line or "close_stream" in line:
                return said
    return said


def open_page(app: RunningApp, ann: httpx.Client, client: httpx.Client, session: str, query: str) -> httpx.Response:
    body = {"data": [{}], "fn_index": event_of(app, ann, "open"), "session_hash": session, "event_data": None}
    return client.post("/gradio_api/queue/join", params=query, json=body, headers={"Referer": f"{app.url}/{query}"})


def test_the_event_stream_of_a_page_is_its_owner_s(ann, bob, app, job):
    assert open_page(app, ann, ann, "session-of-ann", "").status_code == 200
    for method, path, body in (
        ("GET", "/gradio_api/queue/data?session_hash=session-of-ann", None),
        ("GET", "/gradio_api/heartbeat/session-of-ann", None),
        ("POST", "/gradio_api/cancel", {"session_hash": "session-of-ann", "fn_index": 0, "event_id": "x"}),
        ("POST", "/gradio_api/reset", {"session_hash": "session-of-ann", "event_id": "x"}),
        ("POST", "/gradio_api/queue/join", {"session_hash": "session-of-ann", "fn_index": 0, "data": []}),
    ):
        assert bob.request(method, path, json=body).status_code == 403, path
    assert CANARY in stream(ann, "session-of-ann")  # in the list of her analyses
    assert open_page(app, ann, bob, "session-of-bob", "").status_code == 200
    assert CANARY not in stream(bob, "session-of-bob")


def test_another_site_may_neither_read_nor_send(ann, app, job):
    foreign = {"Origin": "https://elsewhere.example"}
    for method, path in (("POST", "/ergo/api/get_status"), ("GET", "/config"), ("OPTIONS", "/gradio_api/queue/join")):
        answer = ann.request(method, path, headers=foreign)
        assert answer.status_code in (403, 405)
        assert not any(name.startswith("access-control") for name in answer.headers)
    own = ann.get("/config", headers={"Origin": app.url})
    assert own.status_code == 200 and not any(name.startswith("access-control") for name in own.headers)


def test_a_made_up_cookie_is_nobody_s(app, ann, job):
    name, seal = ann.cookies["ergo_browser"].split(".")
    for cookie in (name, f"{name}.{'0' * 64}", f"b-{'0' * 32}.{seal}", "x", f"{name}.{seal}x"):
        forged = httpx.Client(base_url=app.url, cookies={"ergo_browser": cookie})
        assert forged.post("/ergo/api/get_status", json={"job_id": job}).status_code == 404


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app):
    plain = httpx.get(f"{app.url}/").headers["set-cookie"]
    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    assert "Secure" in httpx.get(f"{app.url}/", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    known = app.visitor()
    before = known.cookies["ergo_browser"]
    known.get("/")
    assert known.cookies["ergo_browser"] == before


def test_each_answer_carries_the_headers(app, ann):
    page, again = ann.get("/"), ann.get("/")
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)
    assert nonce not in again.text and "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    for path in ("/", "/config", "/nothing", "/ergo/api/get_status", "/gradio_api/info"):
        headers = ann.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
