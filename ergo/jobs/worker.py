"""Does one job: ``python -m ergo.jobs.worker JOB_ID``.

Doing a job twice, even at the same time, is harmless: results are the same, and ``result.json`` comes last.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import secrets
import shutil
import sys
import time
import traceback
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from ergo.config import Settings
from ergo.errors import ErgoError, JobFailed, KeyNotFound
from ergo.jobs.ledger import KEYPOINTS_FILE, PREVIEW_FILE, Ledger, result_key
from ergo.jobs.processes import lead_group
from ergo.jobs.pulse import Pulse, PulseSettings
from ergo.jobs.wire import TERMINAL, Claim, JobErrorInfo, Manifest, error_info
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from ergo.storage.store import Store
from ergo.storage.uploads import remembered
from ergo.types import AnalysisSettings, Progress

if TYPE_CHECKING:
    from ergo.video.web import Reach

_log = logging.getLogger(__name__)

Analyse: TypeAlias = Callable[[Path, Path, AnalysisSettings, Settings, Callable[[Progress], None]], object]
"""(video, folder to make, what the user said, options of this Ergo, progress) — writes the result files."""

DEFAULT_ENTRY = "ergo.jobs.worker:analyse_video"

_BEATS_UNTIL_DEAD = 5
_LONGEST_NAME_BYTES = 120


def analyse_video(
    video: Path,
    out_dir: Path,
    settings: AnalysisSettings,
    app_settings: Settings,
    report: Callable[[Progress], None],
) -> object:
    """The analysis itself, :func:`ergo.pipeline.analyse`; imported late, so that a worker shows life at once."""
    from ergo.pipeline import PipelineOptions, analyse  # noqa: PLC0415

    return analyse(video, out_dir, settings, PipelineOptions.from_settings(app_settings), report)


def analyse_again(
    earlier: Path,
    out_dir: Path,
    settings: AnalysisSettings,
    app_settings: Settings,
    report: Callable[[Progress], None],
) -> object:
    """The analysis of what an earlier one saw, :func:`ergo.reanalysis.reanalyse`; imported late, too."""
    from ergo.evaluation import PipelineOptions  # noqa: PLC0415
    from ergo.reanalysis import reanalyse  # noqa: PLC0415

    return reanalyse(earlier, out_dir, settings, PipelineOptions.from_settings(app_settings), report)


def run_attempt(
    ledger: Ledger,
    job_id: str,
    attempt: int,
    analyse: Analyse,
    app_settings: Settings,
    pulse_settings: PulseSettings,
    reach: Reach | None = None,
) -> bool:
    """Do a claimed attempt of a job to its end; whether it completed. Failures are written into the ledger.

    `reach` is how far the fetching of a video from the web may go; to public addresses, if not given.

    Raises:
        JobNotFound: there is no such job.
    """
    work = app_settings.data_dir.absolute() / "work" / job_id / str(attempt)
    if ledger.state(job_id) in TERMINAL:
        return False
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        manifest = ledger.manifest(job_id)
        with Pulse(ledger, job_id, attempt, pulse_settings) as pulse:
            result = _analyse_into_store(ledger, manifest, work, analyse, app_settings, pulse.report, reach)
        # outside of the pulse: from here on nobody stops it, and result.json says that all is there
        ledger.store.put_file(result_key(job_id, "result.json"), result)
    except ErgoError as error:
        _log.warning("%s: %s", error.code, error)
        ledger.end_failed(job_id, error_info(error))
        return False
    except Exception:  # whatever went wrong, the user gets a calm answer and the operator the traceback
        _log.exception("job %s broke", job_id)
        ledger.write_log(job_id, attempt, traceback.format_exc().encode(errors="replace"))
        ledger.end_failed(job_id, _broken(job_id))
        return False
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the worker process; 0 when the job has completed."""
    arguments = _arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    lead_group()
    app_settings = Settings()
    # a worker signs no URLs, so it gets a signer of its own and never sees the secret
    ledger = Ledger(open_store(app_settings, UrlSigner(secrets.token_bytes(32))))
    pulse_settings = PulseSettings(
        poll_s=arguments.poll_s, heartbeat_s=arguments.heartbeat_s, timeout_s=app_settings.job_timeout_s
    )
    try:
        attempt = arguments.attempt or _take_attempt(ledger, arguments.job_id, pulse_settings)
        completed = run_attempt(ledger, arguments.job_id, attempt, _load(arguments.entry), app_settings, pulse_settings)
    except ErgoError as error:
        _log.error("%s: %s", error.code, error)
        return 1
    return 0 if completed else 1


def _analyse_into_store(
    ledger: Ledger,
    manifest: Manifest,
    work: Path,
    analyse: Analyse,
    app_settings: Settings,
    report: Callable[[Progress], None],
    reach: Reach | None,
) -> Path:
    """Analyse, store every result file but result.json, and return where that one lies."""
    store = ledger.store
    out_dir = work / "out"
    earlier = _earlier(ledger, manifest, work)
    if earlier is not None:
        analyse_again(earlier, out_dir, manifest.settings, app_settings, report)
    else:
        video = _video(store, manifest.video_key, work, app_settings, report, reach)
        analyse(named(video, manifest.title, work), out_dir, manifest.settings, app_settings, report)
    last = out_dir / "result.json"
    if not last.is_file():
        raise JobFailed("The analysis ended without a result.", "Run the job again.")
    for path in sorted(out_dir.iterdir()):
        if path.is_file() and path != last:
            store.put_file(result_key(manifest.job_id, path.name), path)
    return last


def _video(
    store: Store, key: str, work: Path, app_settings: Settings, report: Callable[[Progress], None], reach: Reach | None
) -> Path:
    """The video as a file on this machine, and in the store: fetched from the web first where it comes from there."""
    path = work / Path(key).name
    if store.head(key) is None and (url := remembered(store, key).url) is not None:
        from ergo.video.web import PUBLIC, download  # noqa: PLC0415  late, as above

        report(Progress(seq=0, stage="video", fraction=0.0, message="Fetching the video"))
        download(url, path, max_bytes=int(app_settings.max_upload_gb * 1e9), reach=reach or PUBLIC)
        store.put_file(key, path)
        return path
    here = store.local_path(key)
    if here is None:
        store.fetch(key, path)
    return here or path


def _earlier(ledger: Ledger, manifest: Manifest, work: Path) -> Path | None:
    """The results of the job that this one repeats; None when it repeats none, or that one was deleted meanwhile."""
    if manifest.again_of is None:
        return None
    folder = work / "earlier"
    folder.mkdir()
    try:
        for name in (KEYPOINTS_FILE, PREVIEW_FILE):
            ledger.store.fetch(result_key(manifest.again_of, name), folder / name)
    except KeyNotFound:
        return None
    return folder


def named(video: Path, title: str, folder: Path) -> Path:
    """A link to `video` in `folder` under the name its owner gave it, so that messages and results speak of that.

    Path separators and invisible characters are taken out of the name and a long one is cut; without a name the
    video is returned as it is.
    """
    visible = "".join(c for c in Path(title).stem if c not in "/\\" and unicodedata.category(c)[0] != "C").strip(". ")
    if not visible:
        return video
    link = folder / (visible.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore") + video.suffix)
    if link != video:
        link.symlink_to(video.absolute())
    return link


def _take_attempt(ledger: Ledger, job_id: str, settings: PulseSettings) -> int:
    """The next attempt, claimed for this process, unless another worker shows life."""
    ledger.manifest(job_id)
    latest = ledger.attempts(job_id)
    if latest:
        before = ledger.heartbeat(job_id, latest)
        time.sleep(_BEATS_UNTIL_DEAD * settings.heartbeat_s)
        after = ledger.heartbeat(job_id, latest)
        if after is not None and after != before:
            raise JobFailed(f"Another worker is at job {job_id}.", "Wait for it, or cancel the job.")
    claim = Claim(attempt=latest + 1, runner_id="by hand", claimed_s=time.time())
    if not ledger.claim(job_id, claim):
        raise JobFailed(f"Another worker has just taken job {job_id}.", "Wait for it, or cancel the job.")
    return claim.attempt


def _load(entry: str) -> Analyse:
    module, _, name = entry.partition(":")
    return cast(Analyse, getattr(importlib.import_module(module), name))


def _broken(job_id: str) -> JobErrorInfo:
    return JobErrorInfo(
        code="JobFailed",
        message="The analysis stopped because of a mistake in Ergo, not because of your video.",
        hint=f"Try again; if it happens again, report it together with error.log of job {job_id}.",
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ergo.jobs.worker", description="Do one job of the ledger.")
    parser.add_argument("job_id")
    parser.add_argument("--attempt", type=int, default=0, help="the attempt that was claimed for this process")
    parser.add_argument("--entry", default=DEFAULT_ENTRY, help="module:function that does the analysis")
    parser.add_argument("--poll-s", type=float, default=0.5, help="how often to look for a cancellation")
    parser.add_argument("--heartbeat-s", type=float, default=2.0, help="how often to give a sign of life")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
