"""Which way limbs usually point: a Gaussian mixture over the directions of arms and legs in the trunk's frame.

It says little where the picture is clear (its weight is a seventh of an observation) and decides where depth is a
guess. Made by ``assets/build/pose_prior.py`` from motion capture of everyday movements and box picking.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ergo.errors import ModelError
from ergo.fitting.normal import Normal
from ergo.fitting.stick import LAN, LEL, LHI, LKN, LSH, LWR, RAN, REL, RHI, RKN, RSH, RWR
from ergo.geometry.rotations import frame_from_axes
from ergo.types import checked

PRIOR_FILE = Path(__file__).parents[2] / "assets" / "body" / "pose_prior.npz"

_ARMS = ((LSH, LEL, LWR, 1.0), (RSH, REL, RWR, -1.0))
_LEGS = ((LHI, LKN, LAN, 1.0), (RHI, RKN, RAN, -1.0))


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """A Gaussian mixture over the two unit directions of a limb; log weights include the determinants."""

    mean: Float[np.ndarray, "K 6"]
    precision: Float[np.ndarray, "K 6 6"]
    log_weight: Float[np.ndarray, "K"]

    def energy(self, x: Float[np.ndarray, "T 6"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """−2 log density, half its gradient [T, 6], and a positive half of its curvature [T, 6, 6].

        The curvature is that of the components weighted by their duty for `x`, an upper bound as in
        expectation–maximisation, so steps never overshoot between components.
        """
        off = x[:, None] - self.mean
        pull = np.einsum("kab,tkb->tka", self.precision, off)
        log_p = self.log_weight - 0.5 * np.einsum("tka,tka->tk", off, pull)
        top = log_p.max(axis=1, keepdims=True)
        duty = np.exp(log_p - top)
        total = duty.sum(axis=1, keepdims=True)
        duty = duty / total
        return (
            -2.0 * (top + np.log(total))[:, 0],
            np.einsum("tk,tka->ta", duty, pull),
            np.einsum("tk,kab->tab", duty, self.precision),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PosePrior:
    """Mixtures for arms (in the thorax's frame) and legs (in the pelvis's)."""

    arm: Mixture
    leg: Mixture

    def add_to(self, normal: Normal, points: Float[np.ndarray, "T 17 3"], weight: float) -> None:
        """Add the prior's energy, gradient and curvature for all four limbs.

        The trunk's frame is held fixed while it is differentiated: the prior moves limbs, not the trunk.
        """
        up = points[:, LSH] + points[:, RSH] - points[:, LHI] - points[:, RHI]
        for mixture, limbs, left, right in ((self.arm, _ARMS, LSH, RSH), (self.leg, _LEGS, LHI, RHI)):
            frame = frame_from_axes(up, points[:, left] - points[:, right])
            for a, b, c, mirror in limbs:
                self._add_limb(normal, points, mixture, frame * np.array([mirror, 1.0, 1.0]), (a, b, c), weight)

    @staticmethod
    def _add_limb(
        normal: Normal,
        points: np.ndarray,
        mixture: Mixture,
        frame: np.ndarray,
        chain: tuple[int, int, int],
        weight: float,
    ) -> None:
        x, jacobian = [], np.zeros((len(points), 2, 3, 3, 3))
        for bone in (0, 1):
            vector = points[:, chain[bone + 1]] - points[:, chain[bone]]
            length = np.linalg.norm(vector, axis=1, keepdims=True).clip(1e-6)
            direction = vector / length
            x.append(np.einsum("tji,tj->ti", frame, direction))
            across = (np.eye(3) - direction[:, :, None] * direction[:, None]) / length[..., None]
            turned = np.einsum("tji,tjk->tik", frame, across)
            jacobian[:, bone, :, bone] = -turned
            jacobian[:, bone, :, bone + 1] = turned
        energy, gradient, curvature = mixture.energy(np.concatenate(x, axis=1))
        normal.energy += float(weight * energy.sum())
        J = jacobian.reshape(len(points), 6, 9)
        pull = weight * np.einsum("tsx,ts->tx", J, gradient).reshape(-1, 3, 3)
        stiff = weight * (np.swapaxes(J, 1, 2) @ curvature @ J).reshape(-1, 3, 3, 3, 3)
        for i, p in enumerate(chain):
            normal.gradient[:, p] += pull[:, i]
            for j, q in enumerate(chain):
                normal.block[:, p, :, q, :] += stiff[:, i, :, j]


@cache
def load_prior(path: Path = PRIOR_FILE) -> PosePrior:
    """The prior that ships with Ergo.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            mixtures = {
                limb: Mixture(
                    mean=content[f"{limb}_mean"].astype(float),
                    precision=content[f"{limb}_precision"].astype(float),
                    log_weight=content[f"{limb}_log_weight"].astype(float),
                )
                for limb in ("arm", "leg")
            }
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"{path.name} cannot be read: {error}.", "Restore the file from the project.") from error
    return PosePrior(**mixtures)
