"""The terms of the error model, fitted to the errors on clips with known joints; and how well they hold.

    python benchmarks/calibration.py DATA DATA/dev --judge DATA/held-out --quality high [--keep FOLDER]

Analyses every clip of DATA (see ``accuracy.py``, also for --keep), fits base, depth and hidden terms of each kind of
angle by maximum likelihood under a Student t with four degrees of freedom (errors have long tails; a Gaussian fit
would be ruled by them), every clip counting the same, and scales them so that the shares within one and two standard
deviations come as near to 68 % and 95 % as one factor allows. ``left out`` are the same shares on each clip with the
terms fitted to the others; ``judged``, in its place, on the clips of --judge, which nothing is fitted to. The printed
lines are those of ``MEASURED`` in ``ergo/assess/error_model.py``. Twists and side bends are judged as measured, before
``ergo/assess/plausible.py``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from accuracy import ANGLE_OF_COLUMN, look
from scipy.optimize import minimize
from truth_clips import Clip, find_clips
from truth_scores import TWISTS, true_angles

from ergo.assess.angle_catalogue import ANGLE_BY_ID
from ergo.assess.angles import measure
from ergo.assess.error_model import BONES, Sight
from ergo.errors import ErgoError
from ergo.types import QUALITIES, AnalysisSettings, Quality

NAMES = (*(name for names in ANGLE_OF_COLUMN.values() for name in names), *TWISTS)
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


def errors_of(clip: Clip, quality: Quality, keep: Path | None) -> dict[str, list[Errors]]:
    """The errors of one clip by kind of angle."""
    try:
        analysis, _ = look(clip, AnalysisSettings(quality=quality), keep)
    except ErgoError as error:
        print(f"{clip.name}: {error}")
        return {}
    seen_as = analysis.motion, analysis.keypoints, analysis.gravity, analysis.camera.K, quality
    angles, sight, true = measure(*seen_as), Sight(*seen_as), true_angles(clip.truth)
    at = np.abs(clip.truth.times_s[None] - angles.timestamps_s[:, None]).argmin(axis=1)
    found: dict[str, list[Errors]] = {}
    for name in (n for n in NAMES if n in true):
        angle, error = ANGLE_BY_ID[name], angles[name] - true[name][at]
        known = np.isfinite(error)
        if known.sum() < 5:
            continue
        depth, hidden = sight.cues(BONES.get(angle.error, ()), angle.side, angle.landmarks)
        found.setdefault(angle.error, []).append(
            Errors(
                clip=clip.name,
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


def left_out(rows: list[Errors]) -> tuple[float, float]:
    """Mean shares on each clip with the terms of the others."""
    names = sorted({row.clip for row in rows})
    shares = [within([r for r in rows if r.clip == name], fit([r for r in rows if r.clip != name])) for name in names]
    one, two = np.mean(shares, axis=0)
    return float(one), float(two)


def errors_in(folders: list[Path], quality: Quality, keep: Path | None) -> dict[str, list[Errors]]:
    """The errors of all clips by kind of angle."""
    rows: dict[str, list[Errors]] = {}
    for clip in find_clips(folders):
        for kind, found in errors_of(clip, quality, keep).items():
            rows.setdefault(kind, []).extend(found)
    return rows


def main() -> None:
    """Analyse, fit, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--judge", type=Path, nargs="*", default=[], help="clips that nothing is fitted to")
    parser.add_argument("--quality", choices=QUALITIES, default="medium")
    parser.add_argument("--keep", type=Path, help="keep results here, and start from those of an earlier run")
    options = parser.parse_args()
    judged = errors_in(options.judge, options.quality, options.keep)
    for kind, rows in errors_in(options.data, options.quality, options.keep).items():
        terms = fit(rows)
        shares = {"fitted": within(rows, terms)}
        if not options.judge:
            shares["left out"] = left_out(rows)
        elif kind in judged:
            shares["judged"] = within(judged[kind], terms)
        print(
            f'"{kind}": ErrorTerms({", ".join(f"{t:.1f}" for t in terms)}),  # '
            + "; ".join(f"{label} {one:.0%} · {two:.0%}" for label, (one, two) in shares.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
