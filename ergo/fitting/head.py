"""How the head is turned against the trunk, from the landmarks of the face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.body.landmarks import Landmark as L
from ergo.fitting.gaps import complete
from ergo.geometry.rotations import frame_from_axes
from ergo.types import Quality

FACE: tuple[L, ...] = (L.NOSE, L.LEFT_EYE, L.RIGHT_EYE, L.LEFT_EAR, L.RIGHT_EAR, L.MOUTH_LEFT, L.MOUTH_RIGHT)
"""The landmarks of the face that are used, in the order of a template."""

Template = Float[np.ndarray, "7 3"]
"""Where an estimator sees the landmarks of :data:`FACE` in the head's own frame (X left, Y up, Z ahead), metres about
their mean, when the gaze is neutral."""


def _cm(*places: tuple[float, float, float]) -> Template:
    template = np.array(places) / 100.0
    template.flags.writeable = False
    return template


_LITE = _cm(
    (0.6, 0.2, 4.6),
    (1.5, 3.0, 2.4),
    (-1.0, 3.3, 2.9),
    (5.8, -0.2, -6.9),
    (-7.6, -0.2, -5.4),
    (2.0, -2.9, 1.0),
    (-1.4, -3.0, 1.6),
)
_HEAVY = _cm(
    (-1.3, 1.3, 4.9),
    (0.5, 2.9, 2.6),
    (-0.8, 4.6, 2.4),
    (7.2, 0.0, -6.7),
    (-5.6, -4.2, -5.7),
    (1.1, -1.2, 0.6),
    (-1.0, -3.2, 1.9),
)
_MIRRORED = _cm(
    (0.0, 1.2, 4.6),
    (1.1, 3.4, 2.3),
    (-1.1, 3.4, 2.3),
    (6.2, -1.9, -6.3),
    (-6.2, -1.9, -6.3),
    (1.5, -2.1, 1.5),
    (-1.5, -2.1, 1.5),
)

FACES_M: Mapping[Quality, Template] = MappingProxyType(
    {"low": _LITE, "medium": _HEAVY, "high": _MIRRORED, "ultra": _MIRRORED}
)
"""The face as each quality sees it, measured by ``benchmarks/faces.py``: `medium` on the rendered clips and those of
`dev`, the others on `dev` alone, moved by as much as the rendered clips move `medium`'s. An estimator is wrong about a
face in the same way each time: the heavy network, not mirrored, sees the right ear 4 cm lower than the left one."""


def head_turn(points_m: Float[np.ndarray, "T 33 3"], face_m: Template) -> Float[np.ndarray, "T 3"]:
    """Yaw to the left, pitch forward and roll to the right of the head in the thorax's frame, radians.

    `face_m` is how the estimator sees a face, one of :data:`FACES_M`. The head is the rotation that takes it nearest
    to the landmarks; NaN where one of them is missing.
    """
    left, right = points_m[:, L.LEFT_SHOULDER], points_m[:, L.RIGHT_SHOULDER]
    trunk = left + right - points_m[:, L.LEFT_HIP] - points_m[:, L.RIGHT_HIP]
    turn = np.swapaxes(frame_from_axes(trunk, left - right), -1, -2) @ head_rotation(points_m, face_m)
    angles = np.full((len(turn), 3), np.nan)
    known = complete(turn)
    if known.any():
        angles[known] = Rotation.from_matrix(turn[known]).as_euler("YXZ")
    return angles


def head_rotation(points_m: Float[np.ndarray, "T 33 3"], face_m: Template) -> Float[np.ndarray, "T 3 3"]:
    """The head's axes in the frame of the points: least squares over rotations (Kabsch, Acta Cryst. A32, 1976, 922)."""
    seen = points_m[:, list(FACE)]
    found = np.full((len(seen), 3, 3), np.nan)
    known = complete(seen)
    about_mean = seen[known] - seen[known].mean(axis=1, keepdims=True)
    u, _, vt = np.linalg.svd(np.einsum("tli,lj->tij", about_mean, face_m))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]  # a rotation, no reflection
    found[known] = u @ vt
    return found
