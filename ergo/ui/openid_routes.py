"""``/ergo/login/openid`` and ``…/back``: to the OpenID provider that the settings name, and back with its word."""

from __future__ import annotations

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ergo.access.audit import note
from ergo.access.limits import RateLimit
from ergo.access.openid import Provider, error_name
from ergo.access.visitor import Visitor, user_owner, visitor_in
from ergo.errors import ErgoError, LoginRefused, TooManyRequests
from ergo.ui.gate import Identity
from ergo.ui.headers import PageHeaders
from ergo.ui.http_errors import typed_errors
from ergo.ui.login_routes import TRIES, TRIES_PER_S, after_login, login_page
from ergo.ui.site import is_secure
from ergo.ui.ways import OPENID, OPENID_BACK

AWAY_COOKIE, AWAY_S = "ergo_away", 600
"""What a browser carries while it is at the provider, and for how long."""

_MAX_CODE_CHARS = 4096


def openid_routes(identity: Identity, headers: PageHeaders) -> list[Route]:
    """The two routes; none where the settings name no provider."""
    if identity.provider is None:
        return []
    provider: Provider = identity.provider
    tries = RateLimit(TRIES, TRIES_PER_S)
    used = RateLimit(1, AWAY_S)  # a state is good for one return

    async def leave(request: Request) -> Response:
        if visitor_in(request.scope).kind == "user":
            return RedirectResponse("../../", status_code=303)
        state = secrets.token_urlsafe(32)
        after = after_login(request.query_params.get("next", ""))
        try:
            there = await provider.address(identity.site(request) + OPENID_BACK, state, identity.seals.verifier(state))
        except ErgoError as error:
            return login_page(request, headers, identity, after, str(error), error.http_status)
        secure = is_secure(request.scope, request.headers)
        answer = RedirectResponse(there, status_code=303, headers={"Cache-Control": "no-store"})
        cookie = identity.cookie(AWAY_COOKIE, identity.seals.away_cookie(state, after, AWAY_S), AWAY_S, secure)
        answer.headers.append("set-cookie", cookie)
        return answer

    async def confirmed(request: Request, state: str) -> str:
        """The user who has come back. Raises an ErgoError for everything else."""
        told, from_where = request.query_params, f"address {visitor_in(request.scope).address}"
        ours = bool(state) and hmac.compare_digest(told.get("state", "").encode(), state.encode())
        wait_s = tries.wait_s(from_where) if ours else 0.0  # other sites can send a browser here, too
        if wait_s > 0:
            raise TooManyRequests("Too many tries.", f"Wait {max(1, round(wait_s / 60))} min.")
        if not ours or used.wait_s(state) > 0:
            raise LoginRefused("This login was not begun in this browser, or has taken too long.", "Log in again.")
        code = told.get("code", "")
        if not 0 < len(code) <= _MAX_CODE_CHARS:
            reason = error_name(told.get("error")) or "no code"
            raise LoginRefused(f"{provider.name} did not let you in ({reason}).", "Log in again.")
        person = await provider.person(code, identity.site(request) + OPENID_BACK, identity.seals.verifier(state))
        if not provider.lets_in(person):
            raise LoginRefused(
                f"{person.name or 'You'} (sub:{person.sub}) may not come in here.", "Ask whoever runs this page."
            )
        tries.forgive(from_where)
        return provider.user(person)

    async def back(request: Request) -> Response:
        visitor, secure = visitor_in(request.scope), is_secure(request.scope, request.headers)
        if visitor.kind == "user":
            return RedirectResponse("../../../", status_code=303)
        state, after = identity.seals.away(request.cookies.get(AWAY_COOKIE, "")) or ("", "")
        try:
            user = await confirmed(request, state)
        except ErgoError as error:
            note(visitor, "login", outcome="too many" if isinstance(error, TooManyRequests) else "refused")
            return login_page(request, headers, identity, after, str(error), error.http_status)
        note(Visitor(owner=user_owner(user), kind="user", user=user, address=visitor.address), "login")
        answer = RedirectResponse(f"../../../{after}", status_code=303)
        answer.headers.append("set-cookie", identity.login_cookie(user, secure))
        answer.headers.append("set-cookie", identity.cookie(AWAY_COOKIE, "", 0, secure))
        return answer

    return [
        Route(OPENID, typed_errors(leave), methods=["GET"]),
        Route(OPENID_BACK, typed_errors(back), methods=["GET"]),
    ]
