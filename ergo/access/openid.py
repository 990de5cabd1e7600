"""Logging in with an OpenID provider: the code flow with PKCE, without any web framework.

OpenID Connect Core 1.0 §3.1 and Discovery 1.0 §4, RFC 6749 §4.1, RFC 7636. Who somebody is comes from the userinfo
endpoint, asked over TLS with an access token that the provider has just handed to this machine itself, for the
machine's secret. So there is no ID token to parse (Core §3.1.3.7 accepts TLS in the place of its signature) and no
nonce, which only an ID token would carry; what ties a code to the browser that asked for it is PKCE (RFC 9700 §2.1.1).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from anyio import fail_after
from pydantic import SecretStr

from ergo.config import Settings, variable
from ergo.errors import LoginRefused, ProviderError, SettingsError

_log = logging.getLogger(__name__)

_TIMEOUT_S, _PATIENCE_S = 5.0, 15.0
_MOST_BYTES = 64 << 10
_FRESH_S = 3600.0
_NAMES = {"huggingface.co": "Hugging Face"}
_SUB = re.compile(r"[!-~]{1,255}")  # Core §2: at most 255 ASCII characters
_TOKEN = re.compile(r"[!-~]+")
_NAME_CHARS = 100
_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom the provider knows: `sub` is theirs for good, `name` they may change, and may be empty."""

    sub: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoints:
    authorization: str
    token: str
    userinfo: str
    secret_in_form: bool


class Provider:
    """One provider, as this Ergo is registered with it.

    Args:
        url: the provider's issuer, below which its configuration lies.
        client_id, client_secret: this Ergo's name and password there.
        users: who may come in, by name or as ``sub:…``; None: everybody whom the provider knows.
        clock: seconds, for how long the configuration is kept.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: SecretStr,
        users: frozenset[str] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        if not _is_private(self._url):
            raise SettingsError(
                f"{variable('openid_provider_url')} is no https address.", "Write https://host, with a path if it has."
            )
        host = httpx.URL(self._url).host
        self.name = _NAMES.get(host, host)
        self._client_id = client_id
        self._client_secret = client_secret
        self._users = users
        self._clock = clock
        self._known: tuple[float, _Endpoints] | None = None
        # an owner is somebody at this provider: another one may give the same `sub` to another person
        self._prefix = f"openid:{hashlib.sha256(self._url.encode()).hexdigest()[:16]}:"

    def user(self, person: Person) -> str:
        """The user that somebody is here; its colons keep it apart from every name in a file of users."""
        return f"{self._prefix}{person.sub}"

    def hash_of(self, user: str) -> str | None:
        """What ties a login to these settings: with another provider, client or list it ends."""
        if not user.startswith(self._prefix):
            return None
        tied = json.dumps([self._url, self._client_id, None if self._users is None else sorted(self._users)])
        return f"openid {hashlib.sha256(tied.encode()).hexdigest()}"

    def lets_in(self, person: Person) -> bool:
        """Whether somebody is among those who may come in. No name can pass for a `sub`."""
        if self._users is None or f"sub:{person.sub}" in self._users:
            return True
        return person.name in self._users and not person.name.startswith("sub:")

    async def address(self, back: str, state: str, verifier: str) -> str:
        """Where to send a browser, which will come back to `back`. Raises ProviderError."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back,
            "scope": "openid profile",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return str(httpx.URL((await self._endpoints()).authorization).copy_merge_params(asked))

    async def person(self, code: str, back: str, verifier: str) -> Person:
        """Who has come back with `code`. Raises LoginRefused when the provider does not take it, ProviderError."""
        ends = await self._endpoints()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        secret = self._client_secret.get_secret_value()
        auth = None
        if ends.secret_in_form:
            form |= {"client_id": self._client_id, "client_secret": secret}
        else:
            auth = httpx.BasicAuth(quote(self._client_id, safe=""), quote(secret, safe=""))  # RFC 6749 §2.3.1
        status, told = await self._ask("POST", ends.token, data=form, auth=auth)
        if told.get("error") == "invalid_grant":
            raise LoginRefused(f"{self.name} did not confirm this login.", "Log in again.")
        token = told.get("access_token")
        if status != httpx.codes.OK or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise self._wrong("gave no token", status, told)
        status, told = await self._ask("GET", ends.userinfo, headers={"Authorization": f"Bearer {token}"})
        sub, name = told.get("sub"), told.get("preferred_username")
        if status != httpx.codes.OK or not isinstance(sub, str) or not _SUB.fullmatch(sub):
            raise self._wrong("did not say who came", status, told)
        if not isinstance(name, str) or not name.isprintable() or len(name) > _NAME_CHARS:
            name = ""
        return Person(sub=sub, name=name)

    async def _endpoints(self) -> _Endpoints:
        now_s = self._clock()
        if self._known is None or now_s - self._known[0] >= _FRESH_S:
            status, told = await self._ask("GET", f"{self._url}/.well-known/openid-configuration")
            issuer = told.get("issuer")
            if status != httpx.codes.OK or not isinstance(issuer, str) or issuer.rstrip("/") != self._url:
                raise self._wrong("has no configuration for this address", status, told)
            named = [told.get(f"{name}_endpoint") for name in ("authorization", "token", "userinfo")]
            authorization, token, userinfo = (url if isinstance(url, str) and _is_private(url) else "" for url in named)
            if not (authorization and token and userinfo):
                raise self._wrong("names no https endpoints", status, told)
            ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]  # Discovery §3
            self._known = (
                now_s,
                _Endpoints(
                    authorization=authorization,
                    token=token,
                    userinfo=userinfo,
                    secret_in_form="client_secret_basic" not in ways,
                ),
            )
        return self._known[1]

    async def _ask(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        body = bytearray()
        try:
            with fail_after(_PATIENCE_S):
                async with (
                    httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as http,
                    http.stream(method, url, headers=headers, **options) as answer,
                ):
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > _MOST_BYTES:
                            raise self._wrong("says too much", answer.status_code, {})
        except (httpx.HTTPError, TimeoutError) as error:
            _log.warning("the OpenID provider does not answer: %s", type(error).__name__)
            raise ProviderError(f"{self.name} does not answer.", "Try again in a moment.") from None
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        return answer.status_code, told if isinstance(told, dict) else {}

    def _wrong(self, what: str, status: int, told: dict[str, Any]) -> ProviderError:
        said = error_name(told.get("error"))
        _log.warning("the OpenID provider %s: status %d %s", what, status, said)
        return ProviderError(
            f"{self.name} {what}{f' ({said})' if said else ''}.",
            f"Tell whoever runs this page: {variable('openid_provider_url')}, {variable('openid_client_id')} and "
            f"{variable('openid_client_secret')} must be as the provider has them.",
        )


def open_provider(settings: Settings) -> Provider | None:
    """The provider that the settings name, if any. Raises SettingsError when they name half of one."""
    url, client_id, secret = (
        settings.openid_provider_url,
        settings.openid_client_id,
        settings.openid_client_secret,
    )
    if url and client_id and secret:
        return Provider(url, client_id, secret, settings.openid_names())
    named = {"openid_provider_url": url, "openid_client_id": client_id, "openid_client_secret": secret}
    missing = [variable(field) for field, value in named.items() if not value]
    if len(missing) < len(named) or settings.openid_users is not None:
        raise SettingsError(
            f"For logging in with an OpenID provider {' and '.join(missing)} must be given, too.",
            "Give provider, client id and client secret, or none of them and no list of users.",
        )
    return None


def error_name(said: object) -> str:
    """The name of an error in a provider's answer (RFC 6749 §4.1.2.1), empty for anything that is no such name."""
    return said if isinstance(said, str) and _ERROR.fullmatch(said) else ""


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what goes to `url`: https, or this machine itself."""
    try:
        parts, host = urlsplit(url), httpx.URL(url).host
    except (ValueError, httpx.InvalidURL):
        return False
    if "@" in parts.netloc or parts.fragment:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
