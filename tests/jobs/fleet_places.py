"""A local cloud for tests: the server in a thread, the SDK's real worker loops as processes."""

import os
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from ergo.config import Settings
from ergo.jobs.runpod_runner import FleetSettings
from ergo.jobs.services import open_services
from gpu_worker.local_cloud import ENDPOINT, Cloud, app_of
from gpu_worker.local_workers import WorkerLoops

KEY = "test-key"
QUICK = FleetSettings(
    poll_s=0.1, call_every_s=0.3, lease_s=8.0, settle_s=1.0, cancel_grace_s=5.0, no_workers_s=1.5, alert_s=0.3,
    cost_every_s=0.0, entry="small_analysis",
)  # fmt: skip


@contextmanager
def served(cloud):
    """The cloud's address while it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app_of(cloud), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def worker_loops(cloud, address, count, folder, **environment):
    """So many of the SDK's loops, working in the store of `folder`."""
    here = Path(__file__).parent
    own = {
        "ERGO_DATA_DIR": str(folder),
        "ERGO_ENTRY": "small_analysis",
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    own_folders = [folder.with_name(f"worker{n}") for n in range(count)]
    for each in own_folders:
        each.mkdir()
    with WorkerLoops(address, own_folders, {**os.environ, **own, **environment}, cloud.stuck) as loops:
        yield loops


def fleet(folder, address, runner_settings=QUICK, **options):
    """Services whose jobs run on the cloud at `address`."""
    options = {"runpod_workers": 2} | options
    settings = Settings(
        data_dir=folder, runner="runpod", runpod_api=f"{address}/v2", runpod_endpoint_id=ENDPOINT, runpod_api_key=KEY,
        _env_file=None, **options,
    )  # fmt: skip
    return open_services(settings, runner_settings)


def a_cloud(**options):
    return Cloud(KEY, **options)
