"""RunPod's serverless API over HTTPS: submit, look, cancel, health.

Every call is tried again with growing, jittered pauses on network errors, 429 and 5xx. A submission whose answer got
lost is sent again, so it may run twice: the ledger makes that harmless.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast, get_args

import httpx
from pydantic import SecretStr

from ergo.closing import Closing
from ergo.errors import FleetError

RemoteState: TypeAlias = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT", "GONE"]
ENDED: frozenset[RemoteState] = frozenset(("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT", "GONE"))

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_TRIES = 5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 20.0
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
_REASON_CHARS = 300
MOST_S = 7 * 24 * 3600.0
"""Longest that RunPod lets a job live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJob:
    """A job as RunPod tells of it; GONE is one that it no longer knows. `execution_s` is 0 until it has ended."""

    state: RemoteState
    execution_s: float = 0.0
    reason: str = ""
    output: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How many workers and jobs an endpoint has."""

    idle: int
    running: int
    starting: int
    throttled: int
    queued: int

    @property
    def workers(self) -> int:
        """All workers, whatever they do."""
        return self.idle + self.running + self.starting + self.throttled


class RunPodClient(Closing):
    """Calls one endpoint. Close it, or use it as a context manager.

    Args:
        endpoint_id: of the serverless endpoint.
        api_key: never shown, not in errors either.
        api: address of the API.
        transport: instead of the network, for tests.
        sleep: how to wait between tries.
    """

    def __init__(
        self,
        endpoint_id: str,
        api_key: SecretStr,
        *,
        api: str = "https://api.runpod.ai/v2",
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=f"{api.rstrip('/')}/{endpoint_id}/",
            headers={"Authorization": f"Bearer {api_key.get_secret_value()}"},
            timeout=_TIMEOUT,
            transport=transport,
        )
        self._sleep = sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def run(self, order: Mapping[str, object], *, execution_s: float, ttl_s: float, webhook: str | None = None) -> str:
        """Submit a job; RunPod's id of it.

        Args:
            order: the worker's input.
            execution_s: it may run this long …
            ttl_s: … and is forgotten this long after now.
            webhook: address that is told when it has ended.

        Raises:
            FleetError: no answer, or a refusal.
        """
        policy = {
            "executionTimeout": round(min(execution_s, MOST_S) * 1000),
            "ttl": round(min(ttl_s, MOST_S) * 1000),
        }
        body: dict[str, object] = {"input": dict(order), "policy": policy}
        answer = self._call("POST", "run", body if webhook is None else body | {"webhook": webhook})
        remote_id = (answer or {}).get("id")
        if not isinstance(remote_id, str) or not remote_id:
            raise FleetError("RunPod took a job without naming it.", "Look at the endpoint's page.")
        return remote_id

    def status(self, remote_id: str) -> RemoteJob:
        """Where a job is. Raises FleetError."""
        answer = self._call("GET", f"status/{remote_id}")
        if answer is None:
            return RemoteJob(state="GONE", reason="RunPod no longer knows the job")
        state = answer.get("status")
        if state not in get_args(RemoteState):
            raise FleetError(
                f"RunPod gives a job the state {str(state)[:40]!r}.", "This version of Ergo knows no such."
            )
        return RemoteJob(
            state=cast(RemoteState, state),
            execution_s=float(answer.get("executionTime") or 0.0) / 1000.0,
            reason=str(answer.get("error") or "")[:_REASON_CHARS],
            output=answer["output"] if isinstance(answer.get("output"), dict) else {},
        )

    def cancel(self, remote_id: str) -> None:
        """Stop a job; one that has ended or is gone is no error. Raises FleetError."""
        self._call("POST", f"cancel/{remote_id}")

    def purge(self) -> None:
        """Drop all jobs that still wait at the endpoint. Raises FleetError."""
        self._call("POST", "purge-queue")

    def health(self) -> Health:
        """Workers and jobs of the endpoint. Raises FleetError."""
        answer = self._call("GET", "health")
        if answer is None:
            raise FleetError("RunPod has no such endpoint.", "Check RUNPOD_ENDPOINT_ID.")
        workers, jobs = answer.get("workers", {}), answer.get("jobs", {})
        return Health(
            idle=int(workers.get("idle", 0)) + int(workers.get("ready", 0)),
            running=int(workers.get("running", 0)),
            starting=int(workers.get("initializing", 0)),
            throttled=int(workers.get("throttled", 0)),
            queued=int(jobs.get("inQueue", 0)),
        )

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any] | None:
        """The answer; None for what is not there (404)."""
        why = ""
        for number in range(_TRIES):
            if number:
                self._sleep(_pause_s(number))
            try:
                response = self._http.request(method, path, json=body)
            except httpx.HTTPError as error:
                why = type(error).__name__
                continue
            if response.status_code in _AGAIN:
                why = f"status {response.status_code}"
                continue
            return _answer(response)
        raise FleetError(f"RunPod does not answer ({why}).", "It is tried again; see https://uptime.runpod.io.")


def _pause_s(number: int) -> float:
    longest_s = min(_FIRST_PAUSE_S * 2**number, _LONGEST_PAUSE_S)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311  spreads retries, guards nothing


def _answer(response: httpx.Response) -> dict[str, Any] | None:
    if response.status_code == httpx.codes.NOT_FOUND:
        return None
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise FleetError("RunPod refuses the API key.", "Check RUNPOD_API_KEY and what the key may do.")
    if response.is_error:
        raise FleetError(f"RunPod answers with status {response.status_code}.", "Look at the endpoint's page.")
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise FleetError("RunPod answers something that is no JSON.", "Check RUNPOD_API.")
    return answer
