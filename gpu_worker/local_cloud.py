"""RunPod on this machine, for tests and demos: ``python -m gpu_worker.local_cloud --workers 2``.

A small server speaks both sides of RunPod's API, the client's (``/v2/<endpoint>/run`` …) and the one that the SDK's
worker loop talks to; the workers are real ones, ``python -m gpu_worker.handler``. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gpu_worker.local_workers import WorkerLoops

ENDPOINT = "local"
FINAL = ("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT")
MOST_INPUT_BYTES = 10 << 20
_LONG_POLL_S = 2.0
_LEAVE_S = 5.0


@dataclass
class CloudJob:
    """One job of the queue; times on the monotonic clock."""

    id: str
    input: dict[str, Any]
    policy: Mapping[str, float]
    queued_s: float
    state: str = "IN_QUEUE"
    worker: str = ""
    started_s: float = 0.0
    ended_s: float = 0.0
    output: Any = None
    error: str | None = None

    def view(self) -> dict[str, Any]:
        """The job as a client sees it."""
        seen: dict[str, Any] = {"id": self.id, "status": self.state}
        if self.started_s:
            seen |= {"workerId": self.worker, "delayTime": round((self.started_s - self.queued_s) * 1000)}
        if self.state in FINAL and self.started_s:
            seen["executionTime"] = round((self.ended_s - self.started_s) * 1000)
        if self.output is not None:
            seen["output"] = self.output
        return seen if self.error is None else seen | {"error": self.error}


@dataclass
class Cloud:
    """The endpoint's queue. `deliveries` is how often each job is given out, as RunPod now and then does; if more than
    once, then in no order."""

    key: str
    deliveries: int = 1
    workers: int = 1
    lose_results: bool = False
    trouble: Callable[[str], int | None] = lambda _: None
    jobs: dict[str, CloudJob] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    at: dict[str, CloudJob] = field(default_factory=dict)
    _queue: list[str] = field(default_factory=list)

    def add(self, given: dict[str, Any]) -> CloudJob:
        """A new job."""
        job = CloudJob(
            id=f"{secrets.token_hex(12)}-l1", input=given["input"], policy=given.get("policy") or {},
            queued_s=time.monotonic(),
        )  # fmt: skip
        self.jobs[job.id] = job
        self._queue += [job.id] * self.deliveries
        if self.deliveries > 1:
            random.shuffle(self._queue)
        return job

    def find(self, job_id: str) -> CloudJob | None:
        """A job that is still known: `ttl` forgets it, `executionTimeout` ends it."""
        job, now_s = self.jobs.get(job_id), time.monotonic()
        if job is None or now_s - job.queued_s > job.policy.get("ttl", 86_400_000) / 1000:
            return None
        if job.state == "IN_PROGRESS" and now_s - job.started_s > job.policy.get("executionTimeout", 600_000) / 1000:
            self.end(job, "TIMED_OUT")
        return job

    def end(self, job: CloudJob, state: str, output: Any = None, error: str | None = None) -> None:
        """A job is over; what comes later changes nothing."""
        if job.state not in FINAL:
            job.state, job.ended_s, job.output, job.error = state, time.monotonic(), output, error

    def take(self, worker: str) -> CloudJob | None:
        """The next job for a worker."""
        self.seen.add(worker)
        self.at.pop(worker, None)
        while self._queue:
            job = self.find(self._queue.pop(0))
            if job is not None and job.state not in FINAL:
                if job.state == "IN_QUEUE":
                    job.state, job.worker, job.started_s = "IN_PROGRESS", worker, time.monotonic()
                self.at[worker] = job
                return job
        return None

    def stuck(self) -> list[str]:
        """Workers that have not come back from a job that has been over for a while; they are forgotten."""
        late_s = time.monotonic() - _LEAVE_S
        names = [name for name, job in self.at.items() if job.state in FINAL and job.ended_s < late_s]
        for name in names:
            del self.at[name]
        return names

    def health(self) -> dict[str, Any]:
        """What RunPod's /health says."""
        states = [job.state for job in self.jobs.values()]
        running = min(self.workers, states.count("IN_PROGRESS"))
        return {
            "jobs": {"inQueue": states.count("IN_QUEUE"), "inProgress": states.count("IN_PROGRESS")},
            "workers": {"idle": self.workers - running, "running": running, "initializing": 0, "throttled": 0},
        }


def app_of(cloud: Cloud) -> Starlette:
    """The server of a cloud."""

    def client(act: Callable[[Request, bytes], Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            what = request.url.path.split("/")[3]
            cloud.calls.append((time.monotonic(), what, request.path_params.get("job_id", "")))
            if request.headers.get("authorization") != f"Bearer {cloud.key}":
                return Response(status_code=401)
            status = cloud.trouble(what)
            return Response(status_code=status) if status else act(request, await request.body())

        return answer

    def run(_: Request, body: bytes) -> Response:
        if len(body) > MOST_INPUT_BYTES:
            return Response(status_code=413)
        return JSONResponse(cloud.add(json.loads(body)).view())

    def status(request: Request, _: bytes) -> Response:
        job = cloud.find(request.path_params["job_id"])
        return Response(status_code=404) if job is None else JSONResponse(job.view())

    def cancel(request: Request, _: bytes) -> Response:
        job = cloud.find(request.path_params["job_id"])
        if job is None:
            return Response(status_code=404)
        cloud.end(job, "CANCELLED")
        return JSONResponse(job.view())

    def health(_: Request, __: bytes) -> Response:
        return JSONResponse(cloud.health())

    return Starlette(
        routes=[
            Route("/v2/{endpoint}/run", client(run), methods=["POST"]),
            Route("/v2/{endpoint}/status/{job_id}", client(status)),
            Route("/v2/{endpoint}/cancel/{job_id}", client(cancel), methods=["POST"]),
            Route("/v2/{endpoint}/health", client(health)),
            *_worker_routes(cloud),
        ]
    )


def _worker_routes(cloud: Cloud) -> list[Route]:
    """What the SDK's loop talks to."""

    async def take(request: Request) -> Response:
        deadline_s = time.monotonic() + _LONG_POLL_S
        while time.monotonic() < deadline_s:
            job = cloud.take(request.path_params["worker"])
            if job is not None:
                return JSONResponse({"id": job.id, "input": job.input})
            await asyncio.sleep(0.05)
        return Response(status_code=204)

    async def done(request: Request) -> Response:
        given = json.loads(await request.body())
        job = cloud.jobs.get(request.path_params["job_id"])
        cloud.at.pop(request.path_params["worker"], None)
        if job is not None and given.get("status") != "IN_PROGRESS" and not cloud.lose_results:
            if given.get("error"):
                cloud.end(job, "FAILED", given.get("output"), str(given["error"]))
            else:
                cloud.end(job, "COMPLETED", given.get("output"))
        return JSONResponse({})

    async def ping(_: Request) -> Response:
        return JSONResponse({})

    return [
        Route("/w/job-take/{worker}", take),
        Route("/w/job-done/{worker}/{job_id}", done, methods=["POST"]),
        Route("/w/job-stream/{worker}/{job_id}", ping, methods=["POST"]),
        Route("/w/ping/{worker}", ping),
    ]


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m gpu_worker.local_cloud", description="RunPod on this machine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    key = os.environ.get("RUNPOD_API_KEY", "local")
    address = f"http://127.0.0.1:{options.port}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    log = sys.stderr.fileno()
    folders = [Path(tempfile.mkdtemp(prefix="ergo-worker-")) for _ in range(options.workers)]
    cloud = Cloud(key, workers=options.workers)
    print(f"RUNNER=runpod RUNPOD_API={address}/v2 RUNPOD_ENDPOINT_ID={ENDPOINT} RUNPOD_API_KEY={key}", flush=True)
    try:
        with WorkerLoops(address, folders, environment, cloud.stuck, log):
            uvicorn.run(app_of(cloud), host=options.host, port=options.port, log_level="warning")
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
