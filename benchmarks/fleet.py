"""What more workers bring to a long job, what a job costs beside the bare analysis, and how often RunPod is asked.

    python benchmarks/fleet.py emulated [--workers 8] [--pieces 64] [--piece-s 1.0] [--end-share 0.0]
    python benchmarks/fleet.py local VIDEO [--quality low] [--processes 1 2] [--piece-s 20]
    python benchmarks/fleet.py overhead VIDEO [--quality low]
    python benchmarks/fleet.py pollers
    python benchmarks/fleet.py cancel

`emulated`: real processes, ledger and local store; only the looking is a wait, and the evaluation at the end, which is
not shared: so the speed of the machine does not count. `local`: the real analysis with one and with more processes.
`overhead`: a job beside the same analysis called directly. `pollers`: 200 viewers of a job that waits at a local cloud.
`cancel`: from the request until the job says so and its worker's process is gone, here and at a local cloud.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import repository

from ergo.config import Settings
from ergo.jobs.local_runner import RunnerSettings
from ergo.jobs.services import open_services
from ergo.types import AnalysisSettings


def timed_job(services, key: str, quality: str = "low") -> tuple[float, str]:
    """Seconds from submission to the end of a job, and its id."""
    services.jobs.start()
    began_s = time.perf_counter()
    job_id = services.jobs.submit(key, AnalysisSettings(quality=quality))
    for status in services.jobs.watch(job_id, poll_s=0.1):
        last = status
    assert last.state == "completed", last
    took_s = time.perf_counter() - began_s
    services.jobs.stop()
    return took_s, job_id


def opened(folder: Path, workers: int, entry: str = "ergo.jobs.film", **options):
    settings = Settings(data_dir=folder, local_workers=workers, _env_file=None, **options)  # pyright: ignore[reportCallIssue]
    return open_services(settings, RunnerSettings(entry=entry))


def stored(services, content: bytes) -> str:
    _, key = services.uploads.single_url("film.mp4", "local")
    services.store.put(key, content)
    return key


def emulated(workers: int, pieces: int, piece_s: float, end_share: float) -> None:
    """Speed-up and worker-seconds of `workers` beside one."""
    os.environ["PYTHONPATH"] = str(repository.ROOT / "tests" / "jobs")
    end_s = pieces * piece_s * end_share / (1 - end_share)
    orders = json.dumps({"pieces": pieces, "steps": 10, "step_s": piece_s / 10, "finish_s": end_s}).encode()
    took = {}
    for count in (1, workers):
        with tempfile.TemporaryDirectory() as folder:
            services = opened(Path(folder), count, "small_analysis")
            took[count], _ = timed_job(services, stored(services, orders))
    faster = took[1] / took[workers]
    print(f"{pieces} pieces of {piece_s:g} s and {end_s:.1f} s at the end:", end=" ")
    print(f"one worker {took[1]:.1f} s, {workers} workers {took[workers]:.1f} s")
    print(
        f"{faster:.2f} times as fast; if all are paid to the end, worker-seconds {100 * (workers / faster - 1):+.0f} %"
    )


def local(video: Path, quality: str, processes: list[int], piece_s: float) -> None:
    """Real processes, each number of them beside the first."""
    first_s = None
    for count in processes:
        with tempfile.TemporaryDirectory() as folder:
            services = opened(Path(folder), count, piece_s=piece_s)
            took_s, _ = timed_job(services, stored(services, video.read_bytes()), quality)
        first_s = first_s or took_s
        print(f"{count} processes: {took_s:.1f} s, {first_s / took_s:.2f} times as fast as {processes[0]}", flush=True)


def overhead(video: Path, quality: str) -> None:
    """A job beside the bare pipeline, in a process of its own each."""
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        began_s = time.perf_counter()
        command = [sys.executable, "-m", "ergo", "analyse", str(video), "--quality", quality, "--out", f"{folder}/out"]
        subprocess.run(command, cwd=repository.ROOT, check=True, capture_output=True)
        bare_s = time.perf_counter() - began_s
        services = opened(Path(folder) / "data", 1)
        job_s, _ = timed_job(services, stored(services, video.read_bytes()), quality)
    print(f"bare {bare_s:.1f} s, as a job {job_s:.1f} s: {job_s - bare_s:+.1f} s")


def pollers(viewers: int = 200, seconds: float = 20.0) -> None:
    """Calls to RunPod while many watch."""
    import threading

    from fleet_places import a_cloud, fleet, served

    from ergo.jobs.runpod_runner import FleetSettings

    with tempfile.TemporaryDirectory() as folder:
        cloud = a_cloud()
        with served(cloud) as address:
            services = fleet(Path(folder), address, FleetSettings(entry="small_analysis"))
            job_id = services.jobs.submit(stored(services, b"{}"), AnalysisSettings(quality="low"))
            services.jobs.start()
            until_s = time.monotonic() + seconds
            counts = []

            def watch() -> None:
                count = 0
                while time.monotonic() < until_s:
                    services.jobs.status(job_id)
                    count += 1
                    time.sleep(0.5)
                counts.append(count)

            threads = [threading.Thread(target=watch) for _ in range(viewers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            services.jobs.stop()
        calls = [what for _, what, _ in cloud.calls if what != "run"]
        print(f"{viewers} viewers looked {sum(counts)} times in {seconds:g} s; RunPod was asked {len(calls)} times")


def cancel(rounds: int = 5) -> None:
    """How long a job goes on after it was cancelled."""
    from fleet_places import a_cloud, fleet, served, worker_loops
    from job_places import QUICK

    from ergo.jobs.runpod_runner import FleetSettings

    os.environ["PYTHONPATH"] = str(repository.ROOT / "tests" / "jobs")
    with tempfile.TemporaryDirectory() as folder:
        here = opened(Path(folder) / "data", 1, QUICK.entry)
        print(f"here: {_longest_cancel_s(here, rounds):.1f} s at most, of {rounds}")
    with tempfile.TemporaryDirectory() as folder:
        cloud, data = a_cloud(), Path(folder) / "data"
        with served(cloud) as address, worker_loops(cloud, address, 1, data):
            there = fleet(data, address, FleetSettings(entry=QUICK.entry))
            print(f"at a local cloud: {_longest_cancel_s(there, rounds):.1f} s at most, of {rounds}")


def _longest_cancel_s(services, rounds: int) -> float:
    from job_places import eventually, is_running, submit, worker_pid

    services.jobs.start()
    took_s = []
    for _ in range(rounds):
        job_id = submit(services, steps=100_000)
        pid = worker_pid(services, job_id)
        began_s = time.monotonic()
        services.jobs.cancel(job_id)
        eventually(lambda job_id=job_id: services.jobs.status(job_id).state == "cancelled")
        eventually(lambda pid=pid: not is_running(pid))
        took_s.append(time.monotonic() - began_s)
    services.jobs.stop()
    return max(took_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    fake = commands.add_parser("emulated")
    fake.add_argument("--workers", type=int, default=8)
    fake.add_argument("--pieces", type=int, default=64)
    fake.add_argument("--piece-s", type=float, default=1.0)
    fake.add_argument("--end-share", type=float, default=0.0)
    for name in ("local", "overhead"):
        real = commands.add_parser(name)
        real.add_argument("video", type=Path)
        real.add_argument("--quality", default="low")
        if name == "local":
            real.add_argument("--processes", type=int, nargs="+", default=[1, 2])
            real.add_argument("--piece-s", type=float, default=20.0)
    commands.add_parser("pollers")
    commands.add_parser("cancel")
    options = parser.parse_args()
    if options.what == "emulated":
        emulated(options.workers, options.pieces, options.piece_s, options.end_share)
    elif options.what in ("pollers", "cancel"):
        {"pollers": pollers, "cancel": cancel}[options.what]()
    elif options.what == "local":
        local(options.video, options.quality, options.processes, options.piece_s)
    else:
        overhead(options.video, options.quality)


if __name__ == "__main__":
    main()
