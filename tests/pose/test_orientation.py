"""Which way up the film is."""

from __future__ import annotations

import numpy as np
import pytest
from pose_scenes import detection, standing
from scipy.spatial.transform import Rotation

from ergo.pose.estimator import Detection
from ergo.pose.orientation import quarter_turn, turn_of_film, turned
from ergo.pose.people import Samples
from ergo.types import Keypoints, VideoInfo

TIMES_S = np.arange(20) / 10


def film_of(*seen: Detection) -> Keypoints:
    samples = Samples()
    for number, one in enumerate(seen):
        samples.put(number, one, 1.0)
    return samples.keypoints(TIMES_S[: len(seen)], 0)


def lying(degrees: float, bend_deg: float = 0.0) -> Detection:
    """Turned clockwise in the picture; the trunk bent further than the legs."""
    body = standing()
    body[:23] = Rotation.from_euler("z", bend_deg, degrees=True).apply(body[:23])
    return detection(640, 360, xyz_m=Rotation.from_euler("z", degrees, degrees=True).apply(body))


def turn(person: Keypoints) -> int:
    return quarter_turn(person.xy_px.astype(float), person.confidence.astype(float))


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("tilt", [-30, 0, 30])
def test_the_turn_that_puts_people_on_their_feet(degrees: int, tilt: int) -> None:
    assert turn(film_of(*[lying(degrees + tilt)] * 10)) == degrees


def test_a_stoop_is_no_turn() -> None:
    assert turn(film_of(*[lying(0, bend_deg=95)] * 10)) == 0


def test_lying_down_for_a_while_is_no_turn() -> None:
    assert turn(film_of(*[lying(0)] * 4, *[lying(90)] * 6)) == 0


def test_one_upright_person_decides() -> None:
    sideways, upright = film_of(*[lying(90)] * 10), film_of(*[lying(0)] * 10)
    assert turn_of_film([sideways]) == 90
    assert turn_of_film([sideways, upright]) == 0
    assert turn_of_film([]) == 0


def test_a_turned_video_swaps_its_sides() -> None:
    info = VideoInfo(
        width_px=640, height_px=480, rotation_deg=270, duration_s=1.0, fps=10.0, frame_count=10, codec="h264",
        timestamps_s=np.arange(10) / 10,
    )  # fmt: skip
    assert (turned(info, 90).width_px, turned(info, 90).height_px, turned(info, 90).rotation_deg) == (480, 640, 0)
    assert (turned(info, 180).width_px, turned(info, 180).rotation_deg) == (640, 90)
