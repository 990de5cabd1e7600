import json
import logging

import pytest

from ergo.access.addresses import client_address
from ergo.access.audit import keep_audit, note
from ergo.access.limits import RateLimit
from ergo.access.passwords import Users, fits, hash_password, read_users
from ergo.access.seals import Seals
from ergo.access.tokens import Tokens
from ergo.access.visitor import Visitor
from ergo.config import Settings
from ergo.errors import KeyNotFound, SettingsError
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner


def test_a_cookie_says_who_wrote_it():
    seals, others = Seals(b"a" * 32), Seals(b"b" * 32)
    name, cookie = seals.new_browser()
    assert seals.browser(cookie) == name
    assert others.browser(cookie) is None
    for forged in ("", name, cookie[:-1], cookie + "0", cookie.upper(), seals.new_browser()[0] + cookie[34:]):
        assert seals.browser(forged) is None


def test_a_login_ends_with_its_time_and_with_its_password():
    now = [1_700_000_000.0]
    seals = Seals(b"a" * 32, clock=lambda: now[0])
    cookie = seals.login_cookie("Ann Å. <ann@example.com>", "hash 1", 60)
    hashes = {"Ann Å. <ann@example.com>": "hash 1"}
    assert seals.login(cookie, hashes.get) == "Ann Å. <ann@example.com>"
    assert seals.login(cookie.replace(".1700000060.", ".1800000060."), hashes.get) is None
    assert seals.login(cookie, {"Ann Å. <ann@example.com>": "hash 2"}.get) is None
    assert seals.login(cookie, {}.get) is None
    assert seals.browser(cookie) is None and seals.login(seals.new_browser()[1], hashes.get) is None
    now[0] += 61
    assert seals.login(cookie, hashes.get) is None


def test_passwords_are_kept_as_salted_hashes(tmp_path):
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first != second and "horse" not in first
    assert fits("correct horse", first) and not fits("correct hors", first) and not fits("x" * 5000, first)
    path = tmp_path / "users"
    path.write_text(f"# staff\nann:{first}\n\nbob@example.com:{second}\n")
    users = Users(path)
    assert users.check("ann", "correct horse") and users.check("bob@example.com", "correct horse")
    assert not users.check("ann", "wrong") and not users.check("carol", "correct horse")
    path.write_text(f"bob@example.com:{second}\n# somebody left\n")
    assert not users.check("ann", "correct horse")


@pytest.mark.parametrize("text", ["ann", "ann:secret", ":scrypt$1$1$1$a$b", "ann:scrypt$x$8$1$AA==$AA=="])
def test_a_damaged_line_is_named_but_not_shown(text):
    with pytest.raises(SettingsError, match="Line 2") as told:
        read_users(f"# users\n{text}\n")
    assert "secret" not in str(told.value)


def test_no_users_and_no_file_are_told(tmp_path):
    (tmp_path / "users").write_text("# nobody yet\n")
    with pytest.raises(SettingsError, match="no user"):
        Users(tmp_path / "users")
    with pytest.raises(SettingsError, match="cannot be read"):
        Users(tmp_path / "missing")


def test_tokens_are_shown_once_and_can_be_revoked(tmp_path):
    store = LocalStore(tmp_path, UrlSigner(b"k" * 32))
    tokens = Tokens(store)
    token = tokens.make("ann", "nightly script")
    assert tokens.user_of(token) == "ann"
    assert all(token not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    for wrong in ("", "ergo_", token[:-1], token + "x", "ergo_" + "A" * 43, "../x"):
        assert tokens.user_of(wrong) is None
    (kept,) = tokens.all("ann")
    assert (kept.label, tokens.all("bob")) == ("nightly script", [])
    tokens.revoke(kept.token_id)
    assert tokens.user_of(token) is None
    with pytest.raises(KeyNotFound):
        tokens.revoke(kept.token_id)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, "10.0.0.9"),
        (["1.2.3.4"], 0, "10.0.0.9"),  # believed only when asked for
        (["1.2.3.4"], 1, "1.2.3.4"),
        (["6.6.6.6, 1.2.3.4"], 1, "1.2.3.4"),  # what the client wrote stands before
        (["6.6.6.6, 1.2.3.4, 10.0.0.1"], 2, "1.2.3.4"),
        (["6.6.6.6", "1.2.3.4, 10.0.0.1"], 2, "1.2.3.4"),
        (["1.2.3.4"], 2, "10.0.0.9"),  # past the outer proxy
        (["<script>"], 1, "10.0.0.9"),
        (["2001:DB8::1"], 1, "2001:db8::1"),
    ],
)
def test_an_address_is_what_the_nearest_trusted_proxy_saw(forwarded, proxies, address):
    assert client_address("10.0.0.9", forwarded, proxies) == address


def test_tries_run_out_and_come_back():
    now = [0.0]
    limit = RateLimit(3, 60.0, clock=lambda: now[0])
    assert [limit.wait_s("ann") for _ in range(3)] == [0, 0, 0]
    assert limit.wait_s("ann") == pytest.approx(20.0) and limit.wait_s("bob") == 0
    now[0] += 20.0
    assert limit.wait_s("ann") == 0 and limit.wait_s("ann") > 0
    limit.forgive("ann")
    assert limit.wait_s("ann") == 0


def test_a_line_for_each_access_names_nobody(tmp_path):
    handler = keep_audit(tmp_path / "audit" / "a.jsonl")
    try:
        ann = Visitor(owner="user ann@example.com", kind="user", user="ann@example.com", address="192.0.2.7")
        note(ann, "open", "0123")
        note(ann, "open", "x\n{}" * 200, "refused")
    finally:
        logging.getLogger("ergo.audit").removeHandler(handler)
        handler.close()
    lines = [json.loads(line) for line in (tmp_path / "audit" / "a.jsonl").read_text().splitlines()]
    assert [(line["what"], line["outcome"], line["from"]) for line in lines] == [
        ("open", "ok", "192.0.2.7"),
        ("open", "refused", "192.0.2.7"),
    ]
    assert lines[0]["who"] == lines[1]["who"] and "ann" not in json.dumps(lines)


def test_only_named_sites_and_a_space_s_own_page_may_frame_the_page():
    def framing(**options):
        return Settings(_env_file=None, **options).framing_origins()

    assert framing() == ()
    assert framing(space_id="ann/ergo") == ("https://huggingface.co",)
    assert framing(framed_by="https://Portal.example, https://b.example:8443/") == (
        "https://portal.example",
        "https://b.example:8443",
    )
    with pytest.raises(SettingsError, match="ERGO_FRAMED_BY"):
        framing(framed_by="*")
