"""People to look at: bodies of many shapes in work clothes that hang off them, painted face and hair."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ergo.body import clothes
from ergo.body.load import load_body
from ergo.body.model import BodyModel, ShapedBody, betas_for_stature
from ergo.body.skeleton import JOINT_INDEX
from scenes.figure import Figure
from scenes.paint import Palette, cloth, linear

SKIN, HAIR, SHIRT, BELT, TROUSERS, SHOES, EYE, IRIS = range(8)
_CLASSES = np.array(
    [clothes.SKIN, clothes.HAIR, clothes.SHIRT, clothes.BELT, clothes.TROUSERS, clothes.SHOES, clothes.EYE,
     clothes.IRIS],
    float,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """A body with its looks; the mesh at rest is `figure.shaped`, dressed."""

    figure: Figure
    dressed: ShapedBody
    rgb: np.ndarray  # float32[V, 3], linear
    material_of: np.ndarray  # int32[F]


def make(rng: np.random.Generator, palette: Palette) -> Person:
    """Somebody at random."""
    body = _body(str(rng.choice(["male", "female", "neutral"], p=[0.45, 0.35, 0.2])))
    centre = {"male": 1.77, "female": 1.64, "neutral": 1.70}[body.sex]
    betas = betas_for_stature(body, float(np.clip(rng.normal(centre, 0.07), 1.5, 1.95)))
    betas[1:] = np.clip(rng.normal(0, 0.9, len(betas) - 1), -1.8, 1.8)
    shaped = body.shaped(betas)
    kind = _classes(body, shaped, rng)
    dressed = shaped.vertices_m + (_looseness(rng, shaped, kind)[:, None] * _normals(body, shaped)).astype(np.float32)
    rgb, rows = _colours(rng, palette, body, shaped, kind)
    corners = np.sort(kind[body.faces], axis=1)[:, 1]
    return Person(
        figure=Figure(body=body, shaped=shaped),
        dressed=ShapedBody(vertices_m=dressed, joints_m=shaped.joints_m),
        rgb=rgb,
        material_of=rows[corners].astype(np.int32),
    )


@cache
def _body(sex: str) -> BodyModel:
    return load_body(None, sex)


def _classes(body: BodyModel, shaped: ShapedBody, rng: np.random.Generator) -> np.ndarray:
    """What covers each vertex: the body's own paint, with sleeves and trousers of random length, gloves or not."""
    kind = np.linalg.norm(body.vertex_rgb[:, None].astype(float) - _CLASSES, axis=2).argmin(axis=1)
    x = np.abs(body.v_template_m[:, 0])
    elbow, wrist, shoulder = (
        abs(body.joints_template_m[JOINT_INDEX[f"left_{n}"], 0]) for n in ("elbow", "wrist", "shoulder")
    )
    if rng.random() < 0.4:
        kind[(kind == SHIRT) & (x > rng.uniform(0.5, 1.1) * (elbow - shoulder) + shoulder)] = SKIN
    knee, ankle = (body.joints_template_m[JOINT_INDEX[f"left_{n}"], 1] for n in ("knee", "ankle"))
    if rng.random() < 0.12:
        kind[(kind == TROUSERS) & (body.v_template_m[:, 1] < knee + rng.uniform(-0.1, 0.1) * (knee - ankle))] = SKIN
    if rng.random() < 0.2:
        kind[(kind == SKIN) & (x > wrist - 0.02)] = BELT  # gloves
    return kind


def _looseness(rng: np.random.Generator, shaped: ShapedBody, kind: np.ndarray) -> np.ndarray:
    """Metres that cloth, hair or a helmet stand off the skin."""
    folds = np.zeros(len(kind))
    for _ in range(5):
        wave = rng.normal(size=3)
        wave *= rng.uniform(8, 45) / np.linalg.norm(wave)
        folds += np.sin(shaped.vertices_m @ wave + rng.uniform(0, 6.3)) / 5
    off = np.zeros(len(kind))
    for cover, low, high in ((SHIRT, 0.004, 0.03), (TROUSERS, 0.004, 0.025), (SHOES, 0.004, 0.012)):
        off[kind == cover] = rng.uniform(low, high)
    off[kind == BELT] = 0.006
    off[kind == HAIR] = rng.uniform(0.004, 0.025)
    cloth_ = np.isin(kind, (SHIRT, TROUSERS))
    off[cloth_] *= 1 + rng.uniform(0.3, 0.9) * folds[cloth_]
    return off


def _normals(body: BodyModel, shaped: ShapedBody) -> np.ndarray:
    """Directions away from the skin at rest, each averaged with its neighbours' so that folds do not tear."""
    v, faces = shaped.vertices_m, body.faces
    across = np.cross(v[faces[:, 1]] - v[faces[:, 0]], v[faces[:, 2]] - v[faces[:, 0]])
    normal = np.zeros_like(v)
    for corner in range(3):
        np.add.at(normal, faces[:, corner], across)
    return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)


def _colours(
    rng: np.random.Generator, palette: Palette, body: BodyModel, shaped: ShapedBody, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Linear colours of the vertices, and the material row of each class."""
    dark = rng.random() ** 1.3
    skin = linear(np.array([226, 182, 156]) * (1 - dark) + np.array([84, 56, 44]) * dark)
    shirt, trousers = cloth(rng), cloth(rng)
    if rng.random() < 0.2:
        trousers = shirt  # an overall
    hair = linear(np.array(rng.choice([(25, 22, 20), (72, 50, 34), (150, 115, 70), (150, 148, 146)])))
    if rng.random() < 0.3:
        hair = linear(np.array(rng.choice([(240, 200, 20), (235, 235, 235), (220, 90, 20), (30, 80, 170)])))  # a helmet
    of_class = np.array(
        [skin, hair, shirt, cloth(rng) * 0.4, trousers, cloth(rng) * 0.35, linear(np.array(clothes.EYE)),
         linear(np.array(clothes.IRIS))]
    )  # fmt: skip
    rgb = of_class[kind]
    brows, lips = _face(shaped)
    rgb[brows] = np.minimum(hair, skin) * 0.6
    rgb[lips] = skin * [0.85, 0.55, 0.55]
    vest = rng.random() < 0.15
    rows = np.array(
        [
            palette.add(rng, gloss=0.1, grain=0.06),
            palette.add(rng, gloss=0.1, grain=0.3, grain_per_m=60),
            palette.add(rng, striped=1.0 if vest else 0.2, upright=vest),
            palette.add(rng),
            palette.add(rng, striped=0.08),
            palette.add(rng),
            palette.add(rng, gloss=0.3, grain=0.0),
            palette.add(rng, gloss=0.3, grain=0.0),
        ]
    )
    return rgb.astype(np.float32), rows


def _face(shaped: ShapedBody) -> tuple[np.ndarray, np.ndarray]:
    """Which vertices are brows, and which are lips."""
    v, joints = shaped.vertices_m, shaped.joints_m
    left, right = joints[JOINT_INDEX["left_eye_smplhf"]], joints[JOINT_INDEX["right_eye_smplhf"]]
    eyes, apart = (left + right) / 2, float(left[0] - right[0])
    x, y, z = ((v - eyes) / apart).T
    front = z > 0.05
    brows = front & (np.abs(np.abs(x) - 0.52) < 0.3) & (np.abs(y - 0.36 + 0.1 * np.abs(np.abs(x) - 0.5)) < 0.07)
    lips = front & (np.abs(x) < 0.36) & (np.abs(y + 1.12) < 0.12 - 0.2 * np.abs(x) ** 2)
    return brows, lips
