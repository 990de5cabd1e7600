"""The sequence fit: all frames of a person at once, one skeleton of constant size under a perspective camera.

Unknowns are the positions of 17 points in every frame and 10 bone lengths shared by all frames. The energy is a
sum of robust squares (Cauchy):

- *reprojection*: points lie under their landmarks in the picture
- *depth*: bones point as the estimator's metric landmarks say, loosely, and more loosely along the viewing ray,
  where a single picture tells least
- *lengths*: bones keep their lengths, left equal to right, near those of a typical person of that stature
- *habit*: limbs point where people's limbs usually do (:mod:`ergo.fitting.prior`), weakly
- *motion*: accelerations are those of a person at work; a foot on the ground stays, at the ground's height

Second-order solver: the Gauss–Newton matrix couples a frame only with its two neighbours on either side, and those
coordinate by coordinate, so it is banded (half-width 102) and is factorised exactly in linear time; the shared
lengths are eliminated with a Schur complement. Five to ten iterations do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ergo.fitting.normal import Normal, cauchy
from ergo.fitting.prior import PosePrior
from ergo.fitting.stick import (
    BONE_OF_POINTS,
    FEET,
    LENGTH_OF_BONE,
    LENGTHS_M,
    LENGTHS_STATURE_M,
    POINTS,
    LandmarkOffsets,
)

_DEPTH_SD_M = np.array([0.04, 0.06, 0.05, 0.08, 0.09, 0.09, 0.13, 0.13, 0.08, 0.08, 0.08, 0.08, 0.10, 0.10, 0.05, 0.05])
"""Spread of the estimator's bone vectors along the viewing ray, measured on rendered clips."""
_POINT_WEIGHT = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.6, 0.6, 0.5, 0.5, 0.5])


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceSettings:
    """Weights of the energy, each as the standard deviation of what it weighs, and the effort.

    `reprojection_sd` is in body heights; `depth_scale` multiplies the depth spreads; `robust_*` are the squared
    residuals at which the Cauchy loss bends.
    """

    iterations: int = 10
    reprojection_sd: float = 0.010
    robust_reprojection: float = 25.0
    depth_scale: float = 1.2
    across_sd_m: float = 0.10
    robust_depth: float = 4.0
    acceleration_sd_m_s2: float = 4.0
    robust_acceleration: float = 9.0
    length_sd_m: float = 0.010
    proportion_sd: float = 0.07
    stature_sd: float = 0.05
    foot_speed_sd_m_s: float = 0.15
    ground_sd_m: float = 0.03
    hidden_foot: float = 5.0
    hidden_ground_sd_m: float = 0.05
    contact_speed: float = 0.12
    prior: float = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What the fit is given: per frame pixels, confidence and metric bone vectors.

    `bones_m` are in the camera frame; `ray_frame` turns a frame whose Z is the person's viewing ray into the
    camera frame; `body_height_px` is the person's size in the picture.
    """

    xy_px: Float[np.ndarray, "T 17 2"]
    confidence: Float[np.ndarray, "T 17"]
    bones_m: Float[np.ndarray, "T 16 3"]
    ray_frame: Float[np.ndarray, "T 3 3"]
    timestamps_s: Float[np.ndarray, "T"]
    K: Float[np.ndarray, "3 3"]
    up_cam: Float[np.ndarray, "3"]
    body_height_px: float
    stature_m: float


class SequenceFit:
    """One chunk of frames being fitted."""

    def __init__(
        self,
        seen: Observations,
        settings: SequenceSettings,
        offsets: LandmarkOffsets,
        prior: PosePrior | None = None,
    ) -> None:
        self.seen = seen
        self.settings = settings
        self.offsets = offsets
        self.prior = prior
        self.prior_m = LENGTHS_M * (seen.stature_m / LENGTHS_STATURE_M)
        self.contact = _contacts(seen, settings)
        self._second = _second_differences(seen.timestamps_s)

    def start(self) -> tuple[Float[np.ndarray, "T 17 3"], Float[np.ndarray, "10"]]:
        """The estimator's own bones at typical lengths, placed by their pixels."""
        seen = self.seen
        direction = seen.bones_m / np.linalg.norm(seen.bones_m, axis=-1, keepdims=True)
        bones = direction * self.prior_m[LENGTH_OF_BONE][None, :, None]
        # Points from bones: the pseudo-inverse of the bone matrix, with the mean of the points at zero.
        points = np.einsum("pk,tkc->tpc", np.linalg.pinv(BONE_OF_POINTS), bones)
        ray = np.concatenate(
            [(seen.xy_px - seen.K[:2, 2]) / np.array([seen.K[0, 0], seen.K[1, 1]]), np.ones((*points.shape[:2], 1))], -1
        )
        weight = seen.confidence.clip(0.05, 1.0)
        A = np.zeros((len(points), 2, POINTS, 3))
        A[:, 0, :, 0] = A[:, 1, :, 1] = 1.0
        A[..., 2] = -np.moveaxis(ray[..., :2], -1, 1)
        b = np.stack([ray[..., i] * points[..., 2] - points[..., i] for i in (0, 1)], axis=1)
        A, b = (
            (A * weight[:, None, :, None]).reshape(len(points), -1, 3),
            (b * weight[:, None]).reshape(len(points), -1),
        )
        At = np.swapaxes(A, -1, -2)
        place = np.linalg.solve(At @ A + 1e-9 * np.eye(3), (At @ b[..., None]))[..., 0]
        place[:, 2] = place[:, 2].clip(0.5, 60.0)
        return points + place[:, None], self.prior_m.copy()

    def run(self) -> tuple[Float[np.ndarray, "T 17 3"], Float[np.ndarray, "10"]]:
        """Points (camera frame, metres) and lengths at the least energy found."""
        points, lengths = self.start()
        damping = 1e-3
        system = self.system(points, lengths)
        for _ in range(self.settings.iterations):
            step, step_lengths = system.solve(damping)
            tried = points + step
            tried[..., 2] = np.maximum(tried[..., 2], 0.2)
            tried_lengths = np.maximum(lengths + step_lengths, 0.3 * self.prior_m)
            after = self.system(tried, tried_lengths)
            if after.energy < system.energy:
                points, lengths, damping = tried, tried_lengths, damping * 0.3
                gain, system = system.energy - after.energy, after
                if gain < 1e-4 * system.energy:
                    break
            else:
                damping = max(damping * 10.0, 1e-2)
        return points, lengths

    def system(self, points: Float[np.ndarray, "T 17 3"], lengths: Float[np.ndarray, "10"]) -> Normal:
        """Energy, gradient and Gauss–Newton matrix at a state."""
        normal = Normal(len(points))
        self._reprojection(normal, points)
        self._bones(normal, points, lengths)
        self._proportions(normal, lengths, len(points))
        self._acceleration(normal, points)
        self._feet(normal, points)
        if self.prior is not None:
            self.prior.add_to(normal, points, self.settings.prior)
        return normal

    def _reprojection(self, normal: Normal, points: np.ndarray) -> None:
        seen, s = self.seen, self.settings
        at = points + self.offsets.at(points)
        sd_px = s.reprojection_sd * seen.body_height_px
        focal = np.array([seen.K[0, 0], seen.K[1, 1]]) / sd_px
        depth = at[..., 2:].clip(0.2)
        residual = at[..., :2] / depth * focal - (seen.xy_px - seen.K[:2, 2]) / sd_px
        energy, weight = cauchy((residual**2).sum(-1), s.robust_reprojection)
        share = _POINT_WEIGHT * seen.confidence.clip(0.05, 1.0)
        normal.energy += float((share * energy).sum())
        weight = share * weight
        jacobian = np.zeros((*points.shape[:2], 2, 3))
        jacobian[..., 0, 0], jacobian[..., 1, 1] = focal[0] / depth[..., 0], focal[1] / depth[..., 0]
        jacobian[..., 2] = -at[..., :2] / depth**2 * focal
        weighted = jacobian * weight[..., None, None]
        normal.gradient += np.einsum("tpia,tpi->tpa", weighted, residual)
        own = np.einsum("tpia,tpib->tpab", weighted, jacobian)
        for point in range(POINTS):
            normal.block[:, point, :, point, :] += own[:, point]

    def _bones(self, normal: Normal, points: np.ndarray, lengths: np.ndarray) -> None:
        seen, s = self.seen, self.settings
        bones = np.einsum("kp,tpc->tkc", BONE_OF_POINTS, points)
        length = np.linalg.norm(bones, axis=-1).clip(1e-6)
        direction = bones / length[..., None]
        # lengths
        off = (length - lengths[LENGTH_OF_BONE]) / s.length_sd_m
        normal.energy += float((off**2).sum())
        matrix = direction[..., :, None] * direction[..., None, :] / s.length_sd_m**2
        pull = direction * (off / s.length_sd_m)[..., None]
        # directions and depth, in the frame of the viewing ray
        residual = np.einsum("tji,tkj->tki", seen.ray_frame, bones - seen.bones_m)
        sd = np.stack([np.full(16, s.across_sd_m), np.full(16, s.across_sd_m), s.depth_scale * _DEPTH_SD_M], axis=-1)
        trust = np.sqrt(_bone_confidence(seen.confidence))
        scaled = residual / sd
        energy_z, weight_z = cauchy(scaled[..., 2] ** 2, s.robust_depth)
        energy_xy, weight_xy = cauchy((scaled[..., :2] ** 2).sum(-1), s.robust_depth)
        normal.energy += float((trust * (energy_z + energy_xy)).sum())
        weight = trust[..., None] * np.stack([weight_xy, weight_xy, weight_z], axis=-1) / sd**2
        matrix = matrix + np.einsum("tai,tki,tbi->tkab", seen.ray_frame, weight, seen.ray_frame)
        pull = pull + np.einsum("tai,tki->tka", seen.ray_frame, weight * residual)
        normal.gradient += np.einsum("kp,tka->tpa", BONE_OF_POINTS, pull)
        pairs = np.einsum("kp,kq->kpq", BONE_OF_POINTS, BONE_OF_POINTS).reshape(16, -1)
        spread = np.swapaxes(matrix.reshape(len(points), 16, 9), 1, 2) @ pairs
        normal.block += spread.reshape(len(points), 3, 3, POINTS, POINTS).transpose(0, 3, 1, 4, 2)
        # shared lengths
        for bone, index in enumerate(LENGTH_OF_BONE):
            normal.to_lengths[..., index] -= (
                np.einsum("p,ta->tpa", BONE_OF_POINTS[bone], direction[:, bone]) / s.length_sd_m**2
            )
            normal.lengths[index, index] += len(points) / s.length_sd_m**2
            normal.lengths_gradient[index] -= off[:, bone].sum() / s.length_sd_m

    def _proportions(self, normal: Normal, lengths: np.ndarray, frames: int) -> None:
        s = self.settings
        relative = lengths / self.prior_m - 1.0
        count = len(lengths)
        centre = np.eye(count) - 1.0 / count
        mean = np.full((count, count), 1.0 / count**2)
        matrix = frames * (0.3 * centre / s.proportion_sd**2 + mean / s.stature_sd**2)
        normal.energy += float(relative @ matrix @ relative)
        normal.lengths += matrix / np.outer(self.prior_m, self.prior_m)
        normal.lengths_gradient += matrix @ relative / self.prior_m

    def _acceleration(self, normal: Normal, points: np.ndarray) -> None:
        if len(points) < 3:
            return
        s = self.settings
        a, b, c, step_s = self._second
        second = a[:, None, None] * points[:-2] + b[:, None, None] * points[1:-1] + c[:, None, None] * points[2:]
        scaled = second / s.acceleration_sd_m_s2
        energy, weight = cauchy((scaled**2).sum(-1), s.robust_acceleration)
        share = (step_s * 15.0)[:, None]
        normal.energy += float((share * energy).sum())
        weight = (share * weight / s.acceleration_sd_m_s2**2)[..., None]
        pull = weight * second
        for offset, coefficient in ((0, a), (1, b), (2, c)):
            frames = slice(offset, offset + len(second))
            factor = coefficient[:, None, None]
            normal.gradient[frames] += factor * pull
            _add_diagonal(normal.block[frames], factor**2 * weight)
        normal.next[:-2] += (a * b)[:, None, None] * weight
        normal.next[1:-1] += (b * c)[:, None, None] * weight
        normal.after[:-2] += (a * c)[:, None, None] * weight

    def _feet(self, normal: Normal, points: np.ndarray) -> None:
        s, seen = self.settings, self.seen
        feet = points[:, FEET]
        if len(points) > 1:
            step_s = np.diff(seen.timestamps_s)[:, None]
            both = self.contact[1:] * self.contact[:-1] * (step_s * 15.0)
            sd = s.foot_speed_sd_m_s * step_s
            moved = np.diff(feet, axis=0)
            energy, weight = cauchy((moved**2).sum(-1) / sd**2, 4.0)
            normal.energy += float((both * energy).sum())
            weight = (both * weight / sd**2)[..., None] * np.ones(3)
            for index, point in enumerate(FEET):
                normal.gradient[1:, point] += weight[:, index] * moved[:, index]
                normal.gradient[:-1, point] -= weight[:, index] * moved[:, index]
                normal.next[:-1, point] -= weight[:, index]
                for axis in range(3):
                    normal.block[1:, point, axis, point, axis] += weight[:, index, axis]
                    normal.block[:-1, point, axis, point, axis] += weight[:, index, axis]
        height = feet @ seen.up_cam
        total = self.contact.sum()
        if total > 0:
            ground = (self.contact * height).sum() / total
            hidden = 1.0 - seen.confidence[:, FEET].clip(0.0, 1.0)
            self._hold_at_height(normal, height - ground, 0.3 * self.contact, s.ground_sd_m)
            self._hold_at_height(normal, height - ground, s.hidden_foot * hidden, s.hidden_ground_sd_m)

    def _hold_at_height(self, normal: Normal, off_m: np.ndarray, share: np.ndarray, sd_m: float) -> None:
        """Pull the feet along the vertical to the height from which they are `off_m` away."""
        up = self.seen.up_cam
        energy, weight = cauchy((off_m / sd_m) ** 2, 4.0)
        normal.energy += float((share * energy).sum())
        weight = share * weight / sd_m**2
        outer = np.outer(up, up)
        for index, point in enumerate(FEET):
            normal.gradient[:, point] += (weight * off_m)[:, index, None] * up
            normal.block[:, point, :, point, :] += weight[:, index, None, None] * outer


def _add_diagonal(block: np.ndarray, values: np.ndarray) -> None:
    point, axis = np.arange(POINTS)[:, None], np.arange(3)[None, :]
    block[:, point, axis, point, axis] += values


def _bone_confidence(confidence: Float[np.ndarray, "T 17"]) -> Float[np.ndarray, "T 16"]:
    """A bone is known as well as the worse of its ends."""
    ends = [np.flatnonzero(row) for row in BONE_OF_POINTS]
    return np.stack([confidence[:, end].min(axis=1) for end in ends], axis=1).clip(0.05, 1.0)


def _contacts(seen: Observations, settings: SequenceSettings) -> Bool[np.ndarray, "T 4"]:
    """Where toes and heels hardly move in the picture (body heights a second)."""
    if len(seen.timestamps_s) < 3:
        return np.zeros((len(seen.timestamps_s), 4))
    speed = np.linalg.norm(np.gradient(seen.xy_px[:, FEET], seen.timestamps_s, axis=0), axis=-1)
    return (speed < settings.contact_speed * seen.body_height_px).astype(float)


def _second_differences(timestamps_s: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of the second derivative at uneven times, and the mean step there."""
    before, after = np.diff(timestamps_s)[:-1], np.diff(timestamps_s)[1:]
    total = before + after
    return 2 / (before * total), -2 / (before * after), 2 / (after * total), total / 2
