"""The type of reports and films: Roboto (Apache-2.0) from the package ``font-roboto``, the same on every machine."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ergo.errors import SettingsError


def roboto(face: str) -> Path:
    """The file of a face, ``Regular`` or ``Medium``. Raises SettingsError."""
    found = find_spec("font_roboto")
    if found is None or found.origin is None:
        raise SettingsError("The package font-roboto is missing.", "pip install -r requirements.txt")
    return Path(found.origin).parent / "files" / f"Roboto-{face}.ttf"
