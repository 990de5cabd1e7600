"""The HTTP calls described for programs: OpenAPI 3.1, made from the calls themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from ergo import __version__

_ERROR = {
    "type": "object",
    "required": ["status", "code", "message", "hint"],
    "properties": {
        "status": {"const": "error"},
        "code": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
    },
}
_SUCCESS = {"type": "object", "required": ["status"], "properties": {"status": {"const": "success"}}}


def describe(prefix: str, calls: Iterable[Callable[..., dict[str, Any]]]) -> dict[str, Any]:
    """The description of `calls`, each a POST at `prefix` and its name; their arguments are text, all of them."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ergo", "version": __version__, "description": "A video in, ergonomic scores out."},
        "paths": {f"{prefix}{call.__name__}": {"post": _operation(call)} for call in calls},
        "components": {"schemas": {"Error": _ERROR, "Success": _SUCCESS}},
    }


def _operation(call: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(call.__doc__ or "").partition("\n")
    parameters = inspect.signature(call).parameters.values()
    optional = [p for p in parameters if p.default is not inspect.Parameter.empty]
    arguments = {
        "type": "object",
        "additionalProperties": False,
        "required": [p.name for p in parameters if p not in optional],
        "properties": {p.name: {"type": "string"} for p in parameters}
        | {p.name: {"type": "string", "default": p.default} for p in optional},
    }
    return {
        "operationId": call.__name__,
        "summary": summary,
        "description": description.strip(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": arguments}}},
        "responses": {"200": _answer("Success", "What was asked for.")}
        | {"default": _answer("Error", "What went wrong, with which input, and what to do.")},
    }


def _answer(schema: str, description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
