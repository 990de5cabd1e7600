"""Frames read ahead of their use, so that the decoder works on while the estimator is busy with one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ergo.video.limits import Frame

_WAIT_S = 0.1


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last thing in the queue: why there are no more frames."""

    error: BaseException | None


@contextmanager
def reading_ahead(frames: Iterable[Frame], count: int = 8) -> Iterator[Iterator[Frame]]:
    """Iterate over `frames` while a thread fetches up to `count` of them in advance.

    Errors of the reader are raised where the frames are used. Leaving the context stops the thread, so the reader
    itself can then be closed.
    """
    waiting: queue.Queue[Frame | _Ended] = queue.Queue(maxsize=count)
    stop = threading.Event()

    def offer(item: Frame | _Ended) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=_WAIT_S)
                return True
            except queue.Full:
                continue
        return False

    def fetch() -> None:
        error: BaseException | None = None
        try:
            for frame in frames:
                if not offer(frame):
                    return
        except BaseException as raised:  # handed on to the thread that uses the frames
            error = raised
        offer(_Ended(error))

    def use() -> Iterator[Frame]:
        while not isinstance(item := waiting.get(), _Ended):
            yield item
        if item.error is not None:
            raise item.error

    thread = threading.Thread(target=fetch, name="frames read ahead", daemon=True)
    thread.start()
    try:
        yield use()
    finally:
        stop.set()
        thread.join()
