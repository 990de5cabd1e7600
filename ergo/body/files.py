"""Write a body as a full SMPL-X model file, for programs that use the ``smplx`` package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ergo.body.load import FREE_BODY, POSE_FEATURES, SMPLX_SHAPE_COLUMNS
from ergo.body.model import EXPRESSION_COUNT, SHAPE_COUNT, BodyModel
from ergo.body.skeleton import JOINT_COUNT, JOINT_INDEX, JOINT_NAMES, PARENTS
from ergo.errors import ModelError

_EXPRESSION_COLUMNS = 100


def write_smplx_npz(body: BodyModel, path: Path) -> None:
    """Write the free body in the layout that ``smplx.create`` reads.

    ``smplx`` finds it as ``<folder>/smplx/SMPLX_NEUTRAL.npz`` when given the folder. Shape and expression
    columns are padded with zeros to 300 + 100, pose correctives are zero, hand components are the identity.

    Raises:
        ModelError: the body is a licensed one, which must not be copied into other files.
    """
    if body.name != "free":
        raise ModelError(
            "Only the free body is written as an SMPL-X file.", "Use your own licensed SMPL-X file where one is needed."
        )
    count = body.vertex_count
    dirs = np.zeros((count, 3, SMPLX_SHAPE_COLUMNS + _EXPRESSION_COLUMNS), np.float32)
    dirs[..., :SHAPE_COUNT] = body.shapedirs
    dirs[..., SMPLX_SHAPE_COLUMNS : SMPLX_SHAPE_COLUMNS + EXPRESSION_COUNT] = body.exprdirs
    with np.load(FREE_BODY, allow_pickle=False) as file:
        landmarks = {key: file[key] for key in file.files if "lmk" in key}
    np.savez_compressed(
        path,
        v_template=body.v_template_m,
        f=body.faces.astype(np.uint32),
        shapedirs=dirs,
        posedirs=np.zeros((count, 3, POSE_FEATURES), np.float32),
        weights=body.weights,
        J_regressor=body.joint_regressor,
        kintree_table=np.stack([PARENTS, np.arange(JOINT_COUNT)]),
        hands_meanl=body.hands_mean[0].reshape(45),
        hands_meanr=body.hands_mean[1].reshape(45),
        hands_componentsl=np.eye(45, dtype=np.float32),
        hands_componentsr=np.eye(45, dtype=np.float32),
        joint_names=np.array(JOINT_NAMES),
        joint2num=np.array(list(JOINT_INDEX.values())),
        **landmarks,
    )
