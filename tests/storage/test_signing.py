from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.errors import AccessDenied
from ergo.storage.signing import ROUTE, UrlSigner


class Clock:
    def __init__(self):
        self.now_s = 1_800_000_000.0

    def __call__(self):
        return self.now_s


def taken_apart(url):
    parts = urlsplit(url)
    return unquote(parts.path).removeprefix(ROUTE), dict(parse_qsl(parts.query))


@given(st.text(max_size=30).filter(lambda t: t.isprintable()), st.integers(1, 10_000), st.integers(1, 1 << 40))
def test_what_was_signed_is_read_back(name, part, size_bytes):
    signer = UrlSigner(b"secret")
    key, query = taken_apart(
        signer.url("part", "uploads/ü b/x.mp4", ttl_s=60, upload="abc", part=part, size_bytes=size_bytes, name=name)
    )
    grant = signer.read(key, query, allowed=("part",))
    assert (grant.key, grant.op, grant.part, grant.size_bytes) == ("uploads/ü b/x.mp4", "part", part, size_bytes)
    assert grant.name == name


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("op", "get"),
        ("part", "2"),
        ("size", "999"),
        ("upload", "other"),
        ("expires", "9999999999"),
        ("name", "evil.html"),
        ("sig", "0" * 64),
        ("sig", ""),
        ("sig", "é"),
    ],
)
def test_any_changed_parameter_is_refused(parameter, value):
    signer = UrlSigner(b"secret")
    key, query = taken_apart(signer.url("part", "a/b", ttl_s=60, upload="u", part=1, size_bytes=10))
    with pytest.raises(AccessDenied):
        signer.read(key, query | {parameter: value}, allowed=("part", "get"))


def test_another_key_another_secret_and_missing_parameters_are_refused():
    signer = UrlSigner(b"secret")
    key, query = taken_apart(signer.url("get", "a/b", ttl_s=60))
    assert signer.read(key, query, allowed=("get",)).key == "a/b"
    with pytest.raises(AccessDenied):
        signer.read("a/c", query, allowed=("get",))
    with pytest.raises(AccessDenied):
        UrlSigner(b"other").read(key, query, allowed=("get",))
    for name in ("op", "expires", "sig"):
        with pytest.raises(AccessDenied):
            signer.read(key, {k: v for k, v in query.items() if k != name}, allowed=("get",))


def test_values_cannot_slide_from_one_field_into_the_next():
    signer = UrlSigner(b"secret")
    _, query = taken_apart(signer.url("get", "a", ttl_s=60, upload="1\n1:2", name="x"))
    with pytest.raises(AccessDenied):
        signer.read("a", query | {"upload": "1", "name": "2\n1:x"}, allowed=("get",))


def test_a_link_ends_at_its_time():
    clock = Clock()
    signer = UrlSigner(b"secret", clock)
    key, query = taken_apart(signer.url("get", "a", ttl_s=60))
    clock.now_s += 59
    signer.read(key, query, allowed=("get",))
    clock.now_s += 1
    with pytest.raises(AccessDenied, match="expired"):
        signer.read(key, query, allowed=("get",))


def test_a_link_to_read_does_not_write():
    signer = UrlSigner(b"secret")
    key, query = taken_apart(signer.url("get", "a", ttl_s=60))
    with pytest.raises(AccessDenied, match="something else"):
        signer.read(key, query, allowed=("put", "part"))


def test_a_tag_belongs_to_its_text_and_secret():
    assert UrlSigner(b"a").tag("x") == UrlSigner(b"a").tag("x")
    assert len({UrlSigner(b"a").tag("x"), UrlSigner(b"a").tag("y"), UrlSigner(b"b").tag("x")}) == 3
