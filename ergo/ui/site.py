"""Under which address the browser, or a script, reaches this site, proxies in between or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.types import Scope


def site(request: Request, origins: Sequence[str] = ()) -> str:
    """The origin of a request: one of `origins`, the first where it says another, if there are any."""
    host = forwarded(request.headers, "host") or request.headers.get("host", "")
    origin = f"http{'s' if is_secure(request.scope, request.headers) else ''}://{host.lower()}"
    return origins[0] if origins and origin not in origins else origin


def base_url(request: Request) -> str:
    """What relative addresses in an answer to a script start from."""
    return f"{site(request)}{request.base_url.path}"


def is_secure(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether the browser sees https; a header that lies harms only the one who sent it."""
    return "https" in (scope.get("scheme"), forwarded(headers, "proto"))


def forwarded(headers: Mapping[str, str], what: str) -> str:
    """What the first of the proxies says the browser asked for; empty without one."""
    return headers.get(f"x-forwarded-{what}", "").split(",")[0].strip()
