"""What job tests share: services on a folder, a "video" in them, waiting."""

import json
import time
from pathlib import Path

from ergo.config import Settings
from ergo.jobs.ledger import Ledger
from ergo.jobs.local_runner import RunnerSettings
from ergo.jobs.services import open_services
from ergo.types import AnalysisSettings

QUICK = RunnerSettings(poll_s=0.05, heartbeat_s=0.1, lease_s=20.0, entry="small_analysis")


def opened(folder, runner_settings=QUICK, **options):
    return open_services(Settings(data_dir=folder, _env_file=None, **options), runner_settings)


def upload(services, owner="local", **orders):
    _, key = services.uploads.single_url("film.mp4", owner)
    services.store.put(key, json.dumps(orders).encode())
    return key


def submit(services, owner="local", **orders):
    return services.jobs.submit(upload(services, owner, **orders), AnalysisSettings(quality="low"), owner=owner)


def ended(services, job_id):
    """The statuses up to the end."""
    deadline_s = time.monotonic() + 120
    seen = []
    for status in services.jobs.watch(job_id, poll_s=0.02):
        seen.append(status)
        assert time.monotonic() < deadline_s
    return seen


def eventually(condition):
    deadline_s = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
    return found


def worker_pid(services, job_id, attempt=1):
    """The process of an attempt, once it gives signs of life."""
    ledger = Ledger(services.store)
    return eventually(lambda: ledger.heartbeat(job_id, attempt)).pid


def pieces_kept(services, job_id):
    """What is stored of pieces: of an ended job nothing, soon after its end."""
    return [info.key for info in services.store.list(f"jobs/{job_id}/segments/")]


def is_running(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def traces(services):
    """Names of the analyses in the order in which they began."""
    folder = services.settings.data_dir / "trace"
    return [p.name.split("-")[1] for p in sorted(folder.glob("*-*-*"))]
