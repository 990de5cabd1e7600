"""``angles.csv`` and ``scores.csv``: one row a sampled frame; what was not seen or not assessed is left empty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ergo.types import Assessment, JointAngles


def write_angles(path: Path, angles: JointAngles) -> None:
    """Time, every angle (degrees, or cm where its name says so) and its standard deviation."""
    header = ["time_s", *angles.names, *(f"{name}_sd" for name in angles.names)]
    columns = np.hstack([angles.timestamps_s[:, None], angles.values_deg, angles.sd_deg])
    _write(path, header, columns, decimals=2)


def write_scores(path: Path, assessments: Sequence[Assessment]) -> None:
    """Time and, for every method and side, total, its range, action level, the 90 % interval that the errors of the
    angles leave, and the points of every item."""
    header, columns = ["time_s"], [assessments[0].timestamps_s]
    for assessment in assessments:
        prefix = "_".join(filter(None, (assessment.method, assessment.side)))
        for name in ("total", "total_low", "total_high", "level"):
            header.append(f"{prefix}_{name}")
            columns.append(getattr(assessment, name))
        if assessment.certainty is not None:
            header += [f"{prefix}_total_p05", f"{prefix}_total_p95"]
            columns += [assessment.certainty.total_p05, assessment.certainty.total_p95]
        for item, points in assessment.parts.items():
            header.append(f"{prefix}_{item}")
            columns.append(points)
    _write(path, header, np.stack(columns, axis=1), decimals=0)


def _write(path: Path, header: Sequence[str], columns: np.ndarray, decimals: int) -> None:
    row = ",".join(["%.3f", *[f"%.{decimals}f"] * (columns.shape[1] - 1)])
    with path.open("w", newline="", encoding="utf-8") as file:  # lines end as RFC 4180 has them
        file.write(",".join(header) + "\r\n")
        file.writelines((row % tuple(values)).replace("nan", "") + "\r\n" for values in columns.tolist())
