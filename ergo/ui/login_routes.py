"""``/ergo/login`` and ``/ergo/logout``: where the settings name users, everybody logs in here first."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ergo.access.audit import note
from ergo.access.limits import RateLimit
from ergo.access.visitor import Visitor, user_owner, visitor_in
from ergo.ui.gate import LOGIN_COOKIE, Identity
from ergo.ui.headers import PageHeaders
from ergo.ui.http_errors import typed_errors
from ergo.ui.plain_page import plain_page
from ergo.ui.site import is_secure
from ergo.ui.ways import LOGIN, LOGOUT, OPENID

TRIES, TRIES_PER_S = 10, 900.0
"""Tries to log in, for an address and for a user's name."""

_MAX_FORM_BYTES = 8 << 10


def login_routes(identity: Identity, headers: PageHeaders) -> list[Route]:
    """The two routes; where nobody logs in, the login leads to the page."""
    tries = RateLimit(TRIES, TRIES_PER_S)

    async def show(request: Request) -> Response:
        if not identity.people_log_in or visitor_in(request.scope).kind == "user":
            return RedirectResponse("../", status_code=303)
        return login_page(request, headers, identity, after_login(request.query_params.get("next", "")))

    async def take(request: Request) -> Response:
        if identity.users is None:
            return RedirectResponse("../", status_code=303)
        if int(request.headers.get("content-length", _MAX_FORM_BYTES + 1)) > _MAX_FORM_BYTES:
            return login_page(request, headers, identity, "", "The form is too long.", 413)
        form = await request.form()
        user, password, after = (str(form.get(name, "")) for name in ("user", "password", "next"))
        visitor = visitor_in(request.scope)
        names = (f"address {visitor.address}", f"user {user}")
        wait_s = max([tries.wait_s(name) for name in names])
        if wait_s > 0:
            note(visitor, "login", outcome="too many")
            said = f"Too many tries. Wait {max(1, round(wait_s / 60))} min."
            return login_page(request, headers, identity, after_login(after), said, 429)
        if not await to_thread.run_sync(identity.users.check, user, password):
            note(visitor, "login", outcome="refused")
            said = "The name or the password is wrong."
            return login_page(request, headers, identity, after_login(after), said, 403)
        for name in names:
            tries.forgive(name)
        note(Visitor(owner=user_owner(user), kind="user", user=user, address=visitor.address), "login")
        answer = RedirectResponse(f"../{after_login(after)}", status_code=303)
        answer.headers.append("set-cookie", identity.login_cookie(user, is_secure(request.scope, request.headers)))
        return answer

    async def leave(request: Request) -> Response:
        answer = RedirectResponse(".." + LOGIN, status_code=303)
        secure = is_secure(request.scope, Headers(scope=request.scope))
        answer.headers.append("set-cookie", identity.cookie(LOGIN_COOKIE, "", 0, secure))
        note(visitor_in(request.scope), "logout")
        return answer

    return [
        Route(LOGIN, typed_errors(show), methods=["GET"]),
        Route(LOGIN, typed_errors(take), methods=["POST"]),
        Route(LOGOUT, typed_errors(leave), methods=["POST"]),
    ]


def after_login(asked: str) -> str:
    """Where to go after the login: a query of the page, never another place."""
    return asked if asked.startswith("?") and asked.isprintable() and asked.isascii() and len(asked) < 1000 else ""


def login_page(
    request: Request, headers: PageHeaders, identity: Identity, after: str, problem: str = "", status: int = 200
) -> Response:
    """The page with every way to log in that there is here, and what went wrong with the last try."""
    said = f'<p class="ergo-notice" role="alert">{escape(problem)}</p>' if problem else ""
    ways, script = "", ""
    if identity.users is not None:
        ways += _form(after)
    if identity.provider is not None:
        main = "" if identity.users is not None else " primary"
        ways += (
            f'<a id="openid" class="page-button{main}" href=".{OPENID}?next={quote(after, safe="")}">'
            f"Log in with {escape(identity.provider.name)}</a>"
        )
        script = _OUT_OF_FRAME
    body = f'<main class="ergo-narrow"><section class="card ways"><h2>Log in</h2>{said}{ways}</section></main>'
    return plain_page(request, headers, "Log in", body, script=script, status=status)


_OUT_OF_FRAME = 'if (window.top !== window) document.getElementById("openid").target = "_blank";'
"""Providers do not let themselves be shown in a frame, as a Space's page is: the login opens a tab of its own."""


def _form(after: str) -> str:
    return (
        f'<form method="post" action=".{LOGIN}">'
        f'<input type="hidden" name="next" value="{escape(after)}">'
        '<label>Name<input name="user" autocomplete="username" required autofocus maxlength="100"></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        '<button class="page-button primary" type="submit">Log in</button></form>'
    )
