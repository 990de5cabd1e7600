"""What the maker of a report says of it: who, for whom, what job, and a logo."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from ergo.errors import SettingsError

MAX_LOGO_BYTES: Final = 400_000
_LONGEST: Final = {"company": 120, "assessor": 120, "job_title": 200, "notes": 4000}
_LOGOS: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFields:
    """Empty where nothing was said; `logo` is a PNG or JPEG file.

    Raises:
        SettingsError: a text is too long, or the logo is no picture or too large; the message names the field.
    """

    company: str = ""
    assessor: str = ""
    job_title: str = ""
    notes: str = ""
    logo: bytes = b""

    def __post_init__(self) -> None:
        for name, longest in _LONGEST.items():
            if len(getattr(self, name)) > longest:
                raise SettingsError(f"{name} has {len(getattr(self, name))} characters.", f"Give at most {longest}.")
        if len(self.logo) > MAX_LOGO_BYTES:
            raise SettingsError(f"logo has {len(self.logo)} bytes.", f"Give a picture of at most {MAX_LOGO_BYTES}.")
        if self.logo and not self.logo_type:
            raise SettingsError("logo is no PNG or JPEG.", "Give a PNG or JPEG file.")

    @property
    def logo_type(self) -> str:
        """The logo's media type; empty where there is none."""
        return next((kind for start, kind in _LOGOS.items() if self.logo.startswith(start)), "")


def fields_from(said: Mapping[str, Any]) -> ReportFields:
    """The fields of a JSON object, `logo` in base64 or as a data URL.

    Raises:
        SettingsError: a field is unknown, no text, or not usable.
    """
    known = [field.name for field in fields(ReportFields)]
    for name, value in said.items():
        if name not in known:
            raise SettingsError(f"There is no field {name[:40]!r}.", f"Fields are: {', '.join(known)}.")
        if not isinstance(value, str):
            raise SettingsError(f"{name} is no text.", "Send text.")
    texts = {name: value for name, value in said.items() if name != "logo"}
    encoded = str(said.get("logo", "")).rpartition(",")[2]
    try:
        return ReportFields(**texts, logo=base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise SettingsError("logo is not base64.", "Send a PNG or JPEG file in base64.") from None
