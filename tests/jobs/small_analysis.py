"""An analysis small enough for tests that is real in all that matters to jobs: a process that works on files, takes
its time, may fail, and writes results. The "video" is a JSON text that says how."""

import hashlib
import json
import os
import signal
import subprocess
import time

from ergo.errors import NoPersonFound


def plan(footage, settings, options, clock):
    orders = json.loads(footage.whole().read_bytes())
    trace = options.data_dir / "trace"
    trace.mkdir(exist_ok=True)
    (trace / f"{time.time_ns():020d}-{orders.get('name', 'x')}-{os.getpid()}").touch()
    clock.enter("video")
    stand(orders, options, "video")
    return json.dumps({"orders": orders, "look": 1}).encode()


def stand(orders, options, stage):
    """Say that the analysis has come to a stage, and go on when the test says so, if it wants to know of that stage."""
    if orders.get("stand") == stage:
        trace = options.data_dir / "trace"
        (trace / f"at_{os.getpid()}").touch()
        wait_until((trace / "release").exists)


def wait_until(condition):
    deadline_s = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(0.01)


def pieces(plan):
    return json.loads(plan)["orders"].get("pieces", 1)


def look(footage, plan, number, folder, options, report):
    orders = json.loads(plan)["orders"]
    trace = options.data_dir / "trace"
    if orders.get("child"):
        child = subprocess.Popen(["/bin/sleep", "120"])
        (trace / "child").write_text(str(child.pid))
    (trace / f"piece_{number}_{os.getpid()}_{time.time_ns()}").touch()
    wait_until(lambda: len({path.name.split("_")[2] for path in trace.glob("piece_*")}) >= orders.get("meet", 1))
    wait_until(lambda: orders.get("hold") != number or (trace / "release").exists())
    steps = orders.get("steps", 5)
    digest = hashlib.sha256()
    for n in range(steps):
        digest.update(f"{orders.get('name')} {number}".encode())
        report((n + 1) / steps)
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
    if orders.get("deadly_piece") == number:
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"{number}.mp4").write_text(f"preview {number}")
    (folder / f"{number}.npz").write_text(digest.hexdigest())


def finish(plan, folder, out_dir, settings, options, clock):
    content = json.loads(plan)
    if content["orders"].get("look_twice") and content["look"] == 1:
        return json.dumps(content | {"look": 2}).encode()
    clock.enter("body")
    stand(content["orders"], options, "body")
    clock.enter("report")
    time.sleep(content["orders"].get("finish_s", 0.0))
    out_dir.mkdir(parents=True)
    seen = [(folder / f"{number}.npz").read_text() for number in range(pieces(plan))]
    (out_dir / "angles.csv").write_text("\n".join(seen))
    for number in range(content["orders"].get("more_files", 0)):
        (out_dir / f"file_{number:04d}.bin").write_bytes(b"x")
    stand(content["orders"], options, "report")
    if content["orders"].get("end") != "no result":
        (out_dir / "result.json").write_text(json.dumps({"quality": settings.quality, "look": content["look"]}))
    return None


def again(earlier, out_dir, settings, options, clock):
    raise NotImplementedError
