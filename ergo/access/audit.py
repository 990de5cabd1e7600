"""One line of JSON for each access: who, what, on what, from where. Names of owners appear as digests only."""

from __future__ import annotations

import hashlib
import json
import logging
import logging.handlers
import time
from pathlib import Path

from ergo.access.visitor import Visitor

_log = logging.getLogger("ergo.audit")
_FILE_BYTES = 10 << 20
_FILES = 5
_CHARS = 200


def owner_digest(owner: str) -> str:
    """Sixteen digits that stand for an owner: the same for the same owner, and nothing that names them."""
    return hashlib.sha256(f"ergo audit {owner}".encode()).hexdigest()[:16]


def note(visitor: Visitor, what: str, on: str = "", outcome: str = "ok") -> None:
    """Write down that `visitor` did `what` on `on` (a job, a file, a user)."""
    line = {
        "time_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "who": owner_digest(visitor.owner) if visitor.owner else "",
        "kind": visitor.kind,
        "what": what,
        "on": on[:_CHARS],
        "outcome": outcome,
        "from": visitor.address,
    }
    _log.info(json.dumps(line, ensure_ascii=True))


def keep_audit(path: Path) -> logging.Handler:
    """Write the lines to a file, which is turned over at 10 MB; five old ones are kept. Returns what to close."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.setLevel(logging.INFO)
    _log.propagate = False
    _log.addHandler(handler)
    return handler
