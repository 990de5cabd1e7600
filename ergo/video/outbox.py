"""The child's end of the pipe: messages out, with back-pressure and signs of life. Runs in the decoder process only."""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import TypeAlias

from ergo.video.wire import pack_header

_ALIVE_EVERY_S = 0.5
_QUEUED_MESSAGES = 4
_STDOUT = 1

_Message: TypeAlias = tuple[bytes, memoryview | None]


class Outbox:
    """Sends messages from a thread of its own, so that decoding goes on while the parent reads.

    The queue is short: a parent that does not read stops the decoder, and memory stays flat.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[_Message | None] = queue.Queue(maxsize=_QUEUED_MESSAGES)
        self._alive_at_s = time.monotonic()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def send(self, kind: str, payload: memoryview | None = None, **fields: object) -> None:
        """Queue one message; waits while the queue is full. `payload` must be contiguous and stay unchanged."""
        size = 0 if payload is None else payload.nbytes
        self._queue.put((pack_header(kind, size, **fields), payload))
        self._alive_at_s = time.monotonic()

    def alive(self) -> None:
        """Tell now and then that work goes on although there is nothing to give yet."""
        if time.monotonic() - self._alive_at_s > _ALIVE_EVERY_S and self._queue.empty():
            self.send("alive")

    def close(self) -> None:
        """Wait until everything is written."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        try:
            while (message := self._queue.get()) is not None:
                header, payload = message
                _write_all(memoryview(header))
                if payload is not None:
                    _write_all(payload)
        except BrokenPipeError:
            os._exit(0)  # the parent has lost interest: nothing is left to do, nor anybody to tell


def _write_all(data: memoryview) -> None:
    rest = data.cast("B")
    while rest:
        rest = rest[os.write(_STDOUT, rest) :]
