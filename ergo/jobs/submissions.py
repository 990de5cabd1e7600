"""What was handed to machines elsewhere for a job, as objects beside its ledger.

jobs/<id>/remote/attempt-<n>.json    the worker of attempt n
jobs/<id>/remote/helper-<k>.json     one that helps with pieces
jobs/<id>/cost.json                  what they have cost so far
"""

from __future__ import annotations

from ergo.errors import AlreadyExists, KeyNotFound
from ergo.jobs.ledger import Ledger, job_prefix
from ergo.jobs.wire import Cost, Submission, decode, encode


def submissions(ledger: Ledger, job_id: str) -> dict[str, Submission]:
    """All of them by name, in order of name."""
    prefix = f"{job_prefix(job_id)}remote/"
    found = {}
    for info in ledger.store.list(prefix):
        try:
            found[info.key.removeprefix(prefix).removesuffix(".json")] = decode(Submission, ledger.store.get(info.key))
        except KeyNotFound:
            continue  # the job is being deleted
    return found


def reserve(ledger: Ledger, job_id: str, name: str, submission: Submission) -> bool:
    """Take a name before anything is submitted under it; False when somebody else has it."""
    try:
        ledger.store.put(_key(job_id, name), encode(submission), if_none_match=True)
    except AlreadyExists:
        return False
    return True


def note(ledger: Ledger, job_id: str, name: str, submission: Submission) -> None:
    """Write down what was submitted."""
    ledger.store.put(_key(job_id, name), encode(submission))


def cost_of(ledger: Ledger, job_id: str) -> Cost | None:
    """What a job has cost so far, None when nothing was rented for it."""
    try:
        return decode(Cost, ledger.store.get(f"{job_prefix(job_id)}cost.json"))
    except KeyNotFound:
        return None


def write_cost(ledger: Ledger, job_id: str, cost: Cost) -> None:
    """Replace what a job has cost so far."""
    ledger.store.put(f"{job_prefix(job_id)}cost.json", encode(cost))


def _key(job_id: str, name: str) -> str:
    return f"{job_prefix(job_id)}remote/{name}.json"
