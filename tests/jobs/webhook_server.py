"""A server on this machine that takes webhooks."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from live_server import answering


@contextmanager
def listening(fail=0):
    """Its address, and what was posted there; the first `fail` posts are answered with 503."""
    posts = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            posts.append((self.path, json.loads(body)))
            self.send_response(503 if len(posts) <= fail else 302 if "elsewhere" in self.path else 200)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

    with answering(Handler) as address:
        yield address, posts
