"""``POST /ergo/hooks/runpod/<job>?token=…``: RunPod says that something happened to a job.

Only a hint: nothing of the body is read, and what counts is what lies in the store. The token is an HMAC over the job's
id, so that nobody else can make the runner look.
"""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ergo.jobs.service import HOOK_ROUTE, JobService
from ergo.ui.http_errors import SAFE_HEADERS, typed_errors


def hook_routes(jobs: JobService) -> list[Route]:
    """The route of the webhook."""

    async def handle(request: Request) -> Response:
        job_id, token = request.path_params["job_id"], request.query_params.get("token", "")
        await to_thread.run_sync(jobs.hint, job_id, token)
        return Response(status_code=204, headers=dict(SAFE_HEADERS))

    return [Route(f"{HOOK_ROUTE}{{job_id}}", typed_errors(handle), methods=["POST"])]
