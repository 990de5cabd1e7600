"""Results in other formats over HTTP: ``POST /ergo/api/export`` answers with a link, ``POST /ergo/api/report`` with the
report itself.

A report carries what its maker typed in; it is made for one answer and kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ergo.errors import ErgoError, InputError, JobNotFound, SettingsError, from_code
from ergo.jobs.export_api import ExportApi
from ergo.jobs.exporting import Exports
from ergo.report.exports import EXPORTS, ExportOptions
from ergo.report.fields import fields_from
from ergo.storage.keys import attachment, content_type
from ergo.ui.http_errors import SAFE_HEADERS, Handler, typed_errors
from ergo.ui.site import base_url

EXPORT_ROUTE, REPORT_ROUTE = "/ergo/api/export", "/ergo/api/report"
_MAX_BODY_BYTES = 700 << 10  # a logo in base64, and the texts
_EXPORT_ARGUMENTS = frozenset({"job_id", "format", "at_s", "method"})

#: Whether whoever sent a request may see a job.
Allowed = Callable[[Request, str], bool]


def everybody(request: Request, job_id: str) -> bool:
    """A job's id cannot be guessed: whoever has it may see the job."""
    return True


def export_routes(exports: Exports, api: ExportApi, allowed: Allowed = everybody) -> list[Route]:
    """The routes of both calls."""

    async def asked(request: Request) -> dict[str, Any]:
        said = await _object(request)
        job_id = said.get("job_id")
        if not isinstance(job_id, str) or not isinstance(said.get("format"), str):
            raise InputError("The arguments 'job_id' and 'format' are needed.", "Send both as text.")
        if not await to_thread.run_sync(allowed, request, job_id):
            raise JobNotFound(f"There is no job {job_id[:40]!r}.", "It may have been deleted.")
        return said

    async def export(request: Request) -> Response:
        said = await asked(request)
        for name, value in said.items():
            if name not in _EXPORT_ARGUMENTS or not isinstance(value, str):
                raise InputError(f"The argument {name[:40]!r} is unknown or no text.", "See docs/api.md.")
        answer = await to_thread.run_sync(lambda: api.at(base_url(request)).export(**said))
        status = from_code(answer["code"], "").http_status if answer["status"] == "error" else 200
        return JSONResponse(answer, status_code=status, headers=dict(SAFE_HEADERS))

    async def report(request: Request) -> Response:
        said = await asked(request)
        kind, fields = said["format"], said.get("fields", {})
        if kind not in EXPORTS or not EXPORTS[kind].report:
            raise SettingsError(f"There is no report {kind[:40]!r}.", "Choose one of onepage, pdf, html, interactive.")
        if not isinstance(fields, dict):
            raise InputError("The argument 'fields' is no object.", "Send an object of texts.")
        options = ExportOptions(fields=fields_from(fields))
        content, name = await to_thread.run_sync(_report, exports, said["job_id"], kind, options)
        headers = {**dict(SAFE_HEADERS), "Cache-Control": "no-store", "Content-Security-Policy": "sandbox"}
        headers["Content-Disposition"] = attachment(name)
        return Response(content, media_type=content_type(name), headers=headers)

    return [
        Route(EXPORT_ROUTE, typed_errors(_answered(export)), methods=["POST"]),
        Route(REPORT_ROUTE, typed_errors(_answered(report)), methods=["POST"]),
    ]


def _answered(handler: Handler) -> Handler:
    """What goes wrong is an answer in the form of the other calls."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except ErgoError as error:
            answer = {"status": "error", "code": error.code, "message": error.message, "hint": error.hint}
            return JSONResponse(answer, status_code=error.http_status, headers=dict(SAFE_HEADERS))

    return answered


def _report(exports: Exports, job_id: str, kind: str, options: ExportOptions) -> tuple[bytes, str]:
    with exports.once(job_id, kind, options) as (path, name):
        return path.read_bytes(), name


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises InputError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InputError("The request is not JSON.", "Send Content-Type: application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise InputError("The request is too long.", f"Send at most {_MAX_BODY_BYTES} bytes.")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("The request is not valid JSON.", "Send a JSON object.") from None
    if not isinstance(said, dict):
        raise InputError("The request is not a JSON object.", "Send a JSON object.")
    return said
