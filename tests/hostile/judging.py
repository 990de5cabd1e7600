"""What Ergo makes of a file from anywhere: an answer, how long it took, and what it cost the decoder."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from child_processes import children

from ergo.errors import ErgoError
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

LIMITS = DecodeLimits()
LONGEST_S = 20.0
MOST_BYTES = 1 << 30
SMALL = DecodeSettings(max_side_px=320)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`code` is that of the error, empty where the file was read to its end; `peak_bytes` is the decoder's."""

    code: str
    said: str
    took_s: float
    peak_bytes: int
    left_running: int


def answer_to(path: Path) -> Answer:
    """Read a file as the analysis does: probe it, then decode every picture. Anything but an ErgoError is a mistake."""
    before, began_s = children(), time.monotonic()
    with _Peak(before) as peak:
        try:
            info = probe(path, LIMITS)
            with read_frames(path, info, SMALL, LIMITS) as reader:
                count = sum(1 for _ in reader)
            code, said = "", f"{count} pictures" + (f"; {reader.damage}" if reader.damage else "")
        except ErgoError as error:
            code, said = error.code, error.message
            assert error.hint
    left = children() - before
    return Answer(
        code=code, said=said, took_s=time.monotonic() - began_s, peak_bytes=peak.bytes, left_running=len(left)
    )


class _Peak:
    """Follows the peak memory of the children that are not in `before`."""

    def __init__(self, before: set[int]) -> None:
        self.bytes = 0
        self._before = before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._over.wait(0.02):
            for pid in children() - self._before:
                try:
                    if b"ergo.video.child" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                        continue  # still a copy of this process
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    continue
                for line in status.splitlines():
                    if line.startswith("VmHWM"):
                        self.bytes = max(self.bytes, 1024 * int(line.split()[1]))
