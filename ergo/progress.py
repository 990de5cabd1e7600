"""How far an analysis is, and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ergo.types import Progress, Stage
from ergo.video.limits import Frame

Report = Callable[[Progress], None]

_BEGINS: dict[Stage, float] = {"video": 0.0, "people": 0.02, "body": 0.86, "assess": 0.92, "report": 0.94, "done": 1.0}
_MESSAGES: dict[Stage, str] = {
    "video": "Reading the video",
    "people": "Following the people",
    "body": "Posing the body",
    "assess": "Scoring the postures",
    "report": "Writing the results",
    "done": "Done",
}


class Clock:
    """Reports progress in order and takes the time of each stage."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._seq = 0
        self._fraction = 0.0
        self._stage: Stage = "queue"
        self._since = time.perf_counter()
        self.timings_s: dict[str, float] = {}

    def enter(self, stage: Stage) -> None:
        """Begin a stage."""
        self.stop()
        self._stage, self._since = stage, time.perf_counter()
        self.at(_BEGINS[stage])

    def stop(self) -> None:
        """Note the time of the stage so far."""
        if self._stage != "queue":
            self.timings_s[self._stage] = round(time.perf_counter() - self._since, 3)

    def at(self, fraction: float) -> None:
        """Report how much of the whole is done, 0 to 1."""
        self._seq += 1
        self._fraction = max(self._fraction, fraction)  # a second look at the film does not turn progress back
        message = _MESSAGES[self._stage]
        self._report(Progress(seq=self._seq, stage=self._stage, fraction=self._fraction, message=message))

    def watch(self, frames: Iterator[Frame], duration_s: float) -> Iterator[Frame]:
        """The same frames, reporting how far into the video they are."""
        begin, end = _BEGINS["people"], _BEGINS["body"]
        for frame in frames:
            self.at(begin + (end - begin) * min(1.0, frame.timestamp_s / max(duration_s, 1e-3)))
            yield frame


def silent(_: Progress) -> None:
    """Nobody watches."""
