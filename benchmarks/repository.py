"""Puts the repository on Python's path when it is imported: a benchmark runs as it stands in a fresh clone."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / folder) for folder in ("", "assets/build", "tests", "tests/browser", "tests/jobs")]
