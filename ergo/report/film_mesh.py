"""The person's skin with few triangles, posed at any time between two frames: what is drawn over a film.

At a preview's size the triangles of the whole skin are smaller than its pixels. Vertices that lie in one cell of a grid
(of one region of the body, in the T-pose) become one, with the mean of their places, weights and colours.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8
from scipy.sparse import csr_matrix
from scipy.spatial.transform import Rotation

from ergo.body.skeleton import JOINT_INDEX, REGIONS
from ergo.body.skinning import affines, forward_kinematics, lever, skin_rigid
from ergo.report.player_file import Arrays

_CELL_M: Final = 0.035
_CELLS_M: Final = {"head": 0.02, "foot": 0.018, "hand": 0.014}
"""Smaller cells where parts are thin or close to each other; a foot is what moves with it or the ankle."""
_FEET: Final = tuple(JOINT_INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("ankle", "foot"))


class FilmMesh:
    """Made from the arrays of ``viewer.bin``, so that no licensed body has to be at hand."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._rest_m = np.asarray(arrays["joints_rest_m"], float)
        cell = _cells(arrays)
        mean = _mean_of(cell)
        weights = np.zeros((len(cell), len(self._rest_m)))
        np.put_along_axis(weights, arrays["skin_joints"].astype(int), arrays["skin_weights"] / 255.0, axis=1)
        self._lever = lever(mean @ weights, (mean @ arrays["vertices_m"]).astype(np.float32))
        self.faces: Int[np.ndarray, "F 3"] = _faces(cell[arrays["faces"].astype(int)])
        region = np.zeros(cell.max() + 1, np.uint8)
        region[cell] = arrays["vertex_region"]
        self.regions: UInt8[np.ndarray, "F 3"] = region[self.faces]
        self.rgb: Float[np.ndarray, "F 3"] = (mean @ arrays["colors"].astype(float) / 255.0)[self.faces].mean(axis=1)
        corners = self.faces.ravel()
        of_face = np.repeat(np.arange(len(self.faces)), 3)
        self._around = csr_matrix((np.ones(len(corners), np.float32), (corners, of_face)))
        self._still = np.tile([0.0, 0.0, 0.0, 1.0], (len(self._rest_m), 1))
        self._still[arrays["still_joints"]] = arrays["still_rotations"]

    def posed(self, first: int, second: int, part: float) -> Float32[np.ndarray, "C 3"]:
        """The corners in the room in metres, `part` of the way from one frame to another."""
        arrays, local = self._arrays, self._still.copy()
        turns = [arrays["rotations"][frame].astype(float) for frame in (first, second)]
        local[arrays["moving_joints"]] = (1 - part) * turns[0] + part * turns[1]  # their signs agree in the file
        moves = arrays["transl_m"][[first, second]].astype(float)
        rotations = Rotation.from_quat(local).as_matrix()[None]
        world, joints = forward_kinematics(rotations, self._rest_m)
        vertices = skin_rigid(self._lever, affines(world, joints, self._rest_m))[0]
        return vertices + ((1 - part) * moves[0] + part * moves[1]).astype(np.float32)

    def smooth(self, normals: Float[np.ndarray, "F 3"]) -> Float[np.ndarray, "F 3"]:
        """Unit normals of the faces, each the mean of those of its corners; `normals` grow with the faces' areas."""
        summed = (self._around @ normals)[self.faces].sum(axis=1)
        return summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)


def _cells(arrays: Arrays) -> Int[np.ndarray, "V"]:
    """Which cell each vertex lies in, counted from 0."""
    region = arrays["vertex_region"]
    size_m = np.full(len(region), _CELL_M)
    for place, name in enumerate(REGIONS):
        size_m[region == place] = _CELLS_M.get(name.removeprefix("left_").removeprefix("right_"), _CELL_M)
    size_m[np.isin(arrays["skin_joints"][:, 0], _FEET)] = _CELLS_M["foot"]
    keys = np.column_stack([region, np.floor(arrays["vertices_m"] / size_m[:, None])]).astype(int)
    return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)


def _mean_of(cell: Int[np.ndarray, "V"]) -> csr_matrix:
    count = np.bincount(cell)
    return csr_matrix((1.0 / count[cell], (cell, np.arange(len(cell)))), shape=(len(count), len(cell)))


def _faces(corners: Int[np.ndarray, "f 3"]) -> Int[np.ndarray, "F 3"]:
    """The triangles that are still some, each once."""
    ordered = np.sort(corners, axis=1)
    kept = np.unique(ordered, axis=0, return_index=True)[1]
    kept = kept[(np.diff(ordered[kept], axis=1) > 0).all(axis=1)]
    return corners[np.sort(kept)]
