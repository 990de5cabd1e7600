"""The examples of docs/api.md, run as they stand against a real server and real workers."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from live_server import serving

from ergo.config import Settings
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.local_runner import RunnerSettings
from ergo.jobs.services import open_services
from ergo.ui.api_routes import api_routes
from ergo.ui.routes import store_routes

ROOT = Path(__file__).parents[2]
WRITTEN_BASE = "http://127.0.0.1:7860"


def example(title):
    text = (ROOT / "docs" / "api.md").read_text()
    (code,) = re.findall(rf"^## {title}\n+```\w+\n(.*?)^```", text, flags=re.M | re.S)
    assert WRITTEN_BASE in code
    return code


@pytest.fixture
def site(tmp_path, monkeypatch):
    jobs = str(ROOT / "tests" / "jobs")  # where this process and the workers find their analysis
    monkeypatch.syspath_prepend(jobs)
    monkeypatch.setenv("PYTHONPATH", jobs)
    quick = RunnerSettings(poll_s=0.05, heartbeat_s=0.1, entry="small_analysis")
    services = open_services(Settings(data_dir=tmp_path / "data", _env_file=None), quick)
    services.jobs.start()
    with serving(
        [*api_routes(LegacyApi(services.uploads, services.jobs)), *store_routes(services.store, services.signer)]
    ) as url:
        yield url
    services.jobs.stop()
    for status in services.jobs.recent():
        services.jobs.delete(status.job_id)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "lift.mp4").write_text(json.dumps({"steps": 5}))
    return folder


def test_the_httpx_example(site, folder):
    code = example("httpx").replace(WRITTEN_BASE, site)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / "results.zip") as archive:
        assert "result.json" in archive.namelist()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_curl_example(site, folder):
    code = "set -e\n" + example("curl").replace(WRITTEN_BASE, site)
    done = subprocess.run(["/bin/sh", "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["job_status"]["status"] in ("queued", "running", "completed")


def test_the_gradio_client_example_is_python_that_names_the_calls():
    code = example("gradio_client")
    compile(code, "api.md", "exec")
    for name in ("generate_upload_url", "start_processing", "get_status"):
        assert f'api_name="/{name}"' in code
