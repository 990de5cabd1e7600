"""Keeps the start-up chatter of native libraries off standard error."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(
    rb"^(INFO: |[IW]\d{4} |WARNING: All log messages before absl::InitializeLog)"
    rb"|^WARNING: Logging before InitGoogleLogging"
)
_STDERR = 2
_STDERR_IS_ONE = threading.Lock()  # two threads swapping it at once would lose it for good


@contextmanager
def without_chatter() -> Iterator[None]:
    """Hold back what native code writes to standard error inside, then let everything but INFO and W lines through.

    MediaPipe's runtime heeds none of the usual environment variables for its log level. Errors (E and F lines of
    absl, tracebacks, anything unknown) appear a moment later than they would have; nothing of them is lost.
    """
    with _STDERR_IS_ONE, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        original = os.dup(_STDERR)
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(original, _STDERR)
            os.close(original)
            held.seek(0)
            for line in held:
                if not _CHATTER.match(line):
                    os.write(_STDERR, line)
