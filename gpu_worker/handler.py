"""What RunPod calls: one job, one child process ``python -m ergo.jobs.worker``, the same that a laptop starts.

Results go to the bucket; the answer names them. The child leads a process group of its own, which ends when RunPod
cancels the job, so that decoders and estimators end with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ergo.config import Settings
from ergo.errors import ErgoError, JobFailed, JobNotFound, SettingsError
from ergo.jobs.ledger import Ledger
from ergo.jobs.processes import worker_command, worker_environment
from ergo.jobs.work import DEFAULT_ENTRY
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from gpu_worker.fitness import report
from gpu_worker.licensed_body import use_licensed_body

MOST_INPUT_BYTES = 10_000
ENTRY = os.environ.get("ERGO_ENTRY", DEFAULT_ENTRY)


class Order(BaseModel):
    """The input of a job.

    `analyse` does a claimed attempt to its end, `help` looks at pieces of a long video while there are any, `check`
    tells what the worker has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["analyse", "help", "check"]
    job_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] = ""
    owner: Annotated[str, Field(max_length=200)] = ""
    attempt: Annotated[int, Field(ge=0, le=1000)] = 0


class Answer(BaseModel):
    """The output of a job: keys, never contents."""

    job_id: str
    state: str
    result_key: str | None = None


async def handler(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job of RunPod's queue; an error is an answer, too: ``{"error": "{code, message, hint}"}``."""
    try:
        order = _order(job.get("input"))
        if order.action == "check":
            return await asyncio.to_thread(report, Settings())
        return (await _work(order)).model_dump()
    except ErgoError as error:
        return {"error": json.dumps({"code": error.code, "message": error.message, "hint": error.hint})}


def _order(given: object) -> Order:
    if len(json.dumps(given, default=str)) > MOST_INPUT_BYTES:
        raise SettingsError("The input of the job is too large.", "Send the job's id; data belongs in the bucket.")
    try:
        order = Order.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "input"
        raise SettingsError(f"{field}: {first['msg']}.", "See gpu_worker/test_input.json.") from None
    if order.action == "analyse" and not order.attempt:
        raise SettingsError("attempt: is missing.", "Send the number of the attempt that was claimed.")
    if order.action != "check" and not order.job_id:
        raise SettingsError("job_id: is missing.", "Send the id of a job in the bucket.")
    return order


async def _work(order: Order) -> Answer:
    settings = Settings()
    ledger = Ledger(open_store(settings, UrlSigner(secrets.token_bytes(32))))
    manifest = await asyncio.to_thread(ledger.manifest, order.job_id)
    if manifest.owner != order.owner:
        raise JobNotFound(f"There is no job {order.job_id!r}.", "It belongs to somebody else.")
    role = ["--attempt", str(order.attempt)] if order.action == "analyse" else ["--help-out"]
    child = await asyncio.create_subprocess_exec(
        *worker_command([order.job_id, *role, "--entry", ENTRY]),
        env=worker_environment(settings),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = await child.wait()
    finally:  # also when RunPod cancels the job, which arrives here as CancelledError
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    state = await asyncio.to_thread(ledger.state, order.job_id)
    if code < 0:
        raise JobFailed(f"The worker's process was ended by signal {-code}.", "It may be short of memory.")
    done = state == "completed"
    return Answer(job_id=order.job_id, state=state, result_key=f"jobs/{order.job_id}/result/" if done else None)


def main() -> None:
    """Serve RunPod's queue."""
    import runpod  # noqa: PLC0415  here only, and only when RunPod runs us

    use_licensed_body(Settings())
    runpod.serverless.register_fitness_check(lambda: report(Settings()))
    runpod.serverless.start({"handler": handler})


if __name__ == "__main__":
    sys.exit(main())
