"""The uploader's JavaScript modules, tested by Node itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((Path(__file__).parent / "uploader").glob("*.test.mjs"))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.split(".")[0])
def test_module(path: Path) -> None:
    node = shutil.which("node")
    assert node
    done = subprocess.run([node, "--test", str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_module_tests() -> None:
    """What decides has tests; what only touches the page or the network is driven by the browser's tests."""
    modules = {path.stem for path in (ROOT / "assets" / "uploader").glob("*.js")}
    shown = {"uploader", "rows", "unfinished", "camera_panel", "drop", "put", "line", "addresses"}
    assert {path.name.split(".")[0] for path in TESTS} == modules - shown
