"""The arithmetic around the networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.pose.blazepose import (
    Candidates,
    Region,
    anchors,
    candidates,
    cut_out,
    decoded,
    merged,
    refined,
    region_about,
    whole,
)
from ergo.pose.smoothing import LandmarkSmoother, OneEuro

PLACES = st.tuples(st.floats(-500, 1500), st.floats(-500, 1500)).map(np.array)
TURNS = st.floats(-3.1, 3.1)


@given(PLACES, st.floats(5, 800), TURNS)
def test_a_region_is_aimed_by_its_two_points(centre: np.ndarray, reach: float, turn: float) -> None:
    up = np.array([np.sin(turn), -np.cos(turn)])
    region = region_about(centre, centre + reach * up)
    assert region.side_px == pytest.approx(2.5 * reach)
    assert region.turn_rad == pytest.approx(turn, abs=1e-6)
    above, middle = region.to_picture(np.array([[0.5, 0.0], [0.5, 0.5]]))
    assert middle == pytest.approx(centre)
    assert above == pytest.approx(centre + 1.25 * reach * up, abs=1e-6 * reach)


@given(st.integers(40, 90), st.integers(40, 90))
def test_the_whole_picture_lies_in_the_middle_of_its_square(width: int, height: int) -> None:
    square = whole(width, height)
    assert square.side_px == max(width, height)
    rgb = np.full((height, width, 3), 200, np.uint8)
    seen = cut_out(rgb, square, 32, "black")[..., 0] > 100
    assert seen.mean() == pytest.approx(width * height / square.side_px**2, abs=0.08)
    assert seen[16, 16]


def test_a_square_is_cut_out_pixel_by_pixel_and_turned() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    square = Region(centre_px=np.array([14.0, 11.0]), side_px=16.0)
    assert np.array_equal(cut_out(rgb, square, 16, "black"), rgb[3:19, 6:22])
    quarter = Region(centre_px=np.array([14.0, 11.0]), side_px=16.0, turn_rad=np.pi / 2)
    assert np.array_equal(cut_out(rgb, quarter, 16, "black")[1:, :], np.rot90(rgb[3:19, 7:22]))
    edge = Region(centre_px=np.array([0.0, 10.0]), side_px=10.0)
    assert (cut_out(rgb, edge, 10, "stretched")[:, 0] == rgb[5:15, 0]).all()
    assert (cut_out(rgb, edge, 10, "black")[:, 0] == 0).all()


@given(st.integers(0, 2253), st.floats(0.1, 0.5), st.floats(-2, 5))
def test_a_candidate_is_where_its_anchor_and_its_row_say(row: int, size: float, logit: float) -> None:
    about = anchors()
    assert about.shape == (2254, 2)
    rows, logits = np.zeros((2254, 12), np.float32), np.full(2254, -100, np.float32)
    rows[row] = 224 * np.array([0.1, -0.1, size, 2 * size, 0, 0, 0, -size, 0, 0, 0, 0])
    logits[row] = logit
    found = candidates(rows, logits, 0.25, about)
    sure = 1 / (1 + np.exp(-np.float32(logit)))
    assert len(found.scores) == (sure >= 0.25)
    if len(found.scores):
        assert found.scores[0] == pytest.approx(sure, rel=1e-5)
        middle = about[row] + [0.1, -0.1]
        half = np.array([size / 2, size])
        assert found.boxes[0] == pytest.approx(np.concatenate([middle - half, middle + half]), abs=1e-6)
        assert found.points[0, 1] == pytest.approx(about[row] - [0, size], abs=1e-6)


@given(st.lists(st.floats(0.3, 1.0), min_size=2, max_size=6), st.floats(-0.05, 0.05))
def test_candidates_for_one_person_are_averaged_and_two_people_stay_two(scores: list[float], apart: float) -> None:
    scores = sorted(scores, reverse=True)
    shifts = np.linspace(0, apart, len(scores))
    boxes = np.array([[0.1 + s, 0.1, 0.4 + s, 0.7] for s in shifts])
    points = np.stack([np.array([[0.25 + s, 0.4]] * 4) for s in shifts])
    elsewhere = np.array([[0.6, 0.1, 0.9, 0.7]])
    both = merged(
        Candidates(
            boxes=np.concatenate([boxes, elsewhere]),
            points=np.concatenate([points, np.full((1, 4, 2), 0.75)]),
            scores=np.array([*scores, 0.29]),
        )
    )
    assert both.scores == pytest.approx([scores[0], 0.29])
    assert both.points[0, 0, 0] == pytest.approx(0.25 + np.average(shifts, weights=scores))
    assert both.boxes[1] == pytest.approx(elsewhere[0])


@given(st.integers(4, 59), st.integers(4, 59), st.integers(-2, 2), st.integers(-2, 2))
def test_a_landmark_goes_where_the_heat_is(x: int, y: int, dx: int, dy: int) -> None:
    xy = np.tile([(x + 0.5) / 64, (y + 0.5) / 64], (39, 1))
    heat = np.full((64, 64, 39), -20.0, np.float32)
    assert np.array_equal(refined(xy, heat), xy)
    heat[y + dy, x + dx] = 5.0
    assert refined(xy, heat) == pytest.approx(np.tile([(x + dx) / 64, (y + dy) / 64], (39, 1)), abs=1e-4)


@given(PLACES, st.floats(50, 500), TURNS)
def test_landmarks_turn_with_the_region(centre: np.ndarray, side: float, turn: float) -> None:
    random = np.random.default_rng(2)
    raw = random.uniform(40, 200, (39, 5)).astype(np.float32)
    world = random.normal(0, 0.5, (39, 3)).astype(np.float32)
    cold = np.full((64, 64, 39), -20.0, np.float32)
    upright = decoded(raw, cold, world, Region(centre_px=np.zeros(2), side_px=256.0))
    turned = decoded(raw, cold, world, Region(centre_px=centre, side_px=side, turn_rad=turn))
    cos, sin = np.cos(turn), np.sin(turn)
    turning = np.array([[cos, -sin], [sin, cos]])
    assert turned.xy_px == pytest.approx(centre + upright.xy_px @ turning.T * side / 256, abs=1e-3)
    assert turned.xyz_m[:, :2] == pytest.approx(upright.xyz_m[:, :2] @ turning.T, abs=1e-6)
    assert turned.xyz_m[:, 2] == pytest.approx(upright.xyz_m[:, 2])
    assert turned.next_region.side_px == pytest.approx(upright.next_region.side_px * side / 256, rel=1e-5)


def test_what_rests_is_smoothed_and_what_moves_is_followed() -> None:
    resting = OneEuro(0.05, 80.0)
    noise = np.random.default_rng(3).normal(0, 0.001, (60, 4))
    kept = [resting(1.0 + values, 1000 + 100 * k, 1.0) for k, values in enumerate(noise)]
    assert np.std(kept[20:]) < 0.5 * np.std(noise)
    moving = OneEuro(0.05, 80.0)
    told = [moving(np.array([float(k)]), 1000 + 100 * k, 1.0)[0] for k in range(20)]
    assert abs(told[-1] - 19) < 0.05
    moving.reset()
    assert moving(np.array([5.0]), 5000, 1.0)[0] == 5.0


def test_a_lost_person_is_smoothed_anew_in_the_picture_alone() -> None:
    cold, world = np.full((64, 64, 39), -20.0, np.float32), np.zeros((39, 3), np.float32)
    region = Region(centre_px=np.array([100.0, 100.0]), side_px=200.0)
    one = decoded(np.full((39, 5), 100, np.float32), cold, world, region)
    other = decoded(np.full((39, 5), 110, np.float32), cold, world + np.float32(0.1), region)
    smoother = LandmarkSmoother()
    smoother(one, 1000)
    near = smoother(other, 1033)
    assert (near.xy_px < other.xy_px).all()
    smoother.lost()
    again = smoother(other, 1066)
    assert np.array_equal(again.xy_px, other.xy_px)
    assert (again.xyz_m < other.xyz_m).all()
