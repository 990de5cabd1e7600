"""``python -m ergo cloud check``: proves a configured endpoint, step by step, and says what to correct."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from ergo.errors import ErgoError, FleetError
from ergo.jobs.cost import price_of
from ergo.jobs.runpod_client import ENDED, RunPodClient
from ergo.jobs.runpod_watch import NO_WORKERS

_WORKER_S = 900.0
_LEEWAY_S = 60.0


def check_endpoint(
    client: RunPodClient, gpu: str, *, patience_s: float = _WORKER_S, poll_s: float = 2.0
) -> Iterator[tuple[bool, str]]:
    """What was found, one sentence a step; ends with the first that is wrong.

    The last step runs a job on a worker, which tries the bucket, the models and the body, and tells its versions.

    Args:
        client: of the endpoint.
        gpu: class of GPU whose price is told.
        patience_s: how long a worker may take; the first start of an image takes minutes.
        poll_s: how often to look.
    """
    steps: tuple[Callable[[], str], ...] = (
        lambda: _price(gpu),
        lambda: _health(client),
        lambda: _job(client, patience_s, poll_s),
    )
    for step in steps:
        try:
            yield True, step()
        except ErgoError as error:
            yield False, str(error)
            return


def _price(gpu: str) -> str:
    price = price_of(gpu)
    return f"A second of {gpu} costs ${price.usd_per_s:.5f} (prices of {price.as_of})."


def _health(client: RunPodClient) -> str:
    health = client.health()
    if health.workers == 0:
        # Workers at rest may be shown as none at all, so the job decides.
        return f"The key fits. {NO_WORKERS}, unless a worker starts now."
    return f"The key fits; the endpoint has {health.workers} workers, {health.queued} jobs wait."


def _job(client: RunPodClient, patience_s: float, poll_s: float) -> str:
    remote_id = client.run({"action": "check"}, execution_s=patience_s, ttl_s=patience_s + _LEEWAY_S)
    deadline_s = time.monotonic() + patience_s
    while (job := client.status(remote_id)).state not in ENDED:
        if time.monotonic() > deadline_s:
            client.cancel(remote_id)
            raise FleetError(
                f"No worker did the job within {patience_s:.0f} s.",
                "Look at the endpoint's workers and logs on RunPod.",
            )
        time.sleep(poll_s)
    if job.state != "COMPLETED":
        raise _refusal(job.state, job.reason)
    told = {name: value for name, value in sorted(job.output.items()) if value is not None}
    return f"A worker is ready: {', '.join(f'{name} {value}' for name, value in told.items())}."


def _refusal(state: str, reason: str) -> FleetError:
    try:
        told = json.loads(reason)
        return FleetError(f"The worker says: {told['message']}", str(told["hint"]))
    except (ValueError, KeyError, TypeError):
        return FleetError(
            f"The job ended {state}: {reason or 'no reason given'}.", "Look at the worker's log on RunPod."
        )
