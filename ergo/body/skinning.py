"""Forward kinematics and linear blend skinning, in blocks of frames so that memory stays flat.

One path serves the free body and licensed SMPL-X files, and equals ``smplx.SMPLX.forward`` (Pavlakos et al.,
CVPR 2019, after Loper et al., "SMPL", 2015, eq. 2–7).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Float32
from scipy.sparse import csr_matrix
from scipy.spatial.transform import Rotation

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import BODY_POSE, JAW, JOINT_COUNT, LEFT_HAND_POSE, PARENTS, RIGHT_HAND_POSE
from ergo.types import Motion

BLOCK_FRAMES = 32
"""Frames skinned at once; 32 of the free body take about 5 MB."""


def full_pose(motion: Motion) -> Float[np.ndarray, "T 55 3"]:
    """The 55 local axis-angles of a motion, radians; the eyes rest. Frames that are not valid stay NaN."""
    pose = np.zeros((len(motion.transl), JOINT_COUNT, 3))
    pose[:, 0] = motion.global_orient
    pose[:, BODY_POSE] = motion.body_pose
    pose[:, JAW] = motion.jaw_pose
    pose[:, LEFT_HAND_POSE] = motion.left_hand_pose
    pose[:, RIGHT_HAND_POSE] = motion.right_hand_pose
    return pose


def rotation_matrices(pose: Float[np.ndarray, "T 55 3"]) -> Float[np.ndarray, "T 55 3 3"]:
    """Rotation matrices of axis-angles in radians; NaN stays NaN."""
    finite = np.isfinite(pose).all(axis=-1)
    matrices = np.full((*pose.shape, 3), np.nan)
    matrices[finite] = Rotation.from_rotvec(pose[finite]).as_matrix()
    return matrices


def forward_kinematics(
    rotations: Float[np.ndarray, "T 55 3 3"], joints_rest_m: Float[np.ndarray, "55 3"]
) -> tuple[Float[np.ndarray, "T 55 3 3"], Float[np.ndarray, "T 55 3"]]:
    """World rotations and joint positions of local rotations.

    The root turns about its own rest position, as in ``smplx``; add ``transl`` to the positions.

    Args:
        rotations: each joint's rotation against its parent (the root's against the world).
        joints_rest_m: joints of the shaped body in the T-pose, metres.

    Returns:
        rotations of the joint frames in the world, and joint positions in metres.
    """
    world = np.empty_like(rotations)
    joints = np.empty(rotations.shape[:-1], dtype=rotations.dtype)
    world[:, 0] = rotations[:, 0]
    joints[:, 0] = joints_rest_m[0]
    for child in range(1, JOINT_COUNT):
        parent = PARENTS[child]
        bone = (joints_rest_m[child] - joints_rest_m[parent]).astype(rotations.dtype)
        world[:, child] = world[:, parent] @ rotations[:, child]
        joints[:, child] = joints[:, parent] + world[:, parent] @ bone
    return world, joints


def skin_blocks(
    body: BodyModel,
    shaped: ShapedBody,
    rotations: Float[np.ndarray, "T 55 3 3"],
    transl: Float[np.ndarray, "T 3"] | None = None,
    block_frames: int = BLOCK_FRAMES,
) -> Iterator[tuple[slice, Float32[np.ndarray, "t V 3"]]]:
    """Vertices of a motion, a block of frames at a time.

    Args:
        body: gives weights and pose correctives.
        shaped: the person's body at rest, from ``body.shaped``.
        rotations: local rotations, see :func:`forward_kinematics`; frames with NaN give NaN vertices.
        transl: metres added to every vertex.
        block_frames: how many frames a block holds at most.

    Yields:
        which frames, and their vertices in metres.
    """
    levers = lever(body.weights, shaped.vertices_m)
    for start in range(0, len(rotations), block_frames):
        frames = slice(start, min(start + block_frames, len(rotations)))
        local = rotations[frames]
        world, joints = forward_kinematics(local, shaped.joints_m)
        affine = affines(world, joints, shaped.joints_m)
        if body.posedirs is None:
            vertices = skin_rigid(levers, affine)
        else:
            vertices = _skin_corrected(body, body.posedirs, shaped, local, affine)
        if transl is not None:
            vertices += np.asarray(transl[frames], np.float32)[:, None]
        yield frames, vertices


def skin(
    body: BodyModel,
    shaped: ShapedBody,
    rotations: Float[np.ndarray, "T 55 3 3"],
    transl: Float[np.ndarray, "T 3"] | None = None,
) -> Float32[np.ndarray, "T V 3"]:
    """Vertices of a few frames at once, metres; see :func:`skin_blocks` for whole motions."""
    out = np.empty((len(rotations), body.vertex_count, 3), np.float32)
    for frames, vertices in skin_blocks(body, shaped, rotations, transl):
        out[frames] = vertices
    return out


def affines(
    world: Float[np.ndarray, "T 55 3 3"],
    joints_m: Float[np.ndarray, "T 55 3"],
    joints_rest_m: Float[np.ndarray, "55 3"],
) -> Float32[np.ndarray, "T 55 3 4"]:
    """What each joint does to a point at rest, x ↦ R x + offset, from :func:`forward_kinematics`."""
    offsets = joints_m - np.einsum("tjab,jb->tja", world, joints_rest_m)
    return np.concatenate([world, offsets[..., None]], axis=-1).astype(np.float32)


def lever(weights: Float[np.ndarray, "V 55"], vertices_m: Float32[np.ndarray, "V 3"]) -> csr_matrix:
    """Sparse float32[V, 220] with w·(x, y, z, 1) of every vertex in the four columns of each joint.

    The skinned vertices are then this matrix times the stacked (R | offset)ᵀ: without pose correctives the
    rest vertex is the same in every frame, so weights and vertex fold into one product.
    """
    vertex, joint = np.nonzero(weights)
    homogeneous = np.concatenate([vertices_m, np.ones((len(vertices_m), 1), np.float32)], axis=1)
    values = weights[vertex, joint][:, None] * homogeneous[vertex]
    columns = 4 * joint[:, None] + np.arange(4)
    rows = np.repeat(vertex, 4)
    return csr_matrix(
        (values.ravel(), (rows, columns.ravel())), shape=(len(vertices_m), 4 * JOINT_COUNT), dtype=np.float32
    )


def skin_rigid(levers: csr_matrix, affine: Float32[np.ndarray, "t 55 3 4"]) -> Float32[np.ndarray, "t V 3"]:
    """Vertices of a few frames without pose correctives, metres: :func:`lever` moved by :func:`affines`."""
    count = len(affine)
    stacked = affine.transpose(1, 3, 0, 2).reshape(4 * JOINT_COUNT, 3 * count)
    flat = levers @ np.ascontiguousarray(stacked)
    return np.ascontiguousarray(flat.reshape(-1, count, 3).transpose(1, 0, 2))


def _skin_corrected(
    body: BodyModel,
    posedirs: Float32[np.ndarray, "486 V*3"],
    shaped: ShapedBody,
    local: Float[np.ndarray, "t 55 3 3"],
    affine: Float32[np.ndarray, "t 55 3 4"],
) -> Float32[np.ndarray, "t V 3"]:
    """Skinning with pose correctives: the rest vertices differ in every frame, the weights do not."""
    count = len(affine)
    feature = (local[:, 1:] - np.eye(3)).reshape(count, -1).astype(np.float32)
    rest = shaped.vertices_m + (feature @ posedirs).reshape(count, -1, 3)
    mixed = body.weights @ affine.transpose(1, 0, 2, 3).reshape(JOINT_COUNT, -1)
    mixed = mixed.reshape(-1, count, 3, 4)
    turned = np.einsum("vtab,tvb->tva", mixed[..., :3], rest, optimize=True)
    return turned + mixed[..., 3].transpose(1, 0, 2)
