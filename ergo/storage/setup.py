"""What a bucket has to be told once: which pages may use it, and what it clears away by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ergo.errors import StoreMisconfigured
from ergo.storage.s3 import S3Store
from ergo.storage.s3_errors import told

ABANDONED_DAYS = 7
"""Unfinished uploads are cleared after this long; R2 does so without being told, S3 does not."""

_RESULT_PREFIXES = ("jobs/", "owners/", "queue/", "running/")


def cors_rules(origins: Sequence[str]) -> dict[str, Any]:
    """The CORS configuration, as the S3 API takes it, that lets pages of exactly these origins send and read."""
    return {
        "CORSRules": [
            {
                "AllowedOrigins": list(origins),
                "AllowedMethods": ["GET", "PUT", "HEAD"],
                "AllowedHeaders": ["content-type", "range"],
                "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Accept-Ranges"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }


def lifecycle_rules(video_days: int, result_days: int) -> dict[str, Any]:
    """The lifecycle configuration, as the S3 API takes it; 0 days: such objects stay."""
    rules: list[dict[str, Any]] = [
        {
            "ID": "ergo-unfinished-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABANDONED_DAYS},
        }
    ]
    for prefix, days in [("uploads/", video_days), *((prefix, result_days) for prefix in _RESULT_PREFIXES)]:
        if days:
            rules.append(
                {
                    "ID": f"ergo-{prefix.removesuffix('/')}",
                    "Status": "Enabled",
                    "Filter": {"Prefix": prefix},
                    "Expiration": {"Days": days},
                }
            )
    return {"Rules": rules}


def write_rules(store: S3Store, cors: dict[str, Any], lifecycle: dict[str, Any]) -> None:
    """Put both configurations in place of what the bucket has.

    Raises:
        StoreMisconfigured: the bucket is not there, or the credentials may not change its rules.
        StoreUnreachable: no answer.
    """
    try:
        _write(store, cors, lifecycle)
    except StoreMisconfigured as error:
        raise StoreMisconfigured(
            error.message,
            f"{error.hint} Changing rules needs an admin's token; without one, paste deploy/r2-cors.json and "
            "deploy/lifecycle.json into the dashboard (docs/storage.md).",
        ) from error


def _write(store: S3Store, cors: dict[str, Any], lifecycle: dict[str, Any]) -> None:
    with told(store.bucket, ""):
        store.client.put_bucket_cors(Bucket=store.bucket.name, CORSConfiguration=cors)
        store.client.put_bucket_lifecycle_configuration(Bucket=store.bucket.name, LifecycleConfiguration=lifecycle)
