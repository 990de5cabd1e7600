"""Each kind of store with somebody behind its URLs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from live_server import serving

from ergo.config import Settings
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.ui.routes import store_routes


@dataclass(frozen=True, slots=True)
class Place:
    """A store, and where its relative URLs lead."""

    store: Store
    base_url: str

    def url(self, url: str) -> str:
        return urljoin(self.base_url, url)

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> httpx.Response:
        url = self.store.part_url(key, upload_id, number, len(data), ttl_s=60)
        return httpx.put(self.url(url), content=data, timeout=60)


@contextmanager
def place_in(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    """A store of this kind: "local", "s3" (a real server) or "r2" (the same behind R2's rules)."""
    signer = UrlSigner(b"secret")
    if kind == "local":
        store = open_store(Settings(data_dir=folder / "data", _env_file=None), signer)
        with serving(store_routes(store, signer)) as base_url:
            yield Place(store, base_url)
        return
    server = request.getfixturevalue(kind)
    yield Place(open_store(Settings(**server.settings(), _env_file=None), signer), server.endpoint)
