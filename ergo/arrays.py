"""Arrays out of ``.npz`` files that may be damaged, or somebody else's."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np

_DAMAGE = (
    OSError,
    EOFError,
    BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
)
"""What numpy and zipfile raise over bytes that are not what they should be."""


def read_arrays(file: Path | BinaryIO) -> dict[str, np.ndarray]:
    """All arrays of a file, by name; nothing is unpickled.

    Raises:
        ValueError: the file is missing or damaged, or holds something else.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (*_DAMAGE, AttributeError) as error:  # a plain .npy is an array, not an archive
        raise ValueError(type(error).__name__) from error
