"""The addresses that are open at all, and those among them that nobody needs to log in for.

What is not listed here does not exist for anybody: Gradio has more routes than the page needs, and a new version may
bring more.
"""

from __future__ import annotations

import re

from ergo.jobs.service import HOOK_ROUTE
from ergo.storage.signing import ROUTE as STORE
from ergo.ui.api_routes import API_ROUTE
from ergo.ui.assets import PUBLIC

LOGIN, LOGOUT, PRIVACY, SHARED = "/ergo/login", "/ergo/logout", "/ergo/privacy", "/ergo/shared/"
OPENID, OPENID_BACK = f"{LOGIN}/openid", f"{LOGIN}/openid/back"

_OWN_FILES = tuple(f"/gradio_api/file={folder.as_posix()}/" for folder in PUBLIC)

_PAGE = (
    "/",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/manifest.json",
    "/robots.txt",
    "/pwa_icon",
    "/gradio_api/theme.css",
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/app_id",
    "/gradio_api/startup-events",
    "/gradio_api/login_check",
    "/gradio_api/user",
    "/gradio_api/queue/join",
    "/gradio_api/queue/data",
    "/gradio_api/queue/status",
    "/gradio_api/component_server",
    "/gradio_api/cancel",
    "/gradio_api/reset",
)
_CALLS = re.compile(r"/gradio_api/(heartbeat/[^/]+|call/(?!v2/)[^/]+(/[^/]+)?|(run|api)/[^/]+)/?")
_GRADIO_FILES = ("/assets/", "/static/", "/svelte/")

#: Free of a login: what says nothing of anybody, or carries a permission of its own.
FREE = (
    LOGIN,
    LOGOUT,
    PRIVACY,
    SHARED,
    HOOK_ROUTE,
    "/robots.txt",
    "/favicon.ico",
    "/healthz",
    "/metrics",
    "/gradio_api/startup-events",
)


def is_open(path: str) -> bool:
    """Whether there is anything at `path`, a request's decoded path."""
    if ".." in path.split("/"):
        return path.startswith(STORE)  # the store says itself what it thinks of that
    return (
        path in _PAGE
        or path.removesuffix("/") in _PAGE
        or _CALLS.fullmatch(path) is not None
        or path.startswith((*_GRADIO_FILES, *_OWN_FILES, STORE, API_ROUTE, *FREE))
    )


def free_of_login(path: str) -> bool:
    """Whether nobody needs to log in for `path`."""
    return path.startswith((*FREE, *_OWN_FILES)) and ".." not in path


def unmetered(path: str, method: str) -> bool:
    """Files that say nothing of anybody, and bytes of an upload, which is metered where it is planned."""
    return path.startswith((*_GRADIO_FILES, *_OWN_FILES)) or (method == "PUT" and path.startswith(STORE))
