"""More processes of this machine for a long job: they look at its pieces while nothing else waits."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from ergo.jobs.ledger import Ledger
from ergo.jobs.processes import is_worker, kill_group, machine
from ergo.jobs.segments import Segments, current_plan, helpers
from ergo.jobs.work import Work


class Helpers:
    """Owns the helping processes that a runner started; `start` starts one for a job."""

    def __init__(self, ledger: Ledger, work: Work, start: Callable[[str], subprocess.Popen[bytes]]) -> None:
        self._ledger = ledger
        self._work = work
        self._start = start
        self._children: dict[str, list[subprocess.Popen[bytes]]] = {}

    def of(self, job_id: str) -> int:
        """How many help with a job, those of an earlier run of the app included."""
        own = [child for child in self._children.get(job_id, []) if child.poll() is None]
        self._children[job_id] = own
        known = {child.pid for child in own}
        beats = [beat for beat in helpers(self._ledger, job_id) if beat.machine == machine()]
        return len(own) + sum(beat.pid not in known and bool(is_worker(beat.pid, job_id)) for beat in beats)

    def spread(self, job_id: str, room: int) -> int:
        """Start up to `room` processes for a job that has so many pieces left; how many help it now."""
        helping = self.of(job_id)
        plan = current_plan(self._ledger, job_id) if room > 0 else None
        if plan is None:
            return helping
        segments = Segments(self._ledger, job_id, plan, self._work.pieces(plan), "")
        segments.survey()
        left = segments.count - len(segments.done)
        while segments.untaken and room > 0 and helping + 1 < left:
            self._children[job_id].append(self._start(job_id))
            helping, room = helping + 1, room - 1
        return helping

    def end(self, job_id: str) -> None:
        """End those that still help with a job."""
        for child in self._children.pop(job_id, []):
            if child.poll() is None:
                kill_group(child.pid)
            child.wait()

    def known(self) -> list[str]:
        """Jobs that this runner started somebody for."""
        return list(self._children)
