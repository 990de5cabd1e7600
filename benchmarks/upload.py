"""Uploads from a real Chromium straight into a bucket, beside boto3's transfer manager, which is the limit.

    python benchmarks/upload.py [--gb 2] [--rounds 2] [--large-gb 10] [--line-mb-s 25]

A real S3 server (SeaweedFS) on this machine takes both, in turns, in one run. The film is a sparse file. Beside the
speeds stands the processor time that clients and server spent together, which a busy machine changes less. With
`--line-mb-s` both send through a line of that speed: on loopback the processor is the limit. Then one large film goes
up from the browser alone, while the resident memory of the app's process is sampled ten times a second. A relay between
browser and app counts what passes through the app.
"""

from __future__ import annotations

import argparse
import math
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import repository  # noqa: F401
from boto3.s3.transfer import TransferConfig
from chromium import CHROMIUM, FLAGS
from page_process import PageProcess, running_page
from playwright.sync_api import Page, sync_playwright
from s3_server import S3Server, s3_server
from uploading import EXAMPLE, visit, wait_for

from ergo.config import variable

GB = 1_000_000_000
PART_BYTES = 16 << 20
PATIENCE_MS = 3_600_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """One film sent: wall-clock seconds, processor seconds of everybody involved."""

    wall_s: float
    cpu_s: float


class Relay:
    """Passes connections on to `target` and counts what clients send, at most `line_bytes_s` of it a second."""

    def __init__(self, target: str, line_bytes_s: float = math.inf) -> None:
        split = urlsplit(target)
        self._line_bytes_s, self._free_s, self._turn = line_bytes_s, 0.0, threading.Lock()
        self._target = (split.hostname, split.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received_bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(self._target)
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, count: bool) -> None:
        try:
            while block := source.recv(65536):
                if count:
                    self.received_bytes += len(block)
                    self._travel(len(block))
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _travel(self, count: int) -> None:
        """Wait until the line, which all connections share, has carried so many bytes."""
        with self._turn:
            self._free_s = max(self._free_s, time.monotonic()) + count / self._line_bytes_s
            wait_s = self._free_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)


@contextmanager
def memory_of(pid: int) -> Iterator[list[int]]:
    """The resident bytes of a process, sampled while the block runs; the first entry is from before it."""
    samples, stop = [resident_bytes(pid)], threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            samples.append(resident_bytes(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield samples
    finally:
        stop.set()
        watcher.join()


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def spent_cpu_s() -> float:
    """Processor seconds of this process and all that it started, which still run."""
    parents, spent = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(path.parent.name)
        parents[pid], spent[pid] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(spent[pid] for pid in ours)


def sparse_film(folder: Path, name: str, gb: float) -> Path:
    path = folder / name
    path.write_bytes(EXAMPLE.read_bytes())
    os.truncate(path, int(gb * GB))
    return path


def by_boto3(server: S3Server, path: Path) -> Run:
    """boto3's transfer manager, with parts as large and its own ten threads."""
    config = TransferConfig(multipart_chunksize=PART_BYTES, multipart_threshold=PART_BYTES)
    started, cpu_s = time.perf_counter(), spent_cpu_s()
    server.client().upload_file(str(path), server.bucket, "native", Config=config)
    run = Run(time.perf_counter() - started, spent_cpu_s() - cpu_s)
    empty(server)
    return run


def by_browser(server: S3Server, page: Page, url: str, path: Path) -> Run:
    """From choosing the file in the page until the page calls it ready, and the bucket has all of it."""
    visit(page, url)
    started, cpu_s = time.perf_counter(), spent_cpu_s()
    page.set_input_files(".ergo-uploader input[type=file]", path)
    wait_for(page, "ready", PATIENCE_MS)
    run = Run(time.perf_counter() - started, spent_cpu_s() - cpu_s)
    found = server.client().list_objects_v2(Bucket=server.bucket, Prefix="uploads/")["Contents"]
    assert path.stat().st_size in [entry["Size"] for entry in found]
    page.evaluate("localStorage.clear()")
    empty(server)
    return run


def empty(server: S3Server) -> None:
    client: Any = server.client()
    for entry in client.list_objects_v2(Bucket=server.bucket).get("Contents", ()):
        client.delete_object(Bucket=server.bucket, Key=entry["Key"])


def measure(server: S3Server, app: PageProcess, page: Page, options: argparse.Namespace, folder: Path) -> None:
    relay = Relay(app.url)
    film = sparse_film(folder, "film.mp4", options.gb)
    runs: list[tuple[Run, Run]] = []
    for n in range(options.rounds):
        runs.append((by_boto3(server, film), by_browser(server, page, relay.url, film)))
        told = (
            f"{options.gb * 1000 / run.wall_s:4.0f} MB/s {run.cpu_s / options.gb:5.1f} CPU s/GB" for run in runs[-1]
        )
        print(f"round {n + 1}          boto3 {next(told)}   browser {next(told)}", flush=True)
    speed = statistics.median(native.wall_s / browser.wall_s for native, browser in runs)
    effort = statistics.median(browser.cpu_s / native.cpu_s for native, browser in runs)
    print(
        f"median of {options.rounds}      browser / boto3: {speed:.2f} of the speed, {effort:.2f} of the processor time"
    )
    if options.large_gb:
        large = sparse_film(folder, "large.mp4", options.large_gb)
        before = relay.received_bytes
        with memory_of(app.pid) as samples:
            spent = by_browser(server, page, relay.url, large).wall_s
        grown = (max(samples) - samples[0]) / 1e6
        through = (relay.received_bytes - before) / 1e6
        print(f"{options.large_gb:g} GB           {options.large_gb * 1000 / spent:6.0f} MB/s in {spent:.0f} s")
        print(f"app's memory    {samples[0] / 1e6:6.0f} MB before, {grown:+.1f} MB at most during the upload")
        print(f"through the app {through:6.2f} MB of {options.large_gb * 1000:.0f} MB")


def main() -> None:
    """Print both speeds, their ratio, the app's memory and what passed through it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--large-gb", type=float, default=10.0)
    parser.add_argument("--line-mb-s", type=float, default=math.inf)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, s3_server(Path(name) / "s3") as bare, sync_playwright() as playwright:
        folder = Path(name)
        slow = math.isfinite(options.line_mb_s)
        server = replace(bare, endpoint=Relay(bare.endpoint, options.line_mb_s * 1e6).url) if slow else bare
        (folder / "data").mkdir()
        any_page = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT", "GET"], "AllowedHeaders": ["*"]}
        server.client().put_bucket_cors(Bucket=server.bucket, CORSConfiguration={"CORSRules": [any_page]})
        settings = {variable(field): str(value) for field, value in server.settings().items()}
        with running_page(folder / "data", settings) as app:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            measure(server, app, browser.new_page(), options, folder)
            browser.close()


if __name__ == "__main__":
    main()
