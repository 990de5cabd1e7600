"""What a finished job would score with other inputs: at once, without the film, and without keeping anything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ergo.assess.observations import Observations, observe
from ergo.assess.overrides import check_overrides, layered
from ergo.assess.score import assess_observed
from ergo.errors import KeyNotFound, SettingsError
from ergo.jobs.ledger import Ledger, result_key
from ergo.report.measured import ANGLES_FILE, MOTION_FILE, read_measured
from ergo.types import Assessment, Override

KEPT_JOBS = 4
"""So many films' observations stay in memory; ten minutes of film take about 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """Scores with `overrides` in place, and what was seen without them."""

    assessments: tuple[Assessment, ...]
    overrides: tuple[Override, ...]
    seen: Observations


class Rescorer:
    """Scores the jobs of a ledger again. Keeps what was observed of the last few."""

    def __init__(self, ledger: Ledger, kept: int = KEPT_JOBS) -> None:
        self._ledger = ledger
        self._kept = kept
        self._seen: OrderedDict[str, Observations] = OrderedDict()
        self._lock = threading.Lock()

    def rescored(self, job_id: str, overrides: Sequence[Override]) -> Rescored:
        """The scores of a finished job with `overrides` instead of those it was kept with; later ones go before.

        Raises:
            JobNotFound: no such job.
            SettingsError: an override cannot be (names it), or the result is of an earlier version.
        """
        settings = self._ledger.manifest(job_id).settings
        seen = self._observed(job_id)
        said = layered((), overrides)
        check_overrides(said, float(seen.timestamps_s[-1]) + 1.0 if len(seen.timestamps_s) else None)
        return Rescored(assessments=assess_observed(seen, settings.context, said), overrides=said, seen=seen)

    def _observed(self, job_id: str) -> Observations:
        with self._lock:
            if job_id in self._seen:
                self._seen.move_to_end(job_id)
                return self._seen[job_id]
        try:
            angles, motion = (self._ledger.store.get(result_key(job_id, name)) for name in (ANGLES_FILE, MOTION_FILE))
        except KeyNotFound:
            raise SettingsError("This result keeps no angles to score again.", "Analyse the video again.") from None
        seen = observe(*read_measured(angles, motion))
        with self._lock:
            self._seen[job_id] = seen
            while len(self._seen) > self._kept:
                self._seen.popitem(last=False)
        return seen
