"""A file server on 127.0.0.1 that answers byte ranges, as a browser needs to seek in a video."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".mp4": "video/mp4",
}


@contextmanager
def serve_files(roots: Mapping[str, Path], pages: Mapping[str, str]) -> Iterator[str]:
    """Serve folders or files by URL prefix, and `pages` by exact path; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if path in pages:
                return self.answer(200, pages[path].encode(), "text/html; charset=utf-8")
            for prefix, root in roots.items():
                file = root if path == prefix else root / path.removeprefix(prefix).lstrip("/")
                if path.startswith(prefix) and file.is_file():
                    return self.send_range(file)
            return self.answer(204 if path == "/favicon.ico" else 404, b"", "text/plain")

        def send_range(self, file: Path) -> None:
            data = file.read_bytes()
            kind = TYPES.get(file.suffix, "application/octet-stream")
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked:
                return self.answer(200, data, kind)
            first = int(asked[1])
            last = min(int(asked[2] or len(data) - 1), len(data) - 1)
            where = {"Content-Range": f"bytes {first}-{last}/{len(data)}"}
            return self.answer(206, data[first : last + 1], kind, where)

        def answer(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            entries = {"Content-Type": kind, "Content-Length": str(len(body)), "Accept-Ranges": "bytes"}
            for name, value in {**entries, **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # browsers drop ranges they no longer need
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
