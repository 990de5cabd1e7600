"""One look for all who ask at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")
_MOST = 1000


class Shared(Generic[_T]):
    """Remembers answers for `fresh_s` seconds, so that a thousand viewers of a job cost a bucket what one does.

    Those who ask for the same thing while it is being looked up wait for that answer.
    """

    def __init__(self, fresh_s: float) -> None:
        self._fresh_s = fresh_s
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._answers: dict[str, tuple[float, _T]] = {}

    def get(self, name: str, look: Callable[[], _T]) -> _T:
        """The answer for `name`; `look` is asked when there is none that is fresh, and its errors are raised."""
        if self._fresh_s <= 0:
            return look()
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            known = self._answers.get(name)
            if known is not None and time.monotonic() - known[0] < self._fresh_s:
                return known[1]
            answer = look()
            with self._guard:
                if len(self._answers) >= _MOST:
                    self._answers.clear()
                    self._locks.clear()
                self._answers[name] = (time.monotonic(), answer)
            return answer

    def forget(self, name: str) -> None:
        """What was known of `name` has changed."""
        with self._guard:
            self._answers.pop(name, None)
