"""Work spread over the processors of this machine, in processes of their own: results do not depend on how many."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Protocol, TypeVar

_T = TypeVar("_T")
_U = TypeVar("_U")

_MOST = 8
_log = logging.getLogger(__name__)


class Spread(Protocol):
    """``spread(act, items)`` is ``[act(item) for item in items]``; both must be fit to be pickled."""

    def __call__(self, act: Callable[[_T], _U], items: Sequence[_T]) -> list[_U]:
        """What `act` makes of each item, in their order."""
        ...


def in_turn(act: Callable[[_T], _U], items: Sequence[_T]) -> list[_U]:
    """Everything here, one after the other."""
    return [act(item) for item in items]


def cores_here() -> int:
    """How many processors this process may run on, eight at most: beyond that, starting processes eats the gain."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, _MOST)


def workers_here() -> int:
    """Workers that this machine has room for: each keeps one to two cores busy, and takes 0.6 to 0.8 GB of memory."""
    return max(cores_here() // 2, 1)


@contextmanager
def spread_over(cores: int) -> Iterator[Spread]:
    """Up to `cores` processes at a time, started when there is first something to do for them.

    They import the main module anew, so a script that comes here with more than one core needs the usual
    ``if __name__ == "__main__":``. When one of them dies, of want of memory for instance, everything is done here.
    """
    if cores < 2:
        yield in_turn
        return
    with ProcessPoolExecutor(cores, get_context("spawn"), initializer=_end_with_parent) as pool:

        def spread(act: Callable[[_T], _U], items: Sequence[_T]) -> list[_U]:
            if len(items) < 2:
                return in_turn(act, items)
            try:
                return list(pool.map(act, items))
            except BrokenProcessPool:
                _log.warning("a process that helped to evaluate died; the work is done without")
                return in_turn(act, items)

        yield spread


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its processes to go."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    Thread(target=watch, daemon=True).start()
