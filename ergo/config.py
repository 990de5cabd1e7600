"""Settings of a running Ergo, read once at the edge (app.py, the command line, the worker) and passed down.

Every option is an environment variable or a line in ``.env`` (see ``.env.example``, which a test keeps complete).
Its name is ``ERGO_`` and the field's name in capitals; what belongs to a cloud goes by the name that its users already
have in their environment, such as ``R2_BUCKET_NAME``.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ergo.errors import SettingsError

_PREFIX = "ERGO_"
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class Settings(BaseSettings):
    """Options of the app, the command line and the worker; each field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    data_dir: Annotated[Path, Field(description="where the local store keeps uploads, jobs and results")] = Path(
        "ergo-data"
    )
    host: Annotated[str, Field(description="address the page listens on")] = "127.0.0.1"
    port: Annotated[int, Field(description="port the page listens on", ge=0, le=65535)] = 7860
    share: Annotated[bool, Field(description="ask Gradio for a public link")] = False
    smplx_dir: Annotated[
        Path | None,
        Field(description="folder with your licensed SMPLX_NEUTRAL.npz, SMPLX_MALE.npz, SMPLX_FEMALE.npz"),
    ] = None
    smplx_uri: Annotated[
        str | None,
        Field(
            description="where workers elsewhere fetch these files from at their start: s3://bucket/folder, "
            "or a folder of Ergo's own bucket"
        ),
    ] = None
    secret: Annotated[
        SecretStr | None,
        Field(description="key that signs URLs; made once and kept in the data folder when not given"),
    ] = None
    log_format: Annotated[
        Literal["text", "json"], Field(description="how lines of the log are written: text, or json, an object each")
    ] = "text"
    metrics_token: Annotated[
        SecretStr | None,
        Field(description="what Prometheus must send as Bearer token to read /metrics; no /metrics when not given"),
    ] = None
    alert_slack: Annotated[
        SecretStr | None,
        Field(description="Slack incoming webhook that is told of failed and stuck jobs, missing workers, high cost"),
    ] = None
    alert_email: Annotated[
        str | None, Field(description="e-mail addresses that are told the same, separated by commas; needs ERGO_SMTP")
    ] = None
    smtp: Annotated[
        SecretStr | None, Field(description="mail server for alerts, smtps://user:password@host:465 or smtp://…:587")
    ] = None
    alert_stuck_min: Annotated[
        float, Field(description="a job that has not come on for so many minutes is stuck", gt=0)
    ] = 30.0
    alert_usd: Annotated[
        float | None,
        Field(description="a job whose rented machines cost more than this many dollars is told of", gt=0),
    ] = None
    url_ttl_s: Annotated[int, Field(description="how long a signed URL stays valid", ge=60, le=604_800)] = 6 * 3600
    max_upload_gb: Annotated[float, Field(description="largest upload accepted", gt=0)] = 100.0
    quota_gb: Annotated[
        float | None,
        Field(description="most that the videos of one owner may take up together; no limit when not given", gt=0),
    ] = None
    part_mib: Annotated[
        int, Field(description="size of the parts of an upload, MiB; small ones lose less on a bad line", ge=5, le=1024)
    ] = 16
    local_workers: Annotated[
        int | None,
        Field(
            description="worker processes of this machine at the same time, of which a long job may get several; "
            "one for every two cores, four at most, when not given",
            ge=1,
            le=64,
        ),
    ] = None
    cores: Annotated[
        int | None,
        Field(description="processes that evaluate one long film; as many as there are cores when not given", ge=1),
    ] = None
    piece_s: Annotated[
        float, Field(description="length of the pieces, in seconds, in which a long video is looked at", ge=10, le=3600)
    ] = 120.0
    job_timeout_s: Annotated[int, Field(description="a job is stopped after this long", ge=60)] = 24 * 3600
    decode_timeout_s: Annotated[
        int, Field(description="a decoder that shows nothing new for this long is stopped", ge=1)
    ] = 15
    pose_device: Annotated[
        Literal["auto", "cpu", "cuda"],
        Field(
            description="what the pose networks run on: cpu (MediaPipe), cuda (torch on an NVIDIA GPU; an error where "
            "there is none) or auto (the GPU where there is one)"
        ),
    ] = "auto"
    max_pixels: Annotated[int, Field(description="largest picture accepted, width × height", ge=65_536)] = 4096 * 2304

    origins: Annotated[
        str | None,
        Field(
            description="addresses under which browsers reach the page, separated by commas; "
            "http://127.0.0.1:PORT and http://localhost:PORT when not given"
        ),
    ] = None
    video_hours: Annotated[
        int,
        Field(
            description="hours that a video stays after the last analysis of it has ended; 0: as long as the results",
            ge=0,
            le=876_000,
        ),
    ] = 48
    video_days: Annotated[
        int, Field(description="days after which a bucket deletes videos; 0: never", ge=0, le=36_500)
    ] = 7
    result_days: Annotated[
        int, Field(description="days after which jobs and their results are deleted; 0: never", ge=0, le=36_500)
    ] = 90

    auth: Annotated[
        Path | None,
        Field(description="file of users, a line from python -m ergo access password for each; then everybody logs in"),
    ] = None
    openid_provider_url: Annotated[
        str | None,
        Field(
            description="OpenID provider that people may log in with, such as https://huggingface.co or "
            "https://login.example.com/realms/staff; a Space with hf_oauth sets this and the two below",
            validation_alias="OPENID_PROVIDER_URL",
        ),
    ] = None
    openid_client_id: Annotated[
        str | None, Field(description="this page's client id at the provider", validation_alias="OAUTH_CLIENT_ID")
    ] = None
    openid_client_secret: Annotated[
        SecretStr | None, Field(description="secret of that client", validation_alias="OAUTH_CLIENT_SECRET")
    ] = None
    openid_users: Annotated[
        str | None,
        Field(
            description="who may log in with the provider, user names or sub:ID, separated by commas; "
            "everybody whom the provider knows when not given"
        ),
    ] = None
    login_hours: Annotated[int, Field(description="a login holds so many hours", ge=1, le=8760)] = 168
    trusted_proxies: Annotated[
        int, Field(description="proxies in front of the page whose X-Forwarded-For is believed", ge=0, le=10)
    ] = 0
    framed_by: Annotated[
        str | None,
        Field(
            description="addresses of sites that may show the page in a frame, separated by commas; none when not given"
        ),
    ] = None
    space_id: Annotated[
        str | None,
        Field(
            description="the Hugging Face Space that the page runs in, which sets this; it may then frame the page",
            validation_alias="SPACE_ID",
        ),
    ] = None
    requests_per_minute: Annotated[
        int, Field(description="requests that one owner, or one network address, may make in a minute", ge=60)
    ] = 1200
    starts_per_hour: Annotated[
        int, Field(description="uploads, and analyses, that one owner may start in an hour", ge=1)
    ] = 300
    audit_log: Annotated[
        Path | None,
        Field(description="file that gets a line for each access; audit/audit.jsonl in the data folder when not given"),
    ] = None

    runner: Annotated[
        Literal["local", "runpod"],
        Field(
            description="who works on jobs: local (processes of this machine) or runpod (serverless GPUs)",
            validation_alias="RUNNER",
        ),
    ] = "local"
    runpod_api_key: Annotated[
        SecretStr | None, Field(description="API key of RunPod", validation_alias="RUNPOD_API_KEY")
    ] = None
    runpod_endpoint_id: Annotated[
        str | None,
        Field(description="serverless endpoint that runs gpu_worker", validation_alias="RUNPOD_ENDPOINT_ID"),
    ] = None
    runpod_api: Annotated[str, Field(description="address of RunPod's API", validation_alias="RUNPOD_API")] = (
        "https://api.runpod.ai/v2"
    )
    runpod_gpu: Annotated[
        str,
        Field(
            description="GPU class of the endpoint, as ergo/jobs/prices.json names it", validation_alias="RUNPOD_GPU"
        ),
    ] = "24 GB"
    runpod_workers: Annotated[
        int,
        Field(
            description="workers that one long video may take at a time",
            ge=1,
            le=100,
            validation_alias="RUNPOD_WORKERS",
        ),
    ] = 4
    runpod_webhook: Annotated[
        str | None,
        Field(
            description="public address of the page, to which RunPod reports; the page notices without it, too",
            validation_alias="RUNPOD_WEBHOOK",
        ),
    ] = None

    storage_provider: Annotated[
        Literal["local", "r2", "s3"],
        Field(
            description="where videos and results are kept: local (the data folder), r2 (Cloudflare) or s3 (any S3)",
            validation_alias="STORAGE_PROVIDER",
        ),
    ] = "local"
    r2_account_id: Annotated[
        str | None,
        Field(description="Cloudflare account that the bucket belongs to", validation_alias="R2_ACCOUNT_ID"),
    ] = None
    r2_access_key_id: Annotated[
        SecretStr | None, Field(description="access key of an R2 API token", validation_alias="R2_ACCESS_KEY_ID")
    ] = None
    r2_secret_access_key: Annotated[
        SecretStr | None, Field(description="secret of that token", validation_alias="R2_SECRET_ACCESS_KEY")
    ] = None
    r2_session_token: Annotated[
        SecretStr | None,
        Field(description="session token, for temporary R2 credentials only", validation_alias="R2_SESSION_TOKEN"),
    ] = None
    r2_bucket_name: Annotated[
        str | None, Field(description="R2 bucket that Ergo keeps its data in", validation_alias="R2_BUCKET_NAME")
    ] = None
    r2_endpoint: Annotated[
        str | None,
        Field(
            description="address of R2; needed for a bucket with a jurisdiction, https://ACCOUNT.eu.r2.cloudflarestorage.com",
            validation_alias="R2_ENDPOINT",
        ),
    ] = None
    s3_access_key_id: Annotated[
        SecretStr | None,
        Field(
            description="access key; when not given, AWS's own sources are asked (profile, role, AWS_ACCESS_KEY_ID)",
            validation_alias="S3_ACCESS_KEY_ID",
        ),
    ] = None
    s3_secret_access_key: Annotated[
        SecretStr | None, Field(description="secret of that key", validation_alias="S3_SECRET_ACCESS_KEY")
    ] = None
    s3_session_token: Annotated[
        SecretStr | None,
        Field(description="session token, for temporary S3 credentials only", validation_alias="S3_SESSION_TOKEN"),
    ] = None
    s3_bucket_name: Annotated[
        str | None, Field(description="S3 bucket that Ergo keeps its data in", validation_alias="S3_BUCKET_NAME")
    ] = None
    s3_region: Annotated[str, Field(description="region of the bucket", validation_alias="S3_REGION")] = "us-east-1"
    s3_endpoint: Annotated[
        str | None,
        Field(
            description="address of an S3 service other than AWS, such as https://s3.example.com",
            validation_alias="S3_ENDPOINT",
        ),
    ] = None
    s3_addressing: Annotated[
        Literal["auto", "path", "virtual"],
        Field(
            description="where a URL names the bucket; auto: in the host name on AWS, in the path elsewhere",
            validation_alias="S3_ADDRESSING",
        ),
    ] = "auto"

    def page_origins(self) -> tuple[str, ...]:
        """The origins of the page, as a browser names them. Raises SettingsError."""
        if self.origins is None:
            return (f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}")
        return _origins("ERGO_ORIGINS", self.origins)

    def framing_origins(self) -> tuple[str, ...]:
        """The origins whose pages may show this one in a frame. Raises SettingsError."""
        space = "https://huggingface.co" if self.space_id else ""
        return _origins("ERGO_FRAMED_BY", space if self.framed_by is None else self.framed_by)

    def people_log_in(self) -> bool:
        """Whether everybody logs in, with a password or with an OpenID provider."""
        return self.auth is not None or self.openid_provider_url is not None

    def openid_names(self) -> frozenset[str] | None:
        """Who may log in with the provider; None: everybody whom it knows. Raises SettingsError."""
        if self.openid_users is None:
            return None
        names = frozenset(name.strip() for name in self.openid_users.split(",") if name.strip())
        if not names:
            raise SettingsError("ERGO_OPENID_USERS names nobody.", "Write names, separated by commas, or leave it out.")
        return names

    def audit_path(self) -> Path:
        """The file that gets a line for each access."""
        return self.audit_log or self.data_dir / "audit" / "audit.jsonl"

    def signing_key(self) -> bytes:
        """The key that signs URLs and ids: `secret`, or one made at first use and kept in the data folder."""
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_hex(32))
            try:
                path.hardlink_to(fresh)  # the first of several starting processes wins; the others read its key
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().encode()


def _origins(variable: str, listed: str) -> tuple[str, ...]:
    named = tuple(part.strip().removesuffix("/").lower() for part in listed.split(",") if part.strip())
    for origin in named:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"{variable} names {origin[:80]!r}, which is no origin.",
                "Write https://host, or https://host:port, without a path.",
            )
    return named


def variable(field: str) -> str:
    """The environment variable of a field of :class:`Settings`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{_PREFIX}{field}".upper()
