"""What was seen in one piece of a film, and its file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from ergo.arrays import read_arrays
from ergo.errors import JobFailed
from ergo.pose.runtimes import DEFAULT_RUNTIME
from ergo.pose.tracking import Sighting
from ergo.types import Hands, Keypoints
from ergo.video.background import Matches
from ergo.video.limits import Frame

SCHEMA = "ergo.part/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Everything read from the pictures of one piece.

    Args:
        frames: which frames of the film the pictures were, rising; the numbers in `matches` and `stills` count in it.
        people: everybody in them, on the times of `frames`.
        matches: background points of each picture.
        stills: whole pictures kept, with their numbers.
        damage: what could not be read, None when all could.
        runtime: what ran the networks.
    """

    frames: Int[np.ndarray, "T"]
    people: tuple[Sighting, ...]
    matches: tuple[Matches, ...]
    stills: tuple[tuple[int, Frame], ...]
    damage: str | None
    runtime: str = DEFAULT_RUNTIME


def write_part(path: Path, part: Part) -> None:
    """Write `part` to `path` (compressed npz, no pickles); the same bytes for the same part."""
    arrays: dict[str, np.ndarray] = {
        "frames": part.frames,
        "match_keys": np.array([match.key for match in part.matches], dtype=np.int64),
        "match_cuts": np.array([match.cut for match in part.matches], dtype=bool),
        "still_numbers": np.array([number for number, _ in part.stills], dtype=np.int64),
    }
    for index, match in enumerate(part.matches):
        if match.key_px is not None and match.now_px is not None:
            arrays[f"match_{index}"] = np.stack([match.key_px, match.now_px])
    for index, (_, frame) in enumerate(part.stills):
        arrays[f"still_{index}"] = frame.rgb
    for index, person in enumerate(part.people):
        points, prefix = person.keypoints, f"person_{index}."
        arrays |= {f"{prefix}{name}": getattr(points, name) for name in ("xy_px", "xyz_m", "confidence")}
        arrays |= {f"{prefix}timestamps_s": points.timestamps_s, f"{prefix}clothes": person.clothes}
        if points.hands is not None:
            arrays |= {f"{prefix}hands_{n}": getattr(points.hands, n) for n in ("xy_px", "xyz_m", "confidence")}
    about = {
        "schema": SCHEMA,
        "damage": part.damage,
        "runtime": part.runtime,
        "people": [person.keypoints.track_id for person in part.people],
        "stills": [[frame.index, frame.timestamp_s, frame.scale] for _, frame in part.stills],
    }
    np.savez_compressed(path, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)


def read_part(path: Path) -> Part:
    """What :func:`write_part` wrote. Raises JobFailed for anything else."""
    try:
        return _part(read_arrays(path))
    except (ValueError, LookupError, TypeError) as error:
        raise JobFailed(
            f"What was seen in a piece of the film cannot be read ({type(error).__name__}).", "Run the job again."
        ) from error


def _part(stored: dict[str, np.ndarray]) -> Part:
    about: dict[str, Any] = json.loads(str(stored["about"]))
    if about["schema"] != SCHEMA:
        raise ValueError(about["schema"])
    stills = [
        Frame(index=index, timestamp_s=time_s, rgb=stored[f"still_{number}"], scale=scale)
        for number, (index, time_s, scale) in enumerate(about["stills"])
    ]
    return Part(
        frames=stored["frames"],
        people=tuple(_person(stored, index, number) for index, number in enumerate(about["people"])),
        matches=tuple(
            Matches(key=int(key), cut=bool(cut), **_points(stored, index))
            for index, (key, cut) in enumerate(zip(stored["match_keys"], stored["match_cuts"], strict=True))
        ),
        stills=tuple(zip(map(int, stored["still_numbers"]), stills, strict=True)),
        damage=about["damage"],
        runtime=about.get("runtime", DEFAULT_RUNTIME),  # parts left by a version before there was a choice
    )


def _points(stored: dict[str, np.ndarray], index: int) -> dict[str, np.ndarray]:
    points = stored.get(f"match_{index}")
    return {} if points is None else {"key_px": points[0], "now_px": points[1]}


def _person(stored: dict[str, np.ndarray], index: int, number: int) -> Sighting:
    prefix = f"person_{index}."
    times_s = stored[f"{prefix}timestamps_s"]
    hands = None
    if f"{prefix}hands_xy_px" in stored:
        hands = Hands(
            xy_px=stored[f"{prefix}hands_xy_px"],
            xyz_m=stored[f"{prefix}hands_xyz_m"],
            confidence=stored[f"{prefix}hands_confidence"],
            timestamps_s=times_s,
        )
    points = Keypoints(
        xy_px=stored[f"{prefix}xy_px"],
        xyz_m=stored[f"{prefix}xyz_m"],
        confidence=stored[f"{prefix}confidence"],
        timestamps_s=times_s,
        track_id=number,
        hands=hands,
    )
    return Sighting(keypoints=points, clothes=stored[f"{prefix}clothes"])
