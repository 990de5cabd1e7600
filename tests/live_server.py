"""A real server on a free port of this machine, for tests that speak HTTP."""

import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import uvicorn
from starlette.applications import Starlette


@contextmanager
def serving(routes, around=lambda app: app):
    """The address of a server of `routes`, with `around` standing before them."""
    app = around(Starlette(routes=routes))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def answering(handler):
    """The address of a plain server whose requests go to `handler`, for answers that no framework would give."""

    class Silent(handler):
        def log_message(self, format, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
