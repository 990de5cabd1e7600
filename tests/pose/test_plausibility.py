"""Made-up landmarks lose their confidence; real bodies keep it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pose_scenes import detection, standing
from scipy.spatial.transform import Rotation

from ergo.assess.angles import MIN_CONFIDENCE
from ergo.body.landmarks import LANDMARK
from ergo.pose.estimator import Detection
from ergo.pose.plausibility import doubted

WIDTH, HEIGHT = 1280, 720


@given(
    turn_rad=st.floats(-3.1, 3.1),
    bend_rad=st.floats(-0.5, 1.6),
    px_per_m=st.floats(60, 220),
)
def test_a_body_in_any_attitude_is_believed(turn_rad: float, bend_rad: float, px_per_m: float) -> None:
    body = standing()
    body[:23] = Rotation.from_euler("x", bend_rad).apply(body[:23])
    body = Rotation.from_euler("y", turn_rad).apply(body)
    seen = detection(640, 360, px_per_m=px_per_m, xyz_m=body)
    believed = doubted(seen, WIDTH, HEIGHT)
    assert believed is not None
    np.testing.assert_allclose(believed.confidence, seen.confidence)


def test_a_shin_drawn_across_the_picture_is_doubted() -> None:
    seen = detection(640, 300)
    ankle = LANDMARK["left_ankle"]
    xy_px = seen.xy_px.copy()
    xy_px[ankle, 0] += 500
    believed = doubted(replace(seen, xy_px=xy_px), WIDTH, HEIGHT)
    assert believed is not None
    assert believed.confidence[ankle] < 0.5
    assert believed.confidence[LANDMARK["right_ankle"]] > 0.9


def test_a_trunk_that_fits_no_limb_is_doubted() -> None:
    body = standing()
    body[:23, 1] = body[:23, 1] * 0.45
    believed = doubted(detection(640, xyz_m=body), WIDTH, HEIGHT)
    assert believed is None or min(believed.confidence[LANDMARK["left_shoulder"]], believed.confidence[23]) < 0.5


def test_legs_that_pass_for_arms_are_nobody() -> None:
    seen = detection(640)
    confidence = seen.confidence.copy()
    confidence[:11] = 0.01
    confidence[23:] = 0.01
    assert doubted(replace(seen, confidence=confidence), WIDTH, HEIGHT) is None


def test_too_little_of_a_body_is_nobody() -> None:
    assert doubted(detection(640, HEIGHT + 150.0), WIDTH, HEIGHT) is None


def test_numbers_that_are_not_are_nobody() -> None:
    seen = detection(640)
    xy_px = seen.xy_px.copy()
    xy_px[3] = np.nan
    assert doubted(replace(seen, xy_px=xy_px), WIDTH, HEIGHT) is None


def test_what_is_made_up_does_not_count_as_seen() -> None:
    seen = detection(640, 300)
    xy_px = seen.xy_px.copy()
    xy_px[LANDMARK["left_ankle"], 0] += 500
    xy_px[LANDMARK["right_wrist"], 0] = -40
    believed = doubted(replace(seen, xy_px=xy_px), WIDTH, HEIGHT)
    assert believed is not None
    assert (believed.confidence[[LANDMARK["left_ankle"], LANDMARK["right_wrist"]]] < MIN_CONFIDENCE).all()


def hanging(hips_seen: bool) -> Detection:
    seen = detection(640, 100)
    confidence = seen.confidence.copy()
    confidence[23:] = 0.9 if hips_seen else 0.02
    turned = Rotation.from_euler("z", np.pi).apply(seen.xyz_m).astype(np.float32)
    return replace(detection(640, 100, xyz_m=turned), confidence=confidence)


def test_an_arm_reaching_in_from_above_is_nobody() -> None:
    assert doubted(hanging(hips_seen=False), WIDTH, HEIGHT) is None
    assert doubted(hanging(hips_seen=True), WIDTH, HEIGHT) is not None
