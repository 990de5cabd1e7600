"""The .glb is decoded here by the letter of the glTF 2.0 specification, and read by trimesh."""

import json
import struct

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from ergo.body.load import load_body
from ergo.body.skeleton import JOINT_COUNT, JOINT_INDEX, JOINT_NAMES, PARENTS
from ergo.body.skinning import full_pose, rotation_matrices, skin
from ergo.body.standing import standing_pose
from ergo.errors import SettingsError
from ergo.report.glb import write_glb
from ergo.types import Motion

BODY = load_body(None)
TYPES = {5126: "<f4", 5122: "<i2", 5121: "u1", 5123: "<u2", 5125: "<u4"}
WIDTH = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def _motion(count: int = 40, valid: np.ndarray | None = None) -> Motion:
    """A worker who bends, lifts the arms and turns by more than a whole turn."""
    pose = np.tile(standing_pose(BODY), (count, 1, 1))
    t = np.linspace(0, 1, count)
    pose[:, 0, 1] = 8 * t  # beyond 2π, so quaternion signs must be kept continuous
    for name, reach in (("spine1", 0.4), ("spine2", 0.4), ("left_knee", 1.2), ("right_shoulder", 0.9), ("head", 0.3)):
        pose[:, JOINT_INDEX[name], 0] += reach * np.sin(6 * t)
    transl = np.stack([t, 0.9 + 0 * t, 0.1 * np.sin(t)], axis=1)
    valid = np.ones(count, bool) if valid is None else valid
    pose[~valid], transl[~valid] = np.nan, np.nan
    betas = np.zeros(10)
    betas[:3] = 1.2, -0.7, 0.4
    stamps = np.cumsum(np.linspace(0.03, 0.05, count)) - 0.03  # an uneven frame rate
    return Motion(
        betas=betas,
        global_orient=pose[:, 0],
        body_pose=pose[:, 1:22],
        left_hand_pose=pose[:, 25:40],
        right_hand_pose=pose[:, 40:55],
        jaw_pose=pose[:, 22],
        expression=np.zeros((count, 10)),
        transl=transl,
        joints_m=np.zeros((count, 55, 3)),
        timestamps_s=stamps,
        valid=valid,
    )


class Glb:
    def __init__(self, path):
        data = path.read_bytes()
        magic, version, total = struct.unpack_from("<4sII", data)
        assert (magic, version, total) == (b"glTF", 2, len(data))
        length, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON" and length % 4 == 0
        self.json = json.loads(data[20 : 20 + length])
        size, kind = struct.unpack_from("<I4s", data, 20 + length)
        assert kind == b"BIN\0" and size % 4 == 0
        self.binary = data[28 + length :]
        assert len(self.binary) == size == self.json["buffers"][0]["byteLength"]

    def array(self, index):
        accessor = self.json["accessors"][index]
        view = self.json["bufferViews"][accessor["bufferView"]]
        dtype, width = np.dtype(TYPES[accessor["componentType"]]), WIDTH[accessor["type"]]
        assert view["byteOffset"] % 4 == 0
        assert view["byteLength"] == accessor["count"] * width * dtype.itemsize
        raw = np.frombuffer(self.binary, dtype, accessor["count"] * width, view["byteOffset"])
        raw = raw.reshape(accessor["count"], width)
        for bound, found in (("min", raw.min(axis=0)), ("max", raw.max(axis=0))):
            if bound in accessor:
                assert np.allclose(accessor[bound], found, atol=0, rtol=1e-6)
        return raw / np.iinfo(dtype).max if accessor.get("normalized") else raw

    def attribute(self, name):
        return self.array(self.json["meshes"][0]["primitives"][0]["attributes"][name])

    def channels(self):
        animation = self.json["animations"][0]
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            assert sampler["interpolation"] == "LINEAR"
            target = channel["target"]
            yield target["node"], target["path"], self.array(sampler["input"])[:, 0], self.array(sampler["output"])

    def skinned(self, frame):
        """Vertices of a frame, as a viewer makes them (glTF 2.0, section 3.7.3.3)."""
        nodes = self.json["nodes"]
        local = np.tile(np.eye(4), (JOINT_COUNT, 1, 1))
        for joint, node in enumerate(nodes[:JOINT_COUNT]):
            local[joint, :3, 3] = node["translation"]
            local[joint, :3, :3] = Rotation.from_quat(node.get("rotation", [0, 0, 0, 1])).as_matrix()
        for node, path, _, values in self.channels():
            if path == "rotation":
                local[node, :3, :3] = Rotation.from_quat(values[frame]).as_matrix()
            else:
                local[node, :3, 3] = values[frame]
        world = local.copy()
        for parent in range(JOINT_COUNT):
            for child in nodes[parent].get("children", []):
                world[child] = world[parent] @ local[child]
        skin_json = self.json["skins"][0]
        inverse = self.array(skin_json["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        matrices = world[skin_json["joints"]] @ inverse
        mixed = np.einsum("vk,vkab->vab", self.attribute("WEIGHTS_0"), matrices[self.attribute("JOINTS_0")])
        position = self.attribute("POSITION")
        return np.einsum("vab,vb->va", mixed[:, :3, :3], position) + mixed[:, :3, 3]


@pytest.fixture(scope="module")
def motion():
    return _motion()


@pytest.fixture(scope="module")
def path(motion, tmp_path_factory):
    out = tmp_path_factory.mktemp("glb") / "body.glb"
    write_glb(out, BODY, motion)
    return out


def test_skinned_frames_equal_the_bodys_own(path, motion):
    glb = Glb(path)
    rotations = rotation_matrices(full_pose(motion))
    few = (BODY.weights > 0).sum(axis=1) <= 4
    assert few.mean() > 0.85
    for frame in (0, 17, 39):
        ours = skin(BODY, BODY.shaped(motion.betas), rotations[[frame]], motion.transl[[frame]])[0]
        away = np.linalg.norm(glb.skinned(frame) - ours, axis=1)
        assert away[few].max() < 5e-4  # what 16-bit quaternions leave
        assert away.mean() < 3e-4
        assert away.max() < 0.015  # vertices of more than four joints lose the weakest


def test_only_moving_joints_are_animated(path):
    moved = {(JOINT_NAMES[node], kind) for node, kind, _, _ in Glb(path).channels()}
    turning = {"pelvis", "spine1", "spine2", "left_knee", "right_shoulder", "head"}
    assert moved == {("pelvis", "translation")} | {(name, "rotation") for name in turning}


def test_quaternions_are_unit_and_keep_their_sign(path):
    for _, kind, _, values in Glb(path).channels():
        if kind == "rotation":
            assert np.abs(np.linalg.norm(values, axis=1) - 1).max() < 1e-4
            assert (np.sum(values[1:] * values[:-1], axis=1) > 0).all()


def test_times_are_those_of_the_video(path, motion):
    for _, _, times, values in Glb(path).channels():
        assert np.abs(times - motion.timestamps_s).max() < 1e-5
        assert len(values) == len(times)
        assert (np.diff(times) > 0).all()


def test_unseen_frames_hold_the_last_seen_pose(tmp_path):
    valid = np.ones(40, bool)
    valid[:3] = valid[10:15] = valid[39] = False
    motion = _motion(valid=valid)
    write_glb(tmp_path / "held.glb", BODY, motion)
    glb = Glb(tmp_path / "held.glb")
    for _, _, _, values in glb.channels():
        assert np.isfinite(values).all()
        for held, shown in ((0, 3), (2, 3), (10, 9), (14, 9), (39, 38)):
            assert np.array_equal(values[held], values[shown])
        assert not np.array_equal(values[15], values[9])


def test_a_motion_never_seen_is_refused_and_leaves_no_file(tmp_path):
    with pytest.raises(SettingsError, match="no frame"):
        write_glb(tmp_path / "none.glb", BODY, _motion(5, np.zeros(5, bool)))
    assert not (tmp_path / "none.glb").exists()


def test_one_frame_is_a_still(tmp_path):
    write_glb(tmp_path / "still.glb", BODY, _motion(1))
    assert {kind for _, kind, _, _ in Glb(tmp_path / "still.glb").channels()} == {"translation"}


def test_mesh_is_the_shaped_body(path, motion):
    glb = Glb(path)
    assert np.array_equal(glb.attribute("POSITION"), BODY.shaped(motion.betas).vertices_m)
    weights, joints = glb.attribute("WEIGHTS_0"), glb.attribute("JOINTS_0")
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-6
    assert joints.max() < JOINT_COUNT
    assert not joints[weights == 0].any()  # as the validator asks
    assert np.abs(np.linalg.norm(glb.attribute("NORMAL"), axis=1) - 1).max() < 1e-5


def test_skeleton_is_named_and_linked(path):
    nodes = Glb(path).json["nodes"]
    assert tuple(node["name"] for node in nodes[:JOINT_COUNT]) == JOINT_NAMES
    for parent, node in enumerate(nodes[:JOINT_COUNT]):
        assert node.get("children", []) == np.flatnonzero(parent == PARENTS).tolist()


def test_colours_are_linear(path):
    colour = Glb(path).attribute("COLOR_0")
    assert (colour[:, 3] == 1).all()
    srgb = np.where(colour <= 0.0031308, 12.92 * colour, 1.055 * colour ** (1 / 2.4) - 0.055)
    assert np.abs(srgb[:, :3] * 255 - BODY.vertex_rgb).max() < 0.5


def test_trimesh_reads_it(path, motion):
    scene = trimesh.load(path)
    (mesh,) = scene.geometry.values()
    assert mesh.vertices.shape == (BODY.vertex_count, 3)
    assert np.array_equal(mesh.faces, BODY.faces)
    assert np.abs(mesh.vertices - BODY.shaped(motion.betas).vertices_m).max() < 1e-6
    assert {"pelvis", "left_wrist"} <= set(scene.graph.nodes)
