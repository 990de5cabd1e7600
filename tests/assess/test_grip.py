"""Open, pinching and gripping hands made by formula are called so, and nothing is said of hands not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from assess_people import STANDING_M, motion_of

from ergo.assess.grip import GRIPS, finger_bend_deg, grip_shares, grips
from ergo.assess.visibility import hand_coverage
from ergo.body.hand_landmarks import HandLandmark as H
from ergo.types import Hands

FINGERS = ("INDEX", "MIDDLE", "RING", "PINKY")


def made_hand(bend_deg: float, pinching: bool = False) -> np.ndarray:
    """21 landmarks of a right hand whose fingers bend by `bend_deg`, a third at each knuckle, towards −z."""
    points = np.zeros((21, 3))
    for place, finger in zip((0.02, 0.0, -0.02, -0.035), FINGERS, strict=True):
        at, angle = np.array([place, 0.09, 0.0]), 0.0
        points[H[f"{finger}_MCP"]] = at
        start = np.arctan2(place, 0.09)  # the finger goes on in the direction of its metacarpal
        for part, length in (("PIP", 0.045), ("DIP", 0.025), ("TIP", 0.02)):
            angle += np.radians(bend_deg / 3)
            at = at + length * np.array([np.sin(start) * np.cos(angle), np.cos(start) * np.cos(angle), -np.sin(angle)])
            points[H[f"{finger}_{part}"]] = at
    for step, mark in enumerate((H.THUMB_CMC, H.THUMB_MCP, H.THUMB_IP, H.THUMB_TIP)):
        points[mark] = [0.03 + 0.015 * step, 0.02 + 0.02 * step, 0]
    if pinching:
        points[H.THUMB_TIP] = points[H.INDEX_TIP] + [0.005, 0, 0.005]
    return points


def hands_of(*postures: np.ndarray | None) -> Hands:
    """The right hand in these postures, one a frame; the left never seen."""
    xyz = np.full((len(postures), 2, 21, 3), np.nan)
    for frame, points in enumerate(postures):
        if points is not None:
            xyz[frame, 1] = points
    return Hands(
        xy_px=xyz[..., :2], xyz_m=xyz, confidence=np.where(np.isfinite(xyz[:, :, 0, 0]), 0.9, np.nan),
        timestamps_s=np.arange(len(postures)) / 10,
    )  # fmt: skip


@pytest.mark.parametrize("bend", [0, 30, 90, 200, 260])
def test_the_bend_of_a_finger_is_that_of_its_knuckles(bend):
    assert finger_bend_deg(made_hand(bend)[None])[0] == pytest.approx([bend] * 4, abs=0.5)


def test_grips_and_the_hand_at_rest_between_them():
    hands = hands_of(made_hand(20), made_hand(110), made_hand(110, pinching=True), made_hand(220), None)
    held = grips(hands, motion_of(STANDING_M, hands.timestamps_s), "right")
    found = np.stack([held[grip] for grip in GRIPS], axis=1)
    assert found[:4].tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert np.isnan(found[4]).all()


def test_near_a_threshold_the_grip_stays():
    bends = (200, 150, 155, 150, 130, 150, 155)
    hands = hands_of(*(made_hand(bend) for bend in bends))
    held = grips(hands, motion_of(STANDING_M, hands.timestamps_s), "right")
    assert held["power"].tolist() == [1, 1, 1, 1, 0, 0, 0]


def test_shares_are_of_the_time_a_hand_was_seen_well():
    hands = hands_of(made_hand(20), made_hand(220), None, made_hand(220))
    motion = motion_of(STANDING_M, hands.timestamps_s)
    believed = replace(motion, hands_seen=np.array([[False, True], [False, True], [False, False], [False, False]]))
    shares = grip_shares(hands, believed)
    assert shares is not None
    assert shares["right"] == {"seen": 0.5, "open": 0.5, "pinch": 0.0, "power": 0.5}
    assert shares["left"]["seen"] == 0
    assert np.isnan(shares["left"]["power"])
    assert hand_coverage(believed) == {"left_hand": 0.0, "right_hand": 0.5}
    assert grip_shares(None, motion) is None
    assert hand_coverage(motion) == {}
