"""What a finished job would score with other inputs: at once, without the film, and without keeping anything."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ergo.assess.observations import Observations, observe
from ergo.assess.overrides import check_overrides, layered
from ergo.assess.score import assess_observed
from ergo.errors import KeyNotFound, SettingsError
from ergo.jobs.ledger import Ledger, result_key
from ergo.report.measured import ANGLES_FILE, MOTION_FILE, read_measured
from ergo.types import AnalysisSettings, Assessment, Override

if TYPE_CHECKING:  # finding lifts takes scipy, which the page loads when somebody asks
    from ergo.assess.fatigue import DayDamage
    from ergo.assess.lifting import FoundLifts, Lifting

KEPT_JOBS = 4
"""So many films' observations stay in memory; ten minutes of film take about 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """Scores, lifts and the damage of a day with `overrides` in place, and what was seen without them."""

    assessments: tuple[Assessment, ...]
    lifting: Lifting
    fatigue: tuple[DayDamage, ...]
    overrides: tuple[Override, ...]
    seen: Observations


class Rescorer:
    """Scores the jobs of a ledger again. Keeps what was observed of the last few."""

    def __init__(self, ledger: Ledger, kept: int = KEPT_JOBS) -> None:
        self._ledger = ledger
        self._kept = kept
        self._seen: OrderedDict[str, tuple[Observations, FoundLifts]] = OrderedDict()
        self._lock = threading.Lock()

    def rescored(self, job_id: str, overrides: Sequence[Override]) -> Rescored:
        """The scores of a finished job with `overrides` instead of those it was kept with; later ones go before.

        Raises:
            JobNotFound: no such job.
            SettingsError: an override cannot be (names it), or the result is of an earlier version.
        """
        from ergo.assess.fatigue import assess_fatigue  # noqa: PLC0415
        from ergo.assess.lifting import judge_lifting  # noqa: PLC0415

        settings = self._ledger.manifest(job_id).settings
        seen, found = self._observed(job_id, settings)
        said = layered((), overrides)
        check_overrides(said, float(seen.timestamps_s[-1]) + 1.0 if len(seen.timestamps_s) else None)
        settings = replace(settings, overrides=said)
        lifting = judge_lifting(found, settings)
        return Rescored(
            assessments=assess_observed(seen, settings.context, said),
            lifting=lifting,
            fatigue=assess_fatigue(lifting, settings),
            overrides=said,
            seen=seen,
        )

    def _observed(self, job_id: str, settings: AnalysisSettings) -> tuple[Observations, FoundLifts]:
        with self._lock:
            if job_id in self._seen:
                self._seen.move_to_end(job_id)
                return self._seen[job_id]
        try:
            stored = [self._ledger.store.get(result_key(job_id, name)) for name in (ANGLES_FILE, MOTION_FILE)]
        except KeyNotFound:
            raise SettingsError("This result keeps no angles to score again.", "Analyse the video again.") from None
        from ergo.assess.lifting import measured_lifts  # noqa: PLC0415

        motion, angles = read_measured(*stored)
        seen = observe(motion, angles), measured_lifts(motion, settings)
        with self._lock:
            self._seen[job_id] = seen
            while len(self._seen) > self._kept:
                self._seen.popitem(last=False)
        return seen
