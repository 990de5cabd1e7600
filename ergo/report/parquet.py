"""Scores and angles of every frame as one Parquet table, by the names that the CSV files have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ergo.errors import SettingsError
from ergo.report.player_file import MISSING_ITEM
from ergo.report.stored import Stored


def write_parquet(path: Path, stored: Stored) -> None:
    """Write the table: ``time_s``, then scores, then angles with their standard deviations; NaN where not seen.

    Raises:
        SettingsError: a file of the result is missing.
    """
    try:
        import fastparquet  # noqa: PLC0415  slow to load, and nothing else needs it
        import pandas  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(f"{error.name} is missing.", "pip install -r requirements.txt") from error
    table = pandas.DataFrame(_columns(stored))
    fastparquet.write(str(path), table, compression="GZIP", write_index=False)


def _columns(stored: Stored) -> dict[str, np.ndarray]:
    columns = {"time_s": stored.motion.timestamps_s}
    for entry in stored.meta["methods"]:
        for side in entry["sides"]:
            prefix = entry["id"] if side == "both" else f"{entry['id']}_{side}"
            arrays = {key: stored.arrays[f"{entry['id']}.{side}.{key}"] for key in ("total", "low", "high", "level")}
            seen = arrays["total"] > 0
            names = {"low": "total_low", "high": "total_high"}
            columns |= {
                f"{prefix}_{names.get(key, key)}": np.where(seen, values.astype(float), np.nan)
                for key, values in arrays.items()
            }
            items = stored.arrays[f"{entry['id']}.{side}.items"].astype(float)
            items = np.where(items == MISSING_ITEM, np.nan, items)
            columns |= {f"{prefix}_{item['id']}": items[:, place] for place, item in enumerate(entry["items"])}
    angles = stored.angles
    columns |= {name: angles.values_deg[:, place] for place, name in enumerate(angles.names)}
    return columns | {f"{name}_sd": angles.sd_deg[:, place] for place, name in enumerate(angles.names)}
