"""The real app as a process of its own, with a data folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_STARTS_WITHIN_S = 180.0


class PageProcess:
    """``python app.py`` on a free port, which it keeps when started again; `options` are environment variables."""

    def __init__(self, data_dir: Path, options: Mapping[str, str] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        own = {"ERGO_DATA_DIR": str(data_dir), "ERGO_PORT": str(port), "ERGO_HOST": "127.0.0.1"}
        self.url = f"http://127.0.0.1:{port}"
        self.store = data_dir / "store"
        self._environment = os.environ | own | dict(options or {})
        self._log = data_dir / "app.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, more: Mapping[str, str] | None = None) -> None:
        """Start it, this time with `more` environment variables."""
        with self._log.open("ab") as log:
            command = [sys.executable, "app.py"]
            environment = self._environment | dict(more or {})
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"app.py ended at once:\n{self._log.read_text()}")
            try:
                # patient: the app goes on with an answer that nobody waits for, and each new question makes it later
                with urllib.request.urlopen(f"{self.url}/", timeout=60) as response:  # noqa: S310
                    if response.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"app.py did not answer within {_STARTS_WITHIN_S:.0f} s:\n{self._log.read_text()}")

    def stop(self, *, kill: bool = False) -> None:
        if self._process is None:
            return
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def running_page(data_dir: Path, options: Mapping[str, str] | None = None) -> Iterator[PageProcess]:
    """The app, started, to be stopped and started again at will."""
    process = PageProcess(data_dir, options)
    try:
        process.start()
        yield process
    finally:
        process.stop()
