"""Small clips made on the fly: coloured corners show which way is up, the centre's grey tells which frame it is."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 180, 30), (30, 30, 200), (230, 230, 230)
CLOCK = Fraction(1, 90_000)
GREYS = 12
_GREY_STEP = 16

# Display matrices (ISO 14496-12, 8.3.2), 16.16 and 2.30 fixed point, by the counter-clockwise turn they ask for.
_ONE = 1 << 16
_MATRICES = {
    90: (0, -_ONE, 0, _ONE, 0, 0, 0, 0, 1 << 30),
    180: (-_ONE, 0, 0, 0, -_ONE, 0, 0, 0, 1 << 30),
    270: (0, _ONE, 0, -_ONE, 0, 0, 0, 0, 1 << 30),
}


def picture(index: int, width: int = 320, height: int = 192) -> np.ndarray:
    """Corners red, green / blue, white; the centre's grey is the frame's number modulo GREYS."""
    rgb = np.full((height, width, 3), 128, dtype=np.uint8)
    h, w = height // 3, width // 3
    rgb[:h, :w], rgb[:h, -w:], rgb[-h:, :w], rgb[-h:, -w:] = RED, GREEN, BLUE, WHITE
    rgb[h:-h, w:-w] = 30 + _GREY_STEP * (index % GREYS)
    return rgb


def number_shown(rgb: np.ndarray) -> int:
    """The frame number modulo GREYS that the centre shows."""
    h, w = rgb.shape[0] // 2, rgb.shape[1] // 2
    return round((float(rgb[h - 8 : h + 8, w - 8 : w + 8].mean()) - 30) / _GREY_STEP)


def corner_names(rgb: np.ndarray) -> tuple[str, str, str, str]:
    """Nearest colour of the corners: top left, top right, bottom left, bottom right."""
    colours = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    h, w = rgb.shape[0] // 8, rgb.shape[1] // 8

    def name(patch: np.ndarray) -> str:
        mean = patch.reshape(-1, 3).mean(axis=0)
        distances = {k: float(np.abs(mean - v).max()) for k, v in colours.items()}
        best = min(distances, key=lambda k: distances[k])
        return best if distances[best] < 25 else f"off by {distances[best]:.0f}"

    return name(rgb[:h, :w]), name(rgb[:h, -w:]), name(rgb[-h:, :w]), name(rgb[-h:, -w:])


def write_clip(
    path: Path,
    times_s: Sequence[float] | np.ndarray,
    *,
    size: tuple[int, int] = (320, 192),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    movflags: str = "",
    clock: Fraction = CLOCK,
    pixel_aspect: Fraction | None = None,
    sound: bool = False,
) -> Path:
    """A clip with one :func:`picture` at each of `times_s`; the suffix of `path` chooses the container."""
    container_options = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", options=container_options) as out:
        stream = out.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], pix_fmt
        stream.codec_context.time_base = stream.time_base = clock
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if sound:
            tone = out.add_stream("aac", rate=16_000, layout="mono")
            for packet in tone.encode(_silence(round(16_000 * (times_s[-1] + 0.1)))):
                out.mux(packet)
            out.mux(tone.encode(None))
        for index, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = round(time_s / clock), clock
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def repeated(path: Path, longer: Path, times: int) -> Path:
    """The clip (without B-frames) many times over, its packets copied: long films for little work."""
    with av.open(str(longer), "w") as out:
        with av.open(str(path)) as source:
            copy = out.add_stream_from_template(source.streams.video[0])
        for turn_number in range(times):
            with av.open(str(path)) as source:
                stream = source.streams.video[0]
                for packet in source.demux(stream):
                    if packet.size:
                        packet.pts += turn_number * stream.duration
                        packet.dts = packet.pts
                        packet.stream = copy
                        out.mux(packet)
    return longer


def write_sound(path: Path, seconds: float = 1.0, cover: bool = False) -> Path:
    """A sound file; with `cover` it carries an attached picture, as music does."""
    with av.open(str(path), "w") as out:
        tone = out.add_stream("aac", rate=16_000, layout="mono")
        art = None
        if cover:
            art = out.add_stream("mjpeg", rate=1)
            art.width, art.height, art.pix_fmt = 64, 64, "yuvj420p"
            art.disposition = av.stream.Disposition.attached_pic
        out.mux(tone.encode(_silence(round(16_000 * seconds))))
        out.mux(tone.encode(None))
        if art is not None:
            frame = av.VideoFrame.from_ndarray(picture(0, 64, 64), format="rgb24").reformat(format="yuvj420p")
            out.mux(art.encode(frame))
            out.mux(art.encode(None))
    return path


def _silence(samples: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, samples), dtype=np.float32), format="fltp", layout="mono")
    frame.sample_rate = 16_000
    frame.pts, frame.time_base = 0, Fraction(1, 16_000)
    return frame


def turn(path: Path, rotation_deg: int) -> Path:
    """Write into an MP4's track header that players shall turn the picture counter-clockwise."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd")
    # After the type: version and flags, times, ids and duration (20 or 32 bytes), 8 reserved, layer … volume (8).
    matrix = header + 4 + 4 + (20 if data[header + 4] == 0 else 32) + 8 + 8
    data[matrix : matrix + 36] = struct.pack(">9i", *_MATRICES[rotation_deg])
    path.write_bytes(data)
    return path


def even_times(count: int, fps: float = 30.0) -> np.ndarray:
    """Presentation times of a constant frame rate."""
    return np.arange(count) / fps


def decoded_times(path: Path) -> np.ndarray:
    """Presentation times of a file read straight with PyAV, without Ergo's code."""
    with av.open(str(path)) as container:
        return np.array([float(f.pts * f.time_base) for f in container.decode(video=0)])
