"""Signatures in the store's time where this machine's clock is wrong.

Stores refuse a signature whose time is more than 15 minutes off theirs. The refusal carries their time, so the request
is signed anew with it, and so is everything after, signed URLs included. boto3 has no such thing: its own signers are
used, with the time replaced.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

_log = logging.getLogger(__name__)

_NOTICED_FROM_S = 300.0  # less is refused by nobody
_FORMAT = "%Y%m%dT%H%M%SZ"
_MARK = "ergo_ahead_s"
_OURS = {"s3v4": "ergo-s3v4", "s3v4-query": "ergo-s3v4-query"}


def follow_the_stores_clock(client: Any) -> None:
    """Let an S3 client of boto3 learn the store's time from the refusals that it gets."""
    _register_signers()
    clock = _StoreClock()
    client.meta.events.register("choose-signer.s3", _choose)
    client.meta.events.register("before-sign.s3", clock.mark)
    client.meta.events.register("needs-retry.s3", clock.learn)


class _StoreClock:
    """How far the store's clock is ahead of this machine's, as far as anybody has complained."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def mark(self, request: Any, **_: Any) -> None:
        """A request is about to be signed."""
        request.context[_MARK] = self._ahead_s

    def learn(self, response: Any, request_dict: Any, **_: Any) -> int | None:
        """A request has been answered: seconds after which to try again, None where that would not help."""
        if response is None or response[0].status_code != 403:
            return None
        try:
            ahead_s = parsedate_to_datetime(response[0].headers["date"]).timestamp() - time.time()
        except (KeyError, ValueError):
            return None
        if abs(ahead_s - request_dict["context"].get(_MARK, 0.0)) < _NOTICED_FROM_S:
            return None  # it was refused for another reason
        _log.warning("this machine's clock is %.0f s off the store's: set it, for example by starting NTP", -ahead_s)
        self._ahead_s = ahead_s
        return 0


def _choose(signature_version: Any, **_: Any) -> str | None:
    return _OURS.get(signature_version)


@cache
def _register_signers() -> None:
    from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth, S3SigV4QueryAuth  # noqa: PLC0415

    AUTH_TYPE_MAPS[_OURS["s3v4"]] = _in_the_stores_time(S3SigV4Auth)
    AUTH_TYPE_MAPS[_OURS["s3v4-query"]] = _in_the_stores_time(S3SigV4QueryAuth)


def _in_the_stores_time(signer: Any) -> Any:
    class Corrected(signer):
        def _modify_request_before_signing(self, request: Any) -> None:
            ahead = timedelta(seconds=request.context[_MARK])
            request.context["timestamp"] = (datetime.now(UTC) + ahead).strftime(_FORMAT)
            super()._modify_request_before_signing(request)

    return Corrected
