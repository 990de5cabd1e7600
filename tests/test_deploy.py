"""What the image is built of is there, and is what was tested."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ergo.config import Settings, variable

ROOT = Path(__file__).resolve().parents[1]


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if re.match(r"[a-z]", line))


def copied() -> list[str]:
    """Paths of this folder that the Dockerfile copies."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    words = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    return [path for line in words for path in line]


def test_everything_that_is_copied_is_there_and_not_ignored() -> None:
    assert copied()
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for path in copied():
        assert (ROOT / path).exists(), path
        assert any(path == each or path.startswith(f"{each}/") for each in kept), path


def test_the_image_holds_what_the_worker_imports_and_no_licensed_body() -> None:
    inside = {path.split("/")[0] for path in copied()}
    assert {"ergo", "gpu_worker", "assets"} <= inside
    assert not [path for folder in ("ergo", "gpu_worker", "assets") for path in (ROOT / folder).rglob("SMPLX_*.npz")]


def test_the_worker_has_the_versions_that_were_tested() -> None:
    ours, workers = pins("requirements.txt"), pins("gpu_worker/requirements.txt")
    assert {name: ours.get(name) for name in workers} == workers
    assert not {"gradio", "smplx"} & set(workers)


def test_the_dockerfile_is_linted() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed here")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_scripts_build_the_same() -> None:
    shell = (ROOT / "deploy" / "build_and_push.sh").read_text()
    batch = (ROOT / "deploy" / "build_and_push.bat").read_text()
    for step in ("docker build --platform linux/amd64 --pull --tag", "docker push", "import ergo.jobs.worker"):
        assert step in shell and step in batch
    bash = shutil.which("bash")
    assert bash is not None
    assert subprocess.run([bash, "-n", str(ROOT / "deploy" / "build_and_push.sh")], check=False).returncode == 0


def test_the_endpoint_asks_for_what_the_settings_know() -> None:
    known = {variable(name) for name in Settings.model_fields}
    endpoint = json.loads((ROOT / "deploy" / "endpoint.json").read_text())
    assert set(endpoint["template"]["env"]) <= known
    assert (
        set(re.findall(r"^\s+([A-Z][A-Z0-9_]+):", (ROOT / "deploy" / "docker-compose.yml").read_text(), re.M)) <= known
    )
