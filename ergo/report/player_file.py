"""The format of the player's files: a header in JSON and little-endian arrays, as ``viewer.bin`` describes it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int16, UInt8

from ergo.assess.items import ITEMS, region_levels
from ergo.types import Assessment, Certainty

MAGIC: Final = b"ERGO"
VERSION: Final = 1
ALIGNMENT: Final = 8

MISSING_I16: Final = -32768
NOT_ASSESSED: Final = 0
MISSING_ITEM: Final = 255

QUATERNION_SCALE: Final = 32767
KEYPOINT_SCALE: Final = 10_000
ANGLE_SCALE: Final = 10

_CODES: Final[Mapping[str, str]] = {"f4": "<f4", "u1": "u1", "i1": "i1", "u2": "<u2", "i2": "<i2", "u4": "<u4"}

Arrays = dict[str, np.ndarray]


def read_viewer(path: Path) -> tuple[dict[str, Any], Arrays]:
    """The meta data and the arrays of a ``viewer.bin``, the arrays read-only and as stored."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ValueError(f"{path.name} is not a viewer file")
    (length,) = struct.unpack_from("<I", data, 4)
    start = 8 + length
    header = json.loads(data[8:start])
    arrays: Arrays = {}
    for name, entry in header["arrays"].items():
        dtype = np.dtype(_CODES[entry["dtype"]])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        values = np.frombuffer(data, dtype, count, start + entry["offset"])
        arrays[name] = values.reshape(entry["shape"])
    return header["meta"], arrays


def packed(meta: Mapping[str, Any], arrays: Arrays) -> bytes:
    """A file of this format."""
    entries: dict[str, dict[str, Any]] = {}
    chunks: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        data = np.ascontiguousarray(array, np.dtype(_CODES[code])).tobytes()
        data += bytes(-len(data) % ALIGNMENT)
        entries[name] = {"dtype": code, "shape": list(array.shape), "offset": offset}
        chunks.append(data)
        offset += len(data)
    header = json.dumps(
        {"version": VERSION, "meta": meta, "arrays": entries}, separators=(",", ":"), allow_nan=False
    ).encode()
    header += b" " * (-(len(MAGIC) + 4 + len(header)) % ALIGNMENT)
    return b"".join([MAGIC, struct.pack("<I", len(header)), header, *chunks])


def quantised(values: Float[np.ndarray, "..."], scale: float) -> Int16[np.ndarray, "..."]:
    """Rounded int16 of values × scale, −32768 where not finite."""
    finite = np.isfinite(values)
    scaled = np.clip(np.rint(np.where(finite, values, 0.0) * scale), MISSING_I16 + 1, 32767)
    return np.where(finite, scaled, MISSING_I16).astype(np.int16)


def whole(values: Float[np.ndarray, "..."], missing: int) -> UInt8[np.ndarray, "..."]:
    """Rounded uint8, `missing` where not finite."""
    finite = np.isfinite(values)
    return np.where(finite, np.rint(np.where(finite, values, 0)), missing).astype(np.uint8)


def score_arrays(assessment: Assessment) -> Arrays:
    """Scores, items and tints of one method and side, by ``method.side``."""
    prefix = f"{assessment.method}.{assessment.side or 'both'}"
    parts = [assessment.parts[item.id] for item in ITEMS[assessment.method]]
    return {
        f"{prefix}.total": whole(assessment.total, NOT_ASSESSED),
        f"{prefix}.low": whole(assessment.total_low, NOT_ASSESSED),
        f"{prefix}.high": whole(assessment.total_high, NOT_ASSESSED),
        f"{prefix}.level": whole(assessment.level, 0),
        f"{prefix}.items": whole(np.stack(parts, axis=1), MISSING_ITEM),
        f"{prefix}.regions": whole(region_levels(assessment), 0),
        **_certainty_arrays(prefix, assessment.certainty),
    }


def _certainty_arrays(prefix: str, certainty: Certainty | None) -> Arrays:
    """The ends of the 90 % interval of the total."""
    if certainty is None:
        return {}
    return {
        f"{prefix}.p05": whole(certainty.total_p05, NOT_ASSESSED),
        f"{prefix}.p95": whole(certainty.total_p95, NOT_ASSESSED),
    }
