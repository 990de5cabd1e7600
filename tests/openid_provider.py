"""A small OpenID provider on this machine that is as strict as the standards: client, redirect, PKCE, one use."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "ergo page", "canary:provider secret/0123456789"


class MadeProvider:
    """`who` is at the keyboard, by the claims of their userinfo; `methods` are how a client may show its secret."""

    def __init__(self) -> None:
        self.who: dict[str, Any] = {"sub": "1", "preferred_username": "ann"}
        self.redirects: set[str] = set()
        self.broken: dict[str, Response] = {}
        self.issuer: str | None = None
        self.methods: list[str] | None = None
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}
        self.routes = [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._userinfo),
        ]

    async def _configuration(self, request: Request) -> Response:
        self.asked.append("configuration")
        here = str(request.base_url).rstrip("/")
        told = {"issuer": self.issuer or here} | {
            f"{name}_endpoint": f"{here}/{path}"
            for name, path in (("authorization", "authorize?theme=x"), ("token", "token"), ("userinfo", "userinfo"))
        }
        if self.methods is not None:
            told["token_endpoint_auth_methods_supported"] = self.methods
        return self.broken.get("configuration") or JSONResponse(told)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked.pop("theme") == "x" and asked["client_id"] == CLIENT_ID and asked["response_type"] == "code"
        assert asked["redirect_uri"] in self.redirects and asked["scope"] == "openid profile"
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", status_code=302
        )

    async def _token(self, request: Request) -> Response:
        self.asked.append("token")
        form = {name: str(value) for name, value in (await request.form()).items()}
        basic = base64.b64encode(f"{quote(CLIENT_ID, safe='')}:{quote(CLIENT_SECRET, safe='')}".encode()).decode()
        shown = {
            "client_secret_basic": request.headers.get("authorization") == f"Basic {basic}",
            "client_secret_post": (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET),
        }
        if not any(shown.get(method) for method in self.methods or ["client_secret_basic"]):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or (asked["redirect_uri"], asked["code_challenge"]) != (form["redirect_uri"], challenge):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        token = secrets.token_urlsafe(16)
        self._tokens[token] = self.who
        return self.broken.get("token") or JSONResponse({"access_token": token, "token_type": "Bearer"})

    async def _userinfo(self, request: Request) -> Response:
        who = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return self.broken.get("userinfo") or JSONResponse(who or {"error": "invalid_token"}, 200 if who else 401)


def come_back(answer: httpx.Response) -> str:
    """Where the provider sends the browser that `answer` has sent to it."""
    assert answer.status_code == 303, answer.text
    there = httpx.get(answer.headers["location"])
    assert there.status_code == 302, there.text
    return there.headers["location"]
