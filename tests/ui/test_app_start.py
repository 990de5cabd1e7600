"""Starting the page loads none of the heavy parts: they belong to the workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "mediapipe", "av", "cv2", "smplx", "ergo.pipeline", "ergo.fitting")

_PROBE = """
import os, sys
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import app
from ergo.config import Settings
from ergo.jobs.services import open_services
from ergo.ui.blocks import build_app, launch_arguments
settings = Settings(data_dir=sys.argv[1])
services = open_services(settings)
build_app(services)
launch_arguments(settings, services)
print(*sorted(sys.modules))
"""


def _loaded(tmp_path: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


def test_heavy_parts_stay_with_the_workers(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path)
    assert "ergo.ui.blocks" in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert not any(name.split(".")[0] == "scipy" for name in loaded)


def test_the_page_is_locked_down(tmp_path: Path) -> None:
    from ergo.config import Settings
    from ergo.jobs.services import open_services
    from ergo.ui.blocks import launch_arguments

    settings = Settings(data_dir=tmp_path)
    arguments = launch_arguments(settings, open_services(settings))
    assert arguments["allowed_paths"] == []
    assert (arguments["enable_monitoring"], arguments["ssr_mode"], arguments["show_error"]) == (False, False, False)
    assert arguments["max_file_size"] == "1mb"
    paths = {route.path for route in arguments["app_kwargs"]["routes"]}
    assert "/ergo/store/{key:path}" in paths and "/ergo/api/get_status" in paths
