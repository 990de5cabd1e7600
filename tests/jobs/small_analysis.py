"""An analysis small enough for tests that is real in all that matters to jobs: a process that works on files, takes
its time, may fail, and writes results. The "video" is a JSON text that says how."""

import hashlib
import json
import os
import signal
import subprocess
import time

from ergo.errors import NoPersonFound
from ergo.types import Progress


def analyse(video, out_dir, settings, app_settings, report):
    data = video.read_bytes()
    orders = json.loads(data)
    trace = app_settings.data_dir / "trace"
    trace.mkdir(exist_ok=True)
    started = trace / f"{time.time_ns():020d}-{orders.get('name', 'x')}-{os.getpid()}"
    started.touch()
    if orders.get("child"):
        child = subprocess.Popen(["/bin/sleep", "120"])
        (trace / "child").write_text(str(child.pid))
    steps = orders.get("steps", 5)
    digest = hashlib.sha256()
    for n in range(steps):
        digest.update(data)
        report(Progress(seq=n, stage="video", fraction=(n + 1) / steps, message=f"{n + 1} of {steps}"))
        time.sleep(orders.get("step_s", 0.02))
    end = orders.get("end")
    if end == "tell environment":
        (trace / "environment").write_text(json.dumps(dict(os.environ)))
    if end == "no person":
        raise NoPersonFound("Nobody is in the picture.", "Film the worker.")
    if end == "mistake":
        raise ZeroDivisionError("a secret detail")
    if end == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    out_dir.mkdir(parents=True)
    (out_dir / "angles.csv").write_text(digest.hexdigest())
    if end != "no result":
        (out_dir / "result.json").write_text(json.dumps({"quality": settings.quality, "sha256": digest.hexdigest()}))
