"""What starts workers: the protocol, whichever machines they run on."""

from __future__ import annotations

from typing import Protocol


class Runner(Protocol):
    """Sees to it that every job in the ledger is worked on, until it ends."""

    def start(self) -> None:
        """Begin to look after the ledger; jobs of earlier runs included."""
        ...

    def stop(self) -> None:
        """Stop looking; workers that run go on, and the next start finds them."""
        ...

    def nudge(self) -> None:
        """Look now: something has just been submitted or cancelled."""
        ...
