"""The ledger: all that is known of jobs, as objects in the store. There is no other state.

    jobs/<id>/manifest.json               what to do; created once (If-None-Match)
    jobs/<id>/attempts/<n>/claim.json     attempt n is taken; created once, so exactly one runner starts it
    jobs/<id>/attempts/<n>/lease.json     heartbeat of the worker of attempt n
    jobs/<id>/attempts/<n>/error.log      what an attempt that broke left behind
    jobs/<id>/plan.json, segments/…       pieces that several workers share (see ergo.jobs.segments)
    jobs/<id>/progress.json               the latest progress, its seq rising
    jobs/<id>/cancel                      somebody asked to stop
    jobs/<id>/cancelled.json, failed.json the job ended that way
    jobs/<id>/result/<name>               result files; result.json comes last and means COMPLETED
    jobs/<id>/exports/<version>/<name>    the result in other formats, made when somebody asked
    queue/<created>-<id>                  hint: waits (in the order of the names: first come, first served)
    running/<created>-<id>                hint: has been claimed
    owners/<owner>/<created>-<id>         index of an owner's jobs

The state of a job is derived from these, never stored: see :meth:`Ledger.state`. Hints may be stale after a crash;
the runner compares them with the state and clears them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ergo.errors import AlreadyExists, JobNotFound, KeyNotFound
from ergo.jobs.wire import TERMINAL, Claim, Heartbeat, JobErrorInfo, JobState, Manifest, ProgressRecord, decode, encode
from ergo.storage.keys import owner_component
from ergo.storage.store import Store

KEYPOINTS_FILE = "keypoints.npz"
PREVIEW_FILE = "preview.mp4"
"""Result files that another analysis of the same video can start from."""

OUTAGE_S = 900.0
"""For so long a store may not answer before a job, or whoever follows it, gives up."""

_JOB_ID = re.compile(r"[0-9a-f]{32}")
_ENTRY = re.compile(r"(?P<created_us>\d{17})-(?P<job_id>[0-9a-f]{32})")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Entry:
    """A job as it stands in the queue, the running list or an owner's index; ordered by its time of creation."""

    created_us: int
    job_id: str

    @property
    def name(self) -> str:
        """The last component of its keys: sorting names sorts by time."""
        return f"{self.created_us:017d}-{self.job_id}"


class Ledger:
    """Reads and writes the ledger in `store`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # -- what to do ------------------------------------------------------------------------------------------------

    def create(self, manifest: Manifest) -> None:
        """Write a new job down and put it into the queue. Raises AlreadyExists, StorageFull."""
        self.store.put(f"{job_prefix(manifest.job_id)}manifest.json", encode(manifest), if_none_match=True)
        self._list(manifest)

    def create_once(self, manifest: Manifest) -> None:
        """The same where a job of this id may be there already, perhaps half made by a process that was killed."""
        try:
            self.create(manifest)
        except AlreadyExists:
            if self.state(manifest.job_id) == "queued":
                self._list(manifest)

    def manifest(self, job_id: str) -> Manifest:
        """What a job is to do. Raises JobNotFound."""
        try:
            return decode(Manifest, self.store.get(f"{job_prefix(job_id)}manifest.json"))
        except KeyNotFound:
            raise _unknown(job_id) from None

    def delete(self, manifest: Manifest) -> None:
        """Forget a job and all its files."""
        entry = entry_of(manifest)
        self.clear_hints(entry)
        self.store.delete_prefix(job_prefix(manifest.job_id))
        self.store.delete(_owned(manifest, entry))

    # -- where it is -----------------------------------------------------------------------------------------------

    def state(self, job_id: str) -> JobState:
        """The state that the objects tell. Raises JobNotFound."""
        prefix = job_prefix(job_id)
        ends: tuple[tuple[str, JobState], ...] = (
            ("result/result.json", "completed"),
            ("cancelled.json", "cancelled"),
            ("failed.json", "failed"),
        )
        for name, state in ends:
            if self.store.head(f"{prefix}{name}") is not None:
                return state
        if self.store.head(f"{prefix}manifest.json") is None:
            raise _unknown(job_id)
        return "running" if self.store.head(_attempt(job_id, 1, "claim.json")) is not None else "queued"

    def is_over(self, job_id: str) -> bool:
        """Whether a job has ended or was deleted."""
        try:
            return self.state(job_id) in TERMINAL
        except JobNotFound:
            return True

    def progress(self, job_id: str) -> ProgressRecord | None:
        """The latest progress, None before the first."""
        raw = self._maybe(f"{job_prefix(job_id)}progress.json")
        return None if raw is None else decode(ProgressRecord, raw)

    def error(self, job_id: str) -> JobErrorInfo | None:
        """Why a job failed, None unless it did."""
        raw = self._maybe(f"{job_prefix(job_id)}failed.json")
        return None if raw is None else decode(JobErrorInfo, raw)

    def cancel_asked(self, job_id: str) -> bool:
        """Whether somebody asked to stop the job."""
        return self.store.head(f"{job_prefix(job_id)}cancel") is not None

    def attempts(self, job_id: str) -> int:
        """The number of the latest attempt, 0 when there was none."""
        n = 0
        while self.store.head(_attempt(job_id, n + 1, "claim.json")) is not None:
            n += 1
        return n

    def heartbeat(self, job_id: str, attempt: int) -> Heartbeat | None:
        """The latest sign of life of an attempt, None before the first."""
        raw = self._maybe(_attempt(job_id, attempt, "lease.json"))
        return None if raw is None else decode(Heartbeat, raw)

    # -- what happens ----------------------------------------------------------------------------------------------

    def claim(self, job_id: str, claim: Claim) -> bool:
        """Take an attempt; False when somebody else has it."""
        try:
            self.store.put(_attempt(job_id, claim.attempt, "claim.json"), encode(claim), if_none_match=True)
        except AlreadyExists:
            return False
        return True

    def beat(self, job_id: str, heartbeat: Heartbeat) -> None:
        """Give a sign of life."""
        self.store.put(_attempt(job_id, heartbeat.attempt, "lease.json"), encode(heartbeat))

    def write_progress(self, job_id: str, record: ProgressRecord) -> None:
        """Replace the latest progress."""
        self.store.put(f"{job_prefix(job_id)}progress.json", encode(record))

    def ask_cancel(self, job_id: str) -> None:
        """Ask to stop the job."""
        self.store.put(f"{job_prefix(job_id)}cancel", b"")

    def end_cancelled(self, job_id: str) -> None:
        """Write down that the job was stopped, as was asked."""
        self.store.put(f"{job_prefix(job_id)}cancelled.json", b"{}")

    def end_failed(self, job_id: str, error: JobErrorInfo) -> None:
        """Write down why the job failed; the first reason stays."""
        try:
            self.store.put(f"{job_prefix(job_id)}failed.json", encode(error), if_none_match=True)
        except AlreadyExists:
            return

    def write_log(self, job_id: str, attempt: int, text: bytes) -> None:
        """Keep what a broken attempt left behind, for the one who runs Ergo."""
        self.store.put(_attempt(job_id, attempt, "error.log"), text)

    # -- lists -----------------------------------------------------------------------------------------------------

    def queued(self) -> list[Entry]:
        """Jobs that wait, first come first."""
        return list(self._entries("queue/"))

    def running(self) -> list[Entry]:
        """Jobs that have been claimed and, as far as the hints tell, not ended."""
        return list(self._entries("running/"))

    def of_owner(self, owner: str) -> list[Entry]:
        """All jobs of an owner, oldest first."""
        return list(self._entries(f"owners/{owner_component(owner)}/"))

    def hint_running(self, entry: Entry) -> None:
        """Move a job from the queue to the running list."""
        self.store.put(f"running/{entry.name}", b"")
        self.store.delete(f"queue/{entry.name}")

    def clear_hints(self, entry: Entry) -> None:
        """Take a job off both lists."""
        self.store.delete(f"queue/{entry.name}")
        self.store.delete(f"running/{entry.name}")

    def _list(self, manifest: Manifest) -> None:
        entry = entry_of(manifest)
        self.store.put(_owned(manifest, entry), b"")
        self.store.put(f"queue/{entry.name}", b"")

    def _entries(self, prefix: str) -> Iterator[Entry]:
        for info in self.store.list(prefix):
            match = _ENTRY.fullmatch(info.key.removeprefix(prefix))
            if match is not None:
                yield Entry(created_us=int(match["created_us"]), job_id=match["job_id"])

    def _maybe(self, key: str) -> bytes | None:
        try:
            return self.store.get(key)
        except KeyNotFound:
            return None


def entry_of(manifest: Manifest) -> Entry:
    """How a job stands in the lists."""
    return Entry(created_us=math.floor(manifest.created_s * 1_000_000), job_id=manifest.job_id)


def job_prefix(job_id: str) -> str:
    """Where all objects of a job lie. Raises JobNotFound for what cannot be a job id."""
    if not _JOB_ID.fullmatch(job_id):
        raise _unknown(job_id)
    return f"jobs/{job_id}/"


def result_key(job_id: str, name: str) -> str:
    """The key of a result file."""
    return f"{job_prefix(job_id)}result/{name}"


def _attempt(job_id: str, attempt: int, name: str) -> str:
    return f"{job_prefix(job_id)}attempts/{attempt}/{name}"


def _owned(manifest: Manifest, entry: Entry) -> str:
    return f"owners/{owner_component(manifest.owner)}/{entry.name}"


def _unknown(job_id: str) -> JobNotFound:
    return JobNotFound(f"There is no job {job_id[:40]!r}.", "It may have been deleted; start the analysis again.")
