"""The values that flow through the pipeline: frozen, typed, with shapes and units in their names.

Conventions, used everywhere:

- metres, radians, seconds, pixels; only :class:`JointAngles` is in degrees, as the published tables are
- the world is right-handed, Y up, gravity −Y; cameras look along +Z with Y down (OpenCV)
- ``T_a_b`` maps points of frame b into frame a
- missing is NaN plus a ``valid`` mask, never 0
- T frames, J joints or landmarks, A angles
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from beartype import beartype
from jaxtyping import Bool, Float, Int, jaxtyped

from ergo.errors import SettingsError
from ergo.person import Person, check_person

Quality: TypeAlias = Literal["low", "medium", "high", "ultra"]
QUALITIES: tuple[Quality, ...] = ("low", "medium", "high", "ultra")

Side: TypeAlias = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")

Sex: TypeAlias = Literal["neutral", "male", "female"]

OverrideRule: TypeAlias = Literal["is", "at_most", "at_least"]
OVERRIDE_RULES: tuple[OverrideRule, ...] = ("is", "at_most", "at_least")

Stage: TypeAlias = Literal["queue", "video", "people", "body", "assess", "report", "done"]
STAGES: tuple[Stage, ...] = ("queue", "video", "people", "body", "assess", "report", "done")

checked = jaxtyped(typechecker=beartype)


def _require_choice(field_name: str, value: str | None, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise SettingsError(f"{field_name} is {value!r}.", f"Choose one of {', '.join(choices)}.")


def _require_range(field_name: str, value: float | None, low: float, high: float, meaning: str) -> None:
    if value is not None and not low <= value <= high:  # also refuses NaN
        raise SettingsError(f"{field_name} is {value:g}.", f"Give {low:g} to {high:g} ({meaning}), or leave it empty.")


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """What a probe tells of a video, before any picture is decoded.

    `width_px` and `height_px` are as displayed, after `rotation_deg` (0, 90, 180, 270, counter-clockwise
    turn that the container asks for) has been applied. `timestamps_s` are presentation times from the
    first shown frame, strictly rising, one for each frame (so a variable frame rate is right).
    `start_s` is where the container's own clock puts that first frame; NaN when the container keeps no
    presentation times and frames are told apart by counting.
    """

    width_px: int
    height_px: int
    rotation_deg: int
    duration_s: float
    fps: float
    frame_count: int
    codec: str
    timestamps_s: Float[np.ndarray, "frames"]
    start_s: float = 0.0


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A pinhole camera: intrinsics and the pose of the world in it."""

    K: Float[np.ndarray, "3 3"]
    T_cam_world: Float[np.ndarray, "4 4"]


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Gravity:
    """Which way is up, in camera coordinates, and how sure we are.

    `source` is ``user`` (pitch and roll were given), ``body`` (from the upright posture of the worker) …
    """

    up_cam: Float[np.ndarray, "3"]
    sd_deg: float
    source: str


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMotion:
    """How a moving camera was turned in each sampled frame.

    `R_ref_cam` turns its frame into the reference: that of the first frame of the shot, `scene` counts shots from 0,
    `sd_deg` is how unsure the turn is.
    """

    R_ref_cam: Float[np.ndarray, "T 3 3"]
    scene: Int[np.ndarray, "T"]
    sd_deg: Float[np.ndarray, "T"]


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Landmarks of one person's hands over time: left, right; those of :mod:`ergo.body.hand_landmarks`.

    `xy_px` in pixels of the displayed video, `xyz_m` metres about the middle of the hand in a frame that looks
    straight at it (X right, Y down, Z away), `confidence` 0–1; NaN where a hand was not seen well.
    """

    xy_px: Float[np.ndarray, "T 2 21 2"]
    xyz_m: Float[np.ndarray, "T 2 21 3"]
    confidence: Float[np.ndarray, "T 2"]
    timestamps_s: Float[np.ndarray, "T"]


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Keypoints:
    """Landmarks of one person over time.

    `xy_px` in pixels of the displayed video, `xyz_m` camera-aligned metres about the hips as the estimator
    gives them (X right, Y down, Z away), `confidence` 0–1; frames in which the person was not found are NaN.
    `hands` is None when nobody looked for them.
    """

    xy_px: Float[np.ndarray, "T J 2"]
    xyz_m: Float[np.ndarray, "T J 3"]
    confidence: Float[np.ndarray, "T J"]
    timestamps_s: Float[np.ndarray, "T"]
    track_id: int
    hands: Hands | None = None

    @property
    def found(self) -> Bool[np.ndarray, "T"]:
        """Frames in which the person was found."""
        return np.isfinite(self.xy_px[:, 0, 0])


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A person moving: SMPL-X parameters (smplx's names, axis-angle in radians) in the gravity-aligned world.

    `hands_seen` tells in which frames the left and the right wrist follow a hand that was seen well; elsewhere, and
    everywhere when it is None, they rest.
    """

    betas: Float[np.ndarray, "B"]
    global_orient: Float[np.ndarray, "T 3"]
    body_pose: Float[np.ndarray, "T 21 3"]
    left_hand_pose: Float[np.ndarray, "T 15 3"]
    right_hand_pose: Float[np.ndarray, "T 15 3"]
    jaw_pose: Float[np.ndarray, "T 3"]
    expression: Float[np.ndarray, "T E"]
    transl: Float[np.ndarray, "T 3"]
    joints_m: Float[np.ndarray, "T 55 3"]
    timestamps_s: Float[np.ndarray, "T"]
    valid: Bool[np.ndarray, "T"]
    sex: Sex = "neutral"
    hands_seen: Bool[np.ndarray, "T 2"] | None = None


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class JointAngles:
    """Joint angles in degrees; the columns are those of :data:`ergo.assess.angle_catalogue.ANGLES`."""

    names: tuple[str, ...]
    values_deg: Float[np.ndarray, "T A"]
    sd_deg: Float[np.ndarray, "T A"]
    valid: Bool[np.ndarray, "T A"]
    timestamps_s: Float[np.ndarray, "T"]

    def __getitem__(self, name: str) -> Float[np.ndarray, "T"]:
        """One angle over time, NaN where it was not seen."""
        return self.values_deg[:, self.names.index(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext:
    """What a camera cannot see. None is "nobody said", never zero: it widens the score into a range.

    `lifting_duration` is that of NIOSH (up to 1, 2, 8 hours), `control_at_destination` whether the load must be placed
    with care, `lifts_per_minute` counts for the whole job. `repetitions_per_day` and `exertion` (OMNI-RES, 0 extremely
    easy to 10 extremely hard) are what the fatigue failure tools ask for.

    Raises:
        SettingsError: a value is impossible; the message names the field.
    """

    load_kg: float | None = None
    force_pattern: Literal["intermittent", "static", "repeated"] | None = None
    shock: bool | None = None
    coupling: Literal["good", "fair", "poor", "unacceptable"] | None = None
    arms_supported: bool | None = None
    legs_supported: bool | None = None
    lifting_duration: Literal["short", "moderate", "long"] | None = None
    control_at_destination: bool | None = None
    lifts_per_minute: float | None = None
    repetitions_per_day: float | None = None
    exertion: int | None = None

    def __post_init__(self) -> None:
        _require_range("load_kg", self.load_kg, 0.0, 500.0, "kilograms")
        _require_choice("force_pattern", self.force_pattern, ("intermittent", "static", "repeated"))
        _require_choice("coupling", self.coupling, ("good", "fair", "poor", "unacceptable"))
        _require_choice("lifting_duration", self.lifting_duration, ("short", "moderate", "long"))
        _require_range("lifts_per_minute", self.lifts_per_minute, 0.0, 60.0, "lifts a minute")
        _require_range("repetitions_per_day", self.repetitions_per_day, 0.0, 100_000.0, "repetitions a day")
        _require_range("exertion", self.exertion, 0, 10, "OMNI-RES, a whole number")


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """What the errors of the angles leave of a score: 90 % intervals and the chances of the action levels.

    `total_p05` and `total_p95` are the 5th and 95th percentile of the total in each frame; `level_chance` the chance
    of each of the method's K action levels, in their order; `peaks` the peak over the film (see
    :mod:`ergo.assess.exposure`) in each of the drawn versions, `tilt_peaks` the peak with everybody leaning one
    standard deviation of the camera tilt less and more forward. NaN where nothing is assessed.
    """

    total_p05: Float[np.ndarray, "T"]
    total_p95: Float[np.ndarray, "T"]
    level_chance: Float[np.ndarray, "T K"]
    peaks: Float[np.ndarray, "versions"]
    tilt_peaks: Float[np.ndarray, "2"]


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One method over time, for one side of the body or (side None) for the whole.

    `total` is scored with every unknown taken at its neutral value, `total_low` and `total_high` with every
    unknown at its most and least favourable; `parts` holds the points of each posture item (the explanation
    of the total) by item id; NaN where the frame is not assessed. `level` is the method's action level.
    """

    method: str
    side: Side | None
    timestamps_s: Float[np.ndarray, "T"]
    total: Float[np.ndarray, "T"]
    total_low: Float[np.ndarray, "T"]
    total_high: Float[np.ndarray, "T"]
    level: Float[np.ndarray, "T"]
    parts: Mapping[str, Float[np.ndarray, "T"]]
    assumptions: tuple[str, ...] = ()
    certainty: Certainty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One input of the methods set by hand, from `start_s` to `end_s` of the film (None: its start, its end).

    `input` is an id of :data:`ergo.assess.overridable.INPUTS` and `value` in its unit, True or False for a yes/no, a
    word for a choice. `rule` says whether the input is that value, or at most or at least that much where it was seen.
    `side` None is both sides of an input that has them. `who`, `why` and `made_utc` are kept in the result.

    Raises:
        SettingsError: a value is impossible; the message names the field.
    """

    input: str
    value: float | bool | str
    rule: OverrideRule = "is"
    side: Side | None = None
    start_s: float | None = None
    end_s: float | None = None
    who: str = ""
    why: str = ""
    made_utc: str = ""

    def __post_init__(self) -> None:
        name = f"override of {self.input[:80]}"
        _require_choice(f"{name}: rule", self.rule, OVERRIDE_RULES)
        _require_choice(f"{name}: side", self.side, SIDES)
        _require_range(f"{name}: start_s", self.start_s, 0.0, 1e6, "seconds")
        _require_range(f"{name}: end_s", self.end_s, 0.0, 1e6, "seconds")
        if self.start_s is not None and self.end_s is not None and self.end_s <= self.start_s:
            raise SettingsError(
                f"{name}: end_s is {self.end_s:g}, start_s is {self.start_s:g}.", "End the span after its start."
            )
        for field_name, longest in (("who", 100), ("why", 1000), ("made_utc", 40)):
            length = len(getattr(self, field_name))
            if length > longest:
                raise SettingsError(f"{name}: {field_name} has {length} characters.", f"Give at most {longest}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """What the user may say before an analysis. None is "find out yourself".

    `blur_faces` is for all that is kept of the pictures: what an earlier analysis kept stays as it is.
    `overrides` are checked against what can be overridden by :func:`ergo.assess.overrides.check_overrides`.

    Raises:
        SettingsError: a value is impossible; the message names the field.
    """

    quality: Quality = "medium"
    person: Person | None = None
    height_m: float | None = None
    sex: Sex = "neutral"
    camera_pitch_deg: float | None = None
    camera_roll_deg: float | None = None
    context: TaskContext = field(default_factory=TaskContext)
    overrides: tuple[Override, ...] = ()
    blur_faces: bool = True

    def __post_init__(self) -> None:
        _require_choice("quality", self.quality, QUALITIES)
        _require_choice("sex", self.sex, ("neutral", "male", "female"))
        check_person(self.person)
        _require_range("height_m", self.height_m, 1.0, 2.5, "metres")
        _require_range("camera_pitch_deg", self.camera_pitch_deg, -89.0, 89.0, "degrees, positive looking down")
        _require_range("camera_roll_deg", self.camera_roll_deg, -180.0, 180.0, "degrees, positive clockwise")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One tracked person, as shown to the user who picks the worker.

    `bbox_px` is x, y, width, height at `thumbnail_time_s`; `score` orders the candidates (higher is more likely
    the worker).
    """

    track_id: int
    first_s: float
    last_s: float
    coverage: float
    score: float
    thumbnail_time_s: float
    bbox_px: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a job is. `seq` rises with every report; `fraction` is of the whole job, 0 to 1, never falling."""

    seq: int
    stage: Stage
    fraction: float
    message: str = ""
    eta_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything of one person in one video: what the exporters write and the page shows.

    `track_ids` are the tracks that were taken together as this person, `track_id` is the first of them. `runtimes` are
    what ran the pose networks (:mod:`ergo.pose.runtimes`).
    """

    video: VideoInfo
    settings: AnalysisSettings
    camera: Camera
    gravity: Gravity
    tracks: tuple[Track, ...]
    track_id: int
    keypoints: Keypoints
    motion: Motion
    angles: JointAngles
    assessments: tuple[Assessment, ...]
    warnings: tuple[str, ...] = ()
    timings_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    camera_motion: CameraMotion | None = None
    track_ids: tuple[int, ...] = ()
    runtimes: tuple[str, ...] = ()
