"""Which processes this one has started."""

from __future__ import annotations

from pathlib import Path


def children() -> set[int]:
    """Process ids of this process's children."""
    return {int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}
