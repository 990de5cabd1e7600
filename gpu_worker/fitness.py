"""What a worker needs before it takes its first job."""

from __future__ import annotations

import os
import secrets
from typing import Any

from ergo import __version__
from ergo.config import Settings
from ergo.errors import AlreadyExists, ModelError, StorageError
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner


def report(settings: Settings) -> dict[str, Any]:
    """Try the bucket and the models; versions and processors.

    Raises:
        StorageError, SettingsError: the bucket cannot be used, or breaks its promises.
        ModelError: a model or body is missing, or the GPU cannot take the networks.
    """
    from ergo.body.load import load_body  # noqa: PLC0415  heavy
    from ergo.pose.catalogue import open_estimator  # noqa: PLC0415
    from ergo.pose.runtimes import runtime_on  # noqa: PLC0415
    from ergo.pose.settings import PRESETS  # noqa: PLC0415

    store = open_store(settings, UrlSigner(secrets.token_bytes(32)))
    key = f"checks/{secrets.token_hex(8)}"
    store.put(key, b"ergo", if_none_match=True)
    try:
        store.put(key, b"other", if_none_match=True)
        raise StorageError("The bucket overwrites what it should only create.", "Use one with conditional writes.")
    except AlreadyExists:
        if store.get(key) != b"ergo":
            raise StorageError("The bucket gives back something else than was put.", "Check the bucket.") from None
    finally:
        store.delete(key)
    runtime = runtime_on(settings.pose_device)
    with open_estimator(PRESETS["low"], runtime):
        pass
    body = load_body(settings.smplx_dir, "neutral")
    if not len(body.faces):
        raise ModelError("The body has no surface.", "Check its file.")
    return {
        "ergo": __version__,
        "store": settings.storage_provider,
        "cpus": os.cpu_count(),
        "gpu": _gpu(),
        "pose": runtime,
        "body": body.name,
    }


def _gpu() -> str | None:
    import torch  # noqa: PLC0415

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
