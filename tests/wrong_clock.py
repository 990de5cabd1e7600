"""Processes whose clock is wrong: Debian's libfaketime (``apt-get install faketime``) in front of the C library."""

from __future__ import annotations

from pathlib import Path

import pytest

_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
needs_faketime = pytest.mark.skipif(_LIBRARY is None, reason="needs libfaketime")


def clock_off_by(folder: Path, minutes: int) -> dict[str, str]:
    """Environment variables for such a process. Its clock can be set while it runs: call this again."""
    (folder / "clock").write_text(f"{minutes:+d}m")
    return {
        "LD_PRELOAD": str(_LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
    }
