"""The page with its gate on a free port of this process, and visitors who each keep their cookies."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ergo.config import Settings
from ergo.jobs.services import Services, open_services


@dataclass(frozen=True)
class RunningApp:
    url: str
    services: Services
    routes: list[Any]

    def visitor(self, **options: Any) -> httpx.Client:
        """A browser that has opened the page."""
        client = httpx.Client(base_url=self.url, timeout=60, **options)
        client.get("/")
        return client

    def owner(self, client: httpx.Client) -> str:
        """To whom the jobs of that browser belong."""
        return client.cookies["ergo_browser"].partition(".")[0]


@contextmanager
def running_app(folder: Path, **options: Any) -> Iterator[RunningApp]:
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from ergo.ui.blocks import build_app, launch_arguments

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data_dir=folder / "data", port=port, _env_file=None, **options)
    services = open_services(settings)
    page = build_app(services)
    app, url, _ = page.launch(**launch_arguments(settings, services), prevent_thread_lock=True)
    try:
        yield RunningApp(url.rstrip("/"), services, _all_routes(app.routes))
    finally:
        page.close(verbose=False)


def _all_routes(routes: Any) -> list[Any]:
    """All of them, those of included routers too."""
    found: list[Any] = []
    for route in routes:
        inner = getattr(route, "original_router", None)
        found += [route] if inner is None else _all_routes(inner.routes)
    assert all(hasattr(route, "path") for route in found)
    return found
