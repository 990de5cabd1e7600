"""Those trials of the figure sheet that no other test resembles; the long run of all is ``python -m tests.faults``."""

import os
import random

import pytest
from trials import app_killed, disk_full, store_goes_down


@pytest.mark.parametrize("trial", [app_killed, store_goes_down, disk_full], ids=lambda trial: trial.__name__)
def test_survives(trial, tmp_path):
    if trial is disk_full and os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    trial(tmp_path, random.Random(1))
