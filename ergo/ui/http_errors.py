"""Errors as HTTP answers: {"error": {"code", "message", "hint"}} with the status of their kind."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ergo.errors import ErgoError

_log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_DRAIN_BYTES = 64 << 20

SAFE_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))


def error_response(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    """One typed error."""
    headers = {**dict(SAFE_HEADERS), "Cache-Control": "no-store"}
    body = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(body, status_code=status, headers=headers)


def typed_errors(handler: Handler) -> Handler:
    """A handler whose ErgoErrors become answers; everything else becomes a calm 500 and a line in the log."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ErgoError as error:
            response = error_response(error.http_status, error.code, error.message, error.hint)
        except ClientDisconnect:
            return error_response(400, "UploadRejected", "The connection broke off.", "Send it again.")
        except Exception:
            _log.exception("%s %s", request.method, request.url.path)
            response = error_response(500, "ErgoError", "Something went wrong here.", "Try again.")
        await _drain(request)
        return response

    return guarded


async def _drain(request: Request) -> None:
    """Read what is left of a refused body, up to a limit.

    A browser that is still sending when the connection closes reports a network error and never sees the answer, so it
    could not tell an expired link from a broken line.
    """
    if "expect" in request.headers:  # this client waits for permission before it sends
        return
    left = _DRAIN_BYTES
    try:
        async for chunk in request.stream():
            left -= len(chunk)
            if left < 0:
                return
    except (ClientDisconnect, RuntimeError):  # gone, or read to its end already
        return
