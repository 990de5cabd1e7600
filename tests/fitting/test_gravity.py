import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ergo.fitting.edges import Still, find_edges
from ergo.fitting.gravity import PRIOR_SD_DEG, Seen, from_bodies, from_user, refine_with_lines
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


def shelves(pitch_deg, roll_deg, azimuth_deg):
    """A picture of two walls of shelves at a right angle and not one upright edge."""
    c, s = np.cos(np.radians(azimuth_deg)), np.sin(np.radians(azimuth_deg))
    R = rotation_world_cam(up_from_tilt(pitch_deg, roll_deg))
    picture = np.full((SIZE[1], SIZE[0], 3), 210, np.uint8)
    for y in np.linspace(-2.0, 1.5, 10):
        corner = np.array([0.3, y, -7.0])
        for along in (np.array([c, 0.0, s]), np.array([-s, 0.0, c])):
            ends = project(np.array([corner + 0.3 * along, corner + 4.0 * along]) @ R, K)
            cv2.line(picture, *[tuple(int(v) for v in e) for e in ends], (60, 60, 60), 3, cv2.LINE_AA)
    return picture


def guessed(pitch_deg, roll_deg, sd_deg=6.0):
    return Gravity(up_cam=up_from_tilt(pitch_deg, roll_deg), sd_deg=sd_deg, source="body")


@settings(max_examples=12, deadline=None)
@given(st.floats(-5, 35), st.floats(-30, 30))
def test_posts_tell_the_tilt(pitch, roll):
    truth = up_from_tilt(pitch, roll)
    still = Still(rgb=room(pitch, roll))
    found = refine_with_lines(guessed(pitch + 6, roll - 5), find_edges([still], K))
    assert found.source == "lines"
    assert angle_between_deg(found.up_cam, truth) < max(1.0, 2.5 * found.sd_deg)


@pytest.mark.parametrize(("pitch", "roll"), [(8, 0), (15, 20), (20, -28)])
@pytest.mark.parametrize("azimuth", [35, 55])
def test_shelves_at_a_right_angle_tell_the_tilt_without_an_upright_edge(pitch, roll, azimuth):
    still = Still(rgb=shelves(pitch, roll, azimuth))
    found = refine_with_lines(guessed(pitch - 6, roll + 5), find_edges([still], K))
    assert found.source == "lines"
    assert angle_between_deg(found.up_cam, up_from_tilt(pitch, roll)) < 2.0


@pytest.mark.parametrize("seed", range(4))
def test_sticks_in_all_directions_tell_nothing_for_sure(seed):
    """An outdoor picture: whatever is answered, the guess is either kept or the doubt said."""
    rng = np.random.default_rng(seed)
    picture = np.full((SIZE[1], SIZE[0], 3), 210, np.uint8)
    for _ in range(50):
        middle, angle = rng.uniform([0, 0], SIZE), rng.uniform(0, np.pi)
        half = rng.uniform(20, 60) * np.array([np.cos(angle), np.sin(angle)])
        ends = [tuple(int(v) for v in middle + sign * half) for sign in (-1, 1)]
        cv2.line(picture, *ends, (60, 60, 60), 2, cv2.LINE_AA)
    found = refine_with_lines(guessed(12, 0), find_edges([Still(rgb=picture)], K))
    assert angle_between_deg(found.up_cam, up_from_tilt(12, 0)) < 2.5 * found.sd_deg


def test_black_bars_beside_the_picture_are_no_walls():
    picture = room(10, 20)
    picture[:, :150] = 0
    picture[:, -150:] = 0
    edges = find_edges([Still(rgb=picture)], K)
    bars = (np.array([150, SIZE[0] - 150]) - K[0, 2]) / K[0, 0]
    assert len(edges.weight) > 3
    assert np.abs(edges.ends[:, :, 0, None] - bars).max(axis=1).min() > 0.005


def test_stills_of_a_turned_camera_speak_of_the_reference():
    turn = Rotation.from_rotvec(np.radians([8.0, -10.0, 6.0])).as_matrix()  # R_ref_cam
    up_ref = up_from_tilt(15, 3)
    pitch, roll = tilt_from_up(turn.T @ up_ref)
    still = Still(rgb=room(pitch, roll), R_ref_cam=turn)
    found = refine_with_lines(guessed(20, 0), find_edges([still], K))
    assert angle_between_deg(found.up_cam, up_ref) < 1.0


def test_without_edges_the_guess_stays():
    guess = Gravity(up_cam=up_from_tilt(10, 0), sd_deg=6.0, source="body")
    blank = Still(rgb=np.full((SIZE[1], SIZE[0], 3), 128, np.uint8))
    assert refine_with_lines(guess, find_edges([blank], K)) is guess
    assert refine_with_lines(guess, find_edges([], K)) is guess


def test_edges_on_the_person_do_not_count():
    guess = Gravity(up_cam=up_from_tilt(10, 0), sd_deg=6.0, source="body")
    everywhere = Still(rgb=room(20, 10), people_px=np.array([[400.0, 300.0, 20.0, 60.0], [0.0, 0.0, *SIZE]]))
    assert refine_with_lines(guess, find_edges([everywhere], K)) is guess


def test_the_user_wins_and_a_missing_half_is_zero():
    given_tilt = from_user(None, 15.0)
    assert given_tilt is not None
    assert given_tilt.source == "user"
    assert tilt_from_up(given_tilt.up_cam) == pytest.approx((0.0, 15.0))
    assert from_user(None, None) is None


def stands(scene, legs=True):
    points = scene.landmarks_cam_m
    return Seen(points_m=points, legs_seen=np.full(len(points), legs))


def turned(person, degrees):
    """The same person as seen by a camera that is rolled by so much."""
    roll = Rotation.from_rotvec([0.0, 0.0, np.radians(degrees)]).as_matrix()
    return Seen(points_m=person.points_m @ roll.T, legs_seen=person.legs_seen)


def test_standing_body_tells_up(scene):
    found = from_bodies([stands(scene)])
    assert found.source == "body"
    assert angle_between_deg(found.up_cam, scene.up_cam) < 6.0


def test_everybody_in_the_picture_has_a_vote(scene):
    alone = from_bodies([turned(stands(scene), 12)])
    together = from_bodies([turned(stands(scene), 12), stands(scene), turned(stands(scene), -12)])
    assert angle_between_deg(together.up_cam, scene.up_cam) < angle_between_deg(alone.up_cam, scene.up_cam) - 5.0
    assert together.sd_deg < 0.7 * alone.sd_deg


def test_somebody_who_crouches_is_believed_less(scene):
    bent = scene.landmarks_cam_m.copy()
    up, hips = scene.up_cam, bent[:, [23, 24]].mean(axis=1, keepdims=True)
    aside = np.cross(up, [0.0, 0.0, 1.0])
    above = (bent - hips) @ up > 0.1
    bent[above] += 0.5 * aside - 0.3 * up
    crouching = from_bodies([Seen(points_m=bent, legs_seen=np.ones(len(bent), dtype=bool))])
    assert crouching.sd_deg > from_bodies([stands(scene)]).sd_deg + 2.0


def test_without_legs_only_the_prior_is_left(scene):
    found = from_bodies([stands(scene, legs=False)])
    assert (found.source, found.sd_deg) == ("prior", PRIOR_SD_DEG)
    assert from_bodies([]).source == "prior"


def test_horizontal_edges_alone_are_told_with_doubt():
    """Boxes need not stand at a right angle to the walls, so without upright edges the vertical is a guess."""
    doubtful = refine_with_lines(guessed(9, 5), find_edges([Still(rgb=shelves(15, 0, 35))], K))
    upright = refine_with_lines(guessed(9, 5), find_edges([Still(rgb=room(15, 0))], K))
    assert doubtful.sd_deg > 5.0
    assert upright.sd_deg < 2.0
