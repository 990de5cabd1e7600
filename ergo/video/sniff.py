"""What a file is, by its first bytes: decides which single demuxer may open it.

FFmpeg guesses by content, and some of its "containers" (HLS, concat, DASH, image lists) are texts that make it
open other files or addresses. So nothing is ever left to its guess.
"""

from __future__ import annotations

from pathlib import Path

from ergo.errors import EmptyFile, NotAVideo, NoVideoStream

_HINT = "Upload a video such as MP4, MOV, MKV, WebM, AVI or MPEG-TS."
_HEAD_BYTES = 1024

_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp")
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")

_CONTAINERS = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x30\x26\xb2\x75", "asf"),
)
_AUDIO = (
    (b"WAVE", "a WAV sound file"),
    (b"ID3", "an MP3 sound file"),
    (b"\xff\xfb", "an MP3 sound file"),
    (b"fLaC", "a FLAC sound file"),
    (b"\xff\xf1", "an AAC sound file"),
    (b"#!AMR", "an AMR sound file"),
)
_OTHER = (
    (b"WEBP", "a WebP image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"#EXTM3U", "a playlist that points to other files"),
    (b"ffconcat", "a playlist that points to other files"),
    (b"<?xml", "a text (XML)"),
    (b"<", "a text (HTML or XML)"),
)


def container_format(path: Path) -> str:
    """Name of FFmpeg's demuxer for the file at `path`.

    Raises:
        EmptyFile: zero bytes.
        NoVideoStream: a sound file.
        NotAVideo: there is no such file, or it is something else.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise NotAVideo(f"{path.name} cannot be opened: {error.strerror}.", "Check the file.") from error
    if not head:
        raise EmptyFile(f"{path.name} is empty (0 bytes).", "The upload may have been cut off; send it again.")
    found = _container(head)
    if found is not None:
        return found
    raise _refusal(path.name, head)


def _container(head: bytes) -> str | None:
    if head[4:8] in _MP4_BOXES and head[8:12] not in _STILL_BRANDS:
        return "mov"
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return "avi"
    # Transport streams carry the byte 0x47 every 188 bytes; camcorders (M2TS) put 4 bytes before each packet.
    if any(all(head[i : i + 1] == b"G" for i in ticks) for ticks in ((0, 188, 376), (4, 196, 388))):
        return "mpegts"
    return next((name for magic, name in _CONTAINERS if head.startswith(magic)), None)


def _refusal(name: str, head: bytes) -> NotAVideo | NoVideoStream:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, kind in _AUDIO:
        if head.startswith(magic) or (head[:4] == b"RIFF" and head[8:].startswith(magic)):
            return NoVideoStream(f"{name} is {kind}: it has no picture.", _HINT)
    for magic, kind in _OTHER:
        if start.startswith(magic) or (head[:4] == b"RIFF" and head[8:].startswith(magic)):
            return NotAVideo(f"{name} is {kind}, not a video.", _HINT)
    if head[4:8] == b"ftyp":
        return NotAVideo(f"{name} is a HEIC or AVIF image, not a video.", _HINT)
    if b"\x00" not in head:
        return NotAVideo(f"{name} looks like a text, not a video.", _HINT)
    return NotAVideo(f"{name} is no video that can be read here.", _HINT)
