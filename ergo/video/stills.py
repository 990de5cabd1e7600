"""A few whole pictures kept out of the frames that pass by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ergo.video.background import BackgroundWatcher
from ergo.video.limits import Frame

STILLS = 5
_MOST_SHOTS = 20
_INTO_SHOT_S = 0.6
"""A second picture of each new shot is kept this long after its first."""


def still_times(duration_s: float) -> tuple[float, ...]:
    """Moments spread evenly over a video of this length."""
    return tuple(duration_s * (index + 0.5) / STILLS for index in range(STILLS))


class StillKeeper:
    """Keeps pictures spread over the video, and two of each new shot.

    Args:
        due_s: when a picture is wanted (see :func:`still_times`), rising.
        background: has seen each frame before this does; tells where shots begin.
    """

    def __init__(self, due_s: Sequence[float], background: BackgroundWatcher) -> None:
        self.kept: list[Frame] = []
        self.numbers: list[int] = []
        """Which of the sampled frames the kept ones are."""
        self._background = background
        self._due_s = list(due_s)
        self._shots = 0

    def watch(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The same frames."""
        last: Frame | None = None
        for frame in frames:
            if self._is_due(frame):
                self._keep(frame)
            last = frame
            yield frame
        if last is not None and self._due_s and not self.kept:
            self._keep(last)

    def _is_due(self, frame: Frame) -> bool:
        due = False
        while self._due_s and frame.timestamp_s >= self._due_s[0]:
            self._due_s.pop(0)
            due = True
        if self._background.matches[-1].cut and self._shots < _MOST_SHOTS:
            self._shots += 1
            self._due_s = sorted([*self._due_s, frame.timestamp_s + _INTO_SHOT_S])
            due = True
        return due

    def _keep(self, frame: Frame) -> None:
        self.kept.append(frame)
        self.numbers.append(len(self._background.matches) - 1)
