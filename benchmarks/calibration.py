"""The terms of the error model, fitted to the errors on clips with known joints; and how well they hold.

    python benchmarks/calibration.py DATA --quality high

Analyses every clip of DATA (see ``accuracy.py``), fits base, depth and hidden terms of each kind of angle by maximum
likelihood under a Student t with four degrees of freedom (errors have long tails; a Gaussian fit would be ruled by
them), every clip counting the same, and scales them so that the shares within one and two standard deviations come
as near to 68 % and 95 % as one factor allows. ``held out`` are the same shares on each clip with the terms fitted
to the others. The printed lines are those of ``MEASURED`` in ``ergo/assess/error_model.py``.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from accuracy import ANGLE_OF_COLUMN, compare
from scipy.optimize import minimize
from truth_clips import find_clips

from ergo.assess.angles import ANGLE_BY_ID
from ergo.assess.error_model import BONES, Estimator, Sight
from ergo.pipeline import analyse
from ergo.pose.settings import PRESETS
from ergo.types import Analysis, AnalysisSettings

KIND_OF_COLUMN = {
    "trunk": "trunk",
    "head": "neck",
    "arm/trunk": "shoulder",
    "arm/vertical": "arm_vertical",
    "elbow": "elbow",
    "knee": "knee",
}
STARTS = ((5.0, 5.0, 5.0), (3.0, 20.0, 10.0), (10.0, 1.0, 1.0))
DEGREES_OF_FREEDOM = 4.0


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Errors of one angle on one clip, and what the model may explain them with."""

    clip: str
    error_deg: np.ndarray
    depth: np.ndarray
    hidden: np.ndarray
    tilt_sd_deg: float

    def sd(self, terms: np.ndarray) -> np.ndarray:
        """The model's standard deviation."""
        base, depth, hidden = terms
        return np.sqrt(base**2 + (depth * self.depth) ** 2 + (hidden * self.hidden) ** 2 + self.tilt_sd_deg**2)


def errors_of(
    name: str, analysis: Analysis, errors: dict[str, np.ndarray], estimator: Estimator
) -> dict[str, list[Errors]]:
    """The errors of one clip by kind of angle."""
    sight = Sight(analysis.motion, analysis.keypoints, analysis.gravity, analysis.camera.K, estimator)
    found: dict[str, list[Errors]] = {}
    for column, names in ANGLE_OF_COLUMN.items():
        for angle_name in (n for n in names if n in errors):
            angle, error = ANGLE_BY_ID[angle_name], errors[angle_name]
            known = np.isfinite(error)
            if known.sum() < 5:
                continue
            depth, hidden = sight.cues(BONES[angle.error], angle.side, angle.landmarks)
            found.setdefault(KIND_OF_COLUMN[column], []).append(
                Errors(
                    clip=name,
                    error_deg=error[known],
                    depth=depth[known],
                    hidden=hidden[known],
                    tilt_sd_deg=analysis.gravity.sd_deg if angle.reference == "gravity" else 0.0,
                )
            )
    return found


def fit(rows: list[Errors]) -> np.ndarray:
    """Base, depth and hidden term."""

    def cost(terms: np.ndarray) -> float:
        total = 0.0
        for row in rows:
            sd = row.sd(terms)
            tail = (DEGREES_OF_FREEDOM + 1) / 2 * np.log1p((row.error_deg / sd) ** 2 / DEGREES_OF_FREEDOM)
            total += float(np.mean(np.log(sd) + tail))
        return total + 1e-4 * float(np.sum(terms**2))

    best = min(
        (minimize(cost, start, method="Nelder-Mead", options={"maxiter": 3000}) for start in STARTS),
        key=lambda result: result.fun,
    )
    terms = np.abs(best.x)
    size, weight = _scaled(rows, terms)
    return terms * np.sqrt(_percentile(size, weight, 0.68) * _percentile(size, weight, 0.95) / 2)


def within(rows: list[Errors], terms: np.ndarray) -> tuple[float, float]:
    """Shares of errors within one and two standard deviations, every clip counting the same."""
    size, weight = _scaled(rows, terms)
    return float(weight @ (size <= 1)), float(weight @ (size <= 2))


def _scaled(rows: list[Errors], terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = np.concatenate([np.abs(row.error_deg) / row.sd(terms) for row in rows])
    weight = np.concatenate([np.full(len(row.error_deg), 1 / len(row.error_deg)) for row in rows])
    return size, weight / weight.sum()


def _percentile(values: np.ndarray, weight: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weight[order]), share)])


def held_out(rows: list[Errors]) -> tuple[float, float]:
    """Mean shares on each clip with the terms of the others."""
    names = sorted({row.clip for row in rows})
    shares = [within([r for r in rows if r.clip == name], fit([r for r in rows if r.clip != name])) for name in names]
    one, two = np.mean(shares, axis=0)
    return float(one), float(two)


def main() -> None:
    """Analyse, fit, print."""
    parser = argparse.ArgumentParser(description="The terms of the error model.")
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--quality", default="medium")
    options = parser.parse_args()
    estimator = PRESETS[options.quality].model
    rows: dict[str, list[Errors]] = {}
    for clip in find_clips(options.data):
        with tempfile.TemporaryDirectory() as folder:
            analysis = analyse(clip.path, Path(folder) / "out", AnalysisSettings(quality=options.quality))
        for kind, found in errors_of(clip.name, analysis, compare(analysis, clip.truth)[0], estimator).items():
            rows.setdefault(kind, []).extend(found)
    report(rows, estimator)


def report(rows: dict[str, list[Errors]], estimator: str) -> None:
    """Print the terms and how well they hold."""
    for kind, found in rows.items():
        terms = fit(found)
        (one, two), (held_one, held_two) = within(found, terms), held_out(found)
        print(
            f'{estimator}: "{kind}": ErrorTerms({", ".join(f"{t:.1f}" for t in terms)}),'
            f"  # within 1 sd {one:.0%}, 2 sd {two:.0%}; held out {held_one:.0%}, {held_two:.0%}"
        )


if __name__ == "__main__":
    main()
