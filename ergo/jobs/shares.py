"""Links by which an owner shows one result to others: signed, for a while, and only until the owner ends them.

``jobs/<id>/shares/<share>.json`` says until when and whether the film is shown; without that object a link is worth
nothing, so ending it, or deleting the job, takes effect at once.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import MappingProxyType

from ergo.errors import AccessDenied, KeyNotFound, SettingsError
from ergo.jobs.ledger import Ledger, job_prefix
from ergo.storage.signing import UrlSigner

SPANS_S = MappingProxyType({"1h": 3600, "1d": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400})
"""For how long a link can be made."""

_TOKEN = re.compile(r"(?P<job>[0-9a-f]{32})(?P<share>[0-9a-f]{32})\.(?P<expires>\d{10,12})\.(?P<tag>[0-9a-f]{16})")
_SHARE = re.compile(r"[0-9a-f]{32}")
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One link: to which job, until when (seconds since 1970), and whether the film and its pictures are shown."""

    job_id: str
    share_id: str
    expires_s: int
    film: bool


class Shares:
    """The links of the jobs of a ledger."""

    def __init__(self, ledger: Ledger, signer: UrlSigner, clock: Callable[[], float] = time.time) -> None:
        self._store = ledger.store
        self._signer = signer
        self._clock = clock

    def make(self, job_id: str, span: str, *, film: bool) -> Share:
        """A new link to a job, for a span of :data:`SPANS_S`. Raises SettingsError, JobNotFound."""
        if span not in SPANS_S:
            raise SettingsError(f"A link cannot hold {span[:20]!r}.", f"Choose one of {', '.join(SPANS_S)}.")
        if len(self.of(job_id)) >= _MOST:
            raise SettingsError(f"There are {_MOST} links to this result.", "End some of them first.")
        expires_s = int(self._clock()) + SPANS_S[span]
        share = Share(job_id=job_id, share_id=secrets.token_hex(16), expires_s=expires_s, film=film)
        self._store.put(_key(job_id, share.share_id), json.dumps(asdict(share)).encode(), if_none_match=True)
        return share

    def token(self, share: Share) -> str:
        """What the address of a link carries."""
        tag = self._tag(share.job_id, share.share_id, share.expires_s)
        return f"{share.job_id}{share.share_id}.{share.expires_s}.{tag}"

    def of(self, job_id: str) -> list[Share]:
        """The links to a job that still hold, the one that ends first at the front. Raises JobNotFound."""
        found = []
        for info in list(self._store.list(f"{job_prefix(job_id)}shares/")):
            share = self._read(info.key)
            if share is not None and share.expires_s > self._clock():
                found.append(share)
        return sorted(found, key=lambda share: share.expires_s)

    def end(self, job_id: str, share_id: str) -> None:
        """End a link; one that has ended already stays so. Raises JobNotFound."""
        if _SHARE.fullmatch(share_id):
            self._store.delete(_key(job_id, share_id))

    def open(self, token: str) -> Share:
        """The link that a token stands for. Raises AccessDenied: made up, over, ended, or its job is gone."""
        match = _TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(
            match["tag"], self._tag(match["job"], match["share"], int(match["expires"]))
        ):
            raise AccessDenied("This link is not complete.", "Copy the whole of it, or ask for a new one.")
        share = self._read(_key(match["job"], match["share"]))
        if share is None or share.expires_s <= self._clock():
            raise AccessDenied(
                "This link has expired.",
                "It was made to end at a certain time, or its owner has ended it or deleted the analysis. "
                "Ask whoever gave it to you for a new one.",
            )
        return share

    def _tag(self, job_id: str, share_id: str, expires_s: int) -> str:
        return self._signer.tag(f"share {job_id} {share_id} {expires_s}")

    def _read(self, key: str) -> Share | None:
        try:
            return Share(**json.loads(self._store.get(key)))
        except (KeyNotFound, TypeError, ValueError):
            return None


def _key(job_id: str, share_id: str) -> str:
    return f"{job_prefix(job_id)}shares/{share_id}.json"
