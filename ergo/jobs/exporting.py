"""Results of finished jobs in other formats: made when somebody asks, kept with the job, deleted with it.

    jobs/<id>/exports/<version>/<name>    one export, made by that version of Ergo

Making one takes from a second to a few minutes (the annotated video of a long film), so whoever asks is told "making"
meanwhile and asks again. Reports with their maker's fields are made for one answer and kept nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from ergo import __version__
from ergo.errors import InputError, KeyNotFound, SettingsError
from ergo.jobs.ledger import Ledger, job_prefix, result_key
from ergo.jobs.service import file_stem
from ergo.report.exports import EXPORTS, ExportOptions, export

AT_ONCE = 2
MOST_WAITING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """Where an export lies in the store, what it is called when saved, and how large it is."""

    key: str
    name: str
    size_bytes: int


class Exports:
    """Makes and keeps exports of the jobs of a ledger; owns the threads that make them.

    Args:
        ledger: of the jobs.
        smplx_dir: licensed bodies, for results that were made with one.
    """

    def __init__(self, ledger: Ledger, smplx_dir: Path | None = None) -> None:
        self._ledger = ledger
        self._smplx_dir = smplx_dir
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ergo-export")
        self._making: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    def ask(self, job_id: str, kind: str, options: ExportOptions, wait_s: float = 5.0) -> Exported | None:
        """The export, or None while it is being made: ask again.

        Raises:
            JobNotFound: no such job.
            KeyNotFound: it has no result (yet).
            SettingsError, ModelError: it cannot be made like this.
            InputError: too many are being made already.
        """
        key, name = self._place(job_id, kind, options)
        if (found := self._kept(key, name)) is not None:
            return found
        with self._lock:
            future = self._making.get(key)
            if future is None:
                if len(self._making) >= MOST_WAITING:
                    raise InputError("Many files are being made already.", "Try again in a minute.")
                future = self._making[key] = self._pool.submit(self._make, job_id, kind, options, key)
        try:
            future.result(timeout=wait_s)
        except TimeoutError:
            if not future.done():
                return None
            raise
        finally:
            if future.done():
                with self._lock:
                    self._making.pop(key, None)
        return self._kept(key, name)

    @contextmanager
    def once(self, job_id: str, kind: str, options: ExportOptions) -> Iterator[tuple[Path, str]]:
        """An export as a file that is gone afterwards, and the name to save it under. Raises as :meth:`ask` does."""
        _, name = self._place(job_id, kind, options)
        with TemporaryDirectory(prefix="ergo-export-") as folder:
            path = Path(folder) / EXPORTS[kind].name
            self._write(job_id, kind, options, path)
            yield path, name

    def stop(self) -> None:
        """Make what is being made, and nothing after it."""
        self._pool.shutdown(cancel_futures=True)

    def _place(self, job_id: str, kind: str, options: ExportOptions) -> tuple[str, str]:
        """The key of an export and the name to save it under."""
        if kind not in EXPORTS:
            raise SettingsError(f"There is no format {kind[:40]!r}.", f"Choose one of {', '.join(EXPORTS)}.")
        manifest = self._ledger.manifest(job_id)
        if self._ledger.state(job_id) != "completed":
            raise KeyNotFound("The job has no result yet.", "Wait until it has completed.")
        stem, _, tail = EXPORTS[kind].name.rpartition(".")
        if EXPORTS[kind].of_moment:
            moment = "worst" if options.at_s is None else f"{max(0.0, options.at_s):.2f}s"
            stem = f"{stem} {moment}"
        name = f"{stem}.{tail}"
        kept = f"{stem}-{options.method[:20]}.{tail}" if options.method else name
        return f"{job_prefix(job_id)}exports/{__version__}/{kept}", f"{file_stem(manifest.title)} {name}"

    def _kept(self, key: str, name: str) -> Exported | None:
        info = self._ledger.store.head(key)
        return None if info is None else Exported(key=key, name=name, size_bytes=info.size_bytes)

    def _make(self, job_id: str, kind: str, options: ExportOptions, key: str) -> None:
        with TemporaryDirectory(prefix="ergo-export-") as folder:
            path = Path(folder) / EXPORTS[kind].name
            self._write(job_id, kind, options, path)
            if self._ledger.state(job_id) == "completed":  # else it was deleted meanwhile, and stays so
                self._ledger.store.put_file(key, path)

    def _write(self, job_id: str, kind: str, options: ExportOptions, path: Path) -> None:
        from ergo.report.stored import Stored  # noqa: PLC0415  the page starts without what makes exports

        titled = replace(options, title=self._ledger.manifest(job_id).title)
        with self._files(job_id, EXPORTS[kind].needs) as folder:
            export(kind, Stored(folder, self._smplx_dir), path, titled)

    @contextmanager
    def _files(self, job_id: str, needs: tuple[str, ...]) -> Iterator[Path]:
        """A folder with the result files that are needed: in place where the store is a folder, else fetched."""
        store = self._ledger.store
        in_place = store.local_path(result_key(job_id, "result.json"))
        if in_place is not None:
            yield in_place.parent
            return
        prefix = result_key(job_id, "")
        with TemporaryDirectory(prefix="ergo-result-") as folder:
            for info in store.list(prefix):
                name = info.key.removeprefix(prefix)
                if any(fnmatch(name, pattern) for pattern in needs):
                    store.fetch(info.key, Path(folder) / name)
            yield Path(folder)
