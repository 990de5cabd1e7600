"""Runs the unit tests of the viewer's ES modules with node's own test runner, on a file that Python wrote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from made_analysis import GAP, HEADING_RAD, made_analysis

from ergo.body.load import load_body
from ergo.report.viewer import write_viewer

HERE = Path(__file__).parent
NODE = shutil.which("node")
DEEPEST = 15


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_viewer_modules(tmp_path: Path) -> None:
    assert NODE is not None
    body = load_body(None)
    analysis = made_analysis(body)
    path = tmp_path / "viewer.bin"
    write_viewer(path, analysis, body)
    joints = np.asarray(analysis.motion.joints_m)
    expected = {
        "frames": len(joints),
        "vertices": body.vertex_count,
        "gap": [GAP.start, GAP.stop],
        "deepest": DEEPEST,
        "joints_m": joints[DEEPEST].tolist(),
        "highest_joint_m": float(np.nanmax(joints[..., 1])),
        "heading_rad": HEADING_RAD,
        "trunk_flexion": float(analysis.angles["trunk_flexion"][DEEPEST]),
    }
    environment = {**os.environ, "ERGO_VIEWER_BIN": str(path), "ERGO_VIEWER_EXPECTED": json.dumps(expected)}
    run = subprocess.run(
        [NODE, "--test", *map(str, sorted(HERE.glob("viewer_*.test.mjs")))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
