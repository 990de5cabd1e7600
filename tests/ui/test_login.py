"""Where the settings name users, nothing answers without a login."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from kept_jobs import keep_job
from running_app import RunningApp, running_app

from ergo.access.passwords import hash_password
from ergo.access.tokens import Tokens
from ergo.jobs.ledger import Ledger
from ergo.ui.ways import is_open


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("login")
    users = folder / "users"
    users.write_text(f"ann:{hash_password('one two three')}\nbob:{hash_password('four')}\neve:{hash_password('x')}\n")
    with running_app(folder, auth=users, requests_per_minute=100_000, trusted_proxies=1) as app:
        yield app


def log_in(app: RunningApp, user: str, password: str, address: str = "192.0.2.1") -> tuple[httpx.Client, int]:
    client = httpx.Client(base_url=app.url, timeout=60, headers={"X-Forwarded-For": address})
    answer = client.post("/ergo/login", data={"user": user, "password": password, "next": "?job=1"})
    if answer.status_code == 303:
        assert answer.headers["location"] == "../?job=1"
    return client, answer.status_code


def test_without_a_login_nothing_answers(app):
    stranger = httpx.Client(base_url=app.url, timeout=60)
    free = set()
    for route in app.routes:
        path = re.sub(r"{\w+(:\w+)?}", "x", route.path)
        for method in sorted(set(getattr(route, "methods", None) or ("GET",)) - {"HEAD", "OPTIONS"}):
            status = stranger.request(method, path, json={} if method == "POST" else None).status_code
            if is_open(path) and status not in (401, 303):
                free.add(path)
            if path == "/":
                assert status == 303
    assert free == {
        "/ergo/login",
        "/ergo/privacy",
        "/ergo/hooks/runpod/x",
        "/robots.txt",
        "/favicon.ico",
        "/healthz",
        "/gradio_api/startup-events",
    } | {path for path in free if path.startswith("/ergo/shared/")}
    page = stranger.get("/?job=1")
    assert page.headers["location"] == "./ergo/login?next=%3Fjob%3D1"
    form = stranger.get(page.headers["location"])
    assert form.status_code == 200 and 'value="?job=1"' in form.text and "unsafe-eval" not in str(form.headers)


def test_a_login_opens_one_s_own_history_only(app):
    (ann, status), (bob, _) = log_in(app, "ann", "one two three"), log_in(app, "bob", "four")
    assert status == 303 and ann.get("/").status_code == 200
    files = {"result.json": json.dumps({}).encode()}
    job = keep_job(Ledger(app.services.store), files, owner="user ann")
    assert ann.post("/ergo/api/get_status", json={"job_id": job}).status_code == 200
    assert bob.post("/ergo/api/get_status", json={"job_id": job}).status_code == 404
    ann.post("/ergo/logout")
    assert ann.get("/").status_code == 303


def test_wrong_passwords_are_refused_and_counted(app):
    assert log_in(app, "ann", "wrong", "192.0.2.9")[1] == 403
    assert log_in(app, "nobody", "wrong", "192.0.2.9")[1] == 403
    statuses = [log_in(app, "eve", "wrong", f"198.51.100.{n}")[1] for n in range(11)]  # from many addresses
    assert statuses == [403] * 10 + [429]
    assert log_in(app, "eve", "x", "203.0.113.1")[1] == 429
    assert log_in(app, "bob", "four", "203.0.113.2")[1] == 303


def test_the_form_leads_back_to_the_page_only(app):
    client = httpx.Client(base_url=app.url, timeout=60, headers={"X-Forwarded-For": "192.0.2.50"})
    for elsewhere in ("https://evil.example/", "//evil.example", "\r\nX: y", "?" + "x" * 2000):
        answer = client.post("/ergo/login", data={"user": "bob", "password": "four", "next": elsewhere})
        assert answer.headers["location"] == "../"
    foreign = client.post("/ergo/login", data={"user": "bob"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


def test_a_token_is_its_user_s_until_it_is_revoked(app):
    tokens = Tokens(app.services.store)
    made = tokens.make("ann", "test")
    script = httpx.Client(base_url=app.url, timeout=60, headers={"Authorization": f"Bearer {made}"})
    answer = script.post("/ergo/api/generate_upload_url", json={"filename": "a.mp4"}).json()
    assert answer["video_key"].startswith("uploads/u-")
    assert httpx.put(answer["upload_url"], content=b"x").status_code == 401
    assert script.put(answer["upload_url"], content=b"x").status_code == 200
    wrong = {"Authorization": f"Bearer {made[:-1]}{'B' if made.endswith('A') else 'A'}"}
    assert httpx.get(f"{app.url}/config", headers=wrong).status_code == 401
    gone = tokens.make("carol")  # no such user any more
    assert httpx.get(f"{app.url}/config", headers={"Authorization": f"Bearer {gone}"}).status_code == 401


def test_privacy_is_told_to_everybody(app):
    page = httpx.get(f"{app.url}/ergo/privacy")
    assert page.status_code == 200 and "48 hours" in page.text and "People log in here" in page.text
    assert Path("docs/privacy.md").read_text().splitlines()[0].removeprefix("# ") in page.text
