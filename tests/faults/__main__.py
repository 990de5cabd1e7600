"""The figure sheet of docs/reliability.md: each fault so many times at random moments, and how often all was well.

    python -m tests.faults [--rounds 20] [--seed 0] [--only worker]

Exit status 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = [str(folder) for folder in (TESTS.parent, TESTS, TESTS / "jobs", TESTS / "faults")]
sys.path[:0] = FOLDERS
os.environ["PYTHONPATH"] = os.pathsep.join(FOLDERS)  # where workers find the analysis of the trials

from trials import TRIALS  # noqa: E402


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="trials whose names begin so")
    options = parser.parse_args()
    print("| fault | tried | survived | slowest |\n|---|---|---|---|")
    lost = 0
    for name, trial in TRIALS.items():
        if not name.startswith(options.only):
            continue
        survived, slowest_s = 0, 0.0
        for number in range(options.rounds):
            began_s = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="ergo-faults-") as folder:
                try:
                    trial(Path(folder), random.Random(options.seed + number))
                    survived += 1
                except Exception:
                    print(f"{name}, seed {options.seed + number}:\n{traceback.format_exc()}", file=sys.stderr)
            slowest_s = max(slowest_s, time.monotonic() - began_s)
        lost += options.rounds - survived
        print(f"| {name} | {options.rounds} | {survived} | {slowest_s:.0f} s |", flush=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
