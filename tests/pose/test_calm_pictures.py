"""Pictures that would tell nothing new are filled in, and only those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pose_scenes import Scene, SceneEstimator, detection, frames, info

from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.types import Keypoints

CALM = replace(PRESETS["medium"], calm=0.25)


class Counting(SceneEstimator):
    """A scene's estimator that counts the pictures in which it was asked to follow somebody."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.looks: set[float] = set()

    def follow(self, person, rgb, timestamp_s, near):
        self.looks.add(timestamp_s)
        return super().follow(person, rgb, timestamp_s, near)


def watch(scene: Scene, count: int) -> tuple[Keypoints, int]:
    estimator = Counting(scene)
    (person,) = track_people(frames(count), info(count), estimator, CALM)  # type: ignore[arg-type]
    return person, len(estimator.looks)


@pytest.mark.parametrize("count", [40, 41])
def test_somebody_calm_is_looked_at_half_as_often_and_known_in_every_picture(count: int) -> None:
    person, looks = watch(lambda k: [detection(600 + k)], count)
    assert person.found.all()
    assert count / 2 - 2 <= looks <= count / 2 + 4
    np.testing.assert_allclose(person.xy_px[:-1, 23, 0] - person.xy_px[0, 23, 0], np.arange(count - 1), atol=1e-3)


def test_somebody_quick_is_looked_at_in_every_picture() -> None:
    person, looks = watch(lambda k: [detection(100 + 25 * k)], 40)
    assert person.found.all()
    assert looks >= 39


def test_a_movement_is_looked_at_as_soon_as_it_is_seen() -> None:
    person, looks = watch(lambda k: [detection(300 + 25 * max(0, k - 20))], 40)
    assert person.found.all()
    assert looks >= 10 + 17
    np.testing.assert_allclose(np.diff(person.xy_px[23:, 23, 0]), 25, atol=1e-3)


def test_somebody_who_left_is_not_filled_in() -> None:
    person, _ = watch(lambda k: [detection(600)] if k < 20 else [], 60)
    assert person.found[:19].all()
    assert not person.found[21:].any()
