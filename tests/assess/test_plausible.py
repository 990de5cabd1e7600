import numpy as np
import pytest
from assess_people import angles_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.assess.plausible import SPREAD_DEG, plausible


def measured(sd_deg: float, **values: float):
    angles = angles_of(np.arange(8) / 8.0, **values)
    angles.sd_deg[:] = np.where(angles.valid, sd_deg, np.nan)
    return angles


def test_a_twist_no_larger_than_its_error_is_hardly_believed():
    believed = plausible(measured(20.0, trunk_twist=15.0))
    assert believed["trunk_twist"][0] == pytest.approx(15.0 * 121 / 521)


def test_a_large_one_stays_a_twist_and_an_exact_one_itself():
    assert plausible(measured(10.0, trunk_twist=45.0))["trunk_twist"][0] > 20.0
    assert plausible(measured(0.0, trunk_twist=15.0))["trunk_twist"][0] == 15.0


def test_other_angles_are_left_alone():
    angles = measured(20.0, trunk_flexion=15.0, left_elbow_flexion=80.0)
    others = [name not in SPREAD_DEG for name in angles.names]
    np.testing.assert_array_equal(plausible(angles).values_deg[:, others], angles.values_deg[:, others])


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(sorted(SPREAD_DEG)), st.floats(2.0, 25.0))
def test_it_is_the_mean_of_what_would_be_read_so(name: str, sd_deg: float):
    """People drawn with the spread, read with the error: those read as x are on average what is answered for x."""
    rng = np.random.default_rng(0)
    true = rng.normal(0.0, SPREAD_DEG[name], 400_000)
    read = true + rng.normal(0.0, sd_deg, len(true))
    near = np.abs(read - 12.0) < 0.4
    believed = plausible(measured(sd_deg, **{name: float(read[near].mean())}))
    column = believed.names.index(name)
    assert believed.values_deg[0, column] == pytest.approx(true[near].mean(), abs=0.5)
    assert believed.sd_deg[0, column] == pytest.approx(true[near].std(), rel=0.05)
