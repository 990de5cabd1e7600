"""What a runner remembers of one job on RunPod: only caches, all of it can be lost."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ergo.jobs.runpod_client import ENDED, Health, RemoteJob, RunPodClient
from ergo.jobs.wire import Submission

HEALTH_EVERY_S = 15.0

NO_WORKERS = "The endpoint has no workers: raise its maximum on RunPod"
_MESSAGES = {"queue": "Waiting for a GPU", "start": "A GPU is starting", "busy": "No GPU is free at the moment"}


@dataclass(slots=True)
class Watch:
    """One job. `poll` makes at most one call each `call_every_s`, whichever of its remote jobs that is about."""

    call_every_s: float
    states: dict[str, RemoteJob] = field(default_factory=dict)
    health: Health | None = None
    message: str = ""
    accounted_s: float = 0.0
    _called_s: float = -math.inf
    _health_s: float = -math.inf
    _next: int = 0
    _since_s: dict[str, float] = field(default_factory=dict)
    _ran_s: dict[str, float] = field(default_factory=dict)
    _beat: tuple[int, int] = (0, -1)
    _beat_s: float = 0.0

    def poll(self, client: RunPodClient, lead: str, remote_ids: list[str]) -> None:
        """Ask about the leader, every other time about one of its helpers, or about the endpoint while it waits.

        Raises:
            FleetError: RunPod does not answer.
        """
        now_s = time.monotonic()
        if now_s - self._called_s < self.call_every_s:
            return
        self._called_s = now_s
        known = self.states.get(lead)
        if known is not None and known.state == "IN_QUEUE" and now_s - self._health_s >= HEALTH_EVERY_S:
            self._health_s = now_s
            self.health = client.health()
            return
        others = [each for each in remote_ids if each != lead and not self.has_ended(each)]
        self._next += 1
        asked = others[self._next // 2 % len(others)] if others and self._next % 2 == 0 else lead
        self._take(asked, client.status(asked))

    def _take(self, remote_id: str, seen: RemoteJob) -> None:
        before = self.states.get(remote_id)
        self.states[remote_id] = seen
        if before is None or before.state != seen.state:
            self._since_s[remote_id] = time.monotonic()
        if seen.state in ENDED:
            self._ran_s[remote_id] = seen.execution_s or self._ran_s.get(remote_id, 0.0)
        elif seen.state == "IN_PROGRESS":
            self._ran_s[remote_id] = self.in_state_s(remote_id)

    def has_ended(self, remote_id: str) -> bool:
        """Whether RunPod has said that a remote job is over."""
        return remote_id in self.states and self.states[remote_id].state in ENDED

    def in_state_s(self, remote_id: str) -> float:
        """For how long a remote job has been seen in its present state."""
        return time.monotonic() - self._since_s.get(remote_id, time.monotonic())

    def gpu_s(self, submitted: Mapping[str, Submission]) -> float:
        """Seconds of GPU that all remote jobs of a job have used, as far as is known."""
        total_s = 0.0
        for each in submitted.values():
            running = not self.has_ended(each.remote_id) and each.remote_id in self._ran_s
            total_s += self.in_state_s(each.remote_id) if running else self._ran_s.get(each.remote_id, 0.0)
        return total_s

    def silent_s(self, attempt: int, beat: int) -> float:
        """Seconds without a new heartbeat of an attempt, by this machine's clock."""
        if self._beat != (attempt, beat):
            self._beat, self._beat_s = (attempt, beat), time.monotonic()
        return time.monotonic() - self._beat_s

    def no_workers(self) -> bool:
        """Whether the endpoint was last seen with no worker at all."""
        return self.health is not None and self.health.workers == 0

    def words(self, lead: str) -> str:
        """Why the worker shows no life yet."""
        known = self.states.get(lead)
        if known is not None and known.state == "IN_PROGRESS":
            return "Starting on a GPU"
        health = self.health
        if health is None:
            return _MESSAGES["queue"]
        if self.no_workers():
            return NO_WORKERS
        if health.starting:
            return _MESSAGES["start"]
        if health.throttled and not health.idle + health.running:
            return _MESSAGES["busy"]
        before = max(0, health.queued - 1)
        return f"{_MESSAGES['queue']}, {before} before this one" if before else _MESSAGES["queue"]
