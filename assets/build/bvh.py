"""Recorded motion from BVH files: joints, their parents and rest offsets, and how they moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One BVH file: joints with parents, offsets and channels, and the channel values of each frame."""

    names: list[str]
    parents: list[int]
    offsets: np.ndarray
    channels: list[list[str]]
    frames: np.ndarray
    step_s: float


def read_bvh(path: Path) -> Recording:
    """Read a BVH file; end sites are left out."""
    head, _, tail = path.read_text().partition("MOTION")
    names, parents, offsets, channels = [], [], [], []
    open_joints: list[int] = []
    for line in head.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] in ("ROOT", "JOINT"):
            parents.append(next((j for j in reversed(open_joints) if j >= 0), -1))
            names.append(words[1])
            channels.append([])
            offsets.append(np.zeros(3))
            current = len(names) - 1
        elif words[0] == "End":
            current = -1
        elif words[0] == "{":
            open_joints.append(current)
        elif words[0] == "}":
            open_joints.pop()
        elif words[0] == "OFFSET" and open_joints[-1] >= 0:
            offsets[open_joints[-1]] = np.array(words[1:4], dtype=float)
        elif words[0] == "CHANNELS":
            channels[open_joints[-1]] = words[2:]
    rows = [line.split() for line in tail.splitlines() if line.strip()]
    return Recording(
        names=names,
        parents=parents,
        offsets=np.array(offsets),
        channels=channels,
        frames=np.array(rows[2:], dtype=float),
        step_s=float(rows[1][-1]),
    )


def poses(recording: Recording, frames: slice) -> tuple[dict[str, Rotation], dict[str, np.ndarray]]:
    """Rotations of the joints in the world and their positions [T, 3], by name."""
    values = recording.frames[frames]
    column, world, place = 0, [], []
    for joint, parent in enumerate(recording.parents):
        turn = Rotation.identity(len(values))
        shift = np.tile(recording.offsets[joint], (len(values), 1))
        for channel in recording.channels[joint]:
            if channel.endswith("position"):
                if parent < 0:
                    shift[:, "XYZ".index(channel[0])] = values[:, column]
            else:
                turn = turn * Rotation.from_euler(channel[0].lower(), values[:, [column]], degrees=True)
            column += 1
        world.append(turn if parent < 0 else world[parent] * turn)
        place.append(shift if parent < 0 else place[parent] + world[parent].apply(shift))
    names = recording.names
    return dict(zip(names, world, strict=True)), dict(zip(names, place, strict=True))


def rest_positions(recording: Recording) -> dict[str, np.ndarray]:
    """Joints when no joint is turned, the root at the origin."""
    place: list[np.ndarray] = []
    for joint, parent in enumerate(recording.parents):
        place.append(np.zeros(3) if parent < 0 else place[parent] + recording.offsets[joint])
    return dict(zip(recording.names, place, strict=True))
