"""Who makes a request, for handlers of Gradio's events and for its server functions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ergo.access.visitor import SCRIPT, Visitor, visitor_in


def visitor_of(request: Any) -> Visitor:
    """The visitor of a request: Starlette's, or Gradio's, which wraps one."""
    inner = inner_of(request)
    return SCRIPT if inner is None else visitor_in(inner.scope)


def inner_of(request: Any) -> Request | None:
    """Starlette's request of Gradio's; None for a call from within."""
    return request if isinstance(request, Request) else getattr(request, "request", None)
