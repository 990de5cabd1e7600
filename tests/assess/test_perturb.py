import numpy as np
import pytest

from ergo.assess.angle_catalogue import ANGLES, NOT_MEASURED
from ergo.assess.perturb import drawn_errors, leaning, perturbed
from ergo.types import JointAngles


def angles_of(frames=200, rate_hz=10.0, value_deg=40.0, sd_deg=5.0) -> JointAngles:
    values = np.full((frames, len(ANGLES)), value_deg)
    values[:, [a.id.endswith("shoulder_abduction") for a in ANGLES]] = 0.0  # arms forward
    values[:, [a.id in NOT_MEASURED for a in ANGLES]] = np.nan
    seen = np.isfinite(values)
    return JointAngles(
        names=tuple(a.id for a in ANGLES),
        values_deg=values,
        sd_deg=np.where(seen, sd_deg, np.nan),
        valid=seen,
        timestamps_s=np.arange(frames) / rate_hz,
    )


def test_errors_have_the_reported_standard_deviation():
    angles = angles_of()
    drawn = np.stack([version["trunk_flexion"] for version in perturbed(angles, drawn_errors(400))]) - 40.0
    assert np.sqrt(np.mean(drawn**2)) == pytest.approx(5.0, rel=0.1)


def test_leaning_moves_what_is_measured_against_gravity_only():
    angles = angles_of(value_deg=10.0)
    leant = leaning(angles, 4.0)
    for index, name in enumerate(angles.names):
        moved = 4.0 if name in ("trunk_flexion", "trunk_inclination", "head_inclination") else 0.0
        np.testing.assert_allclose(leant.values_deg[:, index], angles.values_deg[:, index] + moved, err_msg=name)


def test_the_same_seed_gives_the_same_errors_and_versions_differ():
    first, second = list(perturbed(angles_of(), drawn_errors(2, seed=3)))
    again = next(perturbed(angles_of(), drawn_errors(1, seed=3)))
    np.testing.assert_array_equal(first.values_deg, again.values_deg)
    assert np.nanmax(np.abs(first.values_deg - second.values_deg)) > 1


def test_unseen_angles_stay_unseen_and_sizes_stay_positive():
    angles = angles_of(value_deg=1.0, sd_deg=20.0)
    for version in perturbed(angles, drawn_errors(5)):
        np.testing.assert_array_equal(np.isfinite(version.values_deg), np.isfinite(angles.values_deg))
        for name in ("trunk_inclination", "left_elbow_flexion", "right_shoulder_elevation", "left_knee_flexion"):
            assert version[name].min() >= 0


def test_an_arm_keeps_flexion_and_abduction_together():
    angles = angles_of()
    for version in perturbed(angles, drawn_errors(3)):
        size = np.hypot(version["left_shoulder_flexion"], version["left_shoulder_abduction"])
        np.testing.assert_allclose(size, version["left_shoulder_elevation"], atol=1e-9)
        assert np.abs(version["left_shoulder_abduction"]).min() > 0


def test_nothing_moves_without_error():
    angles = angles_of(sd_deg=0.0)
    for version in perturbed(angles, drawn_errors(1)):
        np.testing.assert_allclose(version.values_deg, angles.values_deg, atol=1e-9)
