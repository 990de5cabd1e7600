import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.jobs.eta import EtaEstimator


def test_a_steady_pace_is_told_exactly():
    eta = EtaEstimator()
    said = {t: eta.update(float(t), t / 100) for t in range(1, 101)}
    assert said[1] is None
    assert [said[t] for t in (10, 50, 99)] == pytest.approx([90, 50, 1])
    assert said[100] == 0.0


def test_a_slower_stage_is_noticed_but_not_at_once():
    eta = EtaEstimator()
    for t in range(1, 51):
        before = eta.update(float(t), t / 100)
    soon = eta.update(51.0, 0.501)
    for t in range(52, 120):
        late = eta.update(float(t), 0.5 + (t - 50) / 1000)
    assert before < soon < 1.2 * before
    assert late > 2 * before  # the truth is now 431 s


@given(st.lists(st.tuples(st.floats(0.001, 100), st.floats(0, 0.1)), max_size=50))
def test_any_rising_progress_gives_a_sane_answer(steps):
    eta, elapsed_s, fraction = EtaEstimator(), 0.0, 0.0
    for step_s, gain in steps:
        elapsed_s, fraction = elapsed_s + step_s, min(1.0, fraction + gain)
        said = eta.update(elapsed_s, fraction)
        assert said is None or 0 <= said <= 2 * elapsed_s * (1 - fraction) / max(fraction, 0.01) + 1e-6
