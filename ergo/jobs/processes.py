"""Worker processes of this machine: starting one, telling whether it lives, ending it with its children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

import ergo
from ergo.config import Settings, variable

_WITHHELD = frozenset(("secret", "runpod_api_key", "metrics_token", "alert_slack", "smtp"))
"""Settings that a worker, who handles foreign video, has no use for."""


def machine() -> str:
    """A name for where process ids are comparable: one boot of one machine, one namespace of processes."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def start_worker(arguments: list[str], settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """Start ``python -m ergo.jobs.worker`` in a process group of its own, so that it outlives the app.

    The worker reads the same settings from its environment, without the secret: it handles untrusted video and signs
    nothing. Its output goes to the end of `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            worker_command(arguments),
            env=worker_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def is_worker(pid: int, job_id: str) -> bool | None:
    """Whether process `pid` of this machine is a living worker of the job; None where that cannot be told."""
    if not Path("/proc/self/cmdline").exists():
        return None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")  # empty once the process is a zombie
    except OSError:
        return False
    return job_id.encode() in words


def kill_group(pid: int) -> None:
    """End the process that leads a group, and its children, at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def lead_group() -> None:
    """Make this process the leader of a group of its own, if it is not yet."""
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)


def worker_command(arguments: list[str]) -> list[str]:
    """The command line of a worker."""
    return [sys.executable, "-m", "ergo.jobs.worker", *arguments]


def worker_environment(settings: Settings) -> dict[str, str]:
    """The settings as a worker reads them, without what it has no use for."""
    withheld = {variable(name) for name in _WITHHELD}
    environment = {name: value for name, value in os.environ.items() if name.upper() not in withheld}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None or name in _WITHHELD:
            continue
        environment[variable(name)] = _text(value)
    package_root = str(Path(ergo.__file__).parent.parent)
    before = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = package_root if not before else f"{package_root}{os.pathsep}{before}"
    return environment


def _text(value: object) -> str:
    if isinstance(value, SecretStr):  # what opens the bucket: without it a worker could not work
        return value.get_secret_value()
    return str(value.absolute()) if isinstance(value, Path) else str(value)
