"""Videos from addresses: what is fetched, and where nobody is led."""

import ipaddress
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from live_server import answering

from ergo.errors import EmptyFile, NotAVideo, VideoTooLarge, VideoUnreachable
from ergo.video.web import MAX_REDIRECTS, PUBLIC, Reach, check_url, download, is_public, name_of

CLIP = Path(__file__).parents[2] / "assets" / "examples" / "lift_squat.mp4"
MB = 1_000_000

#: Tests reach a server of this machine; nothing but this object lets anybody do so.
NEAR = Reach(allows=lambda address: address.is_loopback)


@contextmanager
def web(answers):
    """A server of {path: (status, headers, body)}; counts requests by path."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers[self.path.partition("?")[0]]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return
            if headers.get("Connection") == "close":
                self.close_connection = True

    with answering(Handler) as address:
        yield address, asked


def fetched(url, folder, reach=NEAR, max_bytes=50 * MB):
    path = folder / "got"
    download(url, path, max_bytes=max_bytes, reach=reach)
    return path.read_bytes()


def refused(kind, url, folder, **options):
    with pytest.raises(kind) as caught:
        fetched(url, folder, **options)
    assert list(folder.iterdir()) == []
    return caught.value


def test_a_video_comes_whole_over_redirects(tmp_path):
    clip = CLIP.read_bytes()
    hops = {f"/{n}": (302, {"Location": f"/{n + 1}"}, b"moved") for n in range(MAX_REDIRECTS)}
    with web(hops | {f"/{MAX_REDIRECTS}": (200, {}, clip)}) as (base, asked):
        assert fetched(f"{base}/0?x=1", tmp_path) == clip
        assert len(asked) == MAX_REDIRECTS + 1


def test_a_length_need_not_be_told(tmp_path):
    with web({"/": (200, {"Content-Length": None, "Connection": "close"}, CLIP.read_bytes())}) as (base, _):
        assert fetched(f"{base}/", tmp_path) == CLIP.read_bytes()


def test_redirects_end(tmp_path):
    with web({"/": (302, {"Location": "/"}, b"")}) as (base, asked):
        assert "without end" in str(refused(VideoUnreachable, f"{base}/", tmp_path))
        assert len(asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("body", [b"", b"<!doctype html><p>Sign in", b"#EXTM3U\nfile:///etc/passwd\n", b"\x00" * 5000])
def test_what_is_no_video_is_told(tmp_path, body):
    with web({"/film.mp4": (200, {"Content-Type": "video/mp4"}, body)}) as (base, _):
        refused(NotAVideo if body else EmptyFile, f"{base}/film.mp4", tmp_path)


def test_what_is_no_video_is_not_waited_for(tmp_path):
    body = b"<html>" + b"x" * (30 * MB)
    with web({"/": (200, {}, body)}) as (base, _):
        refused(NotAVideo, f"{base}/", tmp_path)


@pytest.mark.parametrize("headers", [{}, {"Content-Length": None, "Connection": "close"}])
def test_a_video_beyond_the_limit_is_refused_told_or_not(tmp_path, headers):
    body = CLIP.read_bytes()
    with web({"/": (200, headers, body)}) as (base, _):
        refused(VideoTooLarge, f"{base}/", tmp_path, max_bytes=len(body) - 1)


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 500])
def test_an_answer_that_is_no_video_is_told_by_its_number(tmp_path, status):
    body = b"" if status == 204 else b"no"
    with web({"/": (status, {}, body)}) as (base, _):
        assert str(status) in str(refused(VideoUnreachable, f"{base}/", tmp_path))


def test_a_video_that_breaks_off_is_not_taken(tmp_path):
    body = CLIP.read_bytes()
    answer = (200, {"Content-Length": str(len(body) + 10), "Connection": "close"}, body)
    with web({"/": answer}) as (base, _):
        refused(VideoUnreachable, f"{base}/", tmp_path)


# -- where nobody is led --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",  # noqa: S104
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_private_address_is_asked_however_it_is_written(tmp_path, host):
    with web({"/": (200, {}, CLIP.read_bytes())}) as (base, asked):
        port = base.rpartition(":")[2]
        error = refused(VideoUnreachable, f"http://{host}:{port}/", tmp_path, reach=PUBLIC)
        assert asked == []
    assert "private network" in error.message or "no host" in error.message or "not the address" in error.message


@pytest.mark.parametrize("found", [["10.1.2.3"], ["93.184.215.14", "127.0.0.1"], ["::ffff:10.0.0.1"], []])
def test_a_name_that_leads_to_a_private_address_is_refused(tmp_path, found):
    reach = Reach(resolve=lambda host, port: found)
    refused(VideoUnreachable, "http://video.example/film.mp4", tmp_path, reach=reach)


def test_the_checked_address_is_the_one_that_is_connected_to(tmp_path):
    lookups = []

    def once(host, port):
        lookups.append(host)
        return ["127.0.0.1"] if len(lookups) == 1 else ["10.0.0.1"]

    with web({"/": (200, {}, CLIP.read_bytes())}) as (base, _):
        port = base.rpartition(":")[2]
        reach = Reach(allows=NEAR.allows, resolve=once)
        assert fetched(f"http://video.example:{port}/", tmp_path, reach=reach) == CLIP.read_bytes()
    assert lookups == ["video.example"]


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.7/", "file:///etc/passwd", "gopher://x/", ""]
)
def test_a_redirect_is_checked_like_the_first_address(tmp_path, target):
    with web({"/": (302, {"Location": target} if target else {}, b"")}) as (base, _):
        refused(VideoUnreachable, f"{base}/", tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "film.mp4",
        "file:///etc/passwd",
        "ftp://example.com/a.mp4",
        "http://",
        "http:///a.mp4",
        "https://user:secret@example.com/a.mp4",
        "http://example.com/" + "a" * 2000,
        "http://exa\nmple.com/",
        "http://[::1",
        "//example.com/a.mp4",
    ],
)
def test_only_plain_web_addresses_have_the_form(url):
    with pytest.raises(VideoUnreachable) as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


def test_public_addresses_may_be_asked():
    for text in ("93.184.215.14", "1.1.1.1", "2606:4700:4700::1111"):
        assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/x/Schicht%20fr%C3%BCh.MP4?sig=1", "Schicht früh.MP4"),
        ("https://a.example/", "video"),
        ("https://a.example", "video"),
        ("https://a.example/a%2F..%2F..%2Fb.mp4", "b.mp4"),
        ("https://a.example/a%5Cb.mp4", "video"),
        ("https://a.example/" + "a" * 300, "video"),
    ],
)
def test_a_name_is_taken_from_the_address(url, name):
    assert name_of(url) == name
