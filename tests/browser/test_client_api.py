"""The three calls through gradio_client, against the real app: upload, analysis, download."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from typing import Any

import pytest
from gradio_client import Client
from page_process import ROOT, PageProcess

EXAMPLE = ROOT / "assets" / "examples" / "lift_squat.mp4"
ENDS_WITHIN_S = 240.0

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client(app: PageProcess) -> Client:
    return Client(app.url, verbose=False)


def _call(client: Client, name: str, *arguments: str) -> dict[str, Any]:
    answer = client.predict(*arguments, api_name=f"/{name}")
    assert isinstance(answer, dict)
    return answer


def _put(url: str, content: bytes) -> None:
    request = urllib.request.Request(url, data=content, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        assert response.status == 200


def test_only_the_documented_calls_are_public(client: Client) -> None:
    named = client.view_api(return_format="dict")
    assert isinstance(named, dict)
    calls = ("generate_upload_url", "start_processing", "get_status", "again", "compare", "export")
    assert set(named["named_endpoints"]) == {f"/{call}" for call in calls}


def test_a_script_can_upload_analyse_and_download(client: Client) -> None:
    upload = _call(client, "generate_upload_url", EXAMPLE.name)
    assert upload["status"] == "success"
    _put(upload["upload_url"], EXAMPLE.read_bytes())
    started = _call(client, "start_processing", upload["video_key"], "low")
    assert started["status"] == "success" and started["message"]
    deadline, seen = time.monotonic() + ENDS_WITHIN_S, []
    while True:
        job = _call(client, "get_status", started["job_id"])["job_status"]
        seen.append(job["progress"])
        if job["status"] not in ("queued", "running"):
            break
        assert time.monotonic() < deadline, job
        time.sleep(0.5)
    assert job["status"] == "completed", job
    assert seen == sorted(seen) and seen[-1] == 100
    with urllib.request.urlopen(job["download_url"], timeout=60) as response:  # noqa: S310
        archive = zipfile.ZipFile(io.BytesIO(response.read()))
    assert json.loads(archive.read("result.json"))["schema"] == "ergo.result/1"


def test_mistakes_are_answers(client: Client) -> None:
    assert _call(client, "get_status", "0" * 32)["code"] == "JobNotFound"
    assert _call(client, "start_processing", "uploads/local/made-up/source.mp4")["code"] == "AccessDenied"
    assert _call(client, "generate_upload_url", "notes.txt")["code"] == "UploadRejected"
    upload = _call(client, "generate_upload_url", "a.mp4")
    assert _call(client, "start_processing", upload["video_key"])["code"] == "UploadRejected"
    _put(upload["upload_url"], b"x")
    wrong = _call(client, "start_processing", upload["video_key"], "best")
    assert (wrong["code"], bool(wrong["hint"])) == ("SettingsError", True)


def test_a_changed_address_is_refused(client: Client) -> None:
    upload = _call(client, "generate_upload_url", "a.mp4")
    with pytest.raises(urllib.error.HTTPError) as refused:
        _put(upload["upload_url"].replace("source.mp4", "other.mp4"), b"x")
    assert refused.value.code == 403
