"""What a worker does with a job, in steps that several workers can share."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ergo.config import Settings
from ergo.progress import Clock
from ergo.types import AnalysisSettings

if TYPE_CHECKING:
    from ergo.video.footage import Footage

DEFAULT_ENTRY = "ergo.jobs.film"


class Work(Protocol):
    """A module with these functions. Whatever a step needs of an earlier one goes through its files."""

    def plan(self, footage: Footage, settings: AnalysisSettings, options: Settings, clock: Clock) -> bytes:
        """How the video is to be looked at: the same bytes whenever and wherever it is asked."""
        ...

    def pieces(self, plan: bytes) -> int:
        """In how many pieces, which can be looked at in any order and at the same time."""
        ...

    def look(
        self,
        footage: Footage,
        plan: bytes,
        number: int,
        folder: Path,
        options: Settings,
        report: Callable[[float], None],
    ) -> None:
        """Look at one piece and write ``<number>.npz``, and what else there is as ``<number>.<kind>``."""
        ...

    def finish(
        self, plan: bytes, folder: Path, out_dir: Path, settings: AnalysisSettings, options: Settings, clock: Clock
    ) -> bytes | None:
        """Make the result files of what all pieces left in `folder`, or give another plan by which to look again."""
        ...

    def again(self, earlier: Path, out_dir: Path, settings: AnalysisSettings, options: Settings, clock: Clock) -> None:
        """Make the result files of what an earlier job saw, without a look at the video."""
        ...


def load_work(entry: str) -> Work:
    """The module called `entry`."""
    return cast(Work, importlib.import_module(entry))
