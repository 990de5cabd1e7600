"""The frames of a video, streamed from the decoder process; the preview is written in the same pass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int

from ergo.closing import Closing
from ergo.errors import DecodeFailed
from ergo.types import VideoInfo
from ergo.video.geometry import PREVIEW_MAX_FPS, PREVIEW_MAX_SIDE_PX, fitted_size, sampled_frames
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame, Stretch
from ergo.video.probing import source_of
from ergo.video.process import DecoderProcess, Message
from ergo.video.wire import PREVIEWED, WANTED, Budget, DecodeRequest, Reel, Timeline

# The encoder is held to 4 Mbit/s; three times that, and the same again for a container, is a file gone wrong.
_PREVIEW_BYTES_PER_S = 3_000_000
_PREVIEW_BYTES_BASE = 64 << 20


def read_frames(
    path: Path,
    info: VideoInfo,
    settings: DecodeSettings,
    limits: DecodeLimits,
    preview_path: Path | None = None,
    stretch: Stretch | None = None,
    *,
    drafts: Sequence[tuple[Path, Stretch]] = (),
) -> FrameReader:
    """Decode the video once, in order, in its own process.

    Frames are upright, at most `settings.max_side_px` long, RGB, and those nearest to the ticks of
    `settings.rate_hz`. Memory does not grow with length: the decoder waits while nobody takes frames.

    Args:
        path: the file that `info` was probed from.
        info: what :func:`~ergo.video.probing.probe` found.
        settings: which frames, how large.
        limits: what the decoder may use.
        preview_path: also write an H.264 MP4 for browsers there, on the clock of `info.timestamps_s`, silent.
            The file appears once its last frame has been read; it does not if reading fails or stops early.
        stretch: read this piece only; its preview's clock begins at the piece's own first frame
            (see :func:`ergo.video.joining.join_previews`).
        drafts: instead of one preview, files that will be coded once more (see
            :func:`ergo.video.blurring.blur_preview`) and the parts of the piece that they show, in order and without a
            gap. Each appears before the first frame of the next one is given.

    Returns:
        An iterator over :class:`Frame`; afterwards its `damage` tells what could not be read. Close it, use it
        as a context manager, or exhaust it.

    Raises:
        NoFrames, VideoTooLarge, DecodeFailed: while iterating.
        StorageFull: there was no room for the preview.
    """
    stretch = stretch or Stretch(first=0, begin=0, end=info.frame_count, last=info.frame_count)
    shown = drafts or ([] if preview_path is None else [(preview_path, stretch)])
    return FrameReader(path, info, settings, limits, shown, stretch, draft=bool(drafts))


class FrameReader(Closing, Iterator[Frame]):
    """Iterator over the frames of one video; owns the decoder process and unfinished files of the preview.

    `frames_promised` is how many frames will come if the file is whole, `frames_read` how many came so far;
    `damage` stays None until the end, and then is None or one sentence about what could not be read.
    """

    def __init__(
        self,
        path: Path,
        info: VideoInfo,
        settings: DecodeSettings,
        limits: DecodeLimits,
        previews: Sequence[tuple[Path, Stretch]],
        stretch: Stretch,
        *,
        draft: bool,
    ) -> None:
        wanted = sampled_frames(info.timestamps_s, settings.rate_hz)
        wanted = wanted[(wanted >= stretch.first) & (wanted < stretch.last)]
        flags = np.zeros(info.frame_count, dtype=np.uint8)
        flags[wanted] |= WANTED
        if previews:
            flags[shown_frames(info, stretch)] |= PREVIEWED
        self.frames_promised = len(wanted)
        self.frames_read = 0
        self.damage: str | None = None
        self._name = path.name
        self._timestamps_s = info.timestamps_s
        self._size = fitted_size(info.width_px, info.height_px, settings.max_side_px)
        self._scale = max(self._size) / max(info.width_px, info.height_px)
        self._previews = [preview for preview, _ in previews]
        request = DecodeRequest(
            budget=decode_budget(info, limits),
            source=source_of(path, limits),
            timeline=timeline_of(info),
            rotation_deg=info.rotation_deg,
            size=self._size,
            reels=tuple(
                Reel(
                    path=str(unfinished(preview).resolve()),
                    first=part.begin,
                    span_s=(time_of(part.begin, info), time_of(part.end, info)),
                )
                for preview, part in previews
            ),
            preview_size=fitted_size(info.width_px, info.height_px, PREVIEW_MAX_SIDE_PX, even=True),
            draft=draft,
            to_the_end=stretch.last == info.frame_count,
            threads=settings.threads,
        )
        self._child: DecoderProcess | None = DecoderProcess(
            request, (info.timestamps_s, flags), name=path.name, idle_timeout_s=limits.idle_timeout_s
        )

    def __iter__(self) -> FrameReader:
        return self

    def __del__(self) -> None:
        if getattr(self, "_child", None) is not None:
            self.close()

    def __next__(self) -> Frame:
        if self._child is None:
            raise StopIteration
        try:
            message = self._child.message()
            while message.kind == "reel":
                self._take(message)
                message = self._child.message()
            if message.kind == "end":
                self._finish(message)
                raise StopIteration
            return self._frame(self._child, message)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop decoding, end the process, remove what is unfinished of the preview. May be called again."""
        if self._child is not None:
            self._child.close()
            self._child = None
        for preview in self._previews:
            unfinished(preview).unlink(missing_ok=True)

    def _take(self, message: Message) -> None:
        number = message.fields.get("number", -1)
        if number not in range(len(self._previews)):
            raise DecodeFailed(f"The decoder of {self._name} answered nonsense.", "Convert it to H.264 MP4.")
        unfinished(self._previews[number]).replace(self._previews[number])

    def _frame(self, child: DecoderProcess, message: Message) -> Frame:
        width, height = self._size
        index = message.fields.get("index", -1)
        expected = width * height * 3
        if message.kind != "frame" or message.payload != expected or not 0 <= index < len(self._timestamps_s):
            raise DecodeFailed(f"The decoder of {self._name} answered nonsense.", "Convert it to H.264 MP4.")
        rgb = np.empty((height, width, 3), dtype=np.uint8)
        child.read_into(rgb)
        self.frames_read += 1
        return Frame(index=index, timestamp_s=float(self._timestamps_s[index]), rgb=rgb, scale=self._scale)

    def _finish(self, message: Message) -> None:
        damage = message.fields.get("damage")
        missing = self.frames_promised - self.frames_read
        if damage is not None:
            self.damage = str(damage)
        elif missing > 0:
            self.damage = f"{missing} of {self.frames_promised} frames of {self._name} could not be read."


def unfinished(preview: Path) -> Path:
    """Where a file of a preview is written until it is complete."""
    return preview.with_name(f"{preview.name}.part")


def shown_frames(info: VideoInfo, stretch: Stretch) -> Int[np.ndarray, "shown"]:
    """Which frames of the video are in the preview of a piece."""
    shown = sampled_frames(info.timestamps_s, PREVIEW_MAX_FPS)
    return shown[(shown >= stretch.begin) & (shown < stretch.end)]


def time_of(frame: int, info: VideoInfo) -> float:
    """When a frame is shown; the one after the last is shown when the video is over."""
    return float(info.timestamps_s[frame]) if frame < info.frame_count else info.duration_s


def timeline_of(info: VideoInfo) -> Timeline:
    """The clock of a video as the child needs it."""
    return Timeline(
        count=info.frame_count,
        start_s=None if math.isnan(info.start_s) else info.start_s,
        duration_s=info.duration_s,
    )


def decode_budget(info: VideoInfo, limits: DecodeLimits) -> Budget:
    """What one pass over the video may use."""
    return Budget(
        memory_bytes=limits.memory_bytes,
        cpu_s=math.ceil(limits.cpu_s_base + limits.cpu_s_per_video_s * info.duration_s),
        file_bytes=math.ceil(_PREVIEW_BYTES_BASE + _PREVIEW_BYTES_PER_S * info.duration_s),
    )
