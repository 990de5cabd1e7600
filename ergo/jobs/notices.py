"""Who is told what: the operator of trouble, by Slack and e-mail; whoever asked for it of a job's end, by webhook.

Runners say what happened; it is sent from a thread of its own, so that a mail server that hangs holds up no job. Nobody
is told the same thing again and again, and nothing that is sent holds a secret.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import httpcore

from ergo.config import Settings
from ergo.errors import AlreadyExists, ErgoError, InputError, JobNotFound, from_code
from ergo.jobs import channels
from ergo.jobs.ledger import Entry, Ledger, job_prefix
from ergo.jobs.wire import TERMINAL, JobState
from ergo.logs import secrets_of, without_secrets
from ergo.video.web import PUBLIC, Reach

_log = logging.getLogger(__name__)

Kind: TypeAlias = Literal["failed", "stuck", "no workers", "cost"]

_SUBJECTS: dict[Kind, str] = {
    "failed": "an analysis failed",
    "stuck": "an analysis stands still",
    "no workers": "the endpoint has no workers",
    "cost": "an analysis costs more than the limit",
}
_TRIES, _PAUSE_S = 3, 2.0
_MOST_WAITING = 200
_LOOK_EVERY_S = 60.0
_FAILED = (OSError, ErgoError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


@dataclass(slots=True)
class _Told:
    """When the operator was last told of a kind of trouble, and how often it came since."""

    at_s: float = -math.inf
    since: int = 0


class Endings:
    """How many jobs ended how since the app started; each counts once."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lately: deque[str] = deque(maxlen=1000)

    def count(self, job_id: str, state: JobState) -> None:
        """A job has ended."""
        if job_id not in self._lately:
            self._lately.append(job_id)
            self._counts[state] += 1

    def so_far(self) -> Mapping[str, int]:
        """State → count, zeros included."""
        return {state: self._counts[state] for state in sorted(TERMINAL)}


class Notices:
    """Tells of the jobs of `ledger`.

    Args:
        ledger: marks there which jobs' ends were told, so that of several apps one does.
        settings: the operator's channels and limits.
        reach: where users' webhooks may lead.
        every_s: of each kind of trouble the operator hears at most this often.
        pause_s: between tries to send.
    """

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        *,
        reach: Reach = PUBLIC,
        every_s: float = 900.0,
        pause_s: float = _PAUSE_S,
    ) -> None:
        self._ledger, self._settings, self._reach = ledger, settings, reach
        self._every_s, self._pause_s = every_s, pause_s
        self._secrets = secrets_of(settings)
        self._told: dict[Kind, _Told] = {}
        self._known: set[tuple[Kind, str]] = set()
        self.endings = Endings()
        self._seen: dict[str, tuple[int, float]] = {}
        self._looked_s = -math.inf
        self._out: queue.Queue[Callable[[], None]] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None

    def ended(self, job_id: str) -> None:
        """A job has ended, or was deleted: tell who wants to know; once, however often this is called."""
        self._seen.pop(job_id, None)
        try:
            state, manifest = self._ledger.state(job_id), self._ledger.manifest(job_id)
        except JobNotFound:
            return
        if state in TERMINAL:
            self.endings.count(job_id, state)
        error = self._ledger.error(job_id) if state == "failed" else None
        trouble = error is not None and not isinstance(from_code(error.code, ""), InputError)
        if state not in TERMINAL or not (manifest.notify_url or (trouble and self._to_operator)):
            return
        try:
            self._ledger.store.put(f"{job_prefix(job_id)}told", b"", if_none_match=True)
        except AlreadyExists:
            return
        if error is not None and trouble:
            self.alert("failed", job_id, f"Job {job_id} failed: {error.message} {error.hint}")
        if url := manifest.notify_url:
            said = {"job_id": job_id, "state": state, "text": f"Ergo: analysis {job_id} {state}."}
            self._send(lambda: channels.post_to_stranger(url, said, self._reach))

    def watch(self, running: Iterable[Entry]) -> None:
        """Look now and then whether jobs that run come on."""
        now_s = time.monotonic()
        patience_s = 60.0 * self._settings.alert_stuck_min
        if not self._to_operator or now_s - self._looked_s < min(_LOOK_EVERY_S, patience_s / 2):
            return
        self._looked_s = now_s
        for entry in running:
            record = self._ledger.progress(entry.job_id)
            seq = record.progress.seq if record else -1
            before = self._seen.get(entry.job_id)
            if before is None or before[0] != seq:
                self._seen[entry.job_id] = (seq, now_s)
            elif now_s - before[1] >= patience_s:
                minutes = (now_s - before[1]) / 60
                self.alert("stuck", entry.job_id, f"Job {entry.job_id} has not come on for {minutes:.0f} minutes.")

    def spent(self, job_id: str, usd: float) -> None:
        """A job has cost so much so far."""
        limit_usd = self._settings.alert_usd
        if limit_usd is not None and usd > limit_usd:
            self.alert("cost", job_id, f"Job {job_id} has cost ${usd:.2f} so far; the limit is ${limit_usd:.2f}.")

    def alert(self, kind: Kind, about: str, text: str) -> None:
        """Tell the operator of trouble; of the same thing once, of the same kind now and then."""
        if not self._to_operator or (kind, about) in self._known:
            return
        self._known.add((kind, about))
        told = self._told.setdefault(kind, _Told())
        if time.monotonic() - told.at_s < self._every_s:
            told.since += 1
            return
        more = f" It happened {told.since} more times since the last message." if told.since else ""
        told.at_s, told.since = time.monotonic(), 0
        said = without_secrets(text + more, self._secrets)
        slack, mail, server = self._settings.alert_slack, self._settings.alert_email, self._settings.smtp
        if slack is not None:
            self._send(lambda: channels.post_to_slack(slack.get_secret_value(), f"Ergo: {_SUBJECTS[kind]}. {said}"))
        if mail and server is not None:
            address = server.get_secret_value()
            self._send(lambda: channels.send_mail(address, mail, f"Ergo: {_SUBJECTS[kind]}", said))

    @property
    def _to_operator(self) -> bool:
        settings = self._settings
        return settings.alert_slack is not None or bool(settings.alert_email and settings.smtp)

    def _send(self, act: Callable[[], None]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notices", daemon=True)
            self._thread.start()
        try:
            self._out.put_nowait(act)
        except queue.Full:
            _log.warning("a notice was dropped: %d wait already", _MOST_WAITING)

    def _run(self) -> None:
        while True:
            act = self._out.get()
            for number in range(_TRIES):
                time.sleep(self._pause_s * number)
                try:
                    act()
                    break
                except _FAILED as error:
                    _log.warning("a notice did not get through: %s", error)
