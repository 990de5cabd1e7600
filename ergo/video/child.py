"""The decoder process: `python -m ergo.video.child`, started by :class:`ergo.video.process.DecoderProcess`.

Reads one request from standard input, limits itself, and answers on standard output (see :mod:`ergo.video.wire`).
"""

from __future__ import annotations

import os
import resource
import sys

import numpy as np

from ergo.errors import ErgoError
from ergo.video.outbox import Outbox
from ergo.video.wire import (
    BlurRequest,
    Budget,
    DecodeRequest,
    GrabRequest,
    JoinRequest,
    ProbeRequest,
    Request,
    unpack_request,
)

_STDERR_BYTES = 4096


def main() -> None:
    """Answer the request on standard input."""
    stdin = sys.stdin.buffer
    request = unpack_request(stdin.readline())
    _lock_down(request.budget)
    outbox = Outbox()
    try:
        _answer(request, stdin.read(), outbox)
    except ErgoError as error:
        outbox.send("error", code=error.code, message=error.message, hint=error.hint)
    except (MemoryError, BlockingIOError):  # the latter from a decoder that cannot start its threads
        hint = "Convert it to 1080p H.264 MP4."
        source = request.sources[0] if isinstance(request, JoinRequest) else request.source
        text = f"{source.name} needs more memory than a video may."
        outbox.send("error", code="DecodeFailed", message=text, hint=hint)
    outbox.close()
    sys.stdout.flush()
    os._exit(0)  # destructors of a decoder that met a damaged file are the last thing to wait for


def _answer(request: Request, arrays: bytes, outbox: Outbox) -> None:
    # Only now the large body of foreign code, under the limits, and only what this request needs.
    if isinstance(request, ProbeRequest):
        from ergo.video.timeline import answer_probe  # noqa: PLC0415

        answer_probe(request, outbox)
    elif isinstance(request, JoinRequest):
        from ergo.video.splicing import answer_join  # noqa: PLC0415

        answer_join(request, outbox)
    elif isinstance(request, BlurRequest):
        from ergo.video.recoding import answer_blur  # noqa: PLC0415

        times_s = np.frombuffer(arrays, dtype=np.float64, count=request.frames)
        discs = np.frombuffer(arrays, dtype=np.float64, count=4 * request.discs, offset=8 * request.frames)
        answer_blur(request, times_s, discs.reshape(-1, 4), outbox)
    else:
        _decode(request, arrays, outbox)


def _decode(request: DecodeRequest | GrabRequest, arrays: bytes, outbox: Outbox) -> None:
    from ergo.video.decoding import answer_decode, answer_grab  # noqa: PLC0415

    count = request.timeline.count
    timestamps_s = np.frombuffer(arrays, dtype=np.float64, count=count)
    if isinstance(request, DecodeRequest):
        flags = np.frombuffer(arrays, dtype=np.uint8, count=count, offset=8 * count)
        answer_decode(request, timestamps_s, flags, outbox)
    else:
        indices = np.frombuffer(arrays, dtype=np.int64, count=request.grabs, offset=8 * count)
        answer_grab(request, timestamps_s, indices, outbox)


def _lock_down(budget: Budget) -> None:
    if sys.platform == "linux":  # elsewhere the address space cannot be limited
        resource.setrlimit(resource.RLIMIT_AS, (budget.memory_bytes, budget.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (budget.cpu_s, budget.cpu_s + 5))
    file_bytes = max(budget.file_bytes, _STDERR_BYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
