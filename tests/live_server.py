"""A real server on a free port of this machine, for tests that speak HTTP."""

import threading
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette


@contextmanager
def serving(routes):
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="warning"))
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
