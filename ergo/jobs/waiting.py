"""Analyses that begin by themselves as soon as their video has arrived.

The wish is an object beside the video (``uploads/<owner>/<id>/start.json``): the manifest of the job to come, with its
id. Whoever closes the upload turns it into that job, so a closed tab, a restart of the app or a second call changes
nothing: a job of that id is made once.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import PurePosixPath

from ergo.errors import KeyNotFound
from ergo.jobs.ledger import Ledger
from ergo.jobs.wire import Manifest, check_settings, decode, encode
from ergo.storage.uploads import UploadService
from ergo.types import AnalysisSettings


class WaitingStarts:
    """Wishes to analyse videos that are still on their way; `nudge` wakes the runner of jobs."""

    def __init__(self, ledger: Ledger, uploads: UploadService, nudge: Callable[[], None]) -> None:
        self._ledger = ledger
        self._uploads = uploads
        self._nudge = nudge

    def wish(self, video_key: str, settings: AnalysisSettings, *, owner: str) -> str | None:
        """Analyse a video with these settings once it has arrived; wishing again replaces the settings.

        Returns the job's id when the video has arrived meanwhile, else None.

        Raises:
            SettingsError: a setting is out of range (names the field).
            AccessDenied, KeyNotFound: not an upload of this owner.
        """
        settings = check_settings(settings)
        meta = self._uploads.meta_for(video_key, owner)
        before = self._wished(video_key)
        manifest = Manifest(
            job_id=before.job_id if before else secrets.token_hex(16),
            owner=owner,
            title=meta.filename,
            video_key=video_key,
            settings=settings,
            created_s=before.created_s if before else time.time(),
        )
        self._ledger.store.put(_wish_key(video_key), encode(manifest))
        return self.arrived(video_key) if self._ledger.store.head(video_key) else None

    def wished(self, video_key: str) -> bool:
        """Whether the analysis of a video begins by itself."""
        return self._wished(video_key) is not None

    def arrived(self, video_key: str) -> str | None:
        """The upload is complete: begin the analysis that was wished for. Its job id, None when nobody did."""
        manifest = self._wished(video_key)
        if manifest is None:
            return None
        self._ledger.create_once(manifest)
        self._nudge()
        return manifest.job_id

    def _wished(self, video_key: str) -> Manifest | None:
        self._uploads.owner_of(video_key)
        try:
            return decode(Manifest, self._ledger.store.get(_wish_key(video_key)))
        except KeyNotFound:
            return None


def _wish_key(video_key: str) -> str:
    return f"{PurePosixPath(video_key).parent}/start.json"
