"""How often somebody may ask: a bucket of so many tries that fills again steadily.

Kept in memory, one for each name (an owner, an address); the ones not asked for the longest time are forgotten first.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_NAMES = 10_000


class RateLimit:
    """At most `most` within `per_s` seconds for each name, all of them at once if they like."""

    def __init__(self, most: int, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._per_s = per_s
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Counts one try of `name`: 0 when it may go on, else the seconds after which it may."""
        with self._lock:
            now_s = self._clock()
            left, at_s = self._left.pop(name, (float(self._most), now_s))
            left = min(self._most, left + (now_s - at_s) * self._most / self._per_s)
            taken = left >= 1.0
            self._left[name] = (left - 1.0 if taken else left, now_s)
            if len(self._left) > _MOST_NAMES:
                self._left.popitem(last=False)
            return 0.0 if taken else (1.0 - left) * self._per_s / self._most

    def forgive(self, name: str) -> None:
        """Forget the tries of `name`."""
        with self._lock:
            self._left.pop(name, None)
