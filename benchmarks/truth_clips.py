"""Clips whose joints are known, and the angles that follow from them.

A folder holds ``name.mp4`` with ``name.truth.json`` beside it (drawn, exact joints: see ``assets/build/scenes``), or
``cam0N.mp4`` with one ``pseudo_truth.json`` (calibrated cameras, triangulated from a pose estimator's own landmarks:
good to about 3°, and blind to errors that all views share). Folders below it are looked into as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ergo.geometry.rotations import angle_between_deg, frame_from_axes

SHORT = {"left": "l", "right": "r"}
UP = np.array([0.0, 0.0, 1.0])
GROUP_OF_FOLDER = {"synth": "rendered"}
EYES_ABOVE_HEAD_DEG = 28.0
"""In neutral gaze the eyes of the rendered people lie this far above their head joint, against the trunk upright."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is known of a clip.

    Attributes:
        joints: joints in the world (Z up) by name, [T, 3], NaN where unknown.
        times_s: when.
        up_cam: the vertical in the (first) camera's frame.
        R_cam_world: the camera's rotation, [T, 3, 3].
        neck_flexion_deg: nod of the head against the trunk, None where the head is not known.
        pelvis_px: where the worker is in the picture, None where that is not told.
    """

    joints: Mapping[str, np.ndarray]
    times_s: np.ndarray
    up_cam: np.ndarray
    R_cam_world: np.ndarray
    neck_flexion_deg: np.ndarray | None
    pelvis_px: np.ndarray | None

    def angles(self) -> dict[str, np.ndarray]:
        """The angles that are compared, by Ergo's names; ``neck_flexion`` where the head is known."""
        nod = {} if self.neck_flexion_deg is None else {"neck_flexion": self.neck_flexion_deg}
        return angles_of(self.joints, UP) | nod


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A video with truth, and the group it is averaged with."""

    name: str
    group: str
    path: Path
    truth: Truth


def find_clips(folders: list[Path]) -> list[Clip]:
    """All clips with truth in the folders and below them."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*.truth.json")):
            content = json.loads(path.read_text())
            group = GROUP_OF_FOLDER.get(path.parent.name, path.parent.name)
            video = path.with_name(path.name.removesuffix(".truth.json") + ".mp4")
            found.append(Clip(name=video.stem, group=group, path=video, truth=_truth(content, content)))
        for path in sorted(folder.rglob("pseudo_truth.json")):
            content = json.loads(path.read_text())
            for camera in content["cameras"]:
                video = path.with_name(f"{camera['name']}.mp4")
                found.append(Clip(name=f"real_{video.stem}", group="real", path=video, truth=_truth(content, camera)))
    return found


def angles_of(joints: Mapping[str, np.ndarray], up: np.ndarray) -> dict[str, np.ndarray]:
    """Angles by the same definitions from any twelve joints."""
    shoulders = (joints["l_shoulder"] + joints["r_shoulder"]) / 2
    trunk = shoulders - (joints["l_hip"] + joints["r_hip"]) / 2
    up = np.broadcast_to(up, trunk.shape)
    found = {"trunk_inclination": angle_between_deg(trunk, up)}
    for side, s in SHORT.items():
        shoulder, elbow, wrist, hip, knee, ankle = (
            joints[f"{s}_{part}"] for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        )
        found[f"{side}_shoulder_elevation"] = angle_between_deg(elbow - shoulder, -trunk)
        found[f"{side}_arm_elevation_gravity"] = angle_between_deg(elbow - shoulder, -up)
        found[f"{side}_elbow_flexion"] = angle_between_deg(elbow - shoulder, wrist - elbow)
        found[f"{side}_knee_flexion"] = angle_between_deg(knee - hip, ankle - knee)
    return found


def nod_deg(joints: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Nod of the head against the trunk, told by the eyes; None where they are not known."""
    if not {"head", "l_eye", "r_eye"} <= joints.keys():
        return None
    trunk = joints["l_shoulder"] + joints["r_shoulder"] - joints["l_hip"] - joints["r_hip"]
    chest = frame_from_axes(trunk, joints["l_shoulder"] - joints["r_shoulder"])
    gaze = np.einsum("tji,tj->ti", chest, (joints["l_eye"] + joints["r_eye"]) / 2 - joints["head"])
    return EYES_ABOVE_HEAD_DEG - np.degrees(np.arctan2(gaze[:, 1], np.hypot(gaze[:, 0], gaze[:, 2])))


def _truth(content: dict, camera: dict) -> Truth:
    """Truth of one clip seen by one camera."""
    frames = content["frames"]
    unknown = [np.nan] * 3
    joints = {
        name: np.array([frame["joints"][name] or unknown for frame in frames], float) for name in frames[0]["joints"]
    }
    nods = [frame.get("angles", {}).get("neck_flexion") for frame in frames]
    pelvis = [frame.get("px", {}).get("pelvis") for frame in frames]
    return Truth(
        joints=joints,
        times_s=np.arange(len(frames)) / content["fps"],
        up_cam=np.array(camera["R"]) @ UP,
        R_cam_world=np.array([frame.get("R", camera["R"]) for frame in frames]),
        neck_flexion_deg=nod_deg(joints) if None in nods else np.array(nods),
        pelvis_px=None if None in pelvis else np.array(pelvis),
    )
