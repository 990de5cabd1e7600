"""The worker is picked before the bystander."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pose_scenes import HEIGHT_PX, WIDTH_PX, detection, info, standing

from ergo.errors import NoPersonFound, SettingsError
from ergo.pose.estimator import Detection
from ergo.pose.people import Samples
from ergo.pose.selection import (
    choose_worker,
    describe_tracks,
    hand_speed_m_s,
    rank_people,
    stands_still,
    trunk_speed_rad_s,
    worker_signs,
)
from ergo.types import Keypoints

COUNT = 40
TIMES_S = np.arange(COUNT) / 10


def person(track_id: int, pictures: dict[int, Detection]) -> Keypoints:
    samples = Samples()
    for number, seen in pictures.items():
        samples.put(number, seen, 1.0)
    return samples.keypoints(TIMES_S, track_id)


def worker(track_id: int, x_px: float = 640, count: int = COUNT) -> Keypoints:
    """Bends down and up again once, hands along; seen in the first `count` pictures."""
    pictures = {}
    for k in range(count):
        angle = 0.6 * np.sin(2 * np.pi * k / COUNT)
        turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
        body = standing()
        body[:23] = body[:23] @ turn.T
        pictures[k] = detection(x_px, xyz_m=body)
    return person(track_id, pictures)


def bystander(track_id: int, x_px: float = 240, speed_px: float = 0.0, px_per_m: float = 230) -> Keypoints:
    pictures = {k: detection(x_px + speed_px * k, px_per_m=px_per_m) for k in range(COUNT)}
    return person(track_id, pictures)


def test_the_one_who_works_comes_before_a_larger_bystander() -> None:
    ranked = rank_people([bystander(3), worker(7, 800)], info(COUNT))
    assert [p.track_id for p in ranked] == [0, 1]
    np.testing.assert_allclose(np.nanmedian(ranked[0].xy_px[:, [23, 24], 0]), 800, atol=1)


def test_walking_by_is_not_working() -> None:
    passer = bystander(0, 100, speed_px=20)
    assert hand_speed_m_s(passer) < 1e-3
    assert trunk_speed_rad_s(passer) < 1e-3
    assert rank_people([passer, worker(1)], info(COUNT))[0].xy_px[0, 0, 0] > 600


def test_speeds_of_a_known_motion() -> None:
    pictures = {}
    for k in range(COUNT):
        angle = 0.05 * k  # half a radian a second, about the vertical
        turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        pictures[k] = detection(600, xyz_m=standing() @ turn.T)
    spinning = person(0, pictures)
    # The shoulder line turns with the body, the trunk's axis stays: root mean square of 0.5 and 0.
    assert trunk_speed_rad_s(spinning) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    wrist_radius_m = float(np.hypot(0.24, 0.05))
    assert hand_speed_m_s(spinning) == pytest.approx(0.5 * wrist_radius_m, rel=0.01)


def test_being_there_counts() -> None:
    half = worker(0, count=COUNT // 2)
    assert worker_signs(half, info(COUNT)).coverage == 0.5
    assert worker_signs(half, info(COUNT)).score < worker_signs(worker(0), info(COUNT)).score


def test_a_body_that_never_moves_is_no_worker_whatever_the_depth_says() -> None:
    random = np.random.default_rng(0)
    pictures = {}
    for k in range(COUNT):
        seen = detection(640, px_per_m=230)
        jitter = random.normal(0, 0.1, seen.xyz_m.shape).astype(np.float32)
        pictures[k] = replace(seen, xyz_m=seen.xyz_m + jitter)
    poster, moving = person(0, pictures), worker(1, 1100)
    assert stands_still(poster)
    assert not stands_still(moving)
    assert not stands_still(person(2, {k: pictures[k] for k in range(15)}))  # too short to tell
    assert rank_people([poster, moving], info(COUNT))[0].xy_px[0, 0, 0] > 1000


def test_signs_lie_between_nought_and_one() -> None:
    for someone in (worker(0), bystander(1), person(2, {5: detection(-500)}), person(3, {})):
        signs = worker_signs(someone, info(COUNT))
        for name in ("trunk", "hands", "coverage", "size", "centrality", "wholeness", "score"):
            assert 0 <= getattr(signs, name) <= 1, name


def test_tracks_tell_when_and_where() -> None:
    late = person(4, {k: detection(640) for k in range(10, 30)})
    (track,) = describe_tracks([late, person(5, {})], info(COUNT))
    assert (track.track_id, track.first_s, track.last_s, track.coverage) == (4, 1.0, 2.9, 0.5)
    assert 1.0 <= track.thumbnail_time_s <= 2.9
    x, y, width, height = track.bbox_px
    points = late.xy_px[15]
    assert x <= points[:, 0].min()
    assert x + width >= points[:, 0].max()
    assert y <= points[:, 1].min()
    assert y + height >= points[:, 1].max()


def test_thumbnails_stay_in_the_picture() -> None:
    (track,) = describe_tracks([bystander(0, 5)], info(COUNT))
    x, y, width, height = track.bbox_px
    assert x >= 0
    assert y >= 0
    assert x + width <= WIDTH_PX
    assert y + height <= HEIGHT_PX
    assert width > 0


def test_the_best_candidate_unless_another_is_asked_for() -> None:
    people = rank_people([bystander(0), worker(1, 800)], info(COUNT))
    tracks = describe_tracks(people, info(COUNT))
    assert [t.track_id for t in tracks] == [0, 1]
    assert tracks[0].score > tracks[1].score
    assert choose_worker(tracks, None) == (0,)
    assert choose_worker(tuple(reversed(tracks)), None) == (0,)
    assert choose_worker(tracks, 1) == (1,)
    assert choose_worker(tracks, (1, 0)) == (1, 0)


def test_asking_for_somebody_who_is_not_there_lists_those_who_are() -> None:
    tracks = describe_tracks([bystander(0), replace(bystander(0, 900), track_id=1)], info(COUNT))
    with pytest.raises(SettingsError, match=r"person.*7") as caught:
        choose_worker(tracks, (1, 7))
    assert "0, 1" in caught.value.hint


@pytest.mark.parametrize("asked", [None, 0])
def test_nobody_at_all(asked: int | None) -> None:
    with pytest.raises(NoPersonFound) as caught:
        choose_worker((), asked)
    assert "whole body" in caught.value.hint
