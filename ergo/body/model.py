"""A body that can be shaped: template, shape space, joints and skinning weights, in SMPL-X's conventions.

Shaping follows Pavlakos et al. (CVPR 2019), eq. 1–3: vertices are the template plus shape and expression
blend shapes, rest joints are a linear regression of the shaped vertices. The rest pose is the T-pose: Y up,
facing +Z, left arm along +X, metres. Both the free body and the licensed SMPL-X files come as this one type.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Int32, UInt8
from scipy.optimize import root_scalar

from ergo.body.skeleton import JOINT_COUNT
from ergo.errors import SettingsError
from ergo.types import Sex, checked

SHAPE_COUNT = 10
"""Shape coefficients kept of a body; SMPL-X files hold up to 300."""
EXPRESSION_COUNT = 10
"""Expression coefficients kept of a body; SMPL-X files hold up to 100."""

_BETA0_REACH = 15.0
_STATURE_RANGE_M = (1.0, 2.5)


@checked
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShapedBody:
    """One person's body at rest in the T-pose, Y up, metres."""

    vertices_m: Float32[np.ndarray, "V 3"]
    joints_m: Float32[np.ndarray, "55 3"]

    @property
    def stature_m(self) -> float:
        """Height from sole to crown, metres."""
        return float(np.ptp(self.vertices_m[:, 1]))


@checked
@dataclass(frozen=True, kw_only=True, eq=False)
class BodyModel:
    """A body model; arrays are float32 and are not to be written to.

    Attributes:
        name: ``free`` for the body that ships with Ergo, ``smplx`` for a licensed file.
        v_template_m: vertices of the mean body in the T-pose, metres.
        shapedirs: metres of displacement per unit of each beta.
        exprdirs: metres of displacement per unit of each expression coefficient.
        posedirs: pose-corrective displacements, row k for element k of the 54 flattened (R − I); None for a
            body without them.
        weights: skinning weights, rows sum to 1.
        joint_regressor: rest joints are ``joint_regressor @ vertices``.
        faces: vertex indices of the triangles, counter-clockwise seen from outside.
        vertex_rgb: colours of skin and neutral work clothes.
        hands_mean: axis-angle of relaxed hands, left then right, radians.
    """

    name: Literal["free", "smplx"]
    sex: Sex
    v_template_m: Float32[np.ndarray, "V 3"]
    shapedirs: Float32[np.ndarray, "V 3 B"]
    exprdirs: Float32[np.ndarray, "V 3 E"]
    posedirs: Float32[np.ndarray, "486 V*3"] | None
    weights: Float32[np.ndarray, "V 55"]
    joint_regressor: Float32[np.ndarray, "55 V"]
    faces: Int32[np.ndarray, "F 3"]
    vertex_rgb: UInt8[np.ndarray, "V 3"]
    hands_mean: Float32[np.ndarray, "2 15 3"]

    @property
    def vertex_count(self) -> int:
        """Number of vertices V."""
        return len(self.v_template_m)

    @cached_property
    def joints_template_m(self) -> Float32[np.ndarray, "55 3"]:
        """Rest joints of the mean body, metres."""
        return self.joint_regressor @ self.v_template_m

    @cached_property
    def joint_shapedirs(self) -> Float32[np.ndarray, "55 3 B"]:
        """Metres that each rest joint moves per unit of each beta."""
        flat = self.joint_regressor @ self.shapedirs.reshape(self.vertex_count, -1)
        return flat.reshape(JOINT_COUNT, 3, -1)

    def rest_joints(self, betas: Float[np.ndarray, "b"]) -> Float32[np.ndarray, "55 3"]:
        """Rest joints of a shape without its vertices, metres (for a fit that needs no skin)."""
        betas = np.asarray(betas, np.float32)
        return self.joints_template_m + self.joint_shapedirs[..., : len(betas)] @ betas

    def shaped(self, betas: Float[np.ndarray, "b"], expression: Float[np.ndarray, "e"] | None = None) -> ShapedBody:
        """The body of one person in the T-pose.

        Args:
            betas: at most B shape coefficients; missing ones are zero.
            expression: at most E expression coefficients. As in ``smplx`` they move rest joints too.
        """
        betas = np.asarray(betas, np.float32)
        vertices = self.v_template_m + self.shapedirs[..., : len(betas)] @ betas
        if expression is not None:
            expression = np.asarray(expression, np.float32)
            vertices = vertices + self.exprdirs[..., : len(expression)] @ expression
        return ShapedBody(vertices_m=vertices, joints_m=self.joint_regressor @ vertices)


def betas_for_stature(body: BodyModel, stature_m: float) -> Float32[np.ndarray, "B"]:
    """Shape coefficients of the average body of this stature: beta 0 solved for, the others zero.

    For the free body beta 0 is stature itself; for SMPL-X its first component is nearly so.

    Raises:
        SettingsError: the stature is no adult's (outside 1.0 to 2.5 m).
    """
    low, high = _STATURE_RANGE_M
    if not low <= stature_m <= high:
        raise SettingsError(
            f"height_m is {stature_m:g}, outside {low:g} to {high:g} metres.",
            "Give the worker's height in metres, for example 1.75, or leave it empty.",
        )
    betas = np.zeros(body.shapedirs.shape[-1], np.float32)
    heights = body.v_template_m[:, 1].astype(np.float64)
    growth = body.shapedirs[:, 1, 0].astype(np.float64)
    reach = (-_BETA0_REACH, _BETA0_REACH)
    betas[0] = root_scalar(lambda b: float(np.ptp(heights + b * growth)) - stature_m, bracket=reach).root
    return betas
