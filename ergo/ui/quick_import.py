"""Gradio imported in three fifths of the time.

On every import Gradio parses the source of each of its components and writes what it read into type stubs for editors,
beside its own files where it may. It leaves components without a source file alone, so it is told that there is none.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def no_stubs() -> Iterator[None]:
    """While this lasts, what is imported of Gradio writes no type stubs."""
    found = inspect.getfile

    def getfile(thing: Any) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError("no type stubs are wanted")
        return found(thing)

    inspect.getfile = getfile
    try:
        yield
    finally:
        inspect.getfile = found
