"""The decoder process as its parent sees it: started in a sandbox of limits, listened to with a clock, reaped.

The video is foreign input and FFmpeg is a large body of C; whatever goes wrong in there (crash, hang, hunger for
memory) must cost one child process and one clear error.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fcntl import fcntl
from pathlib import Path
from typing import IO, Any

import numpy as np

import ergo
from ergo.closing import Closing
from ergo.errors import DecodeFailed, ErgoError, StorageFull, VideoError, from_code
from ergo.video.wire import LENGTH, MAX_HEADER_BYTES, Request, pack_request

_PACKAGE_ROOT = Path(ergo.__file__).parents[1]
_KEPT_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "TMPDIR",
)  # fmt: skip
_F_SETPIPE_SZ = 1031  # Linux; the fcntl module names it only where the C library did
_PIPE_BYTES = 1 << 20
_STDERR_TAIL_BYTES = 2000
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Message:
    """One answer of the child; its payload, if any, still waits in the pipe."""

    kind: str
    payload: int
    fields: Mapping[str, Any]


class DecoderProcess(Closing):
    """A running decoder. Owns the process and its pipe: `close` (or leaving the block) kills and reaps it.

    Args:
        request: what to do; goes in through standard input.
        arrays: raw arrays that follow the request.
        name: of the video, for messages.
        idle_timeout_s: longest wait for the next sign of life; time in which it had no core to run on does not count.
    """

    def __init__(self, request: Request, arrays: Sequence[np.ndarray], *, name: str, idle_timeout_s: float) -> None:
        self._name = name
        self._idle_timeout_s = idle_timeout_s
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the child)
        with tempfile.TemporaryFile() as stdin:  # a file, not a pipe: a child that never reads cannot block us
            stdin.write(pack_request(request))
            for array in arrays:
                stdin.write(np.ascontiguousarray(array).data)
            stdin.seek(0)
            self._process = subprocess.Popen(
                # -P: nothing is imported from the working directory; -B: the limit on file sizes must not cut
                # bytecode short that other processes then load.
                [sys.executable, "-P", "-B", "-m", "ergo.video.child"],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=0,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the parent, which then closes us in order
            )
        assert self._process.stdout is not None  # noqa: S101 (PIPE was asked for)
        self._pipe = self._process.stdout
        _widen(self._pipe)
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)
        self._finalizer = weakref.finalize(self, _end, self._process, self._pipe, self._stderr)

    def close(self) -> None:
        """Kill the child if it still runs, and reap it. May be called again."""
        self._finalizer()

    def message(self, deadline_s: float | None = None) -> Message:
        """The next message that is more than a sign of life.

        Args:
            deadline_s: on the `time.monotonic` clock, when to give up however lively the child is.

        Raises:
            VideoError: the one that the child reports, or DecodeFailed if it hung or died.
            StorageFull: the preview found no room.
        """
        while True:
            if deadline_s is not None and time.monotonic() > deadline_s:
                raise self._hung("took longer than a file of this size should")
            (length,) = LENGTH.unpack(self._read(LENGTH.size))
            if length > MAX_HEADER_BYTES:
                raise DecodeFailed(f"The decoder of {self._name} answered nonsense.", _HINT)
            fields = json.loads(self._read(length))
            message = Message(fields.pop("kind"), fields.pop("payload"), fields)
            if message.kind == "error":
                raise _allowed(message.fields)
            if message.kind != "alive":
                return message

    def read_into(self, array: np.ndarray) -> None:
        """Fill the contiguous `array` with the payload of the last message."""
        view = array.data.cast("B")
        done = 0
        while done < len(view):
            self._wait()
            count = os.readv(self._pipe.fileno(), [view[done:]])
            if count == 0:
                raise self._died()
            done += count

    def _read(self, count: int) -> bytes:
        buffer = np.empty(count, dtype=np.uint8)
        self.read_into(buffer)
        return buffer.tobytes()

    def _wait(self) -> None:
        """Until there is something to read. Patience runs by the clock while the child sleeps, else by its CPU time."""
        used_s, spent_s, looked_s = _cpu_s(self._process.pid), 0.0, time.monotonic()
        while not self._poll.poll(min(_LOOK_EVERY_S, self._idle_timeout_s) * 1000):
            (before_s, used_s), (then_s, looked_s) = (used_s, _cpu_s(self._process.pid)), (looked_s, time.monotonic())
            # a busy machine is not the film's fault
            spent_s += used_s - before_s if _wants_a_core(self._process.pid) else looked_s - then_s
            if spent_s > self._idle_timeout_s:
                raise self._hung(f"showed nothing new for {self._idle_timeout_s:g} s")

    def _hung(self, what: str) -> DecodeFailed:
        self.close()
        return DecodeFailed(
            f"The decoder of {self._name} {what} and was stopped.",
            "The file is probably damaged; convert it to H.264 MP4 and try again.",
        )

    def _died(self) -> DecodeFailed:
        try:
            code = self._process.wait(timeout=self._idle_timeout_s)
        except subprocess.TimeoutExpired:
            return self._hung("stopped talking")
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - _STDERR_TAIL_BYTES))
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        self.close()
        if code == -signal.SIGXCPU:
            why = "used up its CPU time"
        elif code < 0:
            why = f"was ended by signal {-code}"
        else:
            why = f"ended early ({lines[-1] if lines else f'exit status {code}'})"
        return DecodeFailed(f"The decoder of {self._name} {why}.", _HINT)


_HINT = "The file may be damaged or hostile; convert it to H.264 MP4 and try again."


def _allowed(fields: Mapping[str, Any]) -> ErgoError:
    """The error a child reports: only those that decoding may have, whatever the child says."""
    error = from_code(str(fields.get("code")), str(fields.get("message")), str(fields.get("hint", "")))
    return error if isinstance(error, VideoError | StorageFull) else DecodeFailed(error.message, error.hint)


def _environment() -> dict[str, str]:
    """Only what Python needs to start: the child has no use for keys and passwords."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    path = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", ""))))
    # Thread pools and malloc arenas reserve address space, of which the child has little.
    return kept | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def _cpu_s(pid: int) -> float:
    """CPU time that a process has used; 0 where the system does not tell."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")  # proc(5): utime, stime
    except (OSError, ValueError, IndexError):
        return 0.0


def _wants_a_core(pid: int) -> bool:
    """Whether a thread of a process is ready to run; False where the system does not tell."""
    try:
        stats = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # a thread ended as we looked
        return False
    return any(stat.rpartition(")")[2].split()[0] == "R" for stat in stats)


def _widen(pipe: IO[bytes]) -> None:
    try:
        fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:
        return  # only slower: not Linux, or the user's share of pipe memory is spent


def _end(process: subprocess.Popen[bytes], pipe: IO[bytes], stderr: IO[bytes]) -> None:
    process.kill()  # SIGKILL also ends a stopped process; harmless once it has ended
    process.wait()
    pipe.close()
    stderr.close()
