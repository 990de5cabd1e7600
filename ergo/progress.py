"""How far an analysis is, and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Callable

from ergo.types import Progress, Stage

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
        self.report = report
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

    def at(self, fraction: float, message: str = "") -> None:
        """Report how much of the whole is done, 0 to 1, in the words of the stage or in others."""
        self._seq += 1
        self._fraction = max(self._fraction, fraction)  # a second look at the film does not turn progress back
        message = message or _MESSAGES[self._stage]
        self.report(Progress(seq=self._seq, stage=self._stage, fraction=self._fraction, message=message))

    def looked(self, share: float, message: str = "") -> None:
        """Report how much of the film has been looked at, 0 to 1."""
        begin, end = _BEGINS["people"], _BEGINS["body"]
        self.at(begin + (end - begin) * min(1.0, share), message)

    def piece(self, number: int, count: int) -> Callable[[float], None]:
        """A reporter of the share that is done of one of `count` pieces, which are looked at one after the other."""
        return lambda share: self.looked((number + share) / count)


def silent(_: Progress) -> None:
    """Nobody watches."""
