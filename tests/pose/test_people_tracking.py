"""Who is who over time, on people whose identity is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pose_scenes import HEIGHT_PX, WIDTH_PX, Scene, SceneEstimator, detection, frames, info, standing

from ergo.pose.estimator import Detection
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import Tracker, track_people
from ergo.types import Keypoints

SETTINGS = replace(PRESETS["medium"], calm=0.0)


def follow(scene: Scene, count: int, *, scale: float = 1.0, **seen: float) -> tuple[Keypoints, ...]:
    return track_people(
        frames(count, scale=scale),
        info(count),
        SceneEstimator(scene, **seen),
        SETTINGS,  # type: ignore[arg-type]
    )


def hips_x_px(person: Keypoints) -> np.ndarray:
    return person.xy_px[:, [23, 24], 0].mean(axis=1)


def test_one_person_is_found_in_every_picture_where_they_are() -> None:
    (person,) = follow(lambda k: [detection(600 + 3 * k)], 40)
    assert person.found.all()
    np.testing.assert_allclose(hips_x_px(person), 600 + 3 * np.arange(40), atol=1e-3)
    np.testing.assert_allclose(person.timestamps_s, np.arange(40) / 10)


def test_pixels_are_those_of_the_displayed_video() -> None:
    (person,) = follow(lambda k: [detection(600)], 10, scale=0.5)
    np.testing.assert_allclose(hips_x_px(person), 1200, atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), noise_px=st.floats(0, 4))
def test_the_order_in_which_people_are_seen_does_not_matter(seed: int, noise_px: float) -> None:
    people = follow(
        lambda k: [detection(300 + 2 * k), detection(800 - k), detection(1100)], 30, seed=seed, noise_px=noise_px
    )
    assert len(people) == 3
    assert all(person.found.all() for person in people)
    ends = sorted((float(hips_x_px(p)[0]), float(hips_x_px(p)[-1])) for p in people)
    np.testing.assert_allclose(ends, [(300, 358), (800, 771), (1100, 1100)], atol=20)  # 7 sd of the noise


def test_two_people_who_walk_past_each_other_keep_their_identity() -> None:
    def scene(k: int) -> list[Detection]:
        front, behind = detection(250 + 14 * k, px_per_m=210), detection(1050 - 12 * k)
        hidden = abs(front.xy_px[0, 0] - behind.xy_px[0, 0]) < 70
        return [front] if hidden else [front, behind]

    people = follow(scene, 60, noise_px=2.0)
    assert len(people) == 2
    starts = {round(float(hips_x_px(p)[0]), -2): hips_x_px(p) for p in people}
    rightward, leftward = starts[200.0 if 200.0 in starts else 300.0], starts[1000.0 if 1000.0 in starts else 1100.0]
    time = np.arange(60)
    for path, truth in ((rightward, 250 + 14 * time), (leftward, 1050 - 12 * time)):
        seen = np.isfinite(path)
        assert seen.mean() > 0.75
        np.testing.assert_allclose(path[seen], truth[seen], atol=10)


def test_a_gap_stays_a_gap_and_the_person_stays_the_same() -> None:
    (person,) = follow(lambda k: [] if 15 <= k < 35 else [detection(640 + k)], 60)
    assert not person.found[15:35].any()
    assert person.found[:15].all()
    assert person.found[38:].all()
    assert np.isnan(person.confidence[20]).all()


def test_people_seen_twice_are_one_person() -> None:
    people = follow(lambda k: [detection(400), detection(900)], 30, copies=2, noise_px=3.0)
    assert len(people) == 2


def test_a_foot_taken_for_a_distant_person_is_dropped() -> None:
    people = follow(lambda k: [detection(600), detection(618, 540, px_per_m=30)], 30)
    assert [round(float(hips_x_px(p)[0])) for p in people] == [600]


def test_short_ghosts_are_dropped() -> None:
    people = follow(lambda k: [detection(300)] + ([detection(1000)] if 10 <= k < 13 else []), 60)
    assert len(people) == 1


def test_a_skeleton_that_collapses_for_a_moment_is_not_believed() -> None:
    def scene(k: int) -> list[Detection]:
        return [detection(600, px_per_m=60 if k == 20 else 200)]

    (person,) = follow(scene, 40)
    assert not person.found[20]
    assert person.found.sum() >= 38


def test_no_more_people_than_asked_for_the_largest_first() -> None:
    def scene(k: int) -> list[Detection]:
        return [detection(150 + 240 * n, px_per_m=120 + 20 * n) for n in range(5)]

    people = follow(scene, 20)
    assert sorted(round(float(hips_x_px(p)[0])) for p in people) == [150 + 240 * n for n in (2, 3, 4)]


def test_who_is_one_too_many_is_remembered_from_each_search() -> None:
    """They are not followed, but their faces are to be blurred."""
    everybody = [detection(150 + 250 * n, px_per_m=230 - 10 * n) for n in range(SETTINGS.max_people + 1)]
    with Tracker(SceneEstimator(lambda k: everybody), SETTINGS) as tracker:
        for frame in frames(90, scale=0.5):
            tracker.add(frame)
        assert len(tracker.sightings()) == SETTINGS.max_people
        others = tracker.passers_by()
    assert [float(other.timestamps_s[0]) for other in others] == [0.0, 3.0, 6.0]
    for other in others:
        np.testing.assert_allclose(hips_x_px(other), 2 * (150 + 250 * SETTINGS.max_people), atol=1e-3)


def test_nobody_gives_nobody() -> None:
    assert follow(lambda k: [], 20) == ()
    assert follow(lambda k: [], 0) == ()


def test_a_single_picture_is_enough() -> None:
    (person,) = follow(lambda k: [detection(600)], 1)
    assert person.found.tolist() == [True]


def test_the_whole_picture_is_searched_only_now_and_then() -> None:
    estimator = SceneEstimator(lambda k: [detection(600)])
    track_people(frames(100), info(), estimator, replace(SETTINGS, discover_s=2.0))
    assert estimator.searches == 5


def test_landmarks_beyond_the_picture_are_not_trusted() -> None:
    (person,) = follow(lambda k: [detection(640, HEIGHT_PX - 60.0)], 10)
    inside = (person.xy_px[0] <= [WIDTH_PX, HEIGHT_PX]).all(axis=1)
    assert (person.confidence[0, inside] > 0.9).all()
    assert (person.confidence[0, ~inside] <= 0.05 + 1e-6).all()


def test_a_stoop_is_the_same_person() -> None:
    def scene(k: int) -> list[Detection]:
        body = standing()
        share = 1 - 0.5 * np.sin(np.pi * k / 40)
        body[:23, 1] = body[:23, 1] * share + 0.45 * (1 - share)
        body[:23, 2] -= 0.5 * (1 - share)
        return [detection(640, 400, xyz_m=body)]

    (person,) = follow(scene, 40)
    assert person.found.all()


def test_who_comes_back_to_their_place_after_long_is_the_same_person() -> None:
    (person,) = follow(lambda k: [] if 50 <= k < 300 else [detection(640 + k % 10)], 350)
    assert person.found[:50].all()
    assert not person.found[50:300].any()
    assert person.found[305:].all()


def test_who_turns_up_elsewhere_sooner_than_anybody_walks_is_somebody_else() -> None:
    people = follow(lambda k: [detection(200)] if k < 50 else [detection(1000)] if k >= 62 else [], 130)
    assert [round(float(np.nanmedian(hips_x_px(p)))) for p in sorted(people, key=lambda p: not p.found[0])] == [
        200,
        1000,
    ]


def test_many_passers_by_do_not_push_the_worker_out() -> None:
    def scene(k: int) -> list[Detection]:
        passers = [detection(60 + 100 * n + (17 * k) % 60, px_per_m=150) for n in range(8) if k // 8 % 8 == n]
        return passers + ([detection(1150)] if k % 30 < 20 else [])

    people = follow(scene, 120)
    best = max(people, key=lambda p: int(np.isfinite(hips_x_px(p)).sum()))
    there = np.array([k % 30 < 20 for k in range(120)])
    np.testing.assert_allclose(hips_x_px(best)[best.found], 1150, atol=1)
    assert best.found[there].mean() > 0.9
