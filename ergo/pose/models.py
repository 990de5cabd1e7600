"""The network files that ship with Ergo, checked against their digests before they are loaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ergo.errors import ModelError

MODELS_DIR = Path(__file__).resolve().parents[2] / "assets" / "models"
MANIFEST = "manifest.json"

_FIX = (
    "Run `pose_models.py`, `hand_models.py` and `face_models.py` in assets/build to make the models again, "
    "or check them out again."
)


def read_manifest(folder: Path = MODELS_DIR) -> dict[str, str]:
    """SHA-256 of each model file by file name.

    Raises:
        ModelError: the manifest is missing or unreadable.
    """
    path = folder / MANIFEST
    try:
        digests = dict(json.loads(path.read_text())["sha256"])
    except FileNotFoundError:
        raise ModelError(f"The list of pose models {path.name} is missing.", _FIX) from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"The list of pose models {path.name} is damaged.", _FIX) from None
    return digests


def model_path(name: str, folder: Path = MODELS_DIR) -> Path:
    """Where the model file `name` is, after its content was found equal to its digest in the manifest.

    Raises:
        ModelError: the file is unknown, missing, or not the one the manifest describes.
    """
    digests = read_manifest(folder)
    if name not in digests:
        raise ModelError(f"The pose model {name} is not known.", f"Known are: {', '.join(sorted(digests))}.")
    path = folder / name
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(f"The pose model {name} is missing.", _FIX) from None
    if digest != digests[name]:
        raise ModelError(f"The pose model {name} is damaged ({path.stat().st_size} bytes).", _FIX)
    return path
