"""What interrupted uploads left behind is cleared away: when the app starts, and once a day while it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ergo.errors import StorageError
from ergo.storage.uploads import UploadService

_log = logging.getLogger(__name__)

ABANDONED_AFTER_S = 7 * 24 * 3600.0  # as R2 does
EVERY_S = 24 * 3600.0


@contextmanager
def swept(uploads: UploadService, *, every_s: float = EVERY_S) -> Iterator[None]:
    """Sweep now and every `every_s` seconds, beside what runs inside."""
    stop = threading.Event()

    def work() -> None:
        while True:
            try:
                uploads.sweep(ABANDONED_AFTER_S)
            except StorageError as error:  # the store may be back tomorrow
                _log.warning("unfinished uploads could not be swept: %s", error)
            if stop.wait(every_s):
                return

    thread = threading.Thread(target=work, name="sweep", daemon=True)  # the app's end does not wait for a listing
    thread.start()
    try:
        yield
    finally:
        stop.set()
