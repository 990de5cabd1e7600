"""Which of the people in a video is the worker.

The worker moves, above all hands and trunk, fills the picture, stands near its middle and is there all the time.
A bystander may well be the one who is detected best, so detection itself counts for little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.landmarks import LANDMARK, MAIN_JOINTS
from ergo.errors import NoPersonFound, SettingsError
from ergo.person import Person, parts_of
from ergo.pose.boxes import Box
from ergo.pose.estimator import STATURE_M
from ergo.types import Keypoints, Track, VideoInfo

_SEEN = 0.3
_WHOLE = 0.5
_WEIGHTS = {"trunk": 0.25, "hands": 0.2, "coverage": 0.2, "size": 0.1, "centrality": 0.2, "wholeness": 0.05}

# Half-way points: a person at these values gets half the points for the sign.
_HALF_TRUNK_RAD_S = 0.5
_HALF_HANDS_M_S = 0.4
_HALF_SIZE = 0.35  # standing height over the picture's shorter side
_CENTRE_SD = 0.45  # from the middle (0) to the edge (1): who films aims at the worker
_LAG_S = 0.3  # long enough that the network's jitter does not count as motion
_FASTEST_HAND_M_S, _FASTEST_TRUNK_RAD_S = 3.0, 4.0  # faster is a swap of left and right, not work
# A body in a photograph, as the network jitters about it: how far head and limbs stray, in standing heights.
_STILL_S, _STILL_HEAD, _STILL_LIMBS = 2.0, 0.02, 0.09
_STILL_FACTOR = 0.5

_HIPS = [LANDMARK["left_hip"], LANDMARK["right_hip"]]
_SHOULDERS = [LANDMARK["left_shoulder"], LANDMARK["right_shoulder"]]
_ELBOWS = [LANDMARK["left_elbow"], LANDMARK["right_elbow"]]
_WRISTS = [LANDMARK["left_wrist"], LANDMARK["right_wrist"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSigns:
    """What speaks for a person being the worker, each 0 to 1; `still` speaks against it.

    `trunk` is for turning and bending, `hands` for moving the hands against the hips, `size` for how tall the person
    would stand in the picture (a stoop or a table in front changes nothing), `wholeness` for joints that are seen.
    """

    trunk: float
    hands: float
    coverage: float
    size: float
    centrality: float
    wholeness: float
    still: bool = False

    @property
    def score(self) -> float:
        """The weighted mean; half of it for somebody who never moves, be it a poster on the wall."""
        score = sum(weight * getattr(self, name) for name, weight in _WEIGHTS.items())
        return score * (_STILL_FACTOR if self.still else 1.0)


def _person_boxes(person: Keypoints) -> Float[np.ndarray, "found 4"]:
    xy_px, seen = person.xy_px[person.found], person.confidence[person.found] >= _SEEN
    few = seen.sum(axis=1) < 4
    seen[few] = True
    low = np.where(seen[..., None], xy_px, np.inf).min(axis=1)
    high = np.where(seen[..., None], xy_px, -np.inf).max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def _lag(times_s: Float[np.ndarray, "T"]) -> int:
    if len(times_s) < 2:
        return 0
    lag = max(1, round(_LAG_S / float(np.median(np.diff(times_s)))))
    return lag if lag < len(times_s) else 0


def _rms(values: Float[np.ndarray, "*shape"], usable: Bool[np.ndarray, "*shape"]) -> float:
    return float(np.sqrt(np.mean(values[usable] ** 2))) if usable.any() else 0.0


def hand_speed_m_s(person: Keypoints) -> float:
    """Speed of the wrists against the hips, root mean square over 0.3 s steps in which they were seen.

    Walking about moves the hips along and counts little, which is wanted: passers-by walk.
    """
    lag = _lag(person.timestamps_s)
    if not lag:
        return 0.0
    wrists = person.xyz_m[:, _WRISTS] - person.xyz_m[:, _HIPS].mean(axis=1, keepdims=True)
    elapsed_s = (person.timestamps_s[lag:] - person.timestamps_s[:-lag])[:, None]
    speed = np.linalg.norm(wrists[lag:] - wrists[:-lag], axis=2) / elapsed_s
    seen = person.confidence[:, _WRISTS] >= _SEEN
    return _rms(np.minimum(speed, _FASTEST_HAND_M_S), seen[lag:] & seen[:-lag] & np.isfinite(speed))


def trunk_speed_rad_s(person: Keypoints) -> float:
    """Angular speed of the trunk's axis and of the shoulder line, root mean square over 0.3 s steps."""
    lag = _lag(person.timestamps_s)
    if not lag:
        return 0.0
    left, right = (person.xyz_m[:, index] for index in _SHOULDERS)
    axis = (left + right) / 2 - person.xyz_m[:, _HIPS].mean(axis=1)
    lines = np.stack([axis, left - right], axis=1)
    lines = lines / np.maximum(np.linalg.norm(lines, axis=2, keepdims=True), 1e-6)
    turned = np.arccos(np.clip((lines[lag:] * lines[:-lag]).sum(axis=2), -1.0, 1.0))
    speed = turned / (person.timestamps_s[lag:] - person.timestamps_s[:-lag])[:, None]
    seen = person.confidence[:, [*_SHOULDERS, *_HIPS]].min(axis=1, keepdims=True) >= _SEEN
    return _rms(np.minimum(speed, _FASTEST_TRUNK_RAD_S), seen[lag:] & seen[:-lag] & np.isfinite(speed))


def stands_still(person: Keypoints) -> bool:
    """Whether head, hands and elbows keep their places about the trunk for two seconds at least.

    People at work reach, nod and sway; pictures of people do not. The speeds above would not tell: on a photograph
    the network's depth jitters, and now and then it takes left for right. So this looks at the picture only, at the
    middle half of all strayings, and does not ask which hand is which.
    """
    times_s = person.timestamps_s[person.found]
    if not len(times_s) or times_s[-1] - times_s[0] < _STILL_S:
        return False
    xy_px = person.xy_px[person.found].astype(float)
    trunk_px = xy_px[:, [*_SHOULDERS, *_HIPS]].mean(axis=1, keepdims=True)
    limbs = [np.sort(xy_px[:, pair], axis=1) for pair in (_WRISTS, _ELBOWS)]
    points = np.concatenate([xy_px[:, [LANDMARK["nose"]]], *limbs], axis=1) - trunk_px
    strays_px = np.percentile(np.linalg.norm(points - np.median(points, axis=0), axis=2), 75, axis=0)
    head, *rest = strays_px / max(standing_height_px(person), 1.0)
    return bool(head < _STILL_HEAD and max(rest) < _STILL_LIMBS)


def standing_height_px(person: Keypoints) -> float:
    """How tall the person would stand in the picture, from the pixels a metre of their landmarks takes (median)."""
    flat_px = person.xy_px[person.found]
    flat_m = person.xyz_m[person.found][..., :2]
    spread_px = np.linalg.norm(flat_px - flat_px.mean(axis=1, keepdims=True), axis=(1, 2))
    spread_m = np.linalg.norm(flat_m - flat_m.mean(axis=1, keepdims=True), axis=(1, 2))
    return float(np.median(spread_px / np.maximum(spread_m, 0.05))) * STATURE_M


def worker_signs(person: Keypoints, info: VideoInfo) -> WorkerSigns:
    """The signs for one person; a person never found has none."""
    if not person.found.any():
        return WorkerSigns(trunk=0.0, hands=0.0, coverage=0.0, size=0.0, centrality=0.0, wholeness=0.0)
    boxes = _person_boxes(person)
    size = standing_height_px(person) / min(info.width_px, info.height_px)
    centre = boxes[:, :2] + boxes[:, 2:] / 2
    offset = np.abs(np.median(centre, axis=0) / [info.width_px, info.height_px] - 0.5) * 2
    trunk, hands = trunk_speed_rad_s(person), hand_speed_m_s(person)
    joints = person.confidence[person.found][:, list(MAIN_JOINTS)] >= _WHOLE
    return WorkerSigns(
        trunk=trunk / (trunk + _HALF_TRUNK_RAD_S),
        hands=hands / (hands + _HALF_HANDS_M_S),
        coverage=float(person.found.mean()),
        size=size / (size + _HALF_SIZE),
        centrality=float(np.exp(-0.5 * (offset.max() / _CENTRE_SD) ** 2)),
        wholeness=float(joints.mean()),
        still=stands_still(person),
    )


def rank_people(people: Sequence[Keypoints], info: VideoInfo) -> tuple[Keypoints, ...]:
    """The same people, most likely worker first, `track_id` numbered 0, 1, … in that order."""
    order = sorted(people, key=lambda person: (-worker_signs(person, info).score, person.track_id))
    return tuple(replace(person, track_id=number) for number, person in enumerate(order))


def describe_tracks(people: Sequence[Keypoints], info: VideoInfo) -> tuple[Track, ...]:
    """What the user needs to pick the worker, best candidate first.

    The thumbnail is the moment at which most of the body is seen, and seen largest; its box has a margin of a tenth
    and stays within the picture.
    """
    tracks = [_track(person, info) for person in people if person.found.any()]
    return tuple(sorted(tracks, key=lambda track: (-track.score, track.track_id)))


def _track(person: Keypoints, info: VideoInfo) -> Track:
    found = np.flatnonzero(person.found)
    boxes = _person_boxes(person)
    whole = person.confidence[found][:, list(MAIN_JOINTS)].mean(axis=1)
    best = int(np.argmax(whole * np.sqrt(np.maximum(boxes[:, 2:].max(axis=1), 1.0))))
    box = Box(*(float(v) for v in boxes[best]))
    margin = 0.1 * box.side_px
    grown = Box(box.x_px - margin, box.y_px - margin, box.width_px + 2 * margin, box.height_px + 2 * margin)
    shown = grown.clipped(info.width_px, info.height_px)
    return Track(
        track_id=person.track_id,
        first_s=float(person.timestamps_s[found[0]]),
        last_s=float(person.timestamps_s[found[-1]]),
        coverage=len(found) / len(person.timestamps_s),
        score=worker_signs(person, info).score,
        thumbnail_time_s=float(person.timestamps_s[found[best]]),
        bbox_px=(float(shown.x_px), float(shown.y_px), float(shown.width_px), float(shown.height_px)),
    )


def choose_worker(tracks: Sequence[Track], person: Person | None) -> tuple[int, ...]:
    """The tracks to assess as one person, each once: those asked for, else the best candidate.

    Raises:
        NoPersonFound: there are no tracks.
        SettingsError: there is no person of that number; the message lists those there are.
    """
    if not tracks:
        raise NoPersonFound(
            "Nobody was found in the video.",
            "Film the whole body, head to feet, in good light, from a camera that stands still; "
            "the worker should fill at least a quarter of the picture's height.",
        )
    if person is None:
        return (max(tracks, key=lambda track: track.score).track_id,)
    asked = tuple(dict.fromkeys(part.track_id for part in parts_of(person)))
    known = sorted(track.track_id for track in tracks)
    missing = [number for number in asked if number not in known]
    if missing:
        raise SettingsError(
            f"person: there is no person {missing[0]} in the video.",
            f"Found: {', '.join(map(str, known))} (0 is the most likely worker).",
        )
    return asked
