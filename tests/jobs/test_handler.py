"""What RunPod's queue may hand to the worker: typed errors for what is wrong, and a child that dies with its job."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from job_places import eventually, is_running, opened, submit

import gpu_worker.handler
from ergo.jobs.ledger import Ledger
from ergo.jobs.wire import Claim
from gpu_worker.handler import handler

ID = "0" * 32


@pytest.fixture
def services(tmp_path, monkeypatch):
    monkeypatch.setenv("ERGO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(gpu_worker.handler, "ENTRY", "small_analysis")
    return opened(tmp_path / "data")


def answered(given):
    return asyncio.run(handler({"id": "x", "input": given}))


@pytest.mark.parametrize(
    ("given", "code", "word"),
    [
        ({"action": "steal", "job_id": ID}, "SettingsError", "action"),
        ({"job_id": ID}, "SettingsError", "action"),
        (None, "SettingsError", "input"),
        ([1, 2], "SettingsError", "input"),
        ({"action": "analyse", "job_id": "../../x", "attempt": 1}, "SettingsError", "job_id"),
        ({"action": "analyse", "attempt": 1}, "SettingsError", "job_id"),
        ({"action": "analyse", "job_id": ID}, "SettingsError", "attempt"),
        ({"action": "help", "job_id": ID, "surprise": 1}, "SettingsError", "surprise"),
        ({"action": "help", "job_id": ID, "owner": "x" * (10 << 20)}, "SettingsError", "too large"),
        ({"action": "help", "job_id": ID, "owner": "local"}, "JobNotFound", "no job"),
    ],
)
def test_what_is_wrong_with_an_order_is_said(services, given, code, word):
    error = json.loads(answered(given)["error"])
    assert error["code"] == code and word in error["message"]
    assert len(json.dumps(error)) < 2000


def test_a_job_of_somebody_else_is_not_done(services):
    job_id = submit(services, owner="ann")
    error = json.loads(answered({"action": "analyse", "job_id": job_id, "owner": "bob", "attempt": 1})["error"])
    assert error["code"] == "JobNotFound"
    assert services.jobs.status(job_id).state == "queued"


def test_a_deleted_video_ends_the_job_with_the_reason(services):
    job_id = submit(services)
    ledger = Ledger(services.store)
    services.store.delete(ledger.manifest(job_id).video_key)
    ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))
    answer = answered({"action": "analyse", "job_id": job_id, "owner": "local", "attempt": 1})
    assert answer == {"job_id": job_id, "state": "failed", "result_key": None}
    assert services.jobs.status(job_id).error.code == "KeyNotFound"


def test_the_child_dies_when_the_job_is_cancelled(services):
    job_id = submit(services, steps=100_000, child=True)
    ledger = Ledger(services.store)
    ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))
    trace = services.settings.data_dir / "trace"

    async def begin_and_cancel():
        order = {"action": "analyse", "job_id": job_id, "owner": "local", "attempt": 1}
        task = asyncio.create_task(handler({"id": "x", "input": order}))
        pid = await asyncio.to_thread(eventually, lambda: ledger.heartbeat(job_id, 1))
        child = await asyncio.to_thread(
            eventually, lambda: (trace / "child").is_file() and (trace / "child").read_text()
        )
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid.pid, int(child)

    for pid in asyncio.run(begin_and_cancel()):
        eventually(lambda pid=pid: not is_running(pid))


def test_the_check_proves_what_a_worker_needs(services):
    answer = answered(json.loads((Path(gpu_worker.handler.__file__).parent / "test_input.json").read_text())["input"])
    assert answer["store"] == "local" and answer["cpus"] == os.cpu_count()
    assert not list(services.store.list("checks/"))
