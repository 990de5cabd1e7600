"""Files that come from anywhere: what each is, how it is made, and whether Ergo has to refuse it."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from video_clips import even_times, picture, turn, write_clip, write_sound

Make = Callable[[Path], Path]


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One file of the corpus; `refused` is None where salvaging a part is as good an answer as a clear error."""

    name: str
    make: Make
    refused: bool | None


def _bytes(data: bytes, name: str = "clip.mp4") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def _noise(count: int, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, count, dtype=np.uint8).tobytes()


def _clip(count: int = 30, name: str = "clip.mp4", **options) -> Make:
    return lambda folder: write_clip(folder / name, even_times(count), **options)


def _changed(change: Callable[[bytearray], bytes | bytearray], **options) -> Make:
    """A good clip, index first, with its bytes changed."""

    def make(folder: Path) -> Path:
        options.setdefault("movflags", "+faststart")
        path = write_clip(folder / "clip.mp4", even_times(60), **options)
        path.write_bytes(change(bytearray(path.read_bytes())))
        return path

    return make


def _at(data: bytearray, mark: bytes, offset: int, new: bytes) -> bytearray:
    """`new` in place of the bytes `offset` after a box's name."""
    start = data.index(mark) + offset
    data[start : start + len(new)] = new
    return data


def _without_index(folder: Path) -> Path:
    path = write_clip(folder / "clip.mp4", even_times(30))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    return path


def _emptied(data: bytearray) -> bytearray:
    """Pictures of zeros under a good index."""
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    return data


def _index_of_nothing(data: bytearray) -> bytearray:
    """A track whose tables count no samples."""
    for table in (b"stts", b"stsz", b"stsc", b"stco", b"stss", b"ctts"):
        if table in data:
            _at(data, table, 8 + (4 if table == b"stsz" else 0), bytes(4))
    return data


def _image(codec_suffix: str) -> Make:
    def make(folder: Path) -> Path:
        image = folder / f"a.{codec_suffix}"
        av.VideoFrame.from_ndarray(picture(0), format="rgb24").save(image)
        return image.rename(folder / "clip.mp4")

    return make


def _archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "clip.mp4", "w") as archive:
        archive.writestr("clip.mp4", b"x" * 1000)
    return folder / "clip.mp4"


def _bomb(folder: Path) -> Path:
    with av.open(str(folder / "clip.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "threads": "1"})
        stream.width = stream.height = 8192
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame(8192, 8192, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return folder / "clip.mp4"


def _lying_bomb(folder: Path) -> Path:
    path = _bomb(folder)
    data = bytearray(path.read_bytes())
    entry = data.index(b"avc1", data.index(b"stsd")) + 4 + 6 + 2 + 16
    data[entry : entry + 4] = struct.pack(">HH", 1280, 720)
    path.write_bytes(data)
    return path


def _boast(data: bytearray) -> bytearray:
    """Says 60,000 × 60,000 of small pictures."""
    entry = data.index(b"avc1", data.index(b"stsd")) + 4 + 6 + 2 + 16
    data[entry : entry + 4] = struct.pack(">HH", 60_000, 60_000)
    return data


def _resized_midway(folder: Path) -> Path:
    small = write_clip(folder / "a.ts", even_times(8)).read_bytes()
    large = write_clip(folder / "b.ts", 8 / 30 + even_times(8), size=(640, 384)).read_bytes()
    return _bytes(small + large, "clip.ts")(folder)


def _at_times(*times_s: float, name: str = "clip.mkv") -> Make:
    return lambda folder: write_clip(folder / name, times_s, options={"bf": "0"}, clock=Fraction(1, 1000))


def _many_streams(folder: Path) -> Path:
    with av.open(str(folder / "clip.mkv"), "w") as out:
        streams = []
        for _ in range(100):
            stream = out.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            streams.append(stream)
        for index in range(3):
            frame = av.VideoFrame.from_ndarray(picture(index, 64, 64), format="rgb24").reformat(format="yuv420p")
            for stream in streams:
                frame.pts, frame.time_base = index, Fraction(1, 10)
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
    return folder / "clip.mkv"


def _outside(data: bytearray) -> bytearray:
    """Says that its pictures lie in another file of this machine."""
    return _at(data, b"url ", 4, bytes(4))  # the flag "in this very file" taken away


def _boxes_in_boxes() -> bytes:
    data = b""
    for _ in range(5000):
        data = struct.pack(">I4s", len(data) + 8, b"moov") + data
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"mp42", 0, b"isom") + data


def _speckled(data: bytearray) -> bytearray:
    """One bit in a thousand bytes of pictures wrong."""
    random = np.random.default_rng(4)
    start = data.index(b"mdat") + 8
    for index in random.integers(start, len(data), (len(data) - start) // 1000 + 20):
        data[index] ^= 1 << int(random.integers(8))
    return data


_FTYP = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
_PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"

FILES: tuple[HostileFile, ...] = (
    HostileFile("empty", _bytes(b""), True),
    HostileFile("one byte", _bytes(b"\x00"), True),
    HostileFile("text", _bytes(b"just some words\n" * 40), True),
    HostileFile("HTML", _bytes(b"<!DOCTYPE html><html><body>404</body></html>"), True),
    HostileFile("SVG", _bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), True),
    HostileFile("ZIP", _archive, True),
    HostileFile("gzip", _bytes(gzip.compress(bytes(10_000_000))), True),
    HostileFile("PDF", _bytes(b"%PDF-1.7\n" + bytes(500)), True),
    HostileFile("program", _bytes(b"\x7fELF\x02\x01\x01" + _noise(4000)), True),
    HostileFile("JPEG", _image("jpg"), True),
    HostileFile("PNG", _image("png"), True),
    HostileFile("GIF", _bytes(b"GIF89a" + _noise(3000)), True),
    HostileFile("HLS playlist", _bytes(_PLAYLIST), True),
    HostileFile("HLS playlist after a box", _bytes(b"\x00\x00\x00\x08free" + _PLAYLIST), True),
    HostileFile("ffconcat list", _bytes(b"ffconcat version 1.0\nfile '/etc/passwd'\n"), True),
    HostileFile("DASH manifest", _bytes(b"<?xml version='1.0'?><MPD><BaseURL>/etc/passwd</BaseURL></MPD>"), True),
    HostileFile("SDP", _bytes(b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"), True),
    HostileFile("subtitles", _bytes(b"1\n00:00:00,000 --> 00:00:01,000\nwords\n"), True),
    HostileFile("zeros", _bytes(bytes(100_000)), True),
    HostileFile("noise", _bytes(_noise(100_000)), True),
    HostileFile("noise after MP4's first box", _bytes(_FTYP + _noise(100_000, 1)), True),
    HostileFile("noise after Matroska's first bytes", _bytes(b"\x1a\x45\xdf\xa3" + _noise(90_000, 2), "a.mkv"), True),
    HostileFile("noise after AVI's first bytes", _bytes(b"RIFF\xff\xff\xff\x7fAVI LIST" + _noise(9_000, 3)), True),
    HostileFile("noise in transport packets", _bytes(b"".join(b"G" + _noise(187, n) for n in range(300))), True),
    HostileFile("first box alone", _bytes(_FTYP), True),
    HostileFile("5000 boxes in each other", _bytes(_boxes_in_boxes()), True),
    HostileFile("box of 2^63 bytes", _bytes(_FTYP + struct.pack(">I4sQ", 1, b"moov", 1 << 63) + bytes(100)), True),
    HostileFile("no index", _without_index, True),
    HostileFile("first fifth cut off", _changed(lambda data: data[len(data) // 5 :]), True),
    HostileFile("middle taken out", _changed(lambda d: d[: len(d) // 2] + d[len(d) * 7 // 10 :]), None),
    HostileFile("second half cut off", _changed(lambda data: data[: len(data) // 2]), None),
    HostileFile("cut within the index", _changed(lambda data: data[: data.index(b"stts") + 6]), True),
    HostileFile("pictures of zeros", _changed(_emptied), True),
    HostileFile("index of nothing", _changed(_index_of_nothing), True),
    HostileFile("a billion samples", _changed(lambda data: _at(data, b"stsz", 12, struct.pack(">I", 1 << 30))), None),
    HostileFile("sound only", lambda folder: write_sound(folder / "clip.mp4"), True),
    HostileFile("WAV", _bytes(b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(200)), True),
    HostileFile("sound with cover art", lambda folder: write_sound(folder / "clip.mp4", cover=True), True),
    HostileFile("time scale of zero", _changed(lambda data: _at(data, b"mdhd", 16, bytes(4))), None),
    HostileFile("1000 pictures a second", _at_times(*even_times(40, 1000.0)), False),
    HostileFile("a picture a minute", _at_times(0.0, 60.0, 120.0), False),
    HostileFile("one picture", _clip(1), False),
    HostileFile("two pictures", _clip(2), False),
    HostileFile("8192 × 8192", _bomb, True),
    HostileFile("8192 × 8192, said to be 1280 × 720", _lying_bomb, True),
    HostileFile("small, said to be 60000 × 60000", _changed(_boast), None),
    HostileFile("16 × 16", _clip(size=(16, 16)), None),
    HostileFile("8000 × 16", _clip(5, size=(8000, 16)), None),
    HostileFile("size changes midway", _resized_midway, None),
    HostileFile("times before zero", _at_times(-5.0, -4.5, -4.0, -3.5), None),
    HostileFile("a jump of thirty years", _at_times(0.0, 0.1, 0.2, 1e9, 1e9 + 0.1), None),
    HostileFile("times that stand still", _changed(lambda data: _at(data, b"stts", 16, bytes(4))), None),
    HostileFile("uneven times", _at_times(0.0, 0.01, 0.3, 0.31, 0.9, 1.7), False),
    HostileFile("turned", lambda folder: turn(write_clip(folder / "clip.mp4", even_times(10)), 90), False),
    HostileFile("ten bits", _clip(10, pix_fmt="yuv420p10le"), False),
    HostileFile("4:4:4", _clip(10, pix_fmt="yuv444p"), False),
    HostileFile("FFV1 in Matroska", _clip(10, "clip.mkv", codec="ffv1"), False),
    HostileFile("unknown codec", _changed(lambda data: data.replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC")), True),
    HostileFile("encrypted", _changed(lambda data: data.replace(b"avc1", b"encv")), None),
    HostileFile("100 streams", _many_streams, None),
    HostileFile("pictures in another file", _changed(_outside), None),
    HostileFile("damaged throughout", _changed(_speckled), None),
)  # fmt: skip
