"""``keypoints.npz``: everything that was read from the pictures, so that an analysis can be repeated without them.

Numbers only, no pickles; one entry ``about`` is JSON. Landmarks are stored as float32 pixels and float16 metres and
confidences (0.5 mm, 0.1 %), NaN where a person was not found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ergo.arrays import read_arrays
from ergo.errors import SettingsError
from ergo.fitting.edges import Edges
from ergo.fitting.view import View
from ergo.pose.runtimes import DEFAULT_RUNTIME
from ergo.types import CameraMotion, Hands, Keypoints, Quality, VideoInfo

KEYPOINTS = "keypoints.npz"
SCHEMA = "ergo.keypoints/2"
_PICTURE_SIDE_PX = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the pictures of a film say, before anything is concluded.

    Args:
        video_name: name of the file.
        video: the film, turned upright.
        turn_deg: the turn that was needed for that.
        quality: how closely the pictures were looked at.
        people: everybody tracked, most likely worker first.
        view: camera motion and the edges of the room.
        pictures: some small pictures, to judge the light.
        damage: what could not be read, None when all could.
        faces_blurred: whether heads are blurred in the pictures and the preview.
        runtimes: what ran the networks (:mod:`ergo.pose.runtimes`); more than one where machines differed.
    """

    video_name: str
    video: VideoInfo
    turn_deg: int
    quality: Quality
    people: tuple[Keypoints, ...]
    view: View
    pictures: tuple[UInt8[np.ndarray, "h w 3"], ...]
    damage: str | None
    faces_blurred: bool = False
    runtimes: tuple[str, ...] = (DEFAULT_RUNTIME,)


def small(rgb: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "h w 3"]:
    """Every n-th pixel of a picture, so that 160 or fewer are left along its long side."""
    step = -(-max(rgb.shape) // _PICTURE_SIDE_PX)
    return np.ascontiguousarray(rgb[::step, ::step])


def write_seen(path: Path, seen: Seen) -> None:
    """Write `seen` to `path` (compressed npz)."""
    motion = seen.view.motion
    arrays: dict[str, np.ndarray] = {
        "frame_timestamps_s": np.asarray(seen.video.timestamps_s, dtype=np.float64),
    }
    if motion is not None:
        arrays |= {"R_ref_cam": motion.R_ref_cam, "scene": motion.scene, "turn_sd_deg": motion.sd_deg}
    for index, picture in enumerate(seen.pictures):
        arrays[f"picture_{index}"] = picture
    for index, person in enumerate(seen.people):
        arrays |= {f"person_{index}.{name}": values for name, values in _person_arrays(person).items()}
    for index, edges in enumerate(seen.view.edges):
        arrays |= {f"edges_{index}.{f.name}": np.asarray(getattr(edges, f.name)) for f in fields(Edges)}
    about = {
        "schema": SCHEMA,
        "video_name": seen.video_name,
        "video": {f.name: getattr(seen.video, f.name) for f in fields(VideoInfo) if f.name != "timestamps_s"},
        "turn_deg": seen.turn_deg,
        "quality": seen.quality,
        "damage": seen.damage,
        "faces_blurred": seen.faces_blurred,
        "runtimes": list(seen.runtimes),
        "track_ids": [person.track_id for person in seen.people],
        "pictures": len(seen.pictures),
        "shots": len(seen.view.edges),
    }
    np.savez_compressed(path, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)


def read_seen(path: Path) -> Seen:
    """What :func:`write_seen` wrote.

    Raises:
        SettingsError: the file is missing, damaged or of another version of Ergo.
    """
    try:
        return _seen(read_arrays(path))
    except (ValueError, LookupError, TypeError) as error:
        raise SettingsError(
            f"{path.name} of this result cannot be read ({type(error).__name__}).", "Analyse the video again."
        ) from error


def kept_seen(path: Path, seen: Seen) -> Seen:
    """`seen` as ``keypoints.npz`` keeps it, written to `path`: the first analysis rests on the very numbers that a
    repeated one will read."""
    write_seen(path, seen)
    return read_seen(path)


def _person_arrays(person: Keypoints) -> dict[str, np.ndarray]:
    arrays = {
        "xy_px": np.asarray(person.xy_px, dtype=np.float32),
        "xyz_m": np.asarray(person.xyz_m, dtype=np.float16),
        "confidence": np.asarray(person.confidence, dtype=np.float16),
        "timestamps_s": np.asarray(person.timestamps_s, dtype=np.float64),
    }
    if person.hands is not None:
        arrays |= {
            "hands_xy_px": np.asarray(person.hands.xy_px, dtype=np.float32),
            "hands_xyz_m": np.asarray(person.hands.xyz_m, dtype=np.float16),
            "hands_confidence": np.asarray(person.hands.confidence, dtype=np.float16),
        }
    return arrays


def _person(stored: dict[str, np.ndarray], index: int, track_id: int) -> Keypoints:
    def read(name: str) -> np.ndarray:
        values = stored[f"person_{index}.{name}"]
        return values if values.dtype == np.float64 else values.astype(np.float32)

    hands = None
    if f"person_{index}.hands_xy_px" in stored:
        hands = Hands(
            xy_px=read("hands_xy_px"),
            xyz_m=read("hands_xyz_m"),
            confidence=read("hands_confidence"),
            timestamps_s=read("timestamps_s"),
        )
    return Keypoints(
        xy_px=read("xy_px"),
        xyz_m=read("xyz_m"),
        confidence=read("confidence"),
        timestamps_s=read("timestamps_s"),
        track_id=track_id,
        hands=hands,
    )


def _edges(stored: dict[str, np.ndarray], index: int) -> Edges:
    return Edges(**{f.name: stored[f"edges_{index}.{f.name}"] for f in fields(Edges)})


def _seen(stored: dict[str, np.ndarray]) -> Seen:
    about: dict[str, Any] = json.loads(str(stored["about"]))
    if about["schema"] != SCHEMA:
        raise ValueError(about["schema"])
    motion = None
    if "R_ref_cam" in stored:
        motion = CameraMotion(R_ref_cam=stored["R_ref_cam"], scene=stored["scene"], sd_deg=stored["turn_sd_deg"])
    return Seen(
        video_name=about["video_name"],
        video=VideoInfo(**about["video"], timestamps_s=stored["frame_timestamps_s"]),
        turn_deg=about["turn_deg"],
        quality=about["quality"],
        people=tuple(_person(stored, index, track_id) for index, track_id in enumerate(about["track_ids"])),
        view=View(motion=motion, edges=tuple(_edges(stored, index) for index in range(about["shots"]))),
        pictures=tuple(stored[f"picture_{index}"] for index in range(about["pictures"])),
        damage=about["damage"],
        faces_blurred=about.get("faces_blurred", False),  # what was kept before there was a choice is in the clear
        runtimes=tuple(about.get("runtimes", (DEFAULT_RUNTIME,))),  # the only one there was before
    )
