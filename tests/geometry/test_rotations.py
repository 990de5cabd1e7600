import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ergo.geometry.rotations import (
    angle_between_deg,
    frame_from_axes,
    rotation_about,
    rotation_between,
    signed_angle_deg,
    unit,
)

directions = arrays(float, 3, elements=st.floats(-1, 1)).filter(lambda v: np.linalg.norm(v) > 1e-3)


def is_rotation(R):
    return np.allclose(R @ R.T, np.eye(3), atol=1e-7) and np.isclose(np.linalg.det(R), 1.0)


@given(directions, directions)
def test_rotation_between_turns_a_onto_b(a, b):
    R = rotation_between(a, b)
    assert is_rotation(R)
    assert np.allclose(R @ unit(a), unit(b), atol=1e-6)


@given(directions)
def test_rotation_between_opposite_directions(a):
    R = rotation_between(a, -a)
    assert is_rotation(R)
    assert np.allclose(R @ unit(a), -unit(a), atol=1e-6)


@given(directions, directions, st.floats(-12, -1))
def test_rotation_between_nearly_opposite_directions(a, aside, exponent):
    b = -unit(a) + 10.0**exponent * unit(aside)
    R = rotation_between(a, b)
    assert is_rotation(R)
    assert np.allclose(R @ unit(a), unit(b), atol=1e-7)


@given(directions, directions)
def test_rotation_between_is_the_smallest(a, b):
    angle = np.degrees(np.arccos(np.clip((np.trace(rotation_between(a, b)) - 1) / 2, -1, 1)))
    assert abs(angle - angle_between_deg(a, b)) < 1e-2


@given(directions, directions, st.floats(-3.1, 3.1))
def test_signed_angle_reads_back_a_turn(a, axis, turn):
    n = unit(axis)
    if np.linalg.norm(np.cross(unit(a), n)) < 0.1:
        return
    assert np.isclose(signed_angle_deg(a, rotation_about(n, np.array(turn)) @ a, n), np.degrees(turn), atol=1e-6)


@given(directions, directions)
def test_frame_is_right_handed_with_y_along_primary(primary, secondary):
    if np.linalg.norm(np.cross(unit(primary), unit(secondary))) < 1e-3:
        return
    F = frame_from_axes(primary, secondary)
    assert is_rotation(F)
    assert np.allclose(F[:, 1], unit(primary))
    assert F[:, 0] @ secondary > 0


def test_zero_vector_has_no_direction():
    assert np.isnan(unit(np.zeros(3))).all()
