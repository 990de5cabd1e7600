"""HTTP routes of the local store: signed PUT, GET and HEAD, and all results of a job as one zip.

They are handed to Gradio by ``launch(app_kwargs={"routes": …})``. Every request carries its permission in its URL (see
:mod:`ergo.storage.signing`); nothing is ever held in memory whole.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from ergo.errors import EmptyFile, KeyNotFound, UploadRejected
from ergo.storage.files import Incoming
from ergo.storage.local import LocalStore
from ergo.storage.signing import ROUTE, Grant
from ergo.storage.store import Store
from ergo.ui.http_errors import SAFE_HEADERS, typed_errors
from ergo.ui.zip_stream import zip_stream

CONTENT_TYPES = MappingProxyType(
    {
        ".json": "application/json",
        ".csv": "text/csv; charset=utf-8",
        ".glb": "model/gltf-binary",
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".mp4": "video/mp4",
        ".m4v": "video/mp4",
        ".mov": "video/quicktime",
        ".webm": "video/webm",
        ".mkv": "video/x-matroska",
    }
)
_OTHER_TYPE = "application/octet-stream"
_WRITE_BYTES = 1 << 20
_PRIVATE = (*SAFE_HEADERS, ("Cache-Control", "private, max-age=3600"), ("Content-Security-Policy", "sandbox"))


def store_routes(store: Store) -> list[Route]:
    """The routes that serve the URLs which `store` signs; none for a store that serves them itself."""
    if not isinstance(store, LocalStore):
        return []
    handlers = _StoreHandlers(store)
    path = f"{ROUTE}{{key:path}}"
    return [
        Route(path, typed_errors(handlers.get), methods=["GET"]),  # Starlette adds HEAD to GET
        Route(path, typed_errors(handlers.put), methods=["PUT"]),
    ]


class _StoreHandlers:
    def __init__(self, store: LocalStore) -> None:
        self._store = store

    async def get(self, request: Request) -> Response:
        key = request.path_params["key"]
        grant = self._store.signer.read(key, request.query_params, allowed=("get", "zip"))
        if grant.op == "zip":
            return self._zip(grant, request)
        path = self._store.local_path(key)
        info = self._store.head(key)
        if path is None or info is None:
            raise KeyNotFound("The file has been deleted.", "Run the analysis again.")
        headers = {**dict(_PRIVATE), "ETag": info.etag, **_save_as(grant.name)}
        media_type = CONTENT_TYPES.get(PurePosixPath(key).suffix, _OTHER_TYPE)
        return FileResponse(path, media_type=media_type, headers=headers)  # knows ranges and If-Range

    async def put(self, request: Request) -> Response:
        key = request.path_params["key"]
        grant = self._store.signer.read(key, request.query_params, allowed=("put", "part"))
        size_bytes = _announced_bytes(request, grant)
        with self._store.incoming() as incoming:
            await _receive(request, incoming, size_bytes)
            if grant.op == "part":
                await to_thread.run_sync(self._store.keep_part, incoming, key, grant.upload, grant.part)
            else:
                await to_thread.run_sync(self._store.keep_object, incoming, key)
        return Response(status_code=200, headers=dict(SAFE_HEADERS))

    def _zip(self, grant: Grant, request: Request) -> Response:
        prefix = f"{grant.key}/"
        infos = list(self._store.list(prefix))
        if not infos:
            raise KeyNotFound("The files have been deleted.", "Run the analysis again.")
        headers = {**dict(_PRIVATE), **_save_as(grant.name)}
        if request.method == "HEAD":
            return Response(headers=headers, media_type="application/zip")
        return StreamingResponse(zip_stream(self._store, infos, prefix), headers=headers, media_type="application/zip")


def _save_as(name: str) -> dict[str, str]:
    """The header that makes a browser save under a name of any characters (RFC 6266, RFC 5987)."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"} if name else {}


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
