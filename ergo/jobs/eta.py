"""How long a job will still take, from how far it has come."""

from __future__ import annotations

import math

_MEMORY_S = 30.0
_FIRST_SAY_S = 2.0
_FIRST_SAY_FRACTION = 0.01


class EtaEstimator:
    """Remaining seconds from elapsed seconds and the fraction done.

    Stages run at different speeds, so the mean speed since the start (steady) and the speed of about the last half
    minute (an exponential average, quick to notice) count half each.
    """

    def __init__(self) -> None:
        self._elapsed_s = 0.0
        self._fraction = 0.0
        self._recent: float | None = None

    def update(self, elapsed_s: float, fraction: float) -> float | None:
        """The remaining seconds; None while it is too early to say.

        Args:
            elapsed_s: since the work began, not falling from call to call.
            fraction: of the whole work, 0 to 1, not falling from call to call.
        """
        step_s = elapsed_s - self._elapsed_s
        if step_s > 0:
            speed = max(0.0, fraction - self._fraction) / step_s
            weight = 1.0 - math.exp(-step_s / _MEMORY_S)
            self._recent = speed if self._recent is None else self._recent + weight * (speed - self._recent)
            self._elapsed_s, self._fraction = elapsed_s, max(self._fraction, fraction)
        if fraction >= 1.0:
            return 0.0
        if elapsed_s < _FIRST_SAY_S or fraction < _FIRST_SAY_FRACTION or self._recent is None:
            return None
        return (1.0 - fraction) / (0.5 * (fraction / elapsed_s + self._recent))
