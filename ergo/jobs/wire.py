"""What travels between the app, the ledger and the workers, and its JSON form.

Every document names its schema (``ergo.manifest/1`` …); reading is strict, see :mod:`ergo.jobs.strict`.
Times are seconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeVar

from ergo.assess.overrides import check_overrides
from ergo.errors import ErgoError, JobFailed, SettingsError
from ergo.jobs import strict
from ergo.types import AnalysisSettings, Override, Progress

JobState: TypeAlias = Literal["queued", "running", "completed", "failed", "cancelled"]
TERMINAL: frozenset[JobState] = frozenset(("completed", "failed", "cancelled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is to be done. Written once, never changed.

    `again_of` is a job of the same owner whose landmarks are used instead of looking at the video again; `notify_url`
    is a webhook that is told when the job has ended.
    """

    job_id: str
    owner: str
    title: str
    video_key: str
    settings: AnalysisSettings
    created_s: float
    again_of: str | None = None
    notify_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRecord:
    """Progress as a worker wrote it at `written_s`."""

    progress: Progress
    attempt: int
    written_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who took up attempt `attempt` of a job, at `claimed_s`."""

    attempt: int
    runner_id: str
    claimed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life of a worker: `beat` rises; `machine` and `pid` say which process it is.

    `attempt` is 0 for one that only helps with pieces.
    """

    attempt: int
    beat: int
    machine: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceClaim:
    """Which worker took a piece of a long video, at `claimed_s`."""

    worker: str
    machine: str
    pid: int
    claimed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was handed to a machine elsewhere: RunPod's id of it, empty until that is known. Attempt 0 only helps."""

    attempt: int
    remote_id: str
    submitted_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the rented machines of a job have cost, and will have cost at its end if that can be told.

    At the prices of the month `prices_of`, for `gpu_s` seconds of all of them together.
    """

    usd: float
    estimate_usd: float | None
    gpu_s: float
    prices_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobErrorInfo:
    """Why a job failed, for the user."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """Where a job is. `queue_position` counts from 1 and is None unless the job is queued."""

    job_id: str
    state: JobState
    progress: Progress
    error: JobErrorInfo | None
    queue_position: int | None
    created_s: float
    title: str
    video_key: str
    cost: Cost | None = None

    @property
    def terminal(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in TERMINAL


_T = TypeVar("_T")

SCHEMAS: Mapping[type, str] = MappingProxyType(
    {
        Manifest: "ergo.manifest/1",
        ProgressRecord: "ergo.progress/1",
        Claim: "ergo.claim/1",
        Heartbeat: "ergo.lease/1",
        PieceClaim: "ergo.piece/1",
        Submission: "ergo.remote/1",
        Cost: "ergo.cost/1",
        JobErrorInfo: "ergo.failed/1",
        JobStatus: "ergo.status/1",
    }
)


Document: TypeAlias = (
    Manifest | ProgressRecord | Claim | Heartbeat | PieceClaim | Submission | Cost | JobErrorInfo | JobStatus
)


def encode(value: Document) -> bytes:
    """A document as JSON bytes."""
    return strict.dumps(value, SCHEMAS[type(value)])


def decode(cls: type[_T], raw: bytes) -> _T:
    """A document of kind `cls` from its JSON. Raises JobFailed when it is damaged or from another version."""
    try:
        return strict.loads(cls, SCHEMAS[cls], raw)
    except (strict.WrongShape, SettingsError) as error:
        raise JobFailed(
            f"A job document cannot be read ({error}).", "Run the job again with this version of Ergo."
        ) from None


def error_info(error: ErgoError) -> JobErrorInfo:
    """An error as it goes into the ledger."""
    return JobErrorInfo(code=error.code, message=error.message, hint=error.hint)


def settings_from(data: object) -> AnalysisSettings:
    """Settings from decoded JSON, types and ranges checked. Raises SettingsError, which names the field."""
    try:
        settings = strict.parse(AnalysisSettings, data)
    except strict.WrongShape as error:
        raise SettingsError(f"The setting {error}.", "Correct this field.") from None
    check_overrides(settings.overrides)
    return settings


def overrides_from(data: object) -> tuple[Override, ...]:
    """Overrides from decoded JSON, a list of objects. Raises SettingsError, which names the field."""
    return settings_from({"overrides": data}).overrides


def check_settings(settings: AnalysisSettings) -> AnalysisSettings:
    """Equal settings with every type checked, which Python itself does not. Raises SettingsError."""
    return settings_from(asdict(settings))
