"""Calls to RunPod: tried again when that may help, told plainly when not, the key never shown."""

import json

import httpx
import pytest
from pydantic import SecretStr

from ergo.errors import FleetError
from ergo.jobs.runpod_client import RunPodClient

KEY = "rp_very_secret"


def client(answers, seen, pauses):
    """A client whose calls get the next of `answers`: a response, or an exception."""

    def answer(request):
        seen.append(request)
        given = answers[min(len(seen), len(answers)) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    return RunPodClient("ep", SecretStr(KEY), transport=httpx.MockTransport(answer), sleep=pauses.append)


def test_a_submission_carries_limits_and_is_repeated_until_it_is_taken():
    seen, pauses = [], []
    answers = [
        httpx.ConnectError("no"),
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(200, json={"id": "x-1"}),
    ]
    order = {"action": "analyse"}
    assert client(answers, seen, pauses).run(order, execution_s=90.5, ttl_s=1e9) == "x-1"
    assert len(seen) == 4 and pauses == sorted(pauses) and len(pauses) == 3
    body = json.loads(seen[-1].content)
    assert body == {"input": order, "policy": {"executionTimeout": 90_500, "ttl": 7 * 86_400_000}}
    assert str(seen[-1].url) == "https://api.runpod.ai/v2/ep/run"


@pytest.mark.parametrize(
    ("answer", "state", "execution_s"),
    [
        ({"status": "IN_QUEUE"}, "IN_QUEUE", 0.0),
        ({"status": "COMPLETED", "executionTime": 2500, "output": {"a": 1}}, "COMPLETED", 2.5),
        ({"status": "FAILED", "error": "x" * 9999}, "FAILED", 0.0),
    ],
)
def test_states_are_read(answer, state, execution_s):
    job = client([httpx.Response(200, json=answer)], [], []).status("x")
    assert (job.state, job.execution_s) == (state, execution_s) and len(job.reason) <= 300


def test_a_job_that_is_gone_is_a_state_too():
    assert client([httpx.Response(404)], [], []).status("x").state == "GONE"


TROUBLE = [
    httpx.Response(401, text=KEY),
    httpx.Response(403),
    httpx.Response(400, text=KEY),
    httpx.Response(502, text=KEY),
    httpx.Response(200, text="<html>"),
    httpx.Response(200, json=[1]),
    httpx.Response(200, json={"status": "NEW_STATE"}),
    httpx.ReadTimeout(KEY),
]


@pytest.mark.parametrize("answer", TROUBLE)
def test_trouble_is_told_without_the_key(answer):
    with pytest.raises(FleetError) as caught:
        client([answer], [], []).status("x")
    assert KEY not in f"{caught.value!r} {caught.value}"


def test_health_counts_workers():
    answer = {"workers": {"idle": 1, "running": 2, "initializing": 1, "throttled": 0}, "jobs": {"inQueue": 5}}
    health = client([httpx.Response(200, json=answer)], [], []).health()
    assert (health.workers, health.queued) == (4, 5)
