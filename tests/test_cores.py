"""Work spread over processes: the same answers in the same order, and nobody left when the parent is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from ergo.cores import cores_here, in_turn, spread_over

ROOT = Path(__file__).resolve().parents[1]
FORGOTTEN = """
import os, time
from ergo.cores import spread_over

def tell(number):
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    with spread_over(2) as spread:
        spread(tell, [1, 2])
"""


def test_any_number_of_processes_gives_the_same_in_order():
    items = [np.arange(5.0) - shift for shift in range(6)]
    for cores in (1, 2):
        with spread_over(cores) as spread:
            np.testing.assert_array_equal(spread(np.sort, items), in_turn(np.sort, items))
            assert spread(np.sum, []) == []
    assert 1 <= cores_here() <= 8


def die_elsewhere(here):
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def test_when_a_process_dies_the_work_is_done_without_it():
    with spread_over(2) as spread:
        assert spread(die_elsewhere, [os.getpid()] * 2) == ["done"] * 2


def test_a_killed_parent_leaves_no_process(tmp_path):
    script = tmp_path / "forgotten.py"
    script.write_text(FORGOTTEN)
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=env) as parent:
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        parent.send_signal(signal.SIGKILL)
    deadline_s = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
