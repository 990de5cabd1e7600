"""Settings of a running Ergo, read once at the edge (app.py, the command line, the worker) and passed down.

Every option is an environment variable or a line in ``.env`` (see ``.env.example``, which a test keeps complete).
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Options of the app, the command line and the worker; each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="ERGO_", env_file=".env", extra="ignore", frozen=True)

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
    secret: Annotated[
        SecretStr | None,
        Field(description="key that signs URLs; made once and kept in the data folder when not given"),
    ] = None
    url_ttl_s: Annotated[int, Field(description="how long a signed URL stays valid", ge=60, le=604_800)] = 6 * 3600
    max_upload_gb: Annotated[float, Field(description="largest upload accepted", gt=0)] = 100.0
    local_workers: Annotated[int, Field(description="jobs run at the same time on this machine", ge=1, le=64)] = 1
    job_timeout_s: Annotated[int, Field(description="a job is stopped after this long", ge=60)] = 24 * 3600
    decode_timeout_s: Annotated[
        int, Field(description="a decoder that shows nothing new for this long is stopped", ge=1)
    ] = 15
    max_pixels: Annotated[int, Field(description="largest picture accepted, width × height", ge=65_536)] = 4096 * 2304

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
