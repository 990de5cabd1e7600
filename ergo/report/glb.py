"""The moving body as a skinned, animated glTF 2.0 binary, which 3D programs and game engines open.

Layout after the Khronos glTF 2.0 specification (ISO/IEC 12113:2022). Four joints a vertex are written, the
most that every viewer reads; the fifth and further, if any, are folded into these.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8, UInt16
from scipy.spatial.transform import Rotation

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import JOINT_COUNT, JOINT_NAMES, PARENTS
from ergo.body.skinning import full_pose
from ergo.errors import SettingsError
from ergo.types import Motion

_INFLUENCES = 4
_STILL = 1e-6
_COMPONENT = {"<f4": 5126, "<i2": 5122, "|u1": 5121, "<u2": 5123, "<u4": 5125}
_KIND = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_VERTEX_DATA, _INDEX_DATA = 34962, 34963


@dataclass
class _Buffer:
    """The binary part of the file, and the JSON tables that describe it."""

    chunks: list[bytes] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0

    def add(
        self, array: np.ndarray, target: int | None = None, *, normalized: bool = False, bounds: bool = False
    ) -> int:
        """Append rows of scalars, vectors or matrices; returns the accessor's index."""
        rows = np.ascontiguousarray(array)
        data = rows.tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": self.size, "byteLength": len(data)}
        accessor: dict[str, Any] = {
            "bufferView": len(self.views),
            "componentType": _COMPONENT[rows.dtype.newbyteorder("<").str],
            "count": len(rows),
            "type": _KIND[rows.size // len(rows)],
        }
        if target is not None:
            view["target"] = target
        if normalized:
            accessor["normalized"] = True
        if bounds:
            flat = rows.reshape(len(rows), -1)
            accessor["min"], accessor["max"] = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
        data += b"\0" * (-len(data) % 4)
        self.chunks.append(data)
        self.size += len(data)
        self.views.append(view)
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def write_glb(path: Path, body: BodyModel, motion: Motion) -> None:
    """Write the body of a motion to a .glb file.

    Units and axes are glTF's: metres, Y up, the body in its T-pose facing +Z at rest. Only joints that move
    are animated. In frames that are not valid the last valid pose is held (the first one, before it).

    Raises:
        SettingsError: no frame of the motion is valid.
    """
    held = _held_frames(motion)
    shaped = body.shaped(motion.betas)
    pose = full_pose(motion)[held]
    quaternions = _continuous(Rotation.from_rotvec(pose.reshape(-1, 3)).as_quat().reshape(*pose.shape[:2], 4))
    buffer = _Buffer()
    mesh = _mesh(buffer, body, shaped)
    bind = buffer.add(_inverse_bind(shaped))
    nodes = _nodes(shaped)
    animation = _animate(buffer, nodes, quaternions, shaped.joints_m[0] + motion.transl[held], motion.timestamps_s)
    document = {
        "asset": {"version": "2.0", "generator": "Ergo"},
        "scene": 0,
        "scenes": [{"nodes": [0, JOINT_COUNT]}],
        "nodes": nodes,
        "meshes": [mesh],
        "materials": [
            {"name": "matte", "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.9}},
        ],
        "skins": [{"joints": list(range(JOINT_COUNT)), "inverseBindMatrices": bind, "skeleton": 0}],
        "animations": [animation],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": buffer.size}],
    }
    path.write_bytes(_container(document, b"".join(buffer.chunks)))


def _held_frames(motion: Motion) -> np.ndarray:
    """For each frame the frame to show: itself when valid, else the last valid one, else the first."""
    valid = np.flatnonzero(motion.valid)
    if len(valid) == 0:
        raise SettingsError(
            "The motion has no frame in which the body was found.", "Pick a person who is in the picture."
        )
    last = np.searchsorted(valid, np.arange(len(motion.valid)), side="right") - 1
    return valid[np.maximum(last, 0)]


def _continuous(quaternions: Float[np.ndarray, "T J 4"]) -> Float[np.ndarray, "T J 4"]:
    """Flip signs so that neighbours lie in one hemisphere, else interpolation goes the long way round."""
    along = np.sum(quaternions[1:] * quaternions[:-1], axis=-1)
    signs = np.cumprod(np.where(along < 0, -1.0, 1.0), axis=0)
    out = quaternions.copy()
    out[1:] *= signs[..., None]
    return out


def _strongest(weights: Float[np.ndarray, "V 55"]) -> tuple[UInt8[np.ndarray, "V 4"], Float[np.ndarray, "V 4"]]:
    """The four strongest joints of each vertex and their weights, which sum to 1."""
    joints = np.argsort(-weights, axis=1, kind="stable")[:, :_INFLUENCES]
    kept = np.take_along_axis(weights, joints, axis=1)
    kept = kept / kept.sum(axis=1, keepdims=True)
    return np.where(kept > 0, joints, 0).astype(np.uint8), kept.astype("<f4")


def _normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    normals = np.zeros(vertices.shape)
    for k in range(3):
        np.add.at(normals, faces[:, k], across)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 0, normals / np.maximum(length, 1e-30), [0.0, 1.0, 0.0]).astype("<f4")


def _linear(rgb: UInt8[np.ndarray, "V 3"]) -> UInt16[np.ndarray, "V 4"]:
    """sRGB to the linear colours that glTF vertex colours are (IEC 61966-2-1), 16 bits for the dark ones."""
    s = rgb / 255.0
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    alpha = np.ones((len(rgb), 1))
    return np.round(65535 * np.concatenate([linear, alpha], axis=1)).astype("<u2")


def _mesh(buffer: _Buffer, body: BodyModel, shaped: ShapedBody) -> dict[str, Any]:
    joints, weights = _strongest(body.weights)
    small = body.vertex_count <= np.iinfo(np.uint16).max
    indices = body.faces.reshape(-1).astype("<u2" if small else "<u4")
    attributes = {
        "POSITION": buffer.add(shaped.vertices_m.astype("<f4"), _VERTEX_DATA, bounds=True),
        "NORMAL": buffer.add(_normals(shaped.vertices_m, body.faces), _VERTEX_DATA),
        "COLOR_0": buffer.add(_linear(body.vertex_rgb), _VERTEX_DATA, normalized=True),
        "JOINTS_0": buffer.add(joints, _VERTEX_DATA),
        "WEIGHTS_0": buffer.add(weights, _VERTEX_DATA),
    }
    primitive = {"attributes": attributes, "indices": buffer.add(indices, _INDEX_DATA), "material": 0}
    return {"name": "body", "primitives": [primitive]}


def _inverse_bind(shaped: ShapedBody) -> np.ndarray:
    """Column-major inverse bind matrices: at rest every joint is only moved, not turned."""
    matrices = np.tile(np.eye(4, dtype="<f4"), (JOINT_COUNT, 1, 1))
    matrices[:, :3, 3] = -shaped.joints_m
    return matrices.transpose(0, 2, 1).reshape(JOINT_COUNT, 16)


def _nodes(shaped: ShapedBody) -> list[dict[str, Any]]:
    """The joints, in skeleton order, then the node that carries the skinned mesh."""
    nodes: list[dict[str, Any]] = []
    for joint, name in enumerate(JOINT_NAMES):
        base = shaped.joints_m[PARENTS[joint]] if joint else np.zeros(3)
        node: dict[str, Any] = {"name": name, "translation": (shaped.joints_m[joint] - base).astype(float).tolist()}
        children = np.flatnonzero(joint == PARENTS).tolist()
        if children:
            node["children"] = children
        nodes.append(node)
    return [*nodes, {"name": "body", "mesh": 0, "skin": 0}]


def _animate(
    buffer: _Buffer,
    nodes: list[dict[str, Any]],
    quaternions: Float[np.ndarray, "T 55 4"],
    root_m: Float[np.ndarray, "T 3"],
    timestamps_s: Float[np.ndarray, "T"],
) -> dict[str, Any]:
    """Channels for the root's translation and the joints that move; joints that keep still are set in `nodes`."""
    times = buffer.add((timestamps_s - min(0.0, float(timestamps_s[0]))).astype("<f4"), bounds=True)
    samplers, channels = [], []

    def channel(node: int, path: str, output: int) -> None:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": times, "output": output, "interpolation": "LINEAR"})

    channel(0, "translation", buffer.add(root_m.astype("<f4")))
    for joint in range(JOINT_COUNT):
        turning = quaternions[:, joint]
        if np.ptp(turning, axis=0).max() > _STILL:
            packed = np.round(turning * np.iinfo(np.int16).max).astype("<i2")
            channel(joint, "rotation", buffer.add(packed, normalized=True))
        else:
            nodes[joint]["rotation"] = turning[0].tolist()
    return {"name": "motion", "samplers": samplers, "channels": channels}


def _container(document: dict[str, Any], binary: bytes) -> bytes:
    """The GLB container: header, JSON chunk padded with spaces, binary chunk (glTF 2.0, section 4.4)."""
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        [
            struct.pack("<4sII", b"glTF", 2, total),
            struct.pack("<I4s", len(text), b"JSON"),
            text,
            struct.pack("<I4s", len(binary), b"BIN\0"),
            binary,
        ]
    )
