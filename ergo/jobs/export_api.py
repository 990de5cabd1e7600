"""The call that gives a result in another format, for the page and for scripts.

    export(job_id, format, at_s, method)
        {"status", "export": {"state": "ready", "download_url", "size_bytes"}}, or {"state": "making"}: ask again

Errors are answers too, as in :mod:`ergo.jobs.legacy_api`.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urljoin

from ergo.errors import ErgoError, SettingsError
from ergo.jobs.exporting import Exports
from ergo.report.exports import ExportOptions
from ergo.storage.store import Store


class ExportApi:
    """The call on given services; links hold for `ttl_s` seconds."""

    def __init__(self, exports: Exports, store: Store, ttl_s: int, base_url: str = "") -> None:
        self._exports = exports
        self._store = store
        self._ttl_s = ttl_s
        self._base_url = base_url

    def at(self, base_url: str) -> ExportApi:
        """The same call for somebody who reaches the site at `base_url`."""
        return ExportApi(self._exports, self._store, self._ttl_s, base_url)

    def export(self, job_id: str, format: str, at_s: str = "", method: str = "") -> dict[str, Any]:
        """A finished job's result in another format: a link, or "making" while it is being made.

        `format` is one of docs/exports.md; `at_s` the moment of a mesh in seconds, `method` whose risk colours it.
        """
        try:
            options = ExportOptions(at_s=_seconds(at_s), method=method)
            made = self._exports.ask(job_id, format, options)
        except ErgoError as error:
            return {"status": "error", "code": error.code, "message": error.message, "hint": error.hint}
        if made is None:
            return {"status": "success", "export": {"state": "making", "download_url": None, "size_bytes": None}}
        url = self._store.get_url(made.key, ttl_s=self._ttl_s, download_name=made.name)
        found = {
            "state": "ready",
            "download_url": urljoin(self._base_url, url) if self._base_url else url,
            "size_bytes": made.size_bytes,
        }
        return {"status": "success", "export": found}


def _seconds(text: str) -> float | None:
    """A time; None for no text. Raises SettingsError."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"at_s is {text[:40]!r}.", "Give seconds of the film, such as 12.5.")
    return value
