"""Makes what job tests share importable here, and in the workers."""

import os
import sys
from pathlib import Path

import pytest

JOBS = Path(__file__).resolve().parents[1] / "jobs"
sys.path.insert(0, str(JOBS))


@pytest.fixture(autouse=True)
def _workers_find_the_analysis(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(JOBS), str(JOBS.parent)]))
