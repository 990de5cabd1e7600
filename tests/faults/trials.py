"""Trials: a job, something that breaks at a moment drawn at random, and what has to hold all the same.

Each trial ends silently when the job completed with the results of an undisturbed run (or failed with a typed reason,
where that is the promise), nothing already stored was lost, and no process was left; else it raises AssertionError.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from fleet_places import QUICK as QUICK_FLEET
from fleet_places import a_cloud, fleet, served, worker_loops
from job_places import QUICK, ended, eventually, is_running, opened, submit, worker_pid
from s3_proxy import Fault, s3_proxy
from s3_server import s3_server
from wrong_clock import clock_off_by

from ergo.errors import StorageFull
from ergo.jobs.ledger import Ledger
from ergo.jobs.local_runner import RunnerSettings
from ergo.jobs.services import Services
from ergo.types import AnalysisSettings

Trial = Callable[[Path, random.Random], None]

ORDERS = {"pieces": 3, "steps": 20, "step_s": 0.03, "name": "film"}
"""Two seconds of work in three pieces."""
HANGS_S = 3.0
CLIP = Path(__file__).parents[2] / "assets" / "examples" / "lift_squat.mp4"

APP = """
import sys, time
from pathlib import Path
from job_places import QUICK, opened
services = opened(Path(sys.argv[1]), QUICK, local_workers=2)
services.jobs.start()
print("up", flush=True)
while True:
    time.sleep(1)
"""


@contextmanager
def _places(folder: Path, runner_settings: RunnerSettings = QUICK, **options) -> Iterator[Services]:
    """Services of this machine's runner, started; nothing of theirs is left running."""
    services = opened(folder / "data", runner_settings, **{"local_workers": 2} | options)
    services.jobs.start()
    try:
        yield services
    finally:
        services.jobs.stop()
        for status in services.jobs.recent(limit=100):
            services.jobs.delete(status.job_id)
        eventually(lambda: not _processes_in(folder))


def _processes_in(folder: Path) -> list[int]:
    """Living processes that were told of `folder`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if str(folder).encode() in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return [pid for pid in found if is_running(pid)]


def _angles(services: Services, job_id: str) -> bytes:
    return services.store.get(f"jobs/{job_id}/result/angles.csv")


def _why(services: Services, job_id: str) -> str:
    """What a job's attempts left behind of their ends."""
    logs = [info.key for info in services.store.list(f"jobs/{job_id}/attempts/") if info.key.endswith("error.log")]
    return "\n".join(services.store.get(key).decode() for key in logs) or str(services.jobs.status(job_id).error)


def _undisturbed(services: Services, **orders) -> bytes:
    job_id = submit(services, **ORDERS | orders)
    assert ended(services, job_id)[-1].state == "completed", _why(services, job_id)
    return _angles(services, job_id)


def _completes_alike(services: Services, job_id: str, expected: bytes) -> None:
    assert ended(services, job_id)[-1].state == "completed", _why(services, job_id)
    assert _angles(services, job_id) == expected
    ledger = Ledger(services.store)
    eventually(lambda: not ledger.running() and not ledger.queued())


def worker_killed(folder: Path, draw: random.Random) -> None:
    """kill -9 of the worker, once or twice, at any moment."""
    with _places(folder) as services:
        expected = _undisturbed(services)
        job_id = submit(services, **ORDERS)
        for attempt in range(1, draw.choice((1, 2)) + 1):
            pid = worker_pid(services, job_id, attempt)
            time.sleep(draw.uniform(0, 1.5))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if services.jobs.status(job_id).state == "completed":
                break
            eventually(lambda n=attempt: Ledger(services.store).attempts(job_id) > n or
                       services.jobs.status(job_id).state == "completed")  # fmt: skip
            if services.jobs.status(job_id).state == "completed":
                break
        _completes_alike(services, job_id, expected)


def worker_hangs(folder: Path, draw: random.Random) -> None:
    """SIGSTOP of the worker at any moment."""
    with _places(folder, replace(QUICK, hang_s=HANGS_S)) as services:
        expected = _undisturbed(services)
        job_id = submit(services, **ORDERS)
        pid = worker_pid(services, job_id)
        time.sleep(draw.uniform(0, 1.0))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        _completes_alike(services, job_id, expected)


def app_killed(folder: Path, draw: random.Random) -> None:
    """kill -9 of the app and all of its processes while a job runs; another app finds everything."""
    with _places(folder) as services:
        expected = _undisturbed(services)
        services.jobs.stop()
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        app = subprocess.Popen(
            [sys.executable, "-c", APP, str(folder / "data")], stdout=subprocess.PIPE, env=environment,
            start_new_session=True,
        )  # fmt: skip
        assert app.stdout is not None and app.stdout.readline() == b"up\n"
        job_id = submit(services, **ORDERS)
        pid = worker_pid(services, job_id)
        time.sleep(draw.uniform(0, 1.0))
        app.kill()
        app.wait()
        app.stdout.close()
        if draw.random() < 0.5:  # the machine went down: the worker, too
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        services.jobs.start()
        _completes_alike(services, job_id, expected)


def deliveries_repeated(folder: Path, draw: random.Random) -> None:
    """RunPod gives every job out three times, loses results, and answers with errors now and then."""
    cloud = a_cloud(workers=2)
    with served(cloud) as address, worker_loops(cloud, address, 2, folder / "data"):
        eventually(lambda: len(cloud.seen) == 2)
        services = fleet(folder / "data", address, QUICK_FLEET)
        services.jobs.start()
        try:
            expected = _undisturbed(services)
            cloud.deliveries, cloud.lose_results = 3, draw.random() < 0.5
            cloud.trouble = lambda _: 503 if draw.random() < 0.3 else None
            job_id = submit(services, **ORDERS)
            _completes_alike(services, job_id, expected)
        finally:
            services.jobs.stop()


def clocks_wrong(folder: Path, draw: random.Random) -> None:
    """Workers elsewhere whose clocks are hours before or behind the app's; one of them is killed, too, or not."""
    cloud, wrong = a_cloud(workers=2), clock_off_by(folder, draw.choice((-1, 1)) * draw.randint(10, 600))
    with served(cloud) as address, worker_loops(cloud, address, 2, folder / "data", **wrong):
        eventually(lambda: len(cloud.seen) == 2)
        services = fleet(folder / "data", address, QUICK_FLEET)
        services.jobs.start()
        try:
            expected = _undisturbed(services)
            job_id = submit(services, **ORDERS)
            pid = worker_pid(services, job_id)
            time.sleep(draw.uniform(0, 1.0))
            if draw.random() < 0.5:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _completes_alike(services, job_id, expected)
        finally:
            services.jobs.stop()


def store_fails(folder: Path, draw: random.Random) -> None:
    """A bucket behind R2's rules that answers with 503, cuts lines and is slow."""
    with s3_server(folder / "s3") as server, s3_proxy(server) as proxy, _places(folder, **proxy.settings()) as services:
        expected = _undisturbed(services)
        proxy.add(Fault("fail", share=draw.uniform(0.02, 0.1)))
        proxy.add(Fault("fail", share=0.05, status=429, code="TooManyRequests"))
        proxy.add(Fault("cut", share=0.03))
        proxy.add(Fault("slow", share=0.1, delay_s=0.2))
        job_id = submit(services, **ORDERS)
        _completes_alike(services, job_id, expected)
        proxy.clear()


def store_goes_down(folder: Path, draw: random.Random) -> None:
    """The bucket is out of reach for a while in the middle of a job."""
    with s3_server(folder / "s3") as server, s3_proxy(server) as proxy, _places(folder, **proxy.settings()) as services:
        expected = _undisturbed(services)
        job_id = submit(services, **ORDERS)
        worker_pid(services, job_id)
        time.sleep(draw.uniform(0, 0.5))
        proxy.down = True
        time.sleep(draw.uniform(0.5, 3.0))
        proxy.clear()
        _completes_alike(services, job_id, expected)


def disk_full(folder: Path, draw: random.Random) -> None:
    """A store on a disk of 8 MB that fills up: a typed error, what was there stays, and room makes it work again."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=True)
    try:
        with _places(disk) as services:
            kept = submit(services, **ORDERS)
            assert ended(services, kept)[-1].state == "completed"
            expected = _angles(services, kept)
            ballast = disk / "ballast"
            with suppress(OSError), ballast.open("wb") as file:
                while True:
                    file.write(bytes(1 << 12))
            try:
                job_id = submit(services, **ORDERS)
                last = ended(services, job_id)[-1]
                assert last.state == "failed" and last.error.code in ("StorageFull", "JobFailed"), last
            except StorageFull:
                pass
            assert _angles(services, kept) == expected
            ballast.unlink()
            again = submit(services, **ORDERS)
            _completes_alike(services, again, expected)
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(disk)], check=True)
        shutil.rmtree(disk, ignore_errors=True)


def analysis_killed(folder: Path, draw: random.Random) -> None:
    """The real analysis of a real film, killed (kill -9) at any moment, once or twice: the same bytes in the end."""
    with _places(folder, RunnerSettings(poll_s=0.05, heartbeat_s=0.1)) as services:
        _, key = services.uploads.single_url(CLIP.name, "local")
        services.store.put(key, CLIP.read_bytes())
        began_s = time.monotonic()
        expected = _results(services, _analysed(services, key))
        whole_s = time.monotonic() - began_s
        job_id = services.jobs.submit(key, AnalysisSettings(quality="low"), owner="local")
        for attempt in range(1, draw.choice((1, 2)) + 1):
            pid = worker_pid(services, job_id, attempt)
            time.sleep(draw.uniform(0, 0.8 * whole_s))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert ended(services, job_id)[-1].state == "completed", _why(services, job_id)
        assert _results(services, job_id) == expected


def _analysed(services: Services, key: str) -> str:
    job_id = services.jobs.submit(key, AnalysisSettings(quality="low"), owner="local")
    assert ended(services, job_id)[-1].state == "completed", _why(services, job_id)
    return job_id


def _results(services: Services, job_id: str) -> dict[str, object]:
    """Every file of a result; of ``result.json`` all but when it was made and how long that took."""
    prefix = f"jobs/{job_id}/result/"
    files: dict[str, object] = {
        info.key.removeprefix(prefix): services.store.get(info.key) for info in services.store.list(prefix)
    }
    told = json.loads(services.store.get(f"{prefix}result.json"))
    files["result.json"] = {name: value for name, value in told.items() if name not in ("created_utc", "timings_s")}
    return files


TRIALS: dict[str, Trial] = {
    "worker killed (kill -9), once or twice": worker_killed,
    "worker hangs (SIGSTOP)": worker_hangs,
    "app killed (kill -9), workers too or not": app_killed,
    "the real analysis killed (kill -9), once or twice": analysis_killed,
    "deliveries in threes, results lost, API 503": deliveries_repeated,
    "workers' clocks hours off, killed or not": clocks_wrong,
    "bucket: 503, 429, cut lines, slow": store_fails,
    "bucket out of reach for seconds": store_goes_down,
    "disk full": disk_full,
}
