import numpy as np
import pytest
from moving_worker import NO_OFFSETS

from ergo.fitting.observe import observe
from ergo.fitting.sequence import SequenceFit, SequenceSettings
from ergo.fitting.stick import LENGTHS_M, POINTS, points_of


def observed(scene, keypoints, frames=slice(None)):
    return observe(keypoints, frames, scene.K, scene.up_cam, 1.7)


def problem(scene, settings=None, frames=8):
    keypoints = scene.keypoints(xyz_noise_m=0.03)
    fit = SequenceFit(observed(scene, keypoints, slice(0, frames)), settings or SequenceSettings(), NO_OFFSETS)
    rng = np.random.default_rng(1)
    points, lengths = fit.start()
    return fit, points + rng.normal(0, 0.03, points.shape), lengths * rng.uniform(0.9, 1.1, len(lengths))


def without_ground():
    """The ground's height is a mean of the feet, which the solver holds fixed while it differentiates."""
    return SequenceSettings(ground_sd_m=1e6, contact_speed=10.0)


def test_gradient_is_the_derivative_of_the_energy(scene):
    fit, points, lengths = problem(scene, without_ground())
    system = fit.system(points, lengths)
    rng = np.random.default_rng(2)
    for _ in range(20):
        direction = rng.normal(size=points.shape)
        along = rng.normal(size=lengths.shape)
        step = 1e-6
        ahead = fit.system(points + step * direction, lengths + step * along).energy
        behind = fit.system(points - step * direction, lengths - step * along).energy
        slope = 2 * ((system.gradient * direction).sum() + system.lengths_gradient @ along)
        assert slope == pytest.approx((ahead - behind) / (2 * step), rel=2e-4)


def test_step_solves_the_gauss_newton_system(scene):
    """The banded factorisation and the Schur complement against one dense solve."""
    fit, points, lengths = problem(scene, frames=6)
    normal = fit.system(points, lengths)
    frames, size = len(points), 3 * POINTS
    dense = np.zeros((frames * size + len(LENGTHS_M),) * 2)
    for t in range(frames):
        own = slice(t * size, (t + 1) * size)
        dense[own, own] = normal.block[t].reshape(size, size)
        for ahead, coupling in ((1, normal.next), (2, normal.after)):
            if t + ahead < frames:
                other = slice((t + ahead) * size, (t + ahead + 1) * size)
                dense[own, other] = dense[other, own] = np.diag(coupling[t].reshape(-1))
    diagonal = np.arange(frames * size)
    dense[diagonal, diagonal] = dense[diagonal, diagonal] * (1 + 1e-3) + 1e-9
    dense[: frames * size, frames * size :] = normal.to_lengths.reshape(frames * size, -1)
    dense[frames * size :, : frames * size] = normal.to_lengths.reshape(frames * size, -1).T
    dense[frames * size :, frames * size :] = normal.lengths
    expected = np.linalg.solve(dense, -np.concatenate([normal.gradient.reshape(-1), normal.lengths_gradient]))
    step, step_lengths = normal.solve(1e-3)
    assert np.allclose(step.reshape(-1), expected[: frames * size], atol=1e-8)
    assert np.allclose(step_lengths, expected[frames * size :], atol=1e-8)


def relative(points):
    return points - points[:, [6, 7]].mean(axis=1, keepdims=True)


def test_noisy_depth_is_repaired_by_pixels_lengths_and_time(scene):
    """Metric landmarks with 5 cm noise: the fit must at least halve the error of its own start."""
    truth = relative(points_of(scene.landmarks_cam_m))
    fit = SequenceFit(observed(scene, scene.keypoints(xyz_noise_m=0.05)), SequenceSettings(), NO_OFFSETS)
    before = np.linalg.norm(relative(fit.start()[0]) - truth, axis=-1).mean()
    after = np.linalg.norm(relative(fit.run()[0]) - truth, axis=-1).mean()
    assert after < 0.5 * before


def test_fitted_points_lie_on_their_pixels(scene):
    seen = observed(scene, scene.keypoints(xyz_noise_m=0.03))
    points, _ = SequenceFit(seen, SequenceSettings(), NO_OFFSETS).run()
    pixels = points[..., :2] / points[..., 2:] * scene.K[0, 0] + scene.K[:2, 2]
    off = np.linalg.norm(pixels - seen.xy_px, axis=-1) / seen.body_height_px
    assert np.median(off) < 0.01


def test_bones_keep_their_length_over_time(scene):
    points, lengths = SequenceFit(
        observed(scene, scene.keypoints(xyz_noise_m=0.03)), SequenceSettings(), NO_OFFSETS
    ).run()
    upper_arm = np.linalg.norm(points[:, 2] - points[:, 0], axis=-1)
    assert upper_arm.std() < 0.02
    assert upper_arm.mean() == pytest.approx(lengths[4], abs=0.02)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_runs_are_fitted(scene, frames):
    points, _ = SequenceFit(observed(scene, scene.keypoints(), slice(0, frames)), SequenceSettings(), NO_OFFSETS).run()
    assert points.shape == (frames, POINTS, 3)
    assert np.isfinite(points).all()
