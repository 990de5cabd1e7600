"""Distances between skeletons, and pairs of least cost."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pose_scenes import detection, standing

from ergo.body.landmarks import LANDMARK, LANDMARK_NAMES, LEFT_RIGHT_PAIRS, MIRRORED
from ergo.pose.association import assign, detection_distance, newcomers, same_body
from ergo.pose.boxes import Box


@given(dx=st.floats(-400, 400), px_per_m=st.floats(40, 300))
def test_distance_is_in_body_sizes_and_symmetric(dx: float, px_per_m: float) -> None:
    one, other = detection(600, px_per_m=px_per_m), detection(600 + dx, px_per_m=px_per_m)
    distance = detection_distance(one, other)
    np.testing.assert_allclose(distance, abs(dx) / one.box.side_px, atol=1e-4)
    np.testing.assert_allclose(distance, detection_distance(other, one), rtol=1e-6)


@given(cost=arrays(float, (3, 3), elements=st.floats(0, 1)), gate=st.floats(0, 1))
def test_assignment_is_the_best_of_all(cost: np.ndarray, gate: float) -> None:
    pairs = assign(cost, gate)
    assert all(cost[pair] <= gate for pair in pairs)
    options = [[(r, c) for r, c in enumerate(p) if cost[r, c] <= gate] for p in permutations(range(3))]
    most = max(len(option) for option in options)
    assert len(pairs) == most
    cheapest = min(sum(cost[pair] for pair in option) for option in options if len(option) == most)
    assert abs(sum(cost[pair] for pair in pairs) - cheapest) < 1e-6


def test_assignment_of_nobody() -> None:
    assert assign(np.zeros((0, 3)), 1.0) == ()
    assert assign(np.zeros((3, 0)), np.ones(3)) == ()
    assert assign(np.array([[np.inf, 0.2]]), 1.0) == ((0, 1),)


def test_newcomers_are_neither_known_nor_parts_nor_twins() -> None:
    known = detection(400)
    twin, foot = detection(404), detection(420, 550, px_per_m=30)
    fresh = newcomers([foot, twin, detection(900), detection(903)], [known])
    assert len(fresh) == 1
    assert fresh[0].xy_px[:, 0].min() > 800


def test_boxes() -> None:
    box = Box(10, 20, 30, 40)
    assert box.grown(1.0) == Box(5, 20, 40, 40)
    assert box.clipped(25, 30) == Box(10, 20, 15, 10)
    assert box.clipped(5, 5).area_px2 == 0
    assert box.overlap(box) == 1
    assert box.overlap(Box(100, 100, 5, 5)) == 0
    assert Box(15, 25, 10, 10).share_inside(box) == 1
    assert box.contains(Box(10, 20, 30, 40))
    assert not box.contains(Box(9, 20, 30, 40))


def test_every_landmark_has_its_counterpart() -> None:
    assert len(LANDMARK_NAMES) == 33
    assert len(LEFT_RIGHT_PAIRS) == 16
    assert [MIRRORED[index] for index in MIRRORED] == list(range(33))
    assert MIRRORED[LANDMARK["nose"]] == LANDMARK["nose"]
    assert MIRRORED[LANDMARK["left_wrist"]] == LANDMARK["right_wrist"]
    assert MIRRORED[LANDMARK["mouth_right"]] == LANDMARK["mouth_left"]


def test_hidden_legs_drawn_differently_are_still_one_person() -> None:
    one, other = detection(600), detection(602)
    legs = other.xy_px.copy()
    legs[23:] += [60, -150]
    other = replace(other, xy_px=legs)
    assert detection_distance(one, other) > 0.12
    assert same_body(one, other)
    assert newcomers([other], [one]) == ()
    assert not same_body(one, detection(660))


def test_a_doubtful_skeleton_on_somebody_better_seen_is_nobody_new() -> None:
    worker = detection(600, 380)
    ghost = detection(620, 370, px_per_m=160, xyz_m=-standing())
    doubtful = replace(ghost, confidence=np.full_like(ghost.confidence, 0.4))
    assert newcomers([doubtful], [worker]) == ()
    assert newcomers([worker, doubtful], []) == (worker,)
    beside = replace(doubtful, xy_px=doubtful.xy_px + np.float32([300, 0]))
    assert len(newcomers([beside], [worker])) == 1
