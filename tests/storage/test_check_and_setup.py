"""``python -m ergo storage``: what it says of good and bad buckets, and the rules it writes."""

import json
from pathlib import Path

import httpx
import pytest
from s3_proxy import Fault
from s3_server import READ_ONLY_KEY

from ergo.cli import main
from ergo.config import Settings, variable
from ergo.errors import SettingsError
from ergo.storage.check import check_bucket
from ergo.storage.open import open_store
from ergo.storage.setup import cors_rules, lifecycle_rules, write_rules
from ergo.storage.signing import UrlSigner

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ORIGINS = ("https://ergo.example.com",)


def opened(place, **options):
    return open_store(Settings(**(place.settings() | options), _env_file=None), UrlSigner(b"s"))


def findings(store):
    return {finding.name: finding for finding in check_bucket(store, ORIGINS)}


def test_a_bucket_that_was_set_up_passes(r2):
    store = opened(r2)
    write_rules(store, cors_rules(ORIGINS), lifecycle_rules(7, 90))
    found = findings(store)
    assert {name for name, finding in found.items() if not finding.passed} == set(), found
    assert len(found) == 10
    assert list(store.list("")) == []


def test_a_fresh_bucket_lacks_its_rules_and_the_fix_is_named(s3):
    store = opened(s3)
    found = findings(store)
    assert {name for name, finding in found.items() if not finding.passed} == {"CORS", "lifecycle"}
    assert all("storage setup" in found[name].fix for name in ("CORS", "lifecycle"))
    write_rules(store, cors_rules(["*"]), lifecycle_rules(0, 0))
    found = findings(store)
    assert "any origin" in found["CORS"].detail and "for ever" in found["lifecycle"].detail


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        ({"s3_bucket_name": "nowhere"}, "S3_BUCKET_NAME"),
        ({"s3_secret_access_key": "wrong"}, "S3_SECRET_ACCESS_KEY"),
    ],
)
def test_nothing_more_is_tried_where_the_bucket_is_out_of_reach(s3, options, fix):
    found = findings(opened(s3, **options))
    assert list(found) == ["bucket"]
    assert found["bucket"].passed is False and fix in found["bucket"].fix


def test_credentials_that_only_read_are_found_out(s3):
    found = findings(opened(s3, s3_access_key_id=READ_ONLY_KEY))
    assert found["bucket"].passed and not found["write and read"].passed
    assert "write" in found["write and read"].fix


def test_rules_that_cannot_be_seen_are_no_failure(r2):
    store = opened(r2)
    write_rules(store, cors_rules(ORIGINS), lifecycle_rules(7, 90))
    r2.add(Fault("fail", operations=("GetBucketLifecycle",), status=403, code="AccessDenied"))
    assert findings(store)["lifecycle"].passed is None


def test_only_pages_of_the_named_origins_may_read_what_they_were_signed(s3):
    store = opened(s3)
    write_rules(store, cors_rules(ORIGINS), lifecycle_rules(7, 90))
    store.put("k.json", b"{}")
    url = store.get_url("k.json", ttl_s=60)
    allowed = httpx.get(url, headers={"Origin": ORIGINS[0]}).headers
    assert allowed["access-control-allow-origin"] == ORIGINS[0]
    assert "etag" in allowed["access-control-expose-headers"].lower()
    assert "access-control-allow-origin" not in httpx.get(url, headers={"Origin": "https://evil.example"}).headers


def test_the_files_for_the_dashboard_say_what_the_code_writes():
    settings = Settings(_env_file=None)
    cors = json.loads((DEPLOY / "r2-cors.json").read_text())
    assert cors == cors_rules(["https://ergo.example.com"])
    lifecycle = json.loads((DEPLOY / "lifecycle.json").read_text())
    assert lifecycle == lifecycle_rules(settings.video_days, settings.result_days)


def test_zero_days_keep():
    assert [rule["ID"] for rule in lifecycle_rules(0, 0)["Rules"]] == ["ergo-unfinished-uploads"]


@pytest.mark.parametrize("origins", ["*", "ergo.example.com", "https://a.b/c", "https://*.example.com", "null"])
def test_only_exact_origins_are_taken(origins):
    with pytest.raises(SettingsError, match="ERGO_ORIGINS"):
        Settings(origins=origins, _env_file=None).page_origins()


def test_origins_are_read_as_browsers_write_them():
    named = Settings(origins="https://Ergo.example.com/, http://[::1]:7860", _env_file=None).page_origins()
    assert named == ("https://ergo.example.com", "http://[::1]:7860")
    assert Settings(port=7000, _env_file=None).page_origins() == ("http://127.0.0.1:7000", "http://localhost:7000")


def test_the_commands(s3, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["storage", "check"]) == 0
    assert "STORAGE_PROVIDER" in capsys.readouterr().out
    for name, value in s3.settings().items():
        monkeypatch.setenv(variable(name), value)
    assert main(["storage", "setup", "--dry-run"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"cors": cors_rules(Settings().page_origins()), "lifecycle": lifecycle_rules(7, 90)}
    assert main(["storage", "check"]) == 1
    assert "FAIL CORS" in capsys.readouterr().out
    assert main(["storage", "setup"]) == 0
    assert main(["storage", "check"]) == 0
    out = capsys.readouterr().out
    assert "ok   CORS" in out and s3.secret_key not in out and s3.access_key not in out
    monkeypatch.setenv("S3_BUCKET_NAME", "")
    assert main(["storage", "check"]) == 2
    assert "S3_BUCKET_NAME is not set" in capsys.readouterr().err
