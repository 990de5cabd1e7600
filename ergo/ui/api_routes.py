"""The API calls over plain HTTP: ``POST /ergo/api/<call>`` with a JSON object of its arguments.

Only ``application/json`` is taken: a page of another site cannot send that without the browser asking us first.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ergo.access.visitor import visitor_in
from ergo.errors import from_code
from ergo.jobs.legacy_api import LegacyApi
from ergo.ui.http_errors import SAFE_HEADERS, Handler, typed_errors
from ergo.ui.openapi import describe
from ergo.ui.site import base_url

API_ROUTE = "/ergo/api/"
_MAX_BODY_BYTES = 64 << 10


def api_routes(api: LegacyApi, described_too: Sequence[Callable[..., dict[str, Any]]] = ()) -> list[Route]:
    """The routes of the calls, and of their description, which tells of calls with routes of their own, too."""
    calls = (api.generate_upload_url, api.start_processing, api.get_status, api.again, api.compare)
    described = describe(API_ROUTE, (*calls, *described_too))

    async def description(_: Request) -> Response:
        return JSONResponse(described, headers=dict(SAFE_HEADERS))

    return [
        Route(f"{API_ROUTE}openapi.json", description, methods=["GET"]),
        *(
            Route(f"{API_ROUTE}{call.__name__}", typed_errors(_handler(api, call.__name__)), methods=["POST"])
            for call in calls
        ),
    ]


def _handler(api: LegacyApi, name: str) -> Handler:
    parameters = inspect.signature(getattr(api, name)).parameters
    required = {name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}

    async def handle(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refused(415, "The request is not JSON.", "Send Content-Type: application/json.")
        body = await _body(request)
        if body is None:
            return _refused(413, "The request is too long.", f"Send at most {_MAX_BODY_BYTES} bytes.")
        try:
            arguments = json.loads(body)
        except (ValueError, RecursionError):
            return _refused(400, "The request is not valid JSON.", "Send a JSON object.")
        problem = _problem(arguments, set(parameters), required)
        if problem:
            return _refused(400, problem, f"Arguments are: {', '.join(parameters)}.")
        call: Callable[..., dict[str, Any]] = getattr(api.at(base_url(request), visitor_in(request.scope)), name)
        answer = await to_thread.run_sync(lambda: call(**arguments))
        status = from_code(answer["code"], "").http_status if answer["status"] == "error" else 200
        return JSONResponse(answer, status_code=status, headers=dict(SAFE_HEADERS))

    return handle


def _problem(arguments: object, known: set[str], required: set[str]) -> str:
    if not isinstance(arguments, dict):
        return "The request is not a JSON object."
    for name in arguments:
        if name not in known:
            return f"There is no argument {name[:80]!r}."
    for name in sorted(required - arguments.keys()):
        return f"The argument {name!r} is missing."
    for name, value in arguments.items():
        if not isinstance(value, str):
            return f"The argument {name!r} is not text."
    return ""


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            return None
    return bytes(body)


def _refused(status: int, message: str, hint: str) -> JSONResponse:
    answer = {"status": "error", "code": "BadRequest", "message": message, "hint": hint}
    return JSONResponse(answer, status_code=status, headers=dict(SAFE_HEADERS))
