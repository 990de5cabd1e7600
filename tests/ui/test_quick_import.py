"""Gradio is imported without writing type stubs, and everything is as it was afterwards."""

from __future__ import annotations

import subprocess
import sys

_PROBE = """
import inspect, sys
from ergo.ui.quick_import import no_stubs
stubs = []
sys.addaudithook(lambda event, args: event == "open" and str(args[0]).endswith(".pyi") and stubs.append(args[0]))
before = inspect.getfile
with no_stubs():
    import gradio
assert inspect.getfile is before
assert inspect.getfile(gradio.Button).endswith("button.py")
assert "click" in dir(gradio.Button)
print(len(stubs))
"""


def test_no_stub_is_read_or_written() -> None:
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split()[-1] == "0"
