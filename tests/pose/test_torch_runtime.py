"""The networks in torch against MediaPipe's runtime, on a rendered clip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ergo.body.landmarks import Landmark as L
from ergo.errors import SettingsError
from ergo.pose import runtimes
from ergo.pose.catalogue import open_estimator, open_reader
from ergo.pose.estimator import Detection, Estimator
from ergo.pose.hands import where_hand_is
from ergo.pose.mediapipe_tasks import MediaPipeLandmarker
from ergo.pose.runtimes import Runtime, runtime_on
from ergo.pose.settings import PRESETS
from ergo.pose.torch_landmarker import Networks, TorchLandmarker
from ergo.pose.tracking import track_people
from ergo.types import VideoInfo
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame
from ergo.video.probing import probe
from ergo.video.reading import read_frames

CLIP = Path(__file__).resolve().parents[2] / "assets" / "examples" / "lift_squat.mp4"
LOW = PRESETS["low"]
ON_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.fixture(scope="module")
def clip() -> tuple[VideoInfo, list[Frame]]:
    info = probe(CLIP, DecodeLimits())
    decode = DecodeSettings(rate_hz=LOW.rate_hz, max_side_px=LOW.input_side_px)
    return info, list(read_frames(CLIP, info, decode, DecodeLimits()))


@pytest.fixture(scope="module")
def heavy() -> Iterator[MediaPipeLandmarker]:
    opened = MediaPipeLandmarker("heavy", "IMAGE", 1, 0.3)
    yield opened
    opened.close()


def apart(one: Detection, other: Detection) -> tuple[float, float, float]:
    """Mean pixels, mean millimetres, most confidence."""
    return (
        float(np.linalg.norm(one.xy_px - other.xy_px, axis=1).mean()),
        1000 * float(np.linalg.norm(one.xyz_m - other.xyz_m, axis=1).mean()),
        float(np.abs(one.confidence - other.confidence).max()),
    )


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=ON_GPU)])
def test_both_runtimes_see_the_same_landmarks(
    clip: tuple[VideoInfo, list[Frame]], heavy: MediaPipeLandmarker, device: str
) -> None:
    networks = Networks(device)
    for frame in clip[1][::6]:
        (one,) = heavy.detect(frame.rgb, 0.0)
        (other,) = TorchLandmarker(networks, "heavy", "IMAGE", 1, 0.3).detect(frame.rgb, 0.0)
        pixels, millimetres, confidence = apart(one, other)
        assert pixels < 0.5
        assert millimetres < 3
        assert confidence < 0.02


def bends_deg(found: np.ndarray) -> np.ndarray:
    """Trunk to vertical, both elbows, both knees, of landmarks T × 33 × 3 in metres."""

    def angle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        cos = (one * other).sum(-1) / (np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1))
        return np.degrees(np.arccos(np.clip(cos, -1, 1)))

    def joint(before: L, at: L, after: L) -> np.ndarray:
        return angle(found[:, before] - found[:, at], found[:, after] - found[:, at])

    trunk = found[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(1) - found[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(1)
    return np.stack(
        [
            angle(trunk, np.array([0.0, -1.0, 0.0])),
            joint(L.LEFT_SHOULDER, L.LEFT_ELBOW, L.LEFT_WRIST),
            joint(L.RIGHT_SHOULDER, L.RIGHT_ELBOW, L.RIGHT_WRIST),
            joint(L.LEFT_HIP, L.LEFT_KNEE, L.LEFT_ANKLE),
            joint(L.RIGHT_HIP, L.RIGHT_KNEE, L.RIGHT_ANKLE),
        ]
    )


@pytest.mark.parametrize("runtime", ["torch-cpu", pytest.param("torch-cuda", marks=ON_GPU)])
def test_a_worker_followed_by_both_bends_alike(clip: tuple[VideoInfo, list[Frame]], runtime: Runtime) -> None:
    info, frames = clip
    tracks = []
    for each in ("mediapipe-cpu", runtime):
        with open_estimator(LOW, each) as estimator:
            (person,) = track_people(frames, info, estimator, LOW)
            tracks.append(person)
    both = tracks[0].found & tracks[1].found
    assert np.array_equal(tracks[0].found, tracks[1].found)
    off_deg = np.abs(bends_deg(tracks[0].xyz_m[both]) - bends_deg(tracks[1].xyz_m[both]))
    assert np.median(off_deg, axis=1).max() < 2  # a foot or a wrist in doubt may go either way in single pictures
    assert off_deg.mean(axis=1).max() < 4


@ON_GPU
def test_a_gpu_gives_the_same_bytes_each_time(clip: tuple[VideoInfo, list[Frame]]) -> None:
    info, frames = clip
    told = []
    for _ in range(2):
        with open_estimator(LOW, "torch-cuda") as estimator:
            told.append(track_people(frames, info, estimator, LOW)[0].xyz_m.tobytes())
    assert told[0] == told[1]


@pytest.fixture(scope="module")
def torch_estimator() -> Iterator[Estimator]:
    with open_estimator(LOW, "torch-cpu") as opened:
        yield opened


def test_nothing_shows_nobody(torch_estimator: Estimator) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    for picture in (np.zeros((360, 640, 3), np.uint8), noise):
        assert torch_estimator.estimate(picture, 0.0) == ()


@pytest.mark.parametrize("runtime", ["torch-cpu", pytest.param("torch-cuda", marks=ON_GPU)])
def test_both_runtimes_read_the_same_hand(
    clip: tuple[VideoInfo, list[Frame]], torch_estimator: Estimator, runtime: Runtime
) -> None:
    medium, read = PRESETS["medium"], 0
    with open_reader(medium) as one, open_reader(medium, runtime) as other:
        assert one is not None
        assert other is not None
        for frame in clip[1]:
            for body in torch_estimator.estimate(frame.rgb, 0.0):
                aim = where_hand_is(body, "left", frame.rgb.shape[1], frame.rgb.shape[0])
                if aim is None:
                    continue
                seen = [reader.read(frame.rgb, aim, "left") for reader in (one, other)]
                assert (seen[0] is None) == (seen[1] is None)
                if seen[0] is not None and seen[1] is not None:
                    read += 1
                    assert np.linalg.norm(seen[0].xy_px - seen[1].xy_px, axis=1).mean() < 0.5
                    assert seen[0].confidence == pytest.approx(seen[1].confidence, abs=0.02)
    assert read >= 3


def test_the_device_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runtime_on("cpu") == "mediapipe-cpu"
    monkeypatch.setattr(runtimes, "_DRIVERS", ())
    assert runtime_on("auto") == "mediapipe-cpu"
    with pytest.raises(SettingsError, match="no GPU"):
        runtime_on("cuda")


@ON_GPU
def test_a_gpu_is_found() -> None:
    assert runtime_on("auto") == runtime_on("cuda") == "torch-cuda"
