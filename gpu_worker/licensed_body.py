"""The user's licensed SMPL-X files, out of the user's own private bucket: they are never part of an image."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import get_args

from ergo.body.load import load_body
from ergo.config import Settings, variable
from ergo.errors import KeyNotFound, ModelError, SettingsError
from ergo.storage.open import open_store
from ergo.storage.s3 import S3Store
from ergo.storage.s3_client import bucket_from
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.types import Sex

_log = logging.getLogger(__name__)

_URI = re.compile(r"s3://(?P<bucket>[A-Za-z0-9.-]{3,63})/(?P<folder>.*)")
_SHOWN_HASH_CHARS = 16


def use_licensed_body(settings: Settings) -> None:
    """From now on, settings of this process name the fetched files. Raises what :func:`fetch_bodies` does."""
    folder = fetch_bodies(settings)
    if folder is not None:
        os.environ[variable("smplx_dir")] = str(folder)


def fetch_bodies(settings: Settings) -> Path | None:
    """Bring ``SMPLX_NEUTRAL.npz``, ``SMPLX_MALE.npz`` and ``SMPLX_FEMALE.npz`` here, those that are there.

    What is here already stays. Each file is opened once (see :mod:`ergo.body.load`: nothing pickled is), so that a
    wrong one is told before a job needs it, and its SHA-256 is logged.

    Returns:
        The folder to use as `smplx_dir`; None when no `smplx_uri` is set.

    Raises:
        ModelError: there is none of them, or one is no SMPL-X body.
        SettingsError, StorageError: the bucket cannot be read.
    """
    if settings.smplx_uri is None:
        return None
    store, prefix = _place(settings, settings.smplx_uri)
    folder = settings.data_dir.absolute() / "smplx"
    folder.mkdir(parents=True, exist_ok=True)
    found = [sex for sex in get_args(Sex) if _fetch(store, prefix, folder, sex)]
    if not found:
        raise ModelError(
            f"There is no SMPLX_NEUTRAL.npz under {settings.smplx_uri}.",
            "Put the files of your SMPL-X licence there, or unset ERGO_SMPLX_URI to use the free body.",
        )
    return folder


def _fetch(store: Store, prefix: str, folder: Path, sex: Sex) -> bool:
    name = f"SMPLX_{sex.upper()}.npz"
    path = folder / name
    if path.is_file():
        return True
    arriving = folder / secrets.token_hex(8)
    arriving.mkdir()
    try:
        store.fetch(f"{prefix}{name}", arriving / name)
        load_body(arriving, sex)
        (arriving / name).rename(path)
    except KeyNotFound:
        return False
    finally:
        (arriving / name).unlink(missing_ok=True)
        arriving.rmdir()
    _log.info("%s has the SHA-256 %s", name, hashlib.sha256(path.read_bytes()).hexdigest()[:_SHOWN_HASH_CHARS])
    return True


def _place(settings: Settings, uri: str) -> tuple[Store, str]:
    """The store and the folder in it, which ends in a slash: another bucket by the same keys, or Ergo's own."""
    match = _URI.fullmatch(uri)
    if match is None:
        if "://" in uri:
            raise SettingsError(f"ERGO_SMPLX_URI is {uri[:80]!r}.", "Write s3://bucket/folder, or a folder of Ergo's.")
        return open_store(settings, UrlSigner(secrets.token_bytes(32))), f"{uri.strip('/')}/"
    folder = match["folder"].strip("/")
    store = S3Store(replace(bucket_from(settings), name=match["bucket"]))
    return store, f"{folder}/" if folder else ""
