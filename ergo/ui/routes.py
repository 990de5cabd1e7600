"""HTTP routes of the store: all results of a job as one zip and, for the local store, signed PUT, GET and HEAD.

A bucket serves its own signed URLs, so for one only the zip is made here, from ranges as they are needed. The routes
are handed to Gradio by ``launch(app_kwargs={"routes": …})``. Every request carries its permission in its URL (see
:mod:`ergo.storage.signing`), and comes from the one for whom that URL was made; nothing is ever held in memory whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from ergo.access.audit import note
from ergo.access.visitor import Visitor, visitor_in
from ergo.errors import AccessDenied, EmptyFile, KeyNotFound, UploadRejected
from ergo.storage.files import Incoming
from ergo.storage.keys import attachment, content_type
from ergo.storage.local import LocalStore
from ergo.storage.signing import ROUTE, Grant, UrlSigner
from ergo.storage.store import Store
from ergo.ui.http_errors import SAFE_HEADERS, typed_errors
from ergo.ui.zip_stream import zip_stream

_WRITE_BYTES = 1 << 20
_PRIVATE = (*SAFE_HEADERS, ("Cache-Control", "private, max-age=3600"), ("Content-Security-Policy", "sandbox"))


Belongs: TypeAlias = Callable[[str, Visitor], bool]
"""Whether an object, by its key, is a visitor's."""


def store_routes(store: Store, signer: UrlSigner, belongs: Belongs = lambda key, visitor: True) -> list[Route]:
    """The routes for `store`: those of its signed URLs that it does not serve itself.

    `belongs` is asked besides the signature, so that a signed URL that got about is of no use to others.
    """
    path = f"{ROUTE}{{key:path}}"
    zipped = _ZipHandler(store, signer, belongs)
    if not isinstance(store, LocalStore):
        return [Route(path, typed_errors(zipped.get), methods=["GET"])]  # Starlette adds HEAD to GET
    local = _LocalHandlers(store, zipped, belongs)
    return [
        Route(path, typed_errors(local.get), methods=["GET"]),
        Route(path, typed_errors(local.put), methods=["PUT"]),
    ]


class _ZipHandler:
    def __init__(self, store: Store, signer: UrlSigner, belongs: Belongs) -> None:
        self._store = store
        self._signer = signer
        self._belongs = belongs

    async def get(self, request: Request) -> Response:
        grant = self._signer.read(request.path_params["key"], request.query_params, allowed=("zip",))
        await _check(self._belongs, grant, request)
        return await self.answer(grant, request)

    async def answer(self, grant: Grant, request: Request) -> Response:
        prefix = f"{grant.key}/"
        infos = await to_thread.run_sync(lambda: list(self._store.list(prefix)))
        if not infos:
            raise KeyNotFound("The files have been deleted.", "Run the analysis again.")
        headers = {**dict(_PRIVATE), **_save_as(grant.name)}
        if request.method == "HEAD":
            return Response(headers=headers, media_type="application/zip")
        return StreamingResponse(zip_stream(self._store, infos, prefix), headers=headers, media_type="application/zip")


class _LocalHandlers:
    def __init__(self, store: LocalStore, zipped: _ZipHandler, belongs: Belongs) -> None:
        self._store = store
        self._zipped = zipped
        self._belongs = belongs

    async def get(self, request: Request) -> Response:
        key = request.path_params["key"]
        grant = self._store.signer.read(key, request.query_params, allowed=("get", "zip"))
        await _check(self._belongs, grant, request)
        if grant.op == "zip":
            return await self._zipped.answer(grant, request)
        path = self._store.local_path(key)
        info = self._store.head(key)
        if path is None or info is None:
            raise KeyNotFound("The file has been deleted.", "Run the analysis again.")
        headers = {**dict(_PRIVATE), "ETag": info.etag, **_save_as(grant.name)}
        return FileResponse(path, media_type=content_type(key), headers=headers)  # knows ranges and If-Range

    async def put(self, request: Request) -> Response:
        key = request.path_params["key"]
        grant = self._store.signer.read(key, request.query_params, allowed=("put", "part"))
        await _check(self._belongs, grant, request)
        size_bytes = _announced_bytes(request, grant)
        with self._store.incoming() as incoming:
            await _receive(request, incoming, size_bytes)
            if grant.op == "part":
                await to_thread.run_sync(self._store.keep_part, incoming, key, grant.upload, grant.part)
            else:
                await to_thread.run_sync(self._store.keep_object, incoming, key)
        return Response(status_code=200, headers=dict(SAFE_HEADERS))


async def _check(belongs: Belongs, grant: Grant, request: Request) -> None:
    visitor = visitor_in(request.scope)
    if not await to_thread.run_sync(belongs, grant.key, visitor):
        note(visitor, grant.op, grant.key, "refused")
        raise AccessDenied("This link was made for somebody else.", "Ask its owner to share the result.")
    if grant.name:
        note(visitor, "download", grant.key)


def _save_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": attachment(name)} if name else {}


def _announced_bytes(request: Request, grant: Grant) -> int:
    """The size that the request announces, if the grant allows it."""
    announced = request.headers.get("content-length", "")
    if not (announced.isascii() and announced.isdigit()):
        raise UploadRejected("The request does not say how long it is.", "Send a Content-Length.")
    size_bytes = int(announced)
    if grant.op == "part" and size_bytes != grant.size_bytes:
        raise UploadRejected(
            f"Part {grant.part} announces {size_bytes} bytes, {grant.size_bytes} were agreed.",
            "Cut the file as the upload plan says.",
        )
    if size_bytes > grant.size_bytes:
        raise UploadRejected(f"The file has {size_bytes} bytes, at most {grant.size_bytes} are accepted.", "Cut it.")
    if size_bytes == 0:
        raise EmptyFile("The file has no content.", "Choose another file.")
    return size_bytes


async def _receive(request: Request, incoming: Incoming, size_bytes: int) -> None:
    """Stream the body to the disk, in blocks large enough that the hand-over to a thread costs nothing."""
    buffer = bytearray()
    async for chunk in request.stream():
        buffer += chunk
        if len(buffer) >= _WRITE_BYTES:
            if incoming.size_bytes + len(buffer) > size_bytes:
                break
            await to_thread.run_sync(incoming.write, bytes(buffer))
            buffer.clear()
    if incoming.size_bytes + len(buffer) != size_bytes:
        raise UploadRejected("The body is not as long as announced.", "Send it again.")
    await to_thread.run_sync(incoming.write, bytes(buffer))
