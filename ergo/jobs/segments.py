"""The pieces of one job, taken by any number of workers.

    jobs/<id>/plan.json                           how the video is cut; created once
    jobs/<id>/replan.json                         the same, when it has to be looked at again
    jobs/<id>/segments/<plan>/<n>.npz, <n>.mp4    what was seen in piece n; the .npz comes last and means done
    jobs/<id>/segments/<plan>/claims/<n>-<k>      piece n was taken for the k-th time; created once
    jobs/<id>/workers/<worker>.json               heartbeat of a worker

A piece is taken by creating its claim. Who shows no life any more loses it to the next who looks. Should two ever look
at the same piece, they write the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from ergo.errors import AlreadyExists, JobFailed, KeyNotFound
from ergo.jobs.ledger import Ledger, job_prefix
from ergo.jobs.processes import is_worker, machine
from ergo.jobs.wire import Heartbeat, PieceClaim, decode, encode

MAX_TAKES = 3

_DONE = re.compile(r"(\d+)\.npz")
_CLAIM = re.compile(r"claims/(\d+)-(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a worker that is not seen, or is seen as a process of this machine, may be silent, in seconds."""

    lease_s: float = 30.0
    hang_s: float = 300.0


class Segments:
    """The pieces of one plan of one job, as one worker sees them."""

    def __init__(
        self, ledger: Ledger, job_id: str, plan: bytes, count: int, worker: str, patience: Patience = Patience()
    ) -> None:
        self._ledger, self._job_id, self._worker, self._patience = ledger, job_id, worker, patience
        self._prefix = f"{job_prefix(job_id)}segments/{hashlib.sha256(plan).hexdigest()[:16]}/"
        self.count = count
        self.done: frozenset[int] = frozenset()
        self._takes: dict[int, int] = {}
        self._beats: dict[tuple[int, int], tuple[int, float]] = {}

    def survey(self) -> None:
        """Look which pieces are done and which are taken."""
        done, takes = set(), {}
        for info in self._ledger.store.list(self._prefix):
            name = info.key.removeprefix(self._prefix)
            if found := _DONE.fullmatch(name):
                done.add(int(found[1]))
            elif found := _CLAIM.fullmatch(name):
                takes[int(found[1])] = max(int(found[2]), takes.get(int(found[1]), 0))
        self.done, self._takes = frozenset(done), takes

    @property
    def all_done(self) -> bool:
        """Whether every piece was done at the last survey."""
        return len(self.done) == self.count

    @property
    def untaken(self) -> int:
        """How many pieces nobody had taken at the last survey."""
        return sum(number not in self.done and number not in self._takes for number in range(self.count))

    def take(self) -> int | None:
        """The next piece for this worker, or the one that it has begun; None when all are done or in living hands.

        Raises:
            JobFailed: a piece was taken three times, and each time its worker died.
        """
        self.survey()
        left = [number for number in range(self.count) if number not in self.done]
        for number in left:
            if number not in self._takes and self._claim(number, 1):
                return number
        for number in left:
            take = self._takes.get(number, 0)
            claim = self._claimed(number, take) if take else None
            if claim is None:
                continue
            if claim.worker == self._worker:  # begun, and then the store did not answer
                return number
            if self._is_dead(number, take, claim):
                if self._is_done(number):  # since the survey, and then its worker left
                    continue
                if take >= MAX_TAKES:
                    raise JobFailed(
                        f"Piece {number + 1} of {self.count} ended its worker {take} times.",
                        "The machine may be short of memory: choose a lower quality or a shorter video.",
                    )
                if self._claim(number, take + 1):
                    return number
        return None

    def keep(self, number: int, folder: Path) -> None:
        """Store what was seen in a piece; ``<number>.npz`` last."""
        last = folder / f"{number}.npz"
        for path in (*sorted(p for p in folder.glob(f"{number}.*") if p != last), last):
            self._ledger.store.put_file(f"{self._prefix}{path.name}", path)
            path.unlink()

    def collect(self, folder: Path) -> None:
        """Bring what all pieces left into `folder`; links where the store is on this machine."""
        store = self._ledger.store
        for info in store.list(self._prefix):
            name = info.key.removeprefix(self._prefix)
            if "/" in name:
                continue
            here = store.local_path(info.key)
            if here is not None:
                (folder / name).symlink_to(here)
            else:
                store.fetch(info.key, folder / name)

    def clear_if_over(self) -> bool:
        """Whether the job has ended or was deleted; then nothing of its pieces stays, this worker's claims neither."""
        over = self._ledger.is_over(self._job_id)
        if over:
            clear_segments(self._ledger, self._job_id)
        return over

    def _claim(self, number: int, take: int) -> bool:
        claim = PieceClaim(worker=self._worker, machine=machine(), pid=os.getpid(), claimed_s=time.time())
        try:
            self._ledger.store.put(f"{self._prefix}claims/{number}-{take}", encode(claim), if_none_match=True)
        except AlreadyExists:
            return False
        return True

    def _is_done(self, number: int) -> bool:
        return self._ledger.store.head(f"{self._prefix}{number}.npz") is not None

    def _claimed(self, number: int, take: int) -> PieceClaim | None:
        try:
            return decode(PieceClaim, self._ledger.store.get(f"{self._prefix}claims/{number}-{take}"))
        except KeyNotFound:
            return None

    def _is_dead(self, number: int, take: int, claim: PieceClaim) -> bool:
        """Whether the worker that took a piece shows no life any more, by this one's own clock."""
        seen = is_worker(claim.pid, self._job_id) if claim.machine == machine() else None
        if seen is False:
            return True
        beat = worker_beat(self._ledger, self._job_id, claim.worker)
        if beat and 0 < beat.attempt < self._ledger.attempts(self._job_id):
            return True  # whoever started the later attempt has given this one up
        silent_s = self._silent_s((number, take), beat.beat if beat else 0)
        return silent_s > (self._patience.hang_s if seen else self._patience.lease_s)

    def _silent_s(self, which: tuple[int, int], beat: int) -> float:
        now_s = time.monotonic()
        before = self._beats.get(which)
        if before is None or before[0] != beat:
            self._beats[which] = before = (beat, now_s)
        return now_s - before[1]


def current_plan(ledger: Ledger, job_id: str) -> bytes | None:
    """The plan that is worked on, None before there is one."""
    for name in ("replan.json", "plan.json"):
        try:
            return ledger.store.get(f"{job_prefix(job_id)}{name}")
        except KeyNotFound:
            continue
    return None


def keep_plan(ledger: Ledger, job_id: str, plan: bytes, *, again: bool) -> bytes:
    """Write a plan down, and return the one that counts: that of the first who wrote."""
    key = f"{job_prefix(job_id)}{'replan' if again else 'plan'}.json"
    try:
        ledger.store.put(key, plan, if_none_match=True)
    except AlreadyExists:
        return ledger.store.get(key)
    return plan


def clear_segments(ledger: Ledger, job_id: str) -> None:
    """Forget what was only on the way to the result."""
    for folder in ("segments", "workers"):
        ledger.store.delete_prefix(f"{job_prefix(job_id)}{folder}/")


def beat_worker(ledger: Ledger, job_id: str, worker: str, heartbeat: Heartbeat) -> None:
    """A worker's sign of life."""
    ledger.store.put(f"{job_prefix(job_id)}workers/{worker}.json", encode(heartbeat))


def worker_beat(ledger: Ledger, job_id: str, worker: str) -> Heartbeat | None:
    """The latest sign of life of a worker, None before the first."""
    try:
        return decode(Heartbeat, ledger.store.get(f"{job_prefix(job_id)}workers/{worker}.json"))
    except KeyNotFound:
        return None


def helpers(ledger: Ledger, job_id: str) -> list[Heartbeat]:
    """Latest signs of life of all workers that only help with pieces."""
    found = []
    for info in ledger.store.list(f"{job_prefix(job_id)}workers/"):
        beat = worker_beat(ledger, job_id, info.key.rpartition("/")[2].removesuffix(".json"))
        if beat is not None and beat.attempt == 0:
            found.append(beat)
    return found
