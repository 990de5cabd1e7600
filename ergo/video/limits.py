"""How much a decoder may use, and how the frames of a video are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from ergo.errors import SettingsError

if TYPE_CHECKING:
    from ergo.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    """What the decoder process may use before it is stopped; a video is foreign input.

    Args:
        max_pixels: largest picture accepted, width × height.
        max_frames: most frames a video may have (the default is a day and a half at 30 frames a second).
        idle_timeout_s: a decoder that shows nothing new for this long is killed.
        memory_bytes: address space of the decoder process.
        cpu_s_base: CPU time every decoder may use, however short the video …
        cpu_s_per_video_s: … and what each second of video adds to it.
        read_bytes_per_s: slowest storage expected; bounds the time a probe may take on a large file.
    """

    max_pixels: int = 4096 * 2304
    max_frames: int = 4_000_000
    idle_timeout_s: float = 15.0
    memory_bytes: int = 2 << 30
    cpu_s_base: float = 60.0
    cpu_s_per_video_s: float = 20.0
    read_bytes_per_s: float = 5e6

    @classmethod
    def from_settings(cls, settings: Settings) -> DecodeLimits:
        """The limits an operator has set, the rest at their defaults."""
        return cls(max_pixels=settings.max_pixels, idle_timeout_s=float(settings.decode_timeout_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeSettings:
    """Which frames are wanted, and how large.

    Args:
        rate_hz: frames a second, each the one nearest to its tick; None is every frame.
        max_side_px: longest side of the frames given; smaller videos are not enlarged.
        threads: threads of the decoder and of the preview's encoder. One is the thriftiest in CPU time.

    Raises:
        SettingsError: a value is out of range.
    """

    rate_hz: float | None = None
    max_side_px: int = 1280
    threads: int = 1

    def __post_init__(self) -> None:
        if self.rate_hz is not None and not 0 < self.rate_hz <= 1000:
            raise SettingsError(f"rate_hz is {self.rate_hz}.", "Give a rate above 0 and up to 1000 Hz, or None.")
        if not 16 <= self.max_side_px <= 16384:
            raise SettingsError(f"max_side_px is {self.max_side_px}.", "Give a size from 16 to 16384 pixels.")
        if not 1 <= self.threads <= 64:
            raise SettingsError(f"threads is {self.threads}.", "Give 1 to 64 threads.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of a video, in numbers of its frames.

    Pictures are given from frame `first` to before `last`. Between, from `begin` to before `end`, lies what belongs to
    this piece alone, and goes into its preview; the rest it shares with its neighbours.
    """

    first: int
    begin: int
    end: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One upright picture of a video.

    `index` counts in `VideoInfo.timestamps_s` (so it skips when frames are sampled), `timestamp_s` is the
    presentation time from the first frame, `scale` is pixels here per pixel of the displayed video.
    """

    index: int
    timestamp_s: float
    rgb: UInt8[np.ndarray, "H W 3"]
    scale: float
