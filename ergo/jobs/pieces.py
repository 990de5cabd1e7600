"""Looking at the pieces of a job, side by side with other workers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ergo.config import Settings
from ergo.jobs.ledger import Ledger
from ergo.jobs.segments import Segments
from ergo.jobs.work import Work
from ergo.progress import Clock

if TYPE_CHECKING:
    from ergo.video.footage import Footage

_SURVEY_S = 2.0


def look_at_all(
    segments: Segments,
    work: Work,
    footage: Footage,
    plan: bytes,
    folder: Path,
    settings: Settings,
    clock: Clock,
    poll_s: float,
) -> None:
    """Look at pieces until all are done; while others hold the last ones, wait, and take over from those who die.

    Raises:
        JobFailed: a piece ended its worker again and again.
    """
    share = _Share(segments, clock)
    while True:
        number = segments.take()
        if number is not None:
            work.look(footage, plan, number, folder, settings, share.tell)
            segments.keep(number, folder)
        elif segments.all_done:
            return
        else:
            time.sleep(poll_s)
        share.tell(0.0)


def look_at_some(
    segments: Segments, work: Work, footage: Footage, plan: bytes, folder: Path, settings: Settings, ledger: Ledger
) -> None:
    """Look at pieces while any are free and no other job waits for this process."""
    while (number := segments.take()) is not None:
        if segments.clear_if_over():  # of a job that has ended all pieces are gone, and look as if nobody had come yet
            return
        work.look(footage, plan, number, folder, settings, lambda _: None)
        segments.keep(number, folder)
        if ledger.queued():
            return


class _Share:
    """How much of a film has been looked at by everybody."""

    def __init__(self, segments: Segments, clock: Clock) -> None:
        self._segments, self._clock = segments, clock
        self._surveyed_s = time.monotonic()

    def tell(self, own: float) -> None:
        """Report it, `own` being the share of the piece at hand."""
        count = self._segments.count
        if count > 1 and time.monotonic() - self._surveyed_s > _SURVEY_S:
            self._segments.survey()
            self._surveyed_s = time.monotonic()
        done = len(self._segments.done)
        message = f"Following the people: {done} of {count} pieces seen" if count > 1 else ""
        self._clock.looked((done + own) / count, message)
