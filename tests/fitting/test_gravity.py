import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.fitting.gravity import PRIOR_SD_DEG, Still, from_body, from_user, refine_with_lines
from ergo.geometry.camera import default_intrinsics, project, rotation_world_cam, tilt_from_up, up_from_tilt
from ergo.geometry.rotations import angle_between_deg
from ergo.types import Gravity

SIZE = (960, 720)
K = default_intrinsics(*SIZE)


def room(pitch_deg, roll_deg, posts=14, seed=0):
    """A picture of vertical posts and slanted clutter through a tilted camera."""
    rng = np.random.default_rng(seed)
    R = rotation_world_cam(up_from_tilt(pitch_deg, roll_deg))
    picture = np.full((SIZE[1], SIZE[0], 3), 210, np.uint8)

    def draw(a, b, width):
        ends = project(np.array([a, b]) @ R, K)
        if np.isfinite(ends).all() and np.abs(ends).max() < 20_000:
            cv2.line(picture, *[tuple(int(v) for v in e) for e in ends], (60, 60, 60), width, cv2.LINE_AA)

    for x in np.linspace(-4, 4, posts):
        z = -rng.uniform(5, 8)
        draw([x, -2, z], [x, 3, z], 3)
    for _ in range(6):
        a = np.array([rng.uniform(-3, 3), rng.uniform(-1, 1), -6])
        draw(a, a + rng.normal(0, 0.7, 3), 2)
    return picture


@settings(max_examples=12, deadline=None)
@given(st.floats(-5, 35), st.floats(-25, 25))
def test_posts_tell_the_tilt(pitch, roll):
    truth = up_from_tilt(pitch, roll)
    guess = up_from_tilt(pitch + 6, roll - 5)
    found = refine_with_lines(
        Gravity(up_cam=guess, sd_deg=6.0, source="body"), [Still(rgb=room(pitch, roll), bbox_px=(0, 0, 1, 1))], K
    )
    assert found.source == "lines"
    assert angle_between_deg(found.up_cam, truth) < 1.0


def test_without_edges_the_guess_stays():
    guess = Gravity(up_cam=up_from_tilt(10, 0), sd_deg=6.0, source="body")
    blank = Still(rgb=np.full((SIZE[1], SIZE[0], 3), 128, np.uint8), bbox_px=(0, 0, 1, 1))
    assert refine_with_lines(guess, [blank], K) is guess
    assert refine_with_lines(guess, [], K) is guess


def test_edges_on_the_person_do_not_count():
    guess = Gravity(up_cam=up_from_tilt(10, 0), sd_deg=6.0, source="body")
    everywhere = Still(rgb=room(20, 10), bbox_px=(0, 0, *SIZE))
    assert refine_with_lines(guess, [everywhere], K) is guess


def test_the_user_wins_and_a_missing_half_is_zero():
    given_tilt = from_user(None, 15.0)
    assert given_tilt is not None
    assert given_tilt.source == "user"
    assert tilt_from_up(given_tilt.up_cam) == pytest.approx((0.0, 15.0))
    assert from_user(None, None) is None


def test_standing_body_tells_up(scene):
    found = from_body(scene.landmarks_cam_m, np.ones(len(scene.landmarks_cam_m), dtype=bool))
    assert found.source == "body"
    assert angle_between_deg(found.up_cam, scene.up_cam) < 6.0


def test_without_legs_only_the_prior_is_left(scene):
    found = from_body(scene.landmarks_cam_m, np.zeros(len(scene.landmarks_cam_m), dtype=bool))
    assert (found.source, found.sd_deg) == ("prior", PRIOR_SD_DEG)
