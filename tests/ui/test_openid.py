"""Logging in with an OpenID provider, beside the file of users, against a strict provider on this machine."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
from kept_jobs import keep_job
from live_server import serving
from openid_provider import CLIENT_ID, CLIENT_SECRET, MadeProvider, come_back
from pydantic import SecretStr
from running_app import RunningApp
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ergo.access.audit import keep_audit
from ergo.access.openid import Person, Provider, open_provider
from ergo.access.passwords import hash_password
from ergo.access.seals import Seals
from ergo.access.tokens import Tokens
from ergo.access.visitor import user_owner
from ergo.config import Settings
from ergo.errors import LoginRefused, ProviderError, SettingsError
from ergo.jobs.ledger import Ledger
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.services import open_services
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner
from ergo.ui.api_routes import api_routes
from ergo.ui.gate import Gate, Identity, open_identity
from ergo.ui.headers import PageHeaders
from ergo.ui.login_routes import login_routes
from ergo.ui.openid_routes import openid_routes

BACK = "/ergo/login/openid/back"
ANN, EVE = {"sub": "1", "preferred_username": "ann"}, {"sub": "666", "preferred_username": "sub:77"}


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[MadeProvider, str]]:
    provider = MadeProvider()
    with serving(provider.routes) as url:
        yield provider, url


@pytest.fixture
def provider(made: tuple[MadeProvider, str]) -> Iterator[MadeProvider]:
    yield made[0]
    made[0].who, made[0].broken, made[0].methods, made[0].issuer = ANN, {}, None, None


@pytest.fixture(scope="module")
def app(made: tuple[MadeProvider, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The gate, both ways to log in and the API; a page that says nothing stands for Gradio's."""
    folder = tmp_path_factory.mktemp("openid")
    (folder / "users").write_text(f"ann:{hash_password('one two three')}\n")
    settings = Settings(
        _env_file=None,
        data_dir=folder / "data",
        auth=folder / "users",
        openid_provider_url=f"{made[1]}/",
        openid_client_id=CLIENT_ID,
        openid_client_secret=SecretStr(CLIENT_SECRET),
        openid_users="ann, sub:77",
        requests_per_minute=100_000,
        trusted_proxies=1,
    )
    services = open_services(settings)
    identity, headers = open_identity(settings, services), PageHeaders(services.store, ())
    routes = [
        Route("/", lambda request: Response("the page")),
        *api_routes(LegacyApi(services.uploads, services.jobs)),
        *login_routes(identity, headers),
        *openid_routes(identity, headers),
    ]
    with serving(routes, lambda app: Gate(app, identity, headers, settings)) as url:
        made[0].redirects |= {url + BACK, f"https://page.example{BACK}"}
        yield RunningApp(url, services, routes)


def browser(app: RunningApp, address: str = "192.0.2.1", **headers: str) -> httpx.Client:
    return httpx.Client(base_url=app.url, timeout=60, headers={"X-Forwarded-For": address, **headers})


def go(client: httpx.Client, after: str = "") -> str:
    return come_back(client.get("/ergo/login/openid", params={"next": after}))


def test_somebody_of_the_provider_logs_in_and_out(app, provider, tmp_path):
    audit = keep_audit(tmp_path / "audit.jsonl")
    ann = browser(app)
    page = ann.get("/ergo/login?next=%3Fjob%3D1").text
    assert "Log in with 127.0.0.1" in page and 'type="password"' in page
    assert 'href="./ergo/login/openid?next=%3Fjob%3D1"' in page
    answer = ann.get(go(ann, "?job=1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "../../../?job=1")
    assert "ergo_away" not in ann.cookies and ann.get("/").status_code == 200
    assert ann.get("/ergo/login/openid").headers["location"] == "../../"
    ann.post("/ergo/logout")
    logging.getLogger("ergo.audit").removeHandler(audit)
    audit.close()
    told = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    told = [line for line in told if line["what"] != "open"]
    assert [(line["what"], line["kind"], line["outcome"]) for line in told] == [
        ("login", "user", "ok"),
        ("logout", "user", "ok"),
    ]
    assert told[0]["who"] == told[1]["who"] and '"1"' not in str(told)
    assert ann.get("/").status_code == 303


def test_a_user_of_the_file_with_the_same_name_is_somebody_else(app, provider):
    of_file, of_provider = browser(app), browser(app)
    of_file.post("/ergo/login", data={"user": "ann", "password": "one two three", "next": ""})
    of_provider.get(go(of_provider))
    job = keep_job(Ledger(app.services.store), {"result.json": b"{}"}, owner=user_owner("ann"))
    asked = [client.post("/ergo/api/get_status", json={"job_id": job}) for client in (of_file, of_provider)]
    assert [answer.status_code for answer in asked] == [200, 404]


def test_only_the_browser_that_left_comes_back_and_once(app, provider):
    ann, other = browser(app), browser(app)
    back = go(ann)
    other.get("/ergo/login/openid")  # has a state of its own
    for client, address in (
        (other, back),
        (browser(app), back),
        (ann, back.replace("state=", "state=x")),
        (ann, back.partition("&")[0]),
        (ann, BACK),
    ):
        answer = client.get(address)
        assert answer.status_code == 403 and "not begun in this browser" in answer.text
        assert "ergo_login" not in client.cookies
    away = ann.cookies["ergo_away"]
    assert ann.get(back).status_code == 303
    ann.post("/ergo/logout")
    assert ann.get(back, headers={"Cookie": f"ergo_away={away}"}).status_code == 403


def test_what_the_provider_refuses_is_told(app, provider):
    ann = browser(app, "192.0.2.2")
    state = go(ann).partition("state=")[2]
    answer = ann.get(BACK, params={"state": state, "code": "made-up"})
    assert answer.status_code == 403 and "127.0.0.1 did not confirm this login" in answer.text
    for error, said in (("access_denied", "(access_denied)"), ("<b>x</b>", "(no code)")):
        state = go(ann).partition("state=")[2]
        answer = ann.get(BACK, params={"state": state, "error": error})
        assert answer.status_code == 403 and said in answer.text and "<b>x" not in answer.text


def test_a_provider_that_fails_is_told_in_a_page(app, provider):
    ann = browser(app, "192.0.2.3")
    for name, broken in (
        ("token", JSONResponse({"error": "server_error"}, status_code=500)),
        ("token", JSONResponse({"access_token": "ä\nb"})),
        ("userinfo", Response("x" * 100_000)),
        ("userinfo", JSONResponse({"sub": 1})),
        ("userinfo", Response("[" * 50_000)),
    ):
        provider.broken = {name: broken}
        answer = ann.get(go(ann))
        assert answer.status_code == 502 and 'role="alert">127.0.0.1 ' in answer.text
        assert "Log in with 127.0.0.1" in answer.text and CLIENT_SECRET not in answer.text
        assert ann.get("/").status_code == 303


def test_who_is_not_on_the_list_stays_outside(app, provider):
    provider.who = EVE
    eve = browser(app, "192.0.2.4")
    answer = eve.get(go(eve))
    assert answer.status_code == 403 and "sub:77 (sub:666) may not come in" in answer.text
    assert eve.get("/").status_code == 303
    provider.who = {"sub": "77"}
    nameless = browser(app, "192.0.2.4")
    assert nameless.get(go(nameless)).status_code == 303 and nameless.get("/").status_code == 200
    provider.who = EVE
    statuses = [eve.get(go(eve)).status_code for _ in range(11)]
    assert statuses == [403] * 10 + [429]


def test_behind_a_proxy_the_provider_sends_to_the_public_address(app, provider):
    ann = browser(app, **{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "page.example"})
    answer = ann.get("/ergo/login/openid")
    assert "; Secure" in answer.headers["set-cookie"] and "SameSite=Lax" in answer.headers["set-cookie"]
    back = come_back(answer)
    assert back.startswith(f"https://page.example{BACK}?")
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert ann.get(back.removeprefix("https://page.example"), headers={"Cookie": cookie}).status_code == 303


def test_a_token_is_for_users_of_the_file(app, made):
    provider = Provider(made[1], CLIENT_ID, SecretStr(CLIENT_SECRET), None)
    tokens = Tokens(app.services.store)
    for user, status in (("ann", 200), (provider.user(Person(sub="1", name="ann")), 303)):
        headers = {"Authorization": f"Bearer {tokens.make(user)}"}
        assert httpx.get(app.url, headers=headers).status_code == status


def test_with_a_provider_alone_there_is_no_password(made, provider, tmp_path):
    settings = Settings(data_dir=tmp_path, _env_file=None, origins="https://named.example", openid_provider_url=made[1])
    store, seals = LocalStore(tmp_path, UrlSigner(b"k" * 32)), Seals(b"k" * 32)
    alone = Provider(made[1], CLIENT_ID, SecretStr(CLIENT_SECRET), None)
    identity, headers = Identity(settings, seals, Tokens(store), None, alone), PageHeaders(store, ())
    routes = [*login_routes(identity, headers), *openid_routes(identity, headers)]
    with serving(routes, lambda app: Gate(app, identity, headers, settings)) as url:
        assert httpx.get(f"{url}/").headers["location"].startswith("./ergo/login")
        page = httpx.get(f"{url}/ergo/login").text
        assert "Log in with" in page and "password" not in page.partition("<main")[2]
        assert httpx.post(f"{url}/ergo/login", data={"user": "ann", "password": "x"}).status_code == 303
        away = httpx.get(f"{url}/ergo/login/openid").headers["location"]
        assert httpx.URL(away).params["redirect_uri"] == f"https://named.example{BACK}"


def whole(url: str, users: frozenset[str] | None = None, secret: str = CLIENT_SECRET) -> Provider:
    return Provider(url, CLIENT_ID, SecretStr(secret), users)


async def asked(provider: Provider, back: str = "https://page.example" + BACK) -> Person:
    away = await provider.address(back, "s" * 43, "v" * 64)
    there = await asyncio.to_thread(httpx.get, away)
    return await provider.person(httpx.URL(there.headers["location"]).params["code"], back, "v" * 64)


def test_the_secret_goes_as_the_provider_wants_it_and_must_be_right(made, provider):
    provider.redirects.add(f"https://page.example{BACK}")
    for methods in (None, ["client_secret_post"], ["private_key_jwt", "client_secret_basic"]):
        provider.methods = methods
        assert asyncio.run(asked(whole(made[1]))) == Person(sub="1", name="ann")
    with pytest.raises(ProviderError, match="invalid_client") as told:
        asyncio.run(asked(whole(made[1], secret="wrong secret")))  # noqa: S106
    assert "OAUTH_CLIENT_SECRET" in told.value.hint and "wrong secret" not in str(told.value)


def test_a_code_is_worth_nothing_without_its_verifier(made, provider):
    async def stolen() -> None:
        one = whole(made[1])
        away = await one.address(f"https://page.example{BACK}", "s" * 43, "v" * 64)
        there = await asyncio.to_thread(httpx.get, away)
        code = httpx.URL(there.headers["location"]).params["code"]
        await one.person(code, f"https://page.example{BACK}", "w" * 64)

    provider.redirects.add(f"https://page.example{BACK}")
    with pytest.raises(LoginRefused):
        asyncio.run(stolen())


def test_a_provider_that_is_not_there_or_not_itself(made, provider):
    with pytest.raises(ProviderError, match="does not answer"):
        asyncio.run(whole("http://127.0.0.1:1").address("x", "s", "v"))
    provider.issuer = "https://other.example"
    with pytest.raises(ProviderError, match="no configuration"):
        asyncio.run(whole(made[1]).address("x", "s", "v"))
    named = {"issuer": made[1], "authorization_endpoint": f"{made[1]}/a", "userinfo_endpoint": f"{made[1]}/u"}
    provider.broken = {"configuration": JSONResponse({**named, "token_endpoint": "http://provider.example/token"})}
    with pytest.raises(ProviderError, match="no https endpoints"):
        asyncio.run(whole(made[1]).address("x", "s", "v"))


def test_its_configuration_is_asked_for_once_an_hour(made, provider):
    now = [0.0]
    one = Provider(made[1], CLIENT_ID, SecretStr(CLIENT_SECRET), None, clock=lambda: now[0])
    before = provider.asked.count("configuration")
    for now[0] in (0.0, 3000.0, 3601.0):
        asyncio.run(one.address("x", "s", "v"))
    assert provider.asked.count("configuration") == before + 2


def test_a_login_ends_when_the_provider_the_client_or_the_list_changes():
    ann = Person(sub="1", name="ann")
    one = whole("https://a.example/", frozenset({"ann", "bob"}))
    tied = one.hash_of(one.user(ann))
    assert tied == whole("https://a.example", frozenset({"bob", "ann"})).hash_of(one.user(ann))
    for other in (
        whole("https://b.example", frozenset({"ann", "bob"})),
        whole("https://a.example", frozenset({"ann"})),
    ):
        assert other.hash_of(one.user(ann)) != tied
    assert one.hash_of("ann") is None and one.hash_of("openid:ann") is None
    assert whole("https://huggingface.co").name == "Hugging Face"


def test_what_a_browser_carries_meanwhile_is_sealed_and_ends():
    now = [1_700_000_000.0]
    seals = Seals(b"a" * 32, clock=lambda: now[0])
    state = "s" * 43
    cookie = seals.away_cookie(state, "?job=1", 600)
    assert seals.away(cookie) == (state, "?job=1") and Seals(b"b" * 32).away(cookie) is None
    assert seals.away(cookie.replace("sss", "sst", 1)) is None and seals.away("") is None
    assert seals.verifier(state) not in cookie and seals.verifier(state) != seals.verifier("t" * 43)
    assert seals.login(cookie, lambda user: "") is None
    now[0] += 601
    assert seals.away(cookie) is None


def test_half_a_provider_is_named():
    def opened(**given: object) -> Provider | None:
        return open_provider(Settings(_env_file=None, **given))  # pyright: ignore

    url, rest = "https://a.example", {"openid_client_id": "i", "openid_client_secret": SecretStr("s")}
    assert opened() is None and opened(openid_provider_url=url, **rest) is not None
    with pytest.raises(SettingsError, match="OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET"):
        opened(openid_provider_url=url)
    with pytest.raises(SettingsError, match="OPENID_PROVIDER_URL must"):
        opened(**rest)
    with pytest.raises(SettingsError, match="OPENID_PROVIDER_URL"):
        opened(openid_users="ann")
    for plain in ("http://a.example", "a.example", "https://", "https://me@a.example", "https://[x"):
        with pytest.raises(SettingsError, match="no https address"):
            opened(openid_provider_url=plain, **rest)
    with pytest.raises(SettingsError, match="names nobody"):
        opened(openid_provider_url=url, openid_users=" , ", **rest)
