"""The HTTP calls under requests from anywhere: schemathesis by their own description, and what it would not think of.

No answer is a server error, every refusal is typed, and the service is as alive afterwards as before.
"""

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from live_server import serving
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from ergo.access.passwords import hash_password
from ergo.access.tokens import Tokens
from ergo.config import Settings
from ergo.jobs.health import HealthLook
from ergo.jobs.ledger import Ledger
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.services import open_services
from ergo.storage.signing import ROUTE
from ergo.ui.api_routes import API_ROUTE, api_routes
from ergo.ui.gate import Gate, open_identity
from ergo.ui.headers import PageHeaders
from ergo.ui.health_routes import health_routes
from ergo.ui.routes import store_routes


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """People log in, and ask as often as they like."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "users").write_text(f"ann:{hash_password('open sesame')}\n")
    return Settings(data_dir=folder, auth=folder / "users", requests_per_minute=10**6, _env_file=None)


@pytest.fixture(scope="module")
def services(settings):
    return open_services(settings)


@pytest.fixture(scope="module")
def token(services):
    return {"Authorization": f"Bearer {Tokens(services.store).make('ann')}"}


@pytest.fixture(scope="module")
def base_url(settings, services):
    routes = [
        *api_routes(LegacyApi(services.uploads, services.jobs)),
        *store_routes(services.store, services.signer),
        *health_routes(HealthLook(Ledger(services.store)), services.endings, None),
    ]
    identity, headers = open_identity(settings, services), PageHeaders(services.store, ())
    with serving(routes, lambda app: Gate(app, identity, headers, settings)) as url:
        yield url
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}


CALLS = ("generate_upload_url", "start_processing", "get_status", "again", "compare")


@pytest.mark.parametrize("name", CALLS)
def test_calls_as_described_and_not(base_url, token, name):
    schema = schemathesis.openapi.from_url(f"{base_url}{API_ROUTE}openapi.json", headers=token)
    operations = {each.ok().path.rpartition("/")[2]: each.ok() for each in schema.get_all_operations()}
    assert set(operations) == set(CALLS)
    cases = st.one_of(
        operations[name].as_strategy(generation_mode=GenerationMode.POSITIVE),
        operations[name].as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @hypothesis.settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @hypothesis.given(cases)
    def ask(case):
        response = case.call(headers=token)
        case.validate_response(
            response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
        )
        if response.status_code >= 400 and response.status_code != 405:
            answer = response.json()
            assert answer["code"] and answer["message"]

    ask()


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer ergo_" + "a" * 43}, {"Authorization": "Basic YTpi"}])
@pytest.mark.parametrize("name", ["openapi.json", *CALLS])
def test_no_call_without_a_login(base_url, name, header):
    method = "GET" if name == "openapi.json" else "POST"
    answer = httpx.request(method, f"{base_url}{API_ROUTE}{name}", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "LoginNeeded")


@pytest.mark.parametrize(
    "path",
    [
        "jobs/../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "uploads/local/%00/source.mp4",
        "secret.key", "objects/secret.key", "jobs/" + "a" * 3000, "uploads/local/\u202egpj.exe", "jobs/a/result/x",
        "?op=get&expires=99999999999&sig=" + "0" * 64, "x?op=get&expires=-1", "x?op=zip&expires=1e400&sig=%F0%9F%92%A9",
        "x?op=get&op=put&expires=nan&expires=1&sig=a&sig=b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "POST"])
def test_no_object_without_permission(services, base_url, method, path):

    before = {info.key for info in services.store.list("")}
    with httpx.Client() as client:
        request = httpx.Request(method, f"{base_url}{ROUTE}{path}", content=b"x" if method in ("PUT", "POST") else b"")
        response = client.send(request)
    assert 400 <= response.status_code < 500
    if method != "HEAD" and response.status_code not in (404, 405):
        assert response.json()["error"]["code"]
    assert b"root:" not in response.content
    assert {info.key for info in services.store.list("")} == before


@pytest.mark.parametrize(
    "filename",
    [
        "",
        ".mp4",
        "a" * 2000 + ".mp4",
        "\x00.mp4",
        "../../a.mp4",
        "C:\\a.mp4",
        "\u202e4pm.exe.mp4",
        "a.mp4\r\nX: y",
        "💥.mp4",
        "a.php",
    ],
)
def test_names_of_videos(base_url, token, filename):
    answer = httpx.post(f"{base_url}{API_ROUTE}generate_upload_url", json={"filename": filename}, headers=token)
    told = answer.json()
    if answer.status_code == 200:
        assert told["video_key"].startswith("uploads/") and told["video_key"].endswith("/source.mp4")
        assert "\r" not in told["upload_url"] and ".." not in told["upload_url"]
    else:
        assert (answer.status_code, told["code"]) == (400, "UploadRejected")


@pytest.mark.parametrize("size_bytes", [10 << 20])
def test_a_request_of_ten_megabytes(base_url, token, size_bytes):
    answer = httpx.post(f"{base_url}{API_ROUTE}get_status", json={"job_id": "0" * size_bytes}, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (413, "BadRequest")
