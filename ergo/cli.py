"""The command line.

python -m ergo analyse VIDEO --out DIR
python -m ergo again RESULTS --out DIR     same landmarks, other settings
python -m ergo compare BEFORE AFTER        two results on the same axes
python -m ergo export RESULTS --to FORMAT --out FILE   a result as BVH, TRC, PLY …
python -m ergo storage check               prove the bucket of the settings
python -m ergo storage setup [--dry-run]   write its CORS and lifecycle rules
python -m ergo storage backup FOLDER       copy jobs and results (and videos) out of the store
python -m ergo storage restore FOLDER      and back
python -m ergo storage sweep               delete what has had its time
python -m ergo access password USER        a line for the file of users; also: token, tokens, revoke
python -m ergo mcp [--url URL]             the page's calls as tools for agents (MCP)
python -m ergo cloud check                 prove the RunPod endpoint of the settings
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ergo import __version__
from ergo.assess.overrides import parse_override
from ergo.errors import ErgoError, SettingsError
from ergo.person import person_from
from ergo.report.exports import EXPORTS, ExportOptions, export
from ergo.types import QUALITIES, AnalysisSettings, Override, Progress, TaskContext

if TYPE_CHECKING:
    from ergo.config import Settings

EXIT_BAD_INPUT = 2


def build_parser() -> argparse.ArgumentParser:
    """All commands and options."""
    parser = argparse.ArgumentParser(prog="python -m ergo", description="Ergonomic assessment from video.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    analyse = commands.add_parser("analyse", help="analyse one video into a folder of results")
    analyse.add_argument("video", metavar="VIDEO", help="a file, or a public http or https address")
    analyse.add_argument("--quality", default="medium", metavar="|".join(QUALITIES))
    analyse.add_argument(
        "--blur-faces", action=argparse.BooleanOptionalAction, default=True, help="in the preview and all pictures"
    )
    again = commands.add_parser("again", help="analyse what an earlier analysis saw, with other settings, in seconds")
    again.add_argument("results", type=Path, metavar="RESULTS", help="folder of the earlier results")
    for command in (analyse, again):
        command.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="folder for the results; must not exist"
        )
        _add_settings(command)
    storage = commands.add_parser("storage", help="look after the bucket that the settings name")
    tasks = storage.add_subparsers(dest="task", required=True)
    tasks.add_parser("check", help="do with the bucket all that Ergo will do, and say what to correct")
    sweep = tasks.add_parser("sweep", help="delete videos and results that have had their time, as the app does")
    sweep.add_argument("--job", metavar="ID", help="delete this job with its video instead, whoever it belongs to")
    _add_access(commands.add_parser("access", help="users and their tokens, where ERGO_AUTH makes people log in"))
    setup = tasks.add_parser("setup", help="write the bucket's CORS and lifecycle rules in place of what it has")
    setup.add_argument("--dry-run", action="store_true", help="only show them")
    backup = tasks.add_parser("backup", help="copy jobs and results into a folder; again: only what has changed")
    backup.add_argument("--videos", action="store_true", help="the videos, too")
    for command in (backup, tasks.add_parser("restore", help="put back what the store lacks")):
        command.add_argument("folder", type=Path, metavar="FOLDER")
    compare = commands.add_parser("compare", help="what changed between two results, and how sure that is")
    compare.add_argument("before", type=Path, metavar="BEFORE", help="result.json, or the folder it is in")
    compare.add_argument("after", type=Path, metavar="AFTER")
    compare.add_argument("--json", action="store_true", help="for programs")
    _add_export(commands.add_parser("export", help="write a result in another format: motion, mesh, report"))
    mcp = commands.add_parser("mcp", help="serve the calls of a running page to an agent, on standard input and output")
    mcp.add_argument("--url", default="http://127.0.0.1:7860", help="where the page runs")
    cloud = commands.add_parser("cloud", help="look after the RunPod endpoint that the settings name")
    cloud.add_subparsers(dest="task", required=True).add_parser("check", help="let a worker prove what it needs")
    return parser


def _add_access(access: argparse.ArgumentParser) -> None:
    tasks = access.add_subparsers(dest="task", required=True)
    password = tasks.add_parser("password", help="ask for a password and print the user's line for the file of users")
    token = tasks.add_parser("token", help="make a token for a user's scripts; it is shown this once")
    token.add_argument("--label", default="", help="what it is for")
    for task in (password, token):
        task.add_argument("user", metavar="USER")
    tasks.add_parser("tokens", help="list the tokens, without what would open anything")
    tasks.add_parser("revoke", help="make a token worthless").add_argument("token_id", metavar="ID")


def _add_settings(analyse: argparse.ArgumentParser) -> None:
    analyse.add_argument(
        "--person",
        metavar="N",
        help="which person, as numbered in result.json; 2+5: both are the same one; 2@12.5-20: only from 12.5 to 20 s",
    )
    analyse.add_argument("--height-m", type=float, metavar="H", help="the worker's height")
    analyse.add_argument("--sex", default="neutral", metavar="neutral|male|female", help="which licensed body to use")
    analyse.add_argument("--camera-pitch-deg", type=float, metavar="P", help="positive when the camera looks down")
    analyse.add_argument("--camera-roll-deg", type=float, metavar="R", help="positive when turned clockwise")
    analyse.add_argument("--load-kg", type=float, metavar="L", help="what the hands hold")
    analyse.add_argument("--coupling", metavar="good|fair|poor|unacceptable", help="how well it can be gripped")
    analyse.add_argument("--force-pattern", metavar="intermittent|static|repeated", help="how the force is used")
    analyse.add_argument("--shock", action=argparse.BooleanOptionalAction, default=None, help="jerks or sudden forces")
    analyse.add_argument("--arms-supported", action=argparse.BooleanOptionalAction, default=None)
    analyse.add_argument("--legs-supported", action=argparse.BooleanOptionalAction, default=None)
    analyse.add_argument("--lifting-duration", metavar="short|moderate|long", help="up to 1, 2 or 8 hours of lifting")
    analyse.add_argument(
        "--control-at-destination", action=argparse.BooleanOptionalAction, default=None, help="it is put down with care"
    )
    analyse.add_argument("--lifts-per-minute", type=float, metavar="F", help="over 15 minutes of the job")
    analyse.add_argument("--repetitions-per-day", type=float, metavar="N", help="lifts or exertions in a working day")
    analyse.add_argument("--exertion", type=int, metavar="0..10", help="how hard each is for the hand (OMNI-RES)")
    analyse.add_argument(
        "--override",
        action="append",
        default=[],
        metavar="INPUT=VALUE@FROM-TO",
        help="set an input by hand, e.g. trunk_twisted=no@12.0-15.5 or upper_arm_flexion.left<=45; may be repeated, "
        "see docs/overrides.md",
    )
    analyse.add_argument("--who", default="", help="who sets the overrides")
    analyse.add_argument("--why", default="", help="why they are set")


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("results", type=Path, metavar="RESULTS", help="folder of the results")
    export.add_argument("--to", required=True, metavar="|".join(EXPORTS))
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to make or replace")
    export.add_argument("--at", type=float, metavar="S", help="the moment of a mesh; the worst one if not given")
    export.add_argument("--method", default="", metavar="M", help="whose risk colours a mesh")
    for name, what in (("company", "who it is for"), ("assessor", "who made it"), ("job-title", "which job it is")):
        export.add_argument(f"--{name}", default="", help=f"on a report: {what}")
    export.add_argument("--notes", default="", help="on a report: what else is to be said")
    export.add_argument("--logo", type=Path, metavar="FILE", help="on a report: a PNG or JPEG")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (2 for input that cannot be used, with one line that says why)."""
    options = build_parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except ErgoError as error:
        print(f"ergo: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT


def _cloud(_: argparse.Namespace) -> int:
    """Prove the endpoint of the settings, step by step."""
    from ergo.config import Settings  # noqa: PLC0415
    from ergo.jobs.cloud_check import check_endpoint  # noqa: PLC0415
    from ergo.jobs.services import open_client  # noqa: PLC0415

    settings = Settings()
    with open_client(settings) as client:
        for good, said in check_endpoint(client, settings.runpod_gpu):
            print(f"{'ok  ' if good else 'FAIL'} {said}", flush=True)
            if not good:
                return EXIT_BAD_INPUT
    return 0


def _access(options: argparse.Namespace) -> int:
    from ergo.jobs.access_commands import run  # noqa: PLC0415

    return run(options)


def _mcp(options: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415

    from ergo.mcp_server import serve  # noqa: PLC0415

    asyncio.run(serve(options.url, os.environ.get("ERGO_TOKEN", "")))
    return 0


def _storage(options: argparse.Namespace) -> int:
    if options.task == "sweep":
        from ergo.jobs.retention import run  # noqa: PLC0415

        return run(options.job)
    from ergo.config import Settings  # noqa: PLC0415
    from ergo.storage.check import check_bucket  # noqa: PLC0415
    from ergo.storage.s3 import S3Store  # noqa: PLC0415
    from ergo.storage.s3_client import bucket_from  # noqa: PLC0415
    from ergo.storage.setup import cors_rules, lifecycle_rules, write_rules  # noqa: PLC0415

    settings = Settings()
    if options.task in ("backup", "restore"):
        return _copies(options, settings)
    if settings.storage_provider == "local":
        print(
            f"Videos and results are kept in {settings.data_dir.absolute()}; STORAGE_PROVIDER=r2 or s3 names a bucket."
        )
        return 0
    origins = settings.page_origins()
    store = S3Store(bucket_from(settings))
    if options.task == "setup":
        cors, lifecycle = cors_rules(origins), lifecycle_rules(settings.video_days, settings.result_days)
        print(json.dumps({"cors": cors, "lifecycle": lifecycle}, indent=2))
        if not options.dry_run:
            write_rules(store, cors, lifecycle)
            print(f"The bucket {store.bucket.name} has these rules now.")
        return 0
    marks, good = {True: "ok", False: "FAIL", None: "?"}, True
    for finding in check_bucket(store, origins):
        good &= finding.passed is not False
        print(f"{marks[finding.passed]:<5}{finding.name}: {finding.detail}", flush=True)
        if finding.fix:
            print(f"     -> {finding.fix}", flush=True)
    return 0 if good else 1


def _copies(options: argparse.Namespace, settings: Settings) -> int:
    from ergo.storage.backup import back_up, restore  # noqa: PLC0415
    from ergo.storage.open import open_store  # noqa: PLC0415
    from ergo.storage.signing import UrlSigner  # noqa: PLC0415

    store = open_store(settings, UrlSigner(settings.signing_key()))
    if options.task == "backup":
        count = back_up(store, options.folder, videos=options.videos, tell=print)
        print("Keep the key that signs (ERGO_SECRET, or secret.key of the data folder) too, in another place.")
    else:
        count = restore(store, options.folder, tell=print)
    print(f"{count.copied} objects copied, {count.same} were there already.")
    return 0


def _analyse(options: argparse.Namespace) -> int:
    settings = AnalysisSettings(
        quality=getattr(options, "quality", "medium"),
        person=None if options.person is None else person_from(options.person),
        height_m=options.height_m,
        sex=options.sex,
        camera_pitch_deg=options.camera_pitch_deg,
        camera_roll_deg=options.camera_roll_deg,
        context=TaskContext(
            load_kg=options.load_kg,
            coupling=options.coupling,
            force_pattern=options.force_pattern,
            shock=options.shock,
            arms_supported=options.arms_supported,
            legs_supported=options.legs_supported,
            lifting_duration=options.lifting_duration,
            control_at_destination=options.control_at_destination,
            lifts_per_minute=options.lifts_per_minute,
            repetitions_per_day=options.repetitions_per_day,
            exertion=options.exertion,
        ),
        overrides=_overrides(options),
        blur_faces=getattr(options, "blur_faces", True),
    )
    from ergo.config import Settings  # noqa: PLC0415  a wrong option should be told without loading anything
    from ergo.evaluation import PipelineOptions  # noqa: PLC0415
    from ergo.pipeline import analyse  # noqa: PLC0415
    from ergo.reanalysis import reanalyse  # noqa: PLC0415

    app_settings = Settings()
    machine = PipelineOptions.from_settings(app_settings)
    with _ProgressBar() as bar:
        if options.command == "again":
            analysis = reanalyse(options.results, options.out, settings, machine, bar.show)
        else:
            with _video(options.video, app_settings.max_upload_gb) as video:
                analysis = analyse(video, options.out, settings, machine, bar.show)
    for warning in analysis.warnings:
        print(f"note: {warning}", file=sys.stderr)
    print(f"Results are in {options.out}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from ergo.report.compare import as_json, as_text, compare, read_result  # noqa: PLC0415

    found = compare(read_result(options.before), read_result(options.after))
    print(as_json(found) if options.json else as_text(found))
    return 0


def _export(options: argparse.Namespace) -> int:
    from ergo.config import Settings  # noqa: PLC0415
    from ergo.report.fields import ReportFields  # noqa: PLC0415
    from ergo.report.stored import Stored  # noqa: PLC0415

    try:
        logo = b"" if options.logo is None else options.logo.read_bytes()
    except OSError as error:
        raise SettingsError(f"{options.logo} cannot be read ({error.strerror}).", "Give a PNG or JPEG file.") from error
    said = ReportFields(
        company=options.company, assessor=options.assessor, job_title=options.job_title, notes=options.notes, logo=logo
    )
    stored = Stored(options.results, Settings().smplx_dir)
    export(options.to, stored, options.out, ExportOptions(at_s=options.at, method=options.method, fields=said))
    return 0


def _overrides(options: argparse.Namespace) -> tuple[Override, ...]:
    made_utc = datetime.now(UTC).isoformat(timespec="seconds")
    return tuple(parse_override(text, who=options.who, why=options.why, made_utc=made_utc) for text in options.override)


@contextmanager
def _video(named: str, max_gb: float) -> Iterator[Path]:
    """The video as a file, for as long as it is needed: one from the web is fetched first."""
    if not named.lower().startswith(("http://", "https://")):
        yield Path(named)
        return
    from ergo.video.web import download, name_of  # noqa: PLC0415

    with TemporaryDirectory(prefix="ergo-") as folder:
        path = Path(folder) / name_of(named)
        download(named, path, max_bytes=int(max_gb * 1e9))
        yield path


class _ProgressBar:
    """The whole job as one bar; silent when nobody watches."""

    def __enter__(self) -> _ProgressBar:
        from tqdm import tqdm  # noqa: PLC0415

        self._bar = tqdm(total=100, unit="%", bar_format="{desc:<28}{bar}{n:3.0f} %  {elapsed}", disable=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, progress: Progress) -> None:
        self._bar.set_description_str(progress.message, refresh=False)
        self._bar.n = 100.0 * progress.fraction
        self._bar.refresh()


_COMMANDS = {
    "analyse": _analyse,
    "again": _analyse,
    "compare": _compare,
    "export": _export,
    "storage": _storage,
    "cloud": _cloud,
    "access": _access,
    "mcp": _mcp,
}
