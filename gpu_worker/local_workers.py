"""The worker loops of the local cloud: started, ended with all that they started, begun anew when they are stuck."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_LOOK_EVERY_S = 0.5


class WorkerLoops:
    """The SDK's worker loops as processes of this machine; use as a context manager.

    RunPod ends the container of a worker whose job is cancelled. Here a loop that `stuck` names, because it does not
    come back from a job that is over, is ended with its processes, and another one takes its place.

    Args:
        address: of the local cloud.
        folders: one for each loop, whose name is the worker's: the SDK keeps the jobs it is at in a file there.
        environment: of the loops.
        stuck: names of workers to end.
        log: where their output goes.
    """

    def __init__(
        self,
        address: str,
        folders: Sequence[Path],
        environment: Mapping[str, str],
        stuck: Callable[[], Sequence[str]],
        log: int = subprocess.DEVNULL,
    ) -> None:
        self._address, self._environment, self._log, self._stuck = address, environment, log, stuck
        self._folders = {folder.name: folder for folder in folders}
        self.loops: dict[str, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="worker loops", daemon=True)

    def __enter__(self) -> WorkerLoops:
        for name in self._folders:
            self._start(name)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for name in self.loops:
            self._end(name)

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            for name in self._stuck():
                self._end(name)
                for path in self._folders[name].iterdir():  # the jobs it was at
                    path.unlink()
                self._start(name)

    def _start(self, name: str) -> None:
        there = f"{self._address}/w"
        own = {
            "RUNPOD_WEBHOOK_GET_JOB": f"{there}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{there}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_STREAM": f"{there}/job-stream/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_PING": f"{there}/ping/$RUNPOD_POD_ID",
            "RUNPOD_POD_ID": name,
            "RUNPOD_AI_API_KEY": "local",
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
            "RUNPOD_SKIP_GPU_CHECK": "true",
        }
        self.loops[name] = subprocess.Popen(
            [sys.executable, "-m", "gpu_worker.handler"],
            cwd=self._folders[name],
            env={**self._environment, **own},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _end(self, name: str) -> None:
        loop = self.loops[name]
        for pid in [*_descendants(loop.pid), loop.pid]:  # its children lead groups of their own
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        loop.wait()


def _descendants(pid: int) -> list[int]:
    """Processes below a process, as far as the system tells."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text().split()):
                found += [child, *_descendants(child)]
    return found
