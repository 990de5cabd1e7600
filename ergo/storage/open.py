"""The store that the settings ask for."""

from __future__ import annotations

from ergo.config import Settings
from ergo.storage.local import LocalStore
from ergo.storage.signing import UrlSigner


def open_store(settings: Settings, signer: UrlSigner) -> LocalStore:
    """The store in the data folder."""
    return LocalStore(settings.data_dir / "store", signer)
