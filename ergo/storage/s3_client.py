"""The one place that makes boto3 clients, for AWS S3, Cloudflare R2 and whatever else speaks S3.

Newer clients add checksums to every request that R2 and others do not take, so they are added only where a call
requires them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ergo.config import Settings, variable
from ergo.errors import SettingsError
from ergo.storage.s3_clock import follow_the_stores_clock

MAX_TTL_S = 7 * 24 * 3600
"""The longest life of a signed URL. boto3 signs longer ones without complaint, and no server takes them."""

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket and what opens it. Secrets do not show in its text."""

    provider: Literal["r2", "s3"]
    name: str
    region: str
    endpoint: str | None
    addressing: Literal["path", "virtual"]
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)


def bucket_from(settings: Settings) -> Bucket:
    """The bucket that the settings name. Raises SettingsError, which says what is missing."""
    return _r2(settings) if settings.storage_provider == "r2" else _s3(settings)


def make_client(bucket: Bucket) -> Any:
    """A boto3 client for `bucket`; it may be shared by threads. Raises SettingsError: no address of a service."""
    from boto3.session import Session  # noqa: PLC0415  half a second that only those with a bucket pay
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": bucket.addressing},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        max_pool_connections=32,
        user_agent_extra="ergo",
    )
    try:
        client = Session().client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.access_key_id,
            aws_secret_access_key=bucket.secret_access_key,
            aws_session_token=bucket.session_token,
            config=config,
        )
    except ValueError:
        raise SettingsError(
            f"{bucket.endpoint!r} is not the address of an S3 service.",
            f"{bucket.provider.upper()}_ENDPOINT looks like https://s3.example.com.",
        ) from None
    follow_the_stores_clock(client)
    return client


def clamped(ttl_s: int) -> int:
    """A life that a signed URL may have: 1 second to 7 days."""
    return max(1, min(ttl_s, MAX_TTL_S))


def _r2(settings: Settings) -> Bucket:
    needed = ["r2_access_key_id", "r2_secret_access_key", "r2_bucket_name"]
    if settings.r2_endpoint is None:
        needed.insert(0, "r2_account_id")
    _check_given(settings, needed)
    return Bucket(
        provider="r2",
        name=settings.r2_bucket_name or "",
        region="auto",
        endpoint=settings.r2_endpoint or f"https://{settings.r2_account_id}.r2.cloudflarestorage.com",
        addressing="path",
        access_key_id=_shown(settings, "r2_access_key_id"),
        secret_access_key=_shown(settings, "r2_secret_access_key"),
        session_token=_shown(settings, "r2_session_token"),
    )


def _s3(settings: Settings) -> Bucket:
    needed = ["s3_bucket_name"]
    if settings.s3_access_key_id is not None or settings.s3_secret_access_key is not None:
        needed += ["s3_access_key_id", "s3_secret_access_key"]
    _check_given(settings, needed)
    addressing = settings.s3_addressing
    if addressing == "auto":
        addressing = "virtual" if settings.s3_endpoint is None else "path"
    return Bucket(
        provider="s3",
        name=settings.s3_bucket_name or "",
        region=settings.s3_region,
        endpoint=settings.s3_endpoint,
        addressing=addressing,
        access_key_id=_shown(settings, "s3_access_key_id"),
        secret_access_key=_shown(settings, "s3_secret_access_key"),
        session_token=_shown(settings, "s3_session_token"),
    )


def _check_given(settings: Settings, names: list[str]) -> None:
    missing = [variable(name) for name in names if not getattr(settings, name)]
    if missing:
        raise SettingsError(
            f"STORAGE_PROVIDER is {settings.storage_provider}, but {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set.",
            "Set it in .env or the environment; docs/storage.md shows where to find it.",
        )


def _shown(settings: Settings, name: str) -> str | None:
    secret = getattr(settings, name)
    return None if secret is None else secret.get_secret_value()
