"""Secrets of the settings turn up nowhere: not on a page, in an answer, in an error, in a log."""

from __future__ import annotations

import re

import httpx
from kept_jobs import keep_job
from live_server import serving
from openid_provider import CLIENT_ID, MadeProvider, come_back
from pydantic import SecretStr
from running_app import running_app

from ergo.access.passwords import hash_password
from ergo.access.tokens import Tokens
from ergo.config import Settings
from ergo.jobs.ledger import Ledger

SECRETS = {
    name: f"canary-{name}-0123456789abcdef"
    for name, field in Settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}
PASSWORD = "canary-password-0123456789"  # noqa: S105


def test_no_secret_leaves_the_app(tmp_path, caplog, capfd):
    caplog.set_level("DEBUG")
    users = tmp_path / "users"
    line = hash_password(PASSWORD)
    users.write_text(f"ann:{line}\n")
    told = {name: SecretStr(value) for name, value in SECRETS.items()}
    assert "secret" in told and "runpod_api_key" in told and "openid_client_secret" in told
    provider, options = MadeProvider(), {"auth": users, "requests_per_minute": 100_000, "openid_client_id": CLIENT_ID}
    with (
        serving(provider.routes) as there,
        running_app(tmp_path, openid_provider_url=there, **options, **told) as app,
    ):
        provider.redirects.add(f"{app.url}/ergo/login/openid/back")
        said: list[str] = []
        token = Tokens(app.services.store).make("ann")
        ann = httpx.Client(base_url=app.url, timeout=60)
        said.append(str(ann.post("/ergo/login", data={"user": "ann", "password": PASSWORD, "next": ""}).headers))
        eve = httpx.Client(base_url=app.url, timeout=60)  # the provider knows another secret
        back = eve.get(come_back(eve.get("/ergo/login/openid")))
        assert back.status_code == 502 and "invalid_client" in back.text
        said += [str(back.headers), back.text]
        job = keep_job(Ledger(app.services.store), {"result.json": b"damaged"}, owner="user ann")
        script = httpx.Client(base_url=app.url, timeout=60, headers={"Authorization": f"Bearer {token}"})
        for client in (ann, script):
            for route in app.routes:
                path = re.sub(r"{\w+(:\w+)?}", job, route.path)
                if client is script and not path.startswith("/ergo/"):
                    continue
                if "queue/data" in path or "heartbeat" in path or "/call/" in path:
                    continue
                for method, body in (("GET", None), ("POST", {"job_id": job, "before": job, "after": job})):
                    answer = client.request(method, path, json=body, headers={"Connection": "close"})
                    said += [str(answer.headers), answer.text]
        said += [caplog.text, *capfd.readouterr()]
        audit = tmp_path / "data" / "audit" / "audit.jsonl"
        said.append(audit.read_text() if audit.exists() else "")
    everything = "\n".join(said)
    for name, value in {**SECRETS, "password": PASSWORD, "hash": line.rpartition("$")[2], "token": token}.items():
        assert value not in everything, name
