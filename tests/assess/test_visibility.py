"""What the reader is told about the clip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ergo.assess.visibility import coverage, warnings
from ergo.body.landmarks import LANDMARK, LANDMARK_COUNT
from ergo.types import Gravity, Keypoints, VideoInfo

COUNT = 30
GRAVITY = Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=1.0, source="user")
LEGS = [LANDMARK[f"{side}_{part}"] for side in ("left", "right") for part in ("hip", "knee", "ankle")]


def video(fps: float = 10.0, count: int = COUNT) -> VideoInfo:
    return VideoInfo(
        width_px=640, height_px=480, rotation_deg=0, duration_s=count / fps, fps=fps, frame_count=count, codec="h264",
        timestamps_s=np.arange(count) / fps,
    )  # fmt: skip


def somebody() -> Keypoints:
    """Stands in the middle, 290 pixels tall, and waves."""
    heights = {"shoulder": 140, "elbow": 190, "wrist": 230, "hip": 240, "knee": 310, "ankle": 390}
    xy = np.full((COUNT, LANDMARK_COUNT, 2), [320.0, 100.0])
    for part, y in heights.items():
        xy[:, LANDMARK[f"left_{part}"]] = 360, y
        xy[:, LANDMARK[f"right_{part}"]] = 280, y
    xy[:, LANDMARK["left_wrist"], 1] -= 90 * np.abs(np.sin(np.arange(COUNT)))
    xyz = np.concatenate([(xy - [320.0, 240.0]) / 170.0, np.zeros((COUNT, LANDMARK_COUNT, 1))], axis=2)
    return Keypoints(
        xy_px=xy, xyz_m=xyz, confidence=np.ones((COUNT, LANDMARK_COUNT)),
        timestamps_s=np.arange(COUNT) / 10, track_id=0,
    )  # fmt: skip


def told(keypoints: Keypoints, info: VideoInfo | None = None, **more: object) -> tuple[str, ...]:
    return warnings(keypoints, info or video(), GRAVITY, 0, None, **more)  # type: ignore[arg-type]


def hidden(landmarks: list[int], pictures: slice = slice(None)) -> Keypoints:
    person = somebody()
    person.confidence[pictures, landmarks] = 0.0
    return person


def test_a_good_clip_needs_no_words() -> None:
    assert told(somebody()) == ()
    assert set(coverage(somebody()).values()) == {1.0}


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (hidden(LEGS), "The feet are never"),
        (hidden([LANDMARK["left_wrist"]], slice(0, 15)), "left arm 50%"),
        (hidden(LEGS), "The hips are out of the picture"),
        (hidden(list(range(23))), "Only the legs"),
    ],
)
def test_what_is_hidden_is_named(person: Keypoints, words: str) -> None:
    assert any(words in note for note in told(person))


def test_swapped_sides_are_noticed_and_real_motion_is_not() -> None:
    person = somebody()
    pair = [LANDMARK["left_ankle"], LANDMARK["right_ankle"]]
    person.xy_px[::7, pair] = person.xy_px[::7, pair[::-1]]
    assert any("change places" in note for note in told(person))


def test_turned_and_dark_and_slow() -> None:
    black, grey = np.full((48, 64, 3), 10, np.uint8), np.full((48, 64, 3), 128, np.uint8)
    assert "upside down" in told(somebody(), turn_deg=180)[0]
    assert "on its side" in told(somebody(), turn_deg=90)[0]
    assert "dark" in told(somebody(), pictures=[black])[0]
    assert "contrast" in told(somebody(), pictures=[grey])[0]
    assert "5.0 pictures a second" in told(somebody(), video(5.0))[0]


def test_the_most_important_comes_first_and_nothing_twice() -> None:
    frozen = replace(somebody(), xy_px=np.repeat(somebody().xy_px[:1], COUNT, axis=0))
    notes = warnings(frozen, video(), replace(GRAVITY, sd_deg=9.0), 2, "12 frames are missing.", turn_deg=180)
    assert notes[0] == "12 frames are missing."
    assert "upside down" in notes[1]
    assert "does not move" in notes[2]
    assert "2 other people" in notes[-1]
    assert len(set(notes)) == len(notes)
