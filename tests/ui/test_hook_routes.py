"""The webhook: a hint for those who know the token, and nothing else."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from ergo.config import Settings
from ergo.jobs.service import HOOK_ROUTE, hook_token
from ergo.jobs.services import open_services
from ergo.ui.hook_routes import hook_routes

JOB = "ab" * 16


def test_only_the_right_token_makes_the_runner_look(tmp_path, monkeypatch):
    services = open_services(Settings(data_dir=tmp_path, _env_file=None))
    looks = []
    monkeypatch.setattr(services.jobs._runner, "nudge", lambda: looks.append(1))
    client = TestClient(Starlette(routes=hook_routes(services.jobs)))
    good = hook_token(services.signer, JOB)
    for token in ("", "x" * 16, hook_token(services.signer, "cd" * 16), good.upper() + "é"):
        assert client.post(f"{HOOK_ROUTE}{JOB}", params={"token": token}).status_code == 403
    assert client.get(f"{HOOK_ROUTE}{JOB}", params={"token": good}).status_code == 405
    assert looks == []
    for _ in range(3):  # RunPod repeats itself
        assert client.post(f"{HOOK_ROUTE}{JOB}", params={"token": good}, content=b"{}").status_code == 204
    assert len(looks) == 3
