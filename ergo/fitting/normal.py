"""The Gauss–Newton system of the sequence fit, and its exact solution in linear time."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_solve_banded, cholesky_banded

from ergo.fitting.stick import LENGTHS_M, POINTS, SIZE


class Normal:
    """The Gauss–Newton system of one iteration: blocks of frames, couplings in time, and the shared lengths."""

    def __init__(self, frames: int) -> None:
        self.block = np.zeros((frames, POINTS, 3, POINTS, 3))
        self.next = np.zeros((frames, POINTS, 3))  # couples t with t + 1
        self.after = np.zeros((frames, POINTS, 3))  # couples t with t + 2
        self.gradient = np.zeros((frames, POINTS, 3))
        self.to_lengths = np.zeros((frames, POINTS, 3, len(LENGTHS_M)))
        self.lengths = np.zeros((len(LENGTHS_M), len(LENGTHS_M)))
        self.lengths_gradient = np.zeros(len(LENGTHS_M))
        self.energy = 0.0

    def solve(self, damping: float) -> tuple[Float[np.ndarray, "T 17 3"], Float[np.ndarray, "10"]]:
        """The step of points and lengths."""
        frames = len(self.block)
        dense = self.block.reshape(frames, SIZE, SIZE)
        band = np.zeros((2 * SIZE + 1, frames * SIZE))
        for below in range(SIZE):
            band[below].reshape(frames, SIZE)[:, : SIZE - below] = np.diagonal(dense, -below, axis1=1, axis2=2)
        band[SIZE] = self.next.reshape(-1)
        band[2 * SIZE] = self.after.reshape(-1)
        band[0] *= 1.0 + damping
        band[0] += 1e-9
        factor = cholesky_banded(band, lower=True, overwrite_ab=True, check_finite=False)
        coupling = self.to_lengths.reshape(frames * SIZE, -1)
        right = np.concatenate([-self.gradient.reshape(-1, 1), coupling], axis=1)
        solved = cho_solve_banded((factor, True), right, overwrite_b=True, check_finite=False)
        schur = self.lengths - coupling.T @ solved[:, 1:]
        step_lengths = np.linalg.solve(schur, -self.lengths_gradient - coupling.T @ solved[:, 0])
        step = solved[:, 0] - solved[:, 1:] @ step_lengths
        return step.reshape(frames, POINTS, 3), step_lengths


def cauchy(squared: np.ndarray, bend: float) -> tuple[np.ndarray, np.ndarray]:
    """Energy and weight of the Cauchy loss at squared residuals."""
    ratio = 1.0 + squared / bend
    return bend * np.log(ratio), 1.0 / ratio
