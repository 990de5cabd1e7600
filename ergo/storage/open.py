"""The store that the settings ask for."""

from __future__ import annotations

from ergo.config import Settings
from ergo.storage.local import LocalStore
from ergo.storage.s3 import S3Store
from ergo.storage.s3_client import bucket_from
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store


def open_store(settings: Settings, signer: UrlSigner) -> Store:
    """The store in the data folder, or the bucket that the settings name. Raises SettingsError."""
    if settings.storage_provider == "local":
        return LocalStore(settings.data_dir / "store", signer)
    return S3Store(bucket_from(settings))
