"""Errors as HTTP answers: {"error": {"code", "message", "hint"}} with the status of their kind.

The calls of the API answer errors as they answer everything else: {"status": "error", "code", "message", "hint"}.
"""

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

SAFE_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))


def error_response(status: int, code: str, message: str, hint: str = "", *, as_call: bool = False) -> JSONResponse:
    """One typed error; `as_call` in the words of the API's calls."""
    headers = {**dict(SAFE_HEADERS), "Cache-Control": "no-store"}
    told = {"code": code, "message": message, "hint": hint}
    body = {"status": "error", **told} if as_call else {"error": told}
    return JSONResponse(body, status_code=status, headers=headers)


def typed_errors(handler: Handler) -> Handler:
    """A handler whose ErgoErrors become answers; everything else becomes a calm 500 and a line in the log."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except ErgoError as error:
            return error_response(error.http_status, error.code, error.message, error.hint)
        except ClientDisconnect:
            return error_response(400, "UploadRejected", "The connection broke off.", "Send it again.")
        except Exception:
            _log.exception("%s %s", request.method, request.url.path)
            return error_response(500, "ErgoError", "Something went wrong here.", "Try again.")

    return guarded
