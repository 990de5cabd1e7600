"""Hands: where to look, what is not believed, and the real network on a rendered clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ergo.body.hand_landmarks import HandLandmark as H
from ergo.body.landmarks import Landmark as L
from ergo.pose.boxes import Box
from ergo.pose.catalogue import open_estimator, open_reader
from ergo.pose.estimator import Detection
from ergo.pose.hand_reader import Aim, HandReader, HandSighting, aim_at
from ergo.pose.hands import BRIDGE_S, HandSamples, plausible, px_per_m, read_hands, where_hand_is
from ergo.pose.mediapipe_hands import MediaPipeHands
from ergo.pose.settings import PRESETS
from ergo.types import SIDES
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

CLIP = Path(__file__).resolve().parents[2] / "assets" / "examples" / "lift_squat.mp4"
WIDTH, HEIGHT = 1280, 720


def made_body(scale_px: float = 200.0) -> Detection:
    """Somebody with arms held out to the sides, `scale_px` pixels a metre; left is to the right in the picture."""
    places = np.zeros((33, 3), np.float32)
    places[:, 1] = np.linspace(-0.8, 0.8, 33)
    for side, out in (("LEFT", 1), ("RIGHT", -1)):
        for part, x in (("SHOULDER", 0.2), ("ELBOW", 0.5), ("WRIST", 0.75), ("INDEX", 0.83), ("PINKY", 0.83)):
            places[L[f"{side}_{part}"]] = [out * x, -0.4, 0]
    xy = places[:, :2] * scale_px + np.array([WIDTH / 2, HEIGHT / 2], np.float32)
    return Detection(xy_px=xy.astype(np.float32), xyz_m=places, confidence=np.full(33, 0.9, np.float32))


def made_sighting(body: Detection, side: str, turn_deg: float = 0.0, size: float = 1.0) -> HandSighting:
    """An upright plate of a hand at the body's wrist, going on along the forearm, or turned in the picture."""
    rng = np.random.default_rng(5)
    metres = np.concatenate(
        [rng.uniform(-0.04, 0.04, (21, 1)), np.linspace(0, 0.18, 21)[:, None], np.zeros((21, 1))], 1
    )
    metres[H.WRIST], metres[H.MIDDLE_MCP] = 0.0, [0, 0.09, 0]
    out = 1 if side == "left" else -1
    angle = np.radians(turn_deg) + (0 if out > 0 else np.pi)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    space = np.concatenate([metres[:, :1] * across + metres[:, 1:2] * along, np.zeros((21, 1))], axis=1)
    wrist = body.xy_px[L[f"{side}_wrist".upper()]]
    flat = wrist + space[:, :2] * px_per_m(body) * size
    return HandSighting(xy_px=flat.astype(np.float32), xyz_m=space.astype(np.float32), confidence=0.95)


@pytest.mark.parametrize("side", SIDES)
def test_one_looks_beyond_the_wrist_along_the_arm(side):
    body = made_body()
    aim = where_hand_is(body, side, WIDTH, HEIGHT)
    assert aim is not None
    out = 1 if side == "left" else -1
    beyond = (aim.centre_px - body.xy_px[L[f"{side}_wrist".upper()]]) / px_per_m(body)
    assert beyond == pytest.approx([0.08 * out, 0], abs=0.01)
    assert aim.up == pytest.approx([out, 0], abs=1e-3)
    assert aim.turn @ np.array([0.0, -1.0]) == pytest.approx(aim.up)
    assert np.linalg.det(aim.turn) == pytest.approx(1)


def test_nobody_looks_for_hands_unseen_outside_or_tiny():
    body = made_body()
    hidden = replace(body, confidence=np.where(np.arange(33) == L.LEFT_WRIST, 0.1, 0.9).astype(np.float32))
    assert where_hand_is(hidden, "left", WIDTH, HEIGHT) is None
    assert where_hand_is(hidden, "right", WIDTH, HEIGHT) is not None
    assert where_hand_is(body, "left", 700, HEIGHT) is None
    assert where_hand_is(made_body(80.0), "left", WIDTH, HEIGHT) is None


@pytest.mark.parametrize("side", SIDES)
def test_only_a_hand_that_fits_the_arm_is_believed(side):
    body = made_body()
    fits = made_sighting(body, side)
    assert plausible(fits, body, side)
    assert plausible(made_sighting(body, side, turn_deg=80), body, side)
    assert not plausible(made_sighting(body, side, turn_deg=150), body, side)
    assert not plausible(made_sighting(body, side, size=2.2), body, side)
    assert not plausible(made_sighting(body, side, size=0.4), body, side)
    assert not plausible(replace(fits, confidence=0.6), body, side)
    away = np.float32(0.2 * px_per_m(body))
    assert not plausible(replace(fits, xy_px=fits.xy_px + away), body, side)


def test_the_second_look_is_aimed_along_the_hand():
    xy = made_sighting(made_body(), "left", turn_deg=30).xy_px.astype(float)
    aim = aim_at(xy)
    inside = np.abs((xy - aim.centre_px) @ aim.turn).max() / aim.side_px
    assert inside < 0.6
    turned = aim_at(xy @ np.array([[0.0, 1.0], [-1.0, 0.0]]))
    assert turned.side_px == pytest.approx(aim.side_px)
    assert turned.up @ aim.up == pytest.approx(0, abs=1e-6)


def test_readings_are_bridged_when_near_and_dropped_when_alone():
    times = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 2.0, 2.1, 3.0])
    body = made_body()
    left = made_sighting(body, "left")
    moved = replace(left, xy_px=left.xy_px + np.float32(40))
    samples = HandSamples()
    for frame, seen in ((0, left), (4, moved), (6, left), (8, None)):
        samples.put(frame, (seen, None), scale=0.5)
    hands = samples.hands(times)
    assert np.isfinite(hands.confidence[:, 0]).tolist() == [True] * 5 + [False] * 4
    assert np.isnan(hands.confidence[:, 1]).all()
    assert hands.xy_px[0, 0] == pytest.approx(left.xy_px / 0.5)
    assert hands.xy_px[1, 0] == pytest.approx(left.xy_px / 0.5 + 20, rel=1e-5)
    assert times[4] - times[0] <= BRIDGE_S
    assert np.isnan(HandSamples().hands(times).xy_px).all()


def test_a_hand_missed_again_and_again_is_looked_for_every_second_time():
    right = made_sighting(made_body(), "right")
    samples, looks = HandSamples(), []
    for frame in range(10):
        looks.append(samples.worth_a_look)
        samples.put(frame, (None, right), scale=1.0)
    assert ["left" in sides for sides in looks] == [True] * 5 + [False, True, False, True, False]
    assert all("right" in sides for sides in looks)
    samples.put(10, (made_sighting(made_body(), "left"), right), scale=1.0)
    assert samples.worth_a_look == SIDES


def test_many_readings_find_room():
    body = made_body()
    samples = HandSamples()
    for frame in range(100):
        samples.put(frame, (made_sighting(body, "left"), made_sighting(body, "right")), scale=1.0)
    assert len(samples) == 100
    assert np.isfinite(samples.hands(np.arange(100) / 30).xyz_m).all()


def test_low_quality_looks_at_no_hands():
    assert {q for q, preset in PRESETS.items() if preset.hands_hz is None} == {"low"}
    with open_reader(PRESETS["low"]) as reader:
        assert reader is None


@pytest.fixture(scope="module")
def reader():
    with HandReader(MediaPipeHands("full")) as opened:
        yield opened


def test_nothing_is_no_hand(reader):
    aim = Aim(centre_px=np.array([100.0, 100.0]), up=np.array([0.0, -1.0]), side_px=150.0)
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert reader.read(np.zeros((200, 200, 3), np.uint8), aim, "left") is None
    assert reader.read(noise, aim, "right") is None


def test_the_workers_hand_is_read_on_its_arm_whichever_way_the_picture_is_turned(reader):
    """The left hand of the rendered worker at half a second, which the network sees although it is coarse."""
    info = probe(CLIP, DecodeLimits())
    frames = list(read_frames(CLIP, info, DecodeSettings(rate_hz=7.5, max_side_px=960), DecodeLimits()))
    read, agree = 0, []
    with open_estimator(PRESETS["medium"]) as estimator:
        near: Box | None = None
        for frame in frames:
            found = estimator.estimate(frame.rgb, 0.0)[0] if near is None else None
            body = found or (near and estimator.follow(0, frame.rgb, frame.timestamp_s, near))
            if body is None:
                continue
            near = body.box
            left, _ = read_hands(reader, frame.rgb, body)
            if left is None:
                continue
            read += 1
            apart_m = np.linalg.norm(left.xy_px[H.WRIST] - body.xy_px[L.LEFT_WRIST]) / px_per_m(body)
            assert apart_m < 0.12
            turned = np.ascontiguousarray(np.rot90(frame.rgb))
            aim = where_hand_is(body, "left", frame.rgb.shape[1], frame.rgb.shape[0])
            assert aim is not None
            x, y = aim.centre_px
            up = np.array([aim.up[1], -aim.up[0]])
            again = reader.read(
                turned, Aim(centre_px=np.array([y, frame.rgb.shape[1] - x]), up=up, side_px=aim.side_px), "left"
            )
            if again is not None:
                back = np.stack([frame.rgb.shape[1] - again.xy_px[:, 1], again.xy_px[:, 0]], axis=1)
                agree.append(np.median(np.linalg.norm(back - left.xy_px, axis=1)) / px_per_m(body))
    assert read >= 3
    assert np.median(agree) < 0.02
