"""Logging in and out as a browser does it: cookies, headers and policies decide here, not the routes alone."""

from __future__ import annotations

import pytest
from chromium import CHROMIUM
from live_server import serving
from openid_provider import CLIENT_ID, CLIENT_SECRET, MadeProvider
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from ergo.access.openid import Provider
from ergo.access.passwords import Users, hash_password
from ergo.access.seals import Seals
from ergo.access.tokens import Tokens
from ergo.access.visitor import visitor_in
from ergo.config import Settings
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.ui.gate import Gate, Identity
from ergo.ui.headers import PageHeaders
from ergo.ui.login_routes import login_routes
from ergo.ui.openid_routes import openid_routes
from ergo.ui.plain_page import FOOT_LOGGED_IN, plain_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
]


def test_somebody_logs_in_both_ways_and_out(browser, tmp_path):
    (tmp_path / "users").write_text(f"ann:{hash_password('one two three')}\n")
    made, store = MadeProvider(), LocalStore(tmp_path, UrlSigner(b"k" * 32))
    settings = Settings(data_dir=tmp_path, _env_file=None, auth=tmp_path / "users")
    headers = PageHeaders(store, ())

    async def home(request: Request):
        return plain_page(request, headers, "Home", f"<p>{visitor_in(request.scope).user}</p>{FOOT_LOGGED_IN}")

    async def frame(request: Request):
        framed = '<iframe src="/ergo/login"></iframe>'
        return HTMLResponse(framed, headers={"Content-Security-Policy": "frame-src 'self'"})

    with serving(made.routes) as there:
        # by this name it is another site to the browser, as a provider is
        provider = Provider(there.replace("127.0.0.1", "localhost"), CLIENT_ID, SecretStr(CLIENT_SECRET), None)
        identity = Identity(settings, Seals(b"k" * 32), Tokens(store), Users(tmp_path / "users"), provider)
        routes = [
            Route("/", home),
            Route("/ergo/shared/frame", frame),
            *login_routes(identity, headers),
            *openid_routes(identity, headers),
        ]
        with serving(routes, lambda app: Gate(app, identity, headers, settings)) as url:
            made.redirects.add(f"{url}/ergo/login/openid/back")
            page = browser.new_context().new_page()
            trouble: list[str] = []
            page.on("pageerror", lambda error: trouble.append(str(error)))
            page.on("console", lambda said: "Content Security Policy" in said.text and trouble.append(said.text))
            page.goto(f"{url}/?job=1")
            page.get_by_role("link", name="Log in with localhost").click()
            page.wait_for_url(f"{url}/?job=1")
            assert page.locator("p", has_text="openid:").count() == 1
            page.get_by_role("button", name="Log out").click()
            page.wait_for_url(f"{url}/ergo/login")
            page.goto(f"{url}/?job=1")
            page.get_by_label("Name").fill("ann")
            page.get_by_label("Password").fill("one two three")
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(f"{url}/?job=1")
            assert page.locator("p", has_text="ann").count() == 1
            page.context.clear_cookies()
            page.goto(f"{url}/ergo/shared/frame")
            link = page.frame_locator("iframe").get_by_role("link", name="Log in with localhost")
            with page.context.expect_page() as opened:  # no provider lets itself be shown in a frame
                link.click()
            opened.value.wait_for_url(f"{url}/")
            assert trouble == []
            page.context.close()
