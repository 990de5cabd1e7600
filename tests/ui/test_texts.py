"""Numbers in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.ui import texts


def test_small_and_large_shares_stay_honest() -> None:
    assert [texts.percent(share) for share in (0, 0.0004, 0.004, 0.012, 0.5, 0.996, 1)] == [
        "0 %", "<1 %", "<1 %", "1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip


@given(st.floats(0, 1e6, allow_nan=False))
def test_clock_reads_back(seconds: float) -> None:
    *hours_minutes, rest = texts.clock(seconds).split(":")
    total = float(rest)
    for place, value in enumerate(reversed(hours_minutes), 1):
        total += int(value) * 60**place
    assert total == pytest.approx(seconds, abs=0.051)
    assert float(rest) < 60


def test_lengths_in_words() -> None:
    assert [texts.duration_words(s) for s in (0.84, 9.99, 59.6, 200, 7500)] == [
        "0.8 s", "10 s", "1 min", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert [texts.time_left_words(s) for s in (None, 2, 41, 130, 7300)] == [
        "", "a few seconds left", "about 40 s left", "about 2 min left", "about 2 h 2 min left",
    ]  # fmt: skip
    assert [texts.size_words(n) for n in (12, 1_290_000, 99_960_000_000)] == ["12 bytes", "1.3 MB", "100 GB"]
