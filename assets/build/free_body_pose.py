"""From the artist's A-pose on the MakeHuman rig to the T-pose on the SMPL-X skeleton.

The 163 bones of the rig are given to the 55 joints (weights add up), and every sample is unposed by inverse
linear blend skinning: v_T = (Σ w_j G_j)⁻¹ v_A, with G_j the transform of joint j from T-pose to A-pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ergo.body.skeleton import FINGERS, JOINT_INDEX, JOINT_NAMES, PARENTS
from ergo.geometry.rotations import rotation_about, rotation_between

X, Y, Z = np.eye(3)
SIDES = (("left", "L", 1.0), ("right", "R", -1.0))
MAX_INFLUENCES = 8
CLAVICLE_RISE = np.radians(12.0)
"""Clavicles rise as arms come up to the T-pose (Inman et al. 1944: most of their 30° before 90° of abduction;
less is taken here, because the A-pose already holds a part)."""
HIP_INSET = 0.8
"""The rig turns the thigh 11.5 cm beside the middle; the hip joint centres of adults are 17–19 cm apart."""
TOE_OUT = np.radians(7.0)

_FINGER_BONE = {"thumb": 1, "index": 2, "middle": 3, "ring": 4, "pinky": 5}


def y_up(points: np.ndarray) -> np.ndarray:
    """Z-up, facing −Y to Y-up, facing +Z."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1).astype(np.float64)


def _owners() -> dict[str, str]:
    """The SMPL-X joint that each named bone's weight goes to; bones not named follow their parent."""
    own = dict.fromkeys(("root", "pelvis.L", "pelvis.R", "spine05", "spine04"), "pelvis")
    own |= {"spine03": "spine1", "spine02": "spine2", "breast.L": "spine2", "breast.R": "spine2"}
    own |= {"spine01": "spine3", "neck01": "neck", "neck02": "neck", "neck03": "neck", "head": "head", "jaw": "jaw"}
    limbs = {
        "hip": ("upperleg01", "upperleg02"),
        "knee": ("lowerleg01", "lowerleg02"),
        "ankle": ("foot",),
        "foot": tuple(f"toe{i}-1" for i in range(1, 6)),
        "collar": ("clavicle", "shoulder01"),
        "shoulder": ("upperarm01", "upperarm02"),
        "elbow": ("lowerarm01", "lowerarm02"),
        "wrist": ("wrist", *(f"metacarpal{i}" for i in range(1, 5))),
        "eye_smplhf": ("eye",),
    }
    for side, letter, _ in SIDES:
        own |= {f"{bone}.{letter}": f"{side}_{joint}" for joint, bones in limbs.items() for bone in bones}
        own |= {
            f"finger{_FINGER_BONE[finger]}-{k}.{letter}": f"{side}_{finger}{k}" for finger in FINGERS for k in (1, 2, 3)
        }
    return own


def _joint_bones() -> dict[str, list[str]]:
    """The bones whose heads (averaged) are each joint."""
    first = {"pelvis": ["spine04"], "spine1": ["spine03"], "spine2": ["spine02"], "spine3": ["spine01"]}
    first |= {"neck": ["neck01"], "head": ["head"], "jaw": ["jaw"]}
    limbs = {
        "hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "collar": "clavicle", "shoulder": "upperarm01",
        "elbow": "lowerarm01", "wrist": "wrist", "eye_smplhf": "eye",
    }  # fmt: skip
    for side, letter, _ in SIDES:
        first |= {f"{side}_{joint}": [f"{bone}.{letter}"] for joint, bone in limbs.items()}
        first[f"{side}_foot"] = [f"toe{i}-1.{letter}" for i in range(1, 6)]
        for finger in FINGERS:
            for k in (1, 2, 3):
                first[f"{side}_{finger}{k}"] = [f"finger{_FINGER_BONE[finger]}-{k}.{letter}"]
    return first


def merge_weights(weights: np.ndarray, bones: list[str], bone_parents: np.ndarray) -> np.ndarray:
    """Skinning weights float64[V, 55] of at most eight joints a vertex; rows sum to 1."""
    own = _owners()
    merged = np.zeros((len(weights), len(JOINT_NAMES)))
    for i, bone in enumerate(bones):
        own.setdefault(bone, own.get(bones[bone_parents[i]], ""))
        merged[:, JOINT_INDEX[own[bone]]] += weights[:, i]
    merged /= merged.sum(axis=1, keepdims=True)
    eighth = np.sort(merged, axis=1)[:, -MAX_INFLUENCES][:, None]
    merged = np.where((merged >= eighth) & (merged > 1e-4), merged, 0.0)
    return merged / merged.sum(axis=1, keepdims=True)


def mirrored_joints() -> np.ndarray:
    """For each joint the one on the other side of the body."""
    swap = {"left": "right", "right": "left"}
    other = [n if "_" not in n else f"{swap[n.split('_', 1)[0]]}_{n.split('_', 1)[1]}" for n in JOINT_NAMES]
    return np.array([JOINT_INDEX[n] for n in other])


def place_joints(bone_heads: np.ndarray, bones: list[str]) -> np.ndarray:
    """Joint centres float64[N, 55, 3] in the A-pose, symmetric, Y up."""
    heads = y_up(bone_heads)
    sources = _joint_bones()
    joints = np.stack([heads[:, [bones.index(b) for b in sources[n]]].mean(axis=1) for n in JOINT_NAMES], axis=1)
    joints = (joints + joints[:, mirrored_joints()] * [-1, 1, 1]) / 2
    hips = [JOINT_INDEX["left_hip"], JOINT_INDEX["right_hip"]]
    joints[:, hips, 0] *= HIP_INSET
    joints[:, 0, 2] = joints[:, hips, 2].mean(axis=1)  # the rig's own pelvis bone starts in the sacrum
    return joints


def fingertips(vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray) -> dict[str, int]:
    """The vertex at the end of each finger of the left hand, from one body."""
    tips = {}
    for finger in FINGERS:
        last, middle = JOINT_INDEX[f"left_{finger}3"], JOINT_INDEX[f"left_{finger}2"]
        pulp = np.flatnonzero(weights[:, last] > 0.9)
        tips[finger] = int(pulp[np.argmax((vertices[pulp] - joints[last]) @ (joints[last] - joints[middle]))])
    return tips


def _turn(R: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.einsum("nab,nb->na", R, v)


def _arm(R: np.ndarray, j: np.ndarray, side: str, sign: float, tips: dict[str, np.ndarray]) -> None:
    """Arm along ±X, elbow's hinge upright, palm down, fingers straight."""
    ix = {
        n: JOINT_INDEX[f"{side}_{n}"] for n in ("collar", "shoulder", "elbow", "wrist", "index1", "middle1", "pinky1")
    }
    out = sign * X
    R[:, ix["collar"]] = rotation_about(Z, np.array(sign * CLAVICLE_RISE))
    upper, fore = j[:, ix["elbow"]] - j[:, ix["shoulder"]], j[:, ix["wrist"]] - j[:, ix["elbow"]]
    swing = rotation_between(_turn(R[:, ix["collar"]], upper), out) @ R[:, ix["collar"]]
    bent = _turn(swing, fore)
    R[:, ix["shoulder"]] = rotation_about(X, np.arctan2(bent[:, 1], bent[:, 2])) @ swing  # forearm bends forward
    R[:, ix["elbow"]] = rotation_between(_turn(R[:, ix["shoulder"]], fore), out) @ R[:, ix["shoulder"]]
    palm = _turn(R[:, ix["elbow"]], j[:, ix["middle1"]] - j[:, ix["wrist"]])
    hand = rotation_between(palm, out) @ R[:, ix["elbow"]]
    across = _turn(hand, j[:, ix["index1"]] - j[:, ix["pinky1"]])
    hand = rotation_about(X, np.arctan2(across[:, 1], across[:, 2])) @ hand
    R[:, ix["wrist"]] = hand
    for finger in FINGERS:
        a, b, c = (JOINT_INDEX[f"{side}_{finger}{k}"] for k in (1, 2, 3))
        R[:, a] = R[:, b] = R[:, c] = hand
        if finger == "thumb":
            continue
        bones = (j[:, b] - j[:, a], j[:, c] - j[:, b], tips[finger])
        flat = _turn(hand, bones[0]) * [1.0, 0.0, 0.5]
        previous = hand
        for joint, bone in zip((a, b, c), bones, strict=True):
            previous = rotation_between(_turn(previous, bone), flat) @ previous
            R[:, joint] = previous


def _leg(R: np.ndarray, j: np.ndarray, side: str, sign: float) -> None:
    """Leg upright, foot level, toes a little out."""
    hip, knee, ankle, foot = (JOINT_INDEX[f"{side}_{n}"] for n in ("hip", "knee", "ankle", "foot"))
    R[:, hip] = rotation_between(j[:, knee] - j[:, hip], -Y)
    R[:, knee] = rotation_between(_turn(R[:, hip], j[:, ankle] - j[:, knee]), -Y) @ R[:, hip]
    toes = j[:, foot] - j[:, ankle]
    R[:, ankle] = R[:, foot] = rotation_about(Y, sign * TOE_OUT - np.arctan2(toes[:, 0], toes[:, 2]))


def _place(R: np.ndarray, j: np.ndarray) -> np.ndarray:
    placed = np.zeros_like(j)
    for child in range(1, len(PARENTS)):
        parent = PARENTS[child]
        placed[:, child] = placed[:, parent] + _turn(R[:, parent], j[:, child] - j[:, parent])
    return placed


def _straighten(R: np.ndarray, j: np.ndarray) -> None:
    """Bend the spine, shared by its joints, until the neck stands above the pelvis; the gaze stays level."""
    share = {"spine1": 1 / 3, "spine2": 2 / 3, "spine3": 1.0, "neck": 0.5}
    bend = np.zeros(len(j))
    for _ in range(12):
        for name, part in share.items():
            R[:, JOINT_INDEX[name]] = rotation_about(X, part * bend)
        trunk = _place(R, j)[:, JOINT_INDEX["neck"]]
        bend -= 1.3 * np.arctan2(trunk[:, 2], trunk[:, 1])


@dataclass(frozen=True)
class TPosed:
    """Samples in the T-pose: vertices [N, V, 3] and joints [N, 55, 3], metres, Y up, pelvis at the origin."""

    vertices: np.ndarray
    joints: np.ndarray


def bake(vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray, mirror: np.ndarray) -> TPosed:
    """Unpose samples (Y up, A-pose) to the T-pose.

    Args:
        vertices: float[N, V, 3].
        joints: float[N, 55, 3] from :func:`place_joints`.
        weights: float[V, 55] from :func:`merge_weights`.
        mirror: for each vertex the one on the other side.
    """
    R = np.tile(np.eye(3), (len(joints), len(PARENTS), 1, 1))
    left_tips = fingertips(vertices[0], joints[0], weights)
    for side, _, sign in SIDES:
        tips = {}
        for finger, left in left_tips.items():
            tip = left if side == "left" else mirror[left]
            tips[finger] = vertices[:, tip] - joints[:, JOINT_INDEX[f"{side}_{finger}3"]]
        _arm(R, joints, side, sign, tips)
        _leg(R, joints, side, sign)
    _straighten(R, joints)
    placed = _place(R, joints)
    out = np.empty(vertices.shape, np.float32)
    for n, (rotation, a_pose, t_pose) in enumerate(zip(R, joints, placed, strict=True)):
        back = np.einsum("vj,jab->vab", weights, rotation.transpose(0, 2, 1), optimize=True)
        shift = weights @ (a_pose - np.einsum("jba,jb->ja", rotation, t_pose))
        out[n] = np.linalg.solve(back, (vertices[n] - shift)[..., None])[..., 0]
    return TPosed(vertices=out, joints=placed)
