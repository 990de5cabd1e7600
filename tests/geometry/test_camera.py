import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ergo.geometry.camera import (
    default_intrinsics,
    project,
    rays,
    rotation_world_cam,
    tilt_from_up,
    up_from_tilt,
)

pitches, rolls = st.floats(-80, 80), st.floats(-170, 170)


@given(pitches, rolls)
def test_tilt_round_trip(pitch, roll):
    assert np.allclose(tilt_from_up(up_from_tilt(pitch, roll)), (pitch, roll), atol=1e-6)


@given(pitches, rolls)
def test_world_of_a_tilted_camera_has_up_along_y(pitch, roll):
    up = up_from_tilt(pitch, roll)
    R = rotation_world_cam(up)
    assert np.allclose(R @ R.T, np.eye(3), atol=1e-9)
    assert np.isclose(np.linalg.det(R), 1)
    assert np.allclose(R @ up, [0, 1, 0], atol=1e-9)


def test_looking_down_means_up_points_towards_the_camera():
    assert up_from_tilt(30, 0)[2] < 0


def test_untilted_camera_sees_the_world_upright():
    R = rotation_world_cam(up_from_tilt(0, 0))
    assert np.allclose(R @ [1, 0, 0], [1, 0, 0])
    assert np.allclose(R @ [0, 1, 0], [0, -1, 0])
    assert np.allclose(R @ [0, 0, 1], [0, 0, -1])


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.5, 20))
def test_rays_and_project_are_inverse(x, y, z):
    K = default_intrinsics(1080, 1920)
    point = np.array([x, y, z])
    assert np.allclose(rays(project(point, K), K) * z, point, atol=1e-9)


def test_points_behind_the_camera_are_not_seen():
    assert np.isnan(project(np.array([0.0, 0.0, -1.0]), default_intrinsics(640, 480))).all()
