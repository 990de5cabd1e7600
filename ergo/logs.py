"""What Ergo writes down about itself: one line an event, as text or JSON, without secrets.

Whoever operates Ergo reads these lines, perhaps in a log service that others read, too. So the values of all secret
settings and whatever gives permission in a URL or header are taken out of the finished line, tracebacks included:
whoever logs need not think of it.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from ergo.config import Settings

REMOVED: Final = "[removed]"

_PERMISSION = re.compile(
    r"(?P<name>(?:token|sig|signature|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|password|api_key)=)[^&\s'\"]+"
    r"|(?P<scheme>\b(?:Bearer|Basic) )[\w.~+/=-]+",
    re.IGNORECASE,
)
_JOB = re.compile(r"\b[0-9a-f]{32}\b")
_SHORTEST = 6
"""Shorter values would turn up in ordinary words."""


class _Formatter(logging.Formatter):
    """Lines without secrets; `job_id` marks those of a process that does one job."""

    def __init__(self, secrets: tuple[str, ...], job_id: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets
        self._job_id = job_id

    def format(self, record: logging.LogRecord) -> str:
        return self._without_secrets(super().format(record))

    def _without_secrets(self, line: str) -> str:
        return without_secrets(line, self._secrets)

    def _job_of(self, message: str) -> str:
        found = _JOB.search(message)
        return self._job_id or (found[0] if found else "")


class _JsonFormatter(_Formatter):
    """One JSON object a line: time, level, logger, message and, where there are any, job and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        message = self._without_secrets(record.getMessage())
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if job := self._job_of(message):
            said["job"] = job
        if record.exc_info:
            said["traceback"] = self._without_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


def set_up_logs(settings: Settings, job_id: str = "") -> None:
    """Write this process's lines to standard error; to be called once, where the process begins.

    Args:
        settings: how to write, and what must never be written.
        job_id: the job that this process does, if it does just one.
    """
    kind = _JsonFormatter if settings.log_format == "json" else _Formatter
    handler = logging.StreamHandler()
    handler.setFormatter(kind(secrets_of(settings), job_id))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("ergo").setLevel(logging.INFO)


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """`text` without those values, and without whatever gives permission in a URL or header."""
    for secret in secrets:
        text = text.replace(secret, REMOVED)
    return _PERMISSION.sub(lambda found: f"{found['name'] or found['scheme']}{REMOVED}", text)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The values of all secret settings, longest first."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    found = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
    key = settings.data_dir / "secret.key"
    if key.is_file():
        found.add(key.read_text().strip())
    return tuple(sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True))
