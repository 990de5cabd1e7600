import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_worker import FACE_M
from scipy.spatial.transform import Rotation

from ergo.body.landmarks import LANDMARK_COUNT
from ergo.body.landmarks import Landmark as L
from ergo.fitting.head import FACE, FACES_M, head_rotation, head_turn
from ergo.types import QUALITIES


def person(yaw_deg, pitch_deg, roll_deg, face_m, whole=None):
    """Upright trunk, the head turned as told; `whole` turns the person."""
    points = np.zeros((1, LANDMARK_COUNT, 3))
    points[0, L.LEFT_SHOULDER], points[0, L.RIGHT_SHOULDER] = (0.18, 0.5, 0.0), (-0.18, 0.5, 0.0)
    points[0, L.LEFT_HIP], points[0, L.RIGHT_HIP] = (0.1, 0.0, 0.0), (-0.1, 0.0, 0.0)
    turn = Rotation.from_euler("YXZ", (yaw_deg, pitch_deg, roll_deg), degrees=True)
    points[0, list(FACE)] = face_m @ turn.as_matrix().T + np.array([0.0, 0.7, 0.1])
    return points if whole is None else whole.apply(points[0])[None]


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-80, 80), st.floats(-60, 80), st.floats(-45, 45), st.sampled_from(QUALITIES), st.integers(0, 2**31 - 1)
)
def test_a_head_is_read_as_it_is_turned(yaw, pitch, roll, quality, seed):
    whole = Rotation.from_rotvec(np.random.default_rng(seed).normal(size=3))
    found = np.degrees(head_turn(person(yaw, pitch, roll, FACES_M[quality], whole), FACES_M[quality]))[0]
    np.testing.assert_allclose(found, (yaw, pitch, roll), atol=1e-6)


def test_a_small_or_noisy_face_is_still_a_rotation():
    rng = np.random.default_rng(0)
    points = person(0.0, 30.0, 0.0, 0.7 * FACE_M)
    points[0, list(FACE)] += rng.normal(0.0, 0.005, (len(FACE), 3))
    head = head_rotation(points, FACE_M)[0]
    assert np.linalg.det(head) == pytest.approx(1.0)
    assert np.degrees(head_turn(points, FACE_M))[0] == pytest.approx((0.0, 30.0, 0.0), abs=8.0)


def test_a_head_pushed_forward_does_not_nod():
    points = person(0.0, 25.0, 0.0, FACE_M)
    points[0, list(FACE), 2] += 0.15
    assert np.degrees(head_turn(points, FACE_M))[0, 1] == pytest.approx(25.0)


def test_a_face_that_misses_a_landmark_tells_nothing():
    points = person(0.0, 25.0, 0.0, FACE_M)
    points[0, L.LEFT_EAR] = np.nan
    assert np.isnan(head_turn(points, FACE_M)).all()
