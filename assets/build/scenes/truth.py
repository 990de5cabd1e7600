"""Clips with their truth in files: ``name.mp4`` and ``name.truth.json``, as ``benchmarks/accuracy.py`` reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
import numpy as np
from scipy.spatial.transform import Rotation

from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import rotation_matrices
from ergo.body.standing import standing_joints, standing_pose
from ergo.geometry.camera import tilt_from_up
from ergo.geometry.rotations import angle_between_deg, frame_from_axes, signed_angle_deg, unit
from scenes.figure import Figure
from scenes.scene import Frame, Scene

JOINTS: Mapping[str, str] = MappingProxyType(
    {f"{s[0]}_{short}": f"{s}_{long}" for s in ("left", "right") for short, long in (
        ("hip", "hip"), ("knee", "knee"), ("ankle", "ankle"), ("shoulder", "shoulder"), ("elbow", "elbow"),
        ("wrist", "wrist"), ("toe", "foot"), ("eye", "eye_smplhf"))}
    | {name: name for name in ("head", "neck", "pelvis")} | {"spine1": "spine3"}
)  # fmt: skip
"""Names in the files, and the joints of the SMPL-X skeleton behind them."""

NOTE = (
    "world: metres, Z up, gravity -Z; OpenCV camera x_cam=R x_world+t, of the first frame (each frame has its own when "
    "the camera moves); joints are joint centres of the free body; knee/elbow: 0=straight; uarm: angle of the upper "
    "arm to the trunk's axis down (trunk) or gravity (grav); trunk_sag + = forward; hidden: joints behind something or "
    "outside the picture; neck_flexion: nod of the head against the trunk, 0 when standing"
)
_UP = np.array([0.0, 0.0, 1.0])
_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Turns the Y-up world into the files' Z-up world; who faced +Z now faces -Y."""
_CORNERS = tuple((f"{s[0]}_{part}", s, part) for s in ("left", "right") for part in ("hip", "shoulder"))
CRF = 20
"""Quality of the H.264 file: that of an ordinary camera."""


def write_clip(scene: Scene, folder: Path) -> Path:
    """Draw a scene into ``folder/name.mp4`` with its truth beside it; returns the path of the video."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scene.name}.mp4"
    fps = 1.0 / float(scene.times_s[1] - scene.times_s[0])
    width, height = scene.view.size_px
    rows, neutral_deg = [], neutral_neck_deg(scene.actors[0].person.figure)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": str(CRF), "threads": "1"}
        for frame in scene.frames():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")))
            rows.append(_row(frame, len(rows), neutral_deg, scene.view.motion != "still"))
        container.mux(stream.encode(None))
    path.with_suffix(".truth.json").write_text(json.dumps(_content(scene, fps, rows)))
    return path


def _content(scene: Scene, fps: float, rows: list[dict]) -> dict:
    view = scene.view
    R, t = _camera(view.T_cam_world[0])
    pitch_deg, roll_deg = tilt_from_up(R @ _UP)
    figure = scene.actors[0].person.figure
    return {
        "name": scene.name, "task": scene.name.split("_", 2)[2], "note": NOTE, "fps": fps, "n": len(rows),
        "width": view.size_px[0], "height": view.size_px[1], "K": view.K.tolist(), "R": R.tolist(), "t": t.tolist(),
        "cam_pos": (-R.T @ t).tolist(), "pitch_down_deg": pitch_deg, "roll_deg": roll_deg,
        "hfov_deg": float(np.degrees(2 * np.arctan(view.size_px[0] / 2 / view.K[0, 0]))), "camera": view.motion,
        "character": {"sex": figure.body.sex, "stature_m": round(figure.shaped.stature_m, 3)},
        "people": len(scene.actors), "obstacle": scene.obstacle,
        "frames": rows,
    }  # fmt: skip


def _row(frame: Frame, number: int, neutral_deg: float, moving: bool) -> dict:
    joints = frame.joints_m @ _Z_UP.T
    named = {short: joints[JOINT_INDEX[name]] for short, name in JOINTS.items()}
    angles = angles_deg(named)
    angles["neck_flexion"] = neck_flexion_deg(frame.rotations, frame.joints_m) - neutral_deg
    row = {
        "f": number, "t": round(frame.time_s, 4),
        "joints": {short: np.round(value, 4).tolist() for short, value in named.items()},
        "px": {short: np.round(frame.xy_px[JOINT_INDEX[name]], 2).tolist() for short, name in JOINTS.items()},
        "angles": {name: round(float(value), 2) for name, value in angles.items()},
        "hidden": [short for short, name in JOINTS.items() if not frame.visible[JOINT_INDEX[name]]],
    }  # fmt: skip
    if moving:
        R, t = _camera(frame.T_cam_world)
        row |= {"R": np.round(R, 6).tolist(), "t": np.round(t, 5).tolist()}
    return row


def _camera(T_cam_world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return T_cam_world[:3, :3] @ _Z_UP.T, T_cam_world[:3, 3]


def angles_deg(joints: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The angles of the files from joints in the Z-up world."""
    hips, shoulders = joints["l_hip"] - joints["r_hip"], joints["l_shoulder"] - joints["r_shoulder"]
    trunk = (joints["l_shoulder"] + joints["r_shoulder"] - joints["l_hip"] - joints["r_hip"]) / 2
    left = unit(hips * [1, 1, 0])
    ahead = np.cross(left, _UP)
    axis = unit(trunk)
    found = {
        "trunk_incl": angle_between_deg(trunk, _UP),
        "trunk_sag": np.degrees(np.arctan2(axis @ ahead, axis @ _UP)),
        "trunk_lat": np.degrees(np.arctan2(axis @ left, axis @ _UP)),
        "trunk_twist": signed_angle_deg(hips, shoulders, axis),
    }
    for s in "lr":
        hip, knee, ankle, shoulder, elbow, wrist = (
            joints[f"{s}_{part}"] for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        )
        found[f"{s}_knee"] = angle_between_deg(knee - hip, ankle - knee)
        found[f"{s}_elbow"] = angle_between_deg(elbow - shoulder, wrist - elbow)
        found[f"{s}_uarm_trunk"] = angle_between_deg(elbow - shoulder, -trunk)
        found[f"{s}_uarm_grav"] = angle_between_deg(elbow - shoulder, -_UP)
    return {name: float(value) for name, value in found.items()}


def neck_flexion_deg(rotations: np.ndarray, joints_m: np.ndarray) -> float:
    """Nod of the head against a trunk that runs from hips to shoulders, as ``ergo.assess.angles`` defines it."""
    at = {name: joints_m[JOINT_INDEX[f"{side}_{part}"]] for name, side, part in _CORNERS}
    trunk = at["l_shoulder"] + at["r_shoulder"] - at["l_hip"] - at["r_hip"]
    chest = frame_from_axes(trunk, at["l_shoulder"] - at["r_shoulder"])
    head = np.eye(3)
    for name in ("pelvis", "spine1", "spine2", "spine3", "neck", "head"):
        head = head @ rotations[JOINT_INDEX[name]]
    return float(Rotation.from_matrix(chest.T @ head).as_euler("YXZ", degrees=True)[1])


def neutral_neck_deg(figure: Figure) -> float:
    """What :func:`neck_flexion_deg` is when the body stands upright with neutral gaze."""
    rotations = rotation_matrices(standing_pose(figure.body, figure.shaped.joints_m)[None])[0]
    return neck_flexion_deg(rotations, standing_joints(figure.body, figure.shaped))
