"""``/ergo/shared/<token>``: one result to look at, for whoever has the link; and the files that this page needs.

Nothing can be started, changed or deleted from here. The token is looked at for every file, so a link that is ended
shows nothing more.
"""

from __future__ import annotations

import json
from html import escape

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from ergo.access.audit import note
from ergo.access.visitor import visitor_in
from ergo.errors import AccessDenied, ErgoError, KeyNotFound
from ergo.jobs.ledger import Ledger, result_key
from ergo.jobs.services import Services
from ergo.jobs.shares import Share, Shares
from ergo.storage.keys import content_type
from ergo.storage.local import LocalStore
from ergo.ui import results, texts
from ergo.ui.assets import ASSETS, asset_url
from ergo.ui.headers import PageHeaders
from ergo.ui.http_errors import SAFE_HEADERS, typed_errors
from ergo.ui.plain_page import plain_page
from ergo.ui.viewer import DATA_FILE, VIDEO_FILE
from ergo.ui.ways import SHARED

_BUCKET_URL_S = 300
_SCRIPT = f"""
import {{ follow }} from "./{asset_url(ASSETS / "viewer" / "gradio.js")}";
import {{ actions }} from "./{asset_url(ASSETS / "page" / "panel.js")}";
const main = document.querySelector(".ergo-shared");
const element = main.querySelector(".ergo-shared-stage");
follow({{ element, props: {{ value: JSON.parse(element.dataset.value) }}, watch: () => {{}}, server: null }});
actions({{ element: main, emit: () => {{}} }});
"""


def share_routes(services: Services, headers: PageHeaders) -> list[Route]:
    """The two routes."""
    shares = Shares(Ledger(services.store), services.signer)

    async def page(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            share = await to_thread.run_sync(shares.open, token)
            body = await to_thread.run_sync(_body, services, share, token)
        except ErgoError as error:
            note(visitor_in(request.scope), "open a link", outcome=error.code)
            return plain_page(request, headers, error.message, _over(error), status=410)
        note(visitor_in(request.scope), "open a link", share.job_id)
        return plain_page(request, headers, "Shared result", body, script=_SCRIPT)

    async def file(request: Request) -> Response:
        share = await to_thread.run_sync(shares.open, request.path_params["token"])
        name = request.path_params["name"]
        if name != DATA_FILE and not (share.film and (name == VIDEO_FILE or name.endswith(".jpg"))):
            raise AccessDenied("This file is not shared.", "Ask whoever gave you the link.")
        key, store = result_key(share.job_id, name), services.store
        if await to_thread.run_sync(store.head, key) is None:
            raise KeyNotFound("The file has been deleted.", "Ask whoever gave you the link.")
        path = store.local_path(key) if isinstance(store, LocalStore) else None
        if path is None:
            return RedirectResponse(store.get_url(key, ttl_s=_BUCKET_URL_S), status_code=307)
        kept = {**dict(SAFE_HEADERS), "Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox"}
        return FileResponse(path, media_type=content_type(key), headers=kept)

    return [
        Route(f"{SHARED}{{token}}", typed_errors(page), methods=["GET"]),
        Route(f"{SHARED}{{token}}/{{name}}", typed_errors(file), methods=["GET"]),
    ]


def _body(services: Services, share: Share, token: str) -> str:
    """What a shared result shows. Raises JobNotFound, KeyNotFound."""
    status, result = services.jobs.status(share.job_id), services.jobs.result(share.job_id)
    prefix = result_key(share.job_id, "")
    sizes = {info.key.removeprefix(prefix): info.size_bytes for info in services.store.list(prefix)}
    shown = {name: size for name, size in sizes.items() if share.film and name.endswith(".jpg")}

    def link(name: str, _: bool = False) -> str:
        return f".{SHARED}{token}/{name}"

    value = {"data_url": link(DATA_FILE), "title": ""} | ({"video_url": link(VIDEO_FILE)} if share.film else {})
    return (
        f'<main class="ergo-shared"><p class="ergo-shared-note muted"><span>Shared with you, to look at, until '
        f"{texts.moment_words(share.expires_s)}.</span><span>{escape(texts.PERSONAL)}</span></p>"
        f'<div id="ergo-verdict">{results.verdict(result, status.title)}</div>'
        f'<div class="ergo-shared-stage" data-value="{escape(json.dumps(value))}">'
        f'<div class="ergo-viewer-host"></div></div>{results.story(result, "", link, shown, shared=True)}</main>'
    )


def _over(error: ErgoError) -> str:
    return (
        f'<main class="ergo-narrow"><div class="card trouble" role="alert" data-code="{error.code}">'
        f'<p class="what">{escape(error.message)}</p><p class="hint">{escape(error.hint)}</p></div></main>'
    )
