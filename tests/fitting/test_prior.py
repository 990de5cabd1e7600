import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_worker import NO_OFFSETS

from ergo.errors import ModelError
from ergo.fitting.normal import Normal
from ergo.fitting.observe import observe
from ergo.fitting.prior import load_prior
from ergo.fitting.sequence import SequenceFit, SequenceSettings
from ergo.fitting.stick import LAN, LEL, LKN, LWR, POINTS, RAN, REL, RKN, RWR, points_of

FREE_ENDS = [LEL, REL, LWR, RWR, LKN, RKN, LAN, RAN]
"""Points that do not turn the trunk's frames, which the prior holds fixed."""


def energy(points):
    normal = Normal(len(points))
    load_prior().add_to(normal, points, 1.0)
    return normal.energy


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_gradient_is_the_derivative_of_the_energy(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(3, POINTS, 3))
    normal = Normal(3)
    load_prior().add_to(normal, points, 1.0)
    direction = np.zeros_like(points)
    direction[:, FREE_ENDS] = rng.normal(size=(3, len(FREE_ENDS), 3))
    step = 1e-6
    slope = (energy(points + step * direction) - energy(points - step * direction)) / (2 * step)
    assert 2 * (normal.gradient * direction).sum() == pytest.approx(slope, rel=1e-3, abs=1e-3)


def test_curvature_is_symmetric_and_not_negative():
    points = np.random.default_rng(3).normal(size=(2, POINTS, 3))
    normal = Normal(2)
    load_prior().add_to(normal, points, 1.0)
    for block in normal.block.reshape(2, 3 * POINTS, 3 * POINTS):
        assert np.allclose(block, block.T)
        assert np.linalg.eigvalsh(block).min() > -1e-8


def test_a_knee_bent_backwards_is_less_likely_than_forwards(scene):
    points = points_of(scene.landmarks_world_m)[:1]
    thigh = points[:, LKN] - points[:, 6]
    forward = np.array([0.0, 0.0, 1.0])

    def with_shank(direction):
        bent = points.copy()
        bent[:, LAN] = bent[:, LKN] + 0.4 * direction / np.linalg.norm(direction)
        return energy(bent)

    assert with_shank(thigh[0] / np.linalg.norm(thigh) - forward) < with_shank(
        thigh[0] / np.linalg.norm(thigh) + forward
    )


def test_mirrored_people_are_as_likely():
    points = np.random.default_rng(4).normal(size=(1, POINTS, 3))
    swapped = points[:, [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12, 14, 13, 16, 15]] * np.array([-1.0, 1.0, 1.0])
    assert energy(swapped) == pytest.approx(energy(points))


def test_the_fit_still_follows_the_picture(scene):
    seen = observe(scene.keypoints(xyz_noise_m=0.03), slice(None), scene.K, scene.up_cam, 1.7)
    points, _ = SequenceFit(seen, SequenceSettings(), NO_OFFSETS, load_prior()).run()
    pixels = points[..., :2] / points[..., 2:] * scene.K[0, 0] + scene.K[:2, 2]
    assert np.median(np.linalg.norm(pixels - seen.xy_px, axis=-1)) / seen.body_height_px < 0.01


def test_a_damaged_file_is_said_so(tmp_path):
    path = tmp_path / "pose_prior.npz"
    path.write_bytes(b"not an archive")
    with pytest.raises(ModelError, match="pose_prior"):
        load_prior(path)
