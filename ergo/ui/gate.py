"""The gate that every request passes before anything else sees it.

Who asks (cookie, login, token), from where, whether this path is open at all, whether another site sent it, how often.
It stands outside Gradio's own middleware: what it turns away reaches neither Gradio nor a route of ours. Handlers find
who asks by :func:`ergo.ui.visit.visitor_of`; whether something belongs to them is checked where it is read.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ergo.access.addresses import client_address
from ergo.access.limits import RateLimit
from ergo.access.openid import Provider, open_provider
from ergo.access.passwords import Users
from ergo.access.seals import Seals
from ergo.access.tokens import Tokens
from ergo.access.visitor import SCRIPT, VISITOR, Visitor, user_owner
from ergo.config import Settings
from ergo.jobs.services import Services
from ergo.ui.api_routes import API_ROUTE
from ergo.ui.headers import PageHeaders
from ergo.ui.http_errors import error_response
from ergo.ui.site import forwarded, is_secure, site
from ergo.ui.ways import LOGIN, free_of_login, is_open, unmetered

BROWSER_COOKIE, LOGIN_COOKIE = "ergo_browser", "ergo_login"

_YEAR_S = 365 * 24 * 3600
_MINUTE_S = 60.0
_SAFE_METHODS = frozenset(("GET", "HEAD"))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT"))
_JSON_BYTES = 4 << 20
_MOST_SESSIONS = 20_000
_SESSION_PATH = re.compile(r"/gradio_api/heartbeat/([^/]+)")


class Identity:
    """Tells visitors by what they carry. Where nobody logs in, a browser is its cookie."""

    def __init__(
        self, settings: Settings, seals: Seals, tokens: Tokens, users: Users | None, provider: Provider | None
    ) -> None:
        self.seals = seals
        self.users = users
        self.provider = provider
        self.people_log_in = settings.people_log_in()
        self._origins = settings.page_origins() if settings.origins is not None else ()
        self._tokens = tokens
        self._proxies = settings.trusted_proxies
        self._framed = bool(settings.framing_origins())
        self._login_s = settings.login_hours * 3600

    def visitor(self, scope: Scope, headers: Headers, cookies: Mapping[str, str]) -> Visitor | None:
        """Who asks; None where people log in and this one has not."""
        peer = (scope.get("client") or ("", 0))[0]
        address = client_address(peer, headers.getlist("x-forwarded-for"), self._proxies)
        if not self.people_log_in:
            name = self.seals.browser(cookies.get(BROWSER_COOKIE, ""))
            if name is None:
                return Visitor(owner=SCRIPT.owner, address=address)
            return Visitor(owner=name, kind="browser", address=address)
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            user = self._tokens.user_of(token.strip())
            user = user if user is not None and self.users is not None and self.users.hash_of(user) else None
        else:
            user = self.seals.login(cookies.get(LOGIN_COOKIE, ""), self.hash_of)
        return None if user is None else Visitor(owner=user_owner(user), kind="user", user=user, address=address)

    def hash_of(self, user: str) -> str | None:
        """What ties a login to a user's password, or to the provider that a user came from."""
        known = self.users.hash_of(user) if self.users is not None else None
        return self.provider.hash_of(user) if known is None and self.provider is not None else known

    def login_cookie(self, user: str, secure: bool) -> str:
        """The header that logs a user in."""
        value = self.seals.login_cookie(user, self.hash_of(user) or "", self._login_s)
        return self.cookie(LOGIN_COOKIE, value, self._login_s, secure)

    def site(self, request: Request) -> str:
        """The origin under which the browser reaches the page, behind proxies too: one of ERGO_ORIGINS, if given."""
        return site(request, self._origins)

    def browser_cookie(self, name: str, secure: bool) -> str:
        """The header by which a browser keeps its name."""
        return self.cookie(BROWSER_COOKIE, self.seals.browser_cookie(name), _YEAR_S, secure)

    def cookie(self, name: str, value: str, max_age_s: int, secure: bool) -> str:
        """A cookie that no script can read and that other sites' requests do not carry."""
        if self._framed and secure:
            return f"{name}={value}; Max-Age={max_age_s}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned"
        return f"{name}={value}; Max-Age={max_age_s}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def open_identity(settings: Settings, services: Services) -> Identity:
    """Who may come in, by the settings. Raises SettingsError."""
    users = Users(settings.auth) if settings.auth is not None else None
    return Identity(settings, Seals(settings.signing_key()), Tokens(services.store), users, open_provider(settings))


class Gate:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, identity: Identity, headers: PageHeaders, settings: Settings) -> None:
        self._app = app
        self._identity = identity
        self._headers = headers
        self._origins = frozenset(settings.page_origins())
        self._limit = RateLimit(settings.requests_per_minute, _MINUTE_S)
        self._sessions: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] == "websocket":  # the page needs none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secure = is_secure(scope, headers)
        visitor = self._identity.visitor(scope, headers, Request(scope).cookies)
        refused = self._refused(scope, headers, visitor)
        if refused is not None:
            await refused(scope, receive, self._dressed(send, scope, {}))
            return
        cookies = {}
        if visitor is not None and not self._identity.people_log_in and scope["path"] == "/" and visitor.kind != "user":
            name = visitor.owner if visitor.kind == "browser" else self._identity.seals.new_browser()[0]
            visitor = Visitor(owner=name, kind="browser", address=visitor.address)
            cookies["set-cookie"] = self._identity.browser_cookie(name, secure)
        scope[VISITOR] = visitor or Visitor(owner="", address=_address(scope))
        scope["ergo.nonce"] = secrets.token_urlsafe(16)
        send = self._dressed(send, scope, cookies)
        if scope["method"] == "POST" and scope["path"].startswith("/gradio_api/"):
            body, receive = await _read_whole(receive, _JSON_BYTES)
            if body is None:
                await error_response(413, "BadRequest", "The request is too long.")(scope, receive, send)
                return
            session = _session_in(body)
        else:
            session = _session_of(scope)
        if session and not self._may_use(session, scope[VISITOR].owner):
            await error_response(403, "AccessDenied", "This session is somebody else's.", "Reload the page.")(
                scope, receive, send
            )
            return
        await self._app(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers, visitor: Visitor | None) -> Response | None:
        path, method = scope["path"], scope["method"]
        refusal = partial(error_response, as_call=path.startswith(API_ROUTE))
        if not is_open(path):
            return refusal(404, "KeyNotFound", "There is nothing at this address.")
        if method not in _METHODS:
            return refusal(405, "BadRequest", f"{method[:20]} is not taken here.")
        origin = headers.get("origin")
        if origin is not None and not self._ours(origin, headers):
            return refusal(403, "AccessDenied", "Another site may not ask here.", "Open the page itself.")
        wait_s = 0.0 if unmetered(path, method) else self._wait_s(scope, visitor)
        if wait_s > 0:
            answer = refusal(429, "TooManyRequests", "Too many requests.", f"Wait {max(1, round(wait_s))} s.")
            answer.headers["Retry-After"] = str(max(1, round(wait_s)))
            return answer
        if visitor is not None or free_of_login(path):
            return None
        to_login = method in _SAFE_METHODS and path == "/"
        return _login(scope) if to_login else refusal(401, "LoginNeeded", "Log in first.", "Send a token, or log in.")

    def _wait_s(self, scope: Scope, visitor: Visitor | None) -> float:
        names = [f"address {visitor.address if visitor else _address(scope)}"]
        if visitor is not None and visitor.kind != "script":
            names.append(visitor.owner)
        return max(self._limit.wait_s(name) for name in names)

    def _ours(self, origin: str, headers: Headers) -> bool:
        host = urlsplit(origin).netloc.lower()
        named = (headers.get("host", ""), forwarded(headers, "host"))
        return bool(host) and (host in {name.lower() for name in named if name} or origin.lower() in self._origins)

    def _may_use(self, session: str, owner: str) -> bool:
        """A session of Gradio belongs to whom it was first seen with."""
        first = self._sessions.setdefault(session, owner)
        self._sessions.move_to_end(session)
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return first == owner

    def _dressed(self, send: Send, scope: Scope, cookies: Mapping[str, str]) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                self._headers.add(headers, scope)
                for name, value in cookies.items():
                    headers.append(name, value)
            await send(message)

        return dressed


def guarded(gate: Callable[[ASGIApp], Gate]) -> Callable[[Any], Any]:
    """A lifespan that puts the gate around the app, Gradio's own middleware included, before the first request."""

    @asynccontextmanager
    async def lifespan(app: Any):
        if not isinstance(app.middleware_stack, Gate):
            app.middleware_stack = gate(app.middleware_stack)
        yield

    return lifespan


class Nonces:
    """Gives the scripts of Gradio's page the nonce under which the browser runs them; inside its compression.

    `first` is a script of ours that runs before all of them.
    """

    def __init__(self, app: ASGIApp, first: str) -> None:
        self._app = app
        self._first = f"<head><script>{first}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a page on with nonces in it."""
        if scope["type"] != "http" or scope["path"] != "/" or "ergo.nonce" not in scope:
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            nonce = scope["ergo.nonce"].encode()
            page = bytes(body).replace(b"<head>", self._first, 1)
            page = re.sub(rb"<script(?=[\s>])", b'<script nonce="' + nonce + b'"', page)
            MutableHeaders(scope=start)["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, rewritten)


def _login(scope: Scope) -> Response:
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f".{LOGIN}?next={quote(f'?{query}' if query else '', safe='')}", status_code=303)


def _address(scope: Scope) -> str:
    return (scope.get("client") or ("", 0))[0]


async def _read_whole(receive: Receive, most_bytes: int) -> tuple[bytes | None, Receive]:
    """The body, and what gives it again; None when it is longer than `most_bytes`."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")
        if len(body) > most_bytes:
            return None, receive
        if not message.get("more_body"):
            break
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return bytes(body), again


def _session_in(body: bytes) -> str | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    session = content.get("session_hash") if isinstance(content, dict) else None
    return session if isinstance(session, str) else None


def _session_of(scope: Scope) -> str | None:
    match = _SESSION_PATH.match(scope["path"])
    if match:
        return match[1]
    return Request(scope).query_params.get("session_hash")
