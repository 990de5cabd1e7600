"""A film elsewhere is read by ranges: the same times, pictures and preview, out of fewer bytes."""

import hashlib

import av
import numpy as np
import pytest

from ergo.errors import DecodeFailed
from ergo.looking.plan import encode_plan, plan_film
from ergo.video import byte_ranges
from ergo.video.byte_ranges import outline_of
from ergo.video.footage import Elsewhere, Here
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.reading import read_frames

LIMITS = DecodeLimits()
CODINGS = {
    "h264.mp4": ("libx264", {"preset": "ultrafast", "crf": "16", "g": "20", "bf": "2"}),
    "hevc_index_first.mov": (
        "libx265",
        {"preset": "ultrafast", "crf": "16", "x265-params": "log-level=none:keyint=20"},
    ),
    "mpeg4.mp4": ("mpeg4", {"q": "2", "g": "15"}),
    "h264.mkv": ("libx264", {"preset": "ultrafast", "crf": "16", "g": "20", "bf": "2"}),
    "vp8.webm": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "b": "4M", "g": "20"}),
    "h264.ts": ("libx264", {"preset": "ultrafast", "crf": "16", "g": "20"}),
}


def film(path, coding):
    """40 s of noise, which no coding makes small."""
    codec, options = CODINGS[coding]
    dice = np.random.default_rng(7)
    muxing = {"movflags": "+faststart"} if "index_first" in coding else {}
    with av.open(str(path), "w", options=muxing) as out:
        stream = out.add_stream(codec, rate=10, options=dict(options))
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(400):
            rgb = dice.integers(0, 255, (96, 128, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """As a film of gigabytes is to a head of megabytes."""
    monkeypatch.setattr("ergo.video.byte_ranges.HEAD_BYTES", 60_000)
    monkeypatch.setattr("ergo.video.footage.BLOCK_BYTES", 4096)


def elsewhere(path, folder):
    content = path.read_bytes()
    return Elsewhere(
        folder, path.name, len(content), lambda at, n: content[at : at + n], lambda to: to.write_bytes(content) and None
    )


def seen(video, plan, number, preview):
    """Digest of all pictures of a piece, and of its preview."""
    digest = hashlib.sha256()
    with read_frames(video, plan.video, DecodeSettings(), LIMITS, preview, plan.pieces[number]) as reader:
        for frame in reader:
            digest.update(frame.rgb)
        assert reader.damage is None
    return digest.hexdigest(), preview.read_bytes()


@pytest.mark.parametrize("coding", [name for name in CODINGS if not name.endswith(".ts")])
def test_index_and_pieces_out_of_their_own_bytes_are_those_out_of_all(tmp_path, coding):
    path = film(tmp_path / coding, coding)
    plan = plan_film(path, "low", LIMITS, piece_s=10.0)
    size = path.stat().st_size
    number = 2
    footage = elsewhere(path, tmp_path / "far")
    outline = footage.outline()
    if not coding.endswith(("mkv", "webm")):
        assert encode_plan(plan_film(outline, "low", LIMITS, piece_s=10.0)) == encode_plan(plan)
        assert footage.read_bytes < 0.25 * size
    with footage.part(plan.layout, number) as part:
        assert part.stat().st_size == size and part.name == path.name
        assert part.stat().st_blocks * 512 < 0.7 * size  # the disk holds the piece, not the film
        ours = seen(part, plan, number, tmp_path / "ours.mp4")
    assert not part.exists()
    assert ours == seen(path, plan, number, tmp_path / "theirs.mp4")
    assert footage.read_bytes < 0.6 * size and not footage.is_whole
    before = footage.read_bytes
    with footage.part(plan.layout, 1):
        begin, end = plan.layout.pieces[1]
        assert footage.read_bytes - before < end - begin + 3 * 4096  # what all pieces need has been read once


def test_a_stream_without_an_index_is_fetched_whole(tmp_path):
    path = film(tmp_path / "a.ts", "h264.ts")
    footage = elsewhere(path, tmp_path / "far")
    assert footage.outline() is None
    assert plan_film(path, "low", LIMITS, piece_s=10.0).layout is None
    assert footage.whole().read_bytes() == path.read_bytes()
    assert footage.whole().stat().st_blocks and footage.is_whole


def test_bytes_that_were_not_read_are_told_as_damage(tmp_path):
    """So that the piece is looked at again, out of the whole file."""
    path = film(tmp_path / "a.mp4", "h264.mp4")
    plan = plan_film(path, "low", LIMITS, piece_s=10.0)
    begin, end = plan.layout.pieces[2]
    short = byte_ranges.Layout(frame=plan.layout.frame, pieces=((0, 0), (0, 0), (begin, (begin + end) // 2), (0, 0)))
    with elsewhere(path, tmp_path / "far").part(short, 2) as part, pytest.raises(DecodeFailed, match="damage"):
        with read_frames(part, plan.video, DecodeSettings(), LIMITS, None, plan.pieces[2]) as reader:
            for _ in reader:
                pass
        raise DecodeFailed(f"damage: {reader.damage}") if reader.damage else AssertionError


def test_a_film_here_is_itself(tmp_path):
    footage = Here(tmp_path / "a.mp4")
    with footage.part(byte_ranges.Layout(frame=(), pieces=()), 0) as part:
        assert footage.whole() == footage.outline() == part == tmp_path / "a.mp4"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\x04moov",  # shorter than its own header
        b"\0\0\0\x10ftyp....mp42" + b"\0\0\0\x08moof",  # in fragments
        b"\0\0\0\x08mdat",  # no index
        b"\0\0\0\x08moov" * 200,
        b"\0\0\0\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x08moov",
        bytes(64),
    ],
)
def test_boxes_that_do_not_lead_to_an_index_give_none(head):
    assert outline_of(lambda at, n: head[at : at + n], len(head)) is None
