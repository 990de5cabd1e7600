"""Read a body from its file: the free one that ships with Ergo, or a user's licensed SMPL-X file.

SMPL-X files are NumPy archives in which some members are pickled Python objects; these are never opened.
Only the numeric arrays that Ergo needs are read, each checked for its shape and values.
"""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ergo.body.clothes import paint
from ergo.body.model import EXPRESSION_COUNT, SHAPE_COUNT, BodyModel
from ergo.body.skeleton import JOINT_COUNT, PARENTS
from ergo.errors import ModelError
from ergo.types import Sex

FREE_BODY = Path(__file__).parents[2] / "assets" / "body" / "free_body.npz"
SMPLX_SHAPE_COLUMNS = 300
"""Shape columns before the expression columns in a full SMPL-X file."""
POSE_FEATURES = 9 * (JOINT_COUNT - 1)

_NEEDED = (
    "v_template",
    "f",
    "shapedirs",
    "weights",
    "J_regressor",
    "kintree_table",
    "hands_meanl",
    "hands_meanr",
)
_OPTIONAL = ("posedirs", "vertex_rgb", "betas_female_male")
# What NumPy, zipfile and zlib raise on damaged archives, found by flipping bytes of one.
_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    AttributeError,
    SyntaxError,
    MemoryError,
    OverflowError,
    RuntimeError,  # with NotImplementedError
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
_NOT_SMPLX = "Use the SMPL-X v1.1 .npz files from https://smpl-x.is.tue.mpg.de (not SMPL or SMPL+H, not .pkl)."


def load_body(smplx_dir: Path | None, sex: Sex = "neutral") -> BodyModel:
    """The body model to use.

    Args:
        smplx_dir: folder with licensed ``SMPLX_NEUTRAL.npz``, ``SMPLX_MALE.npz``, ``SMPLX_FEMALE.npz``, or
            None for the free body.
        sex: which body; the free one's male and female are mean shapes of the same model.

    Raises:
        ModelError: the file is missing, damaged or not an SMPL-X body.
    """
    if smplx_dir is None:
        return _free_body(FREE_BODY, sex)
    path = smplx_dir / f"SMPLX_{sex.upper()}.npz"
    if not path.is_file():
        raise ModelError(
            f"{path} does not exist.",
            f"Put {path.name} of your SMPL-X licence there, or unset ERGO_SMPLX_DIR to use the free body.",
        )
    return _body("smplx", sex, _read(path, f"Download {path.name} again. {_NOT_SMPLX}"))


def _free_body(path: Path, sex: Sex) -> BodyModel:
    hint = "Restore assets/body/free_body.npz from the repository; docs/body.md tells how to rebuild it."
    if not path.is_file():
        raise ModelError(f"{path} does not exist.", hint)
    arrays = _read(path, hint)
    if sex != "neutral":
        betas = arrays["betas_female_male"][("female", "male").index(sex)]
        arrays["v_template"] = arrays["v_template"] + arrays["shapedirs"][..., :SHAPE_COUNT] @ betas
    return _body("free", sex, arrays)


def _read(path: Path, hint: str) -> dict[str, np.ndarray]:
    """The numeric arrays of a file, checked."""
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in _NEEDED if key not in file.files]
            if missing:
                raise ModelError(f"{path} is no SMPL-X body: {', '.join(missing)} missing.", hint)
            arrays = {key: file[key] for key in (*_NEEDED, *_OPTIONAL) if key in file.files}
    except _UNREADABLE as error:
        raise ModelError(f"{path} cannot be read: {error}.", hint) from error
    wrong = next(_faults(arrays), None)
    if wrong is not None:
        raise ModelError(f"{path} is no SMPL-X body: {wrong}.", hint)
    return {key: a.astype(np.float32) if a.dtype.kind == "f" else a for key, a in arrays.items()}


def _faults(arrays: Mapping[str, np.ndarray]) -> Iterator[str]:
    """What is wrong with the arrays; the first fault may be the cause of those after it."""
    count, triangles = (len(arrays[key]) if arrays[key].ndim else 0 for key in ("v_template", "f"))
    dirs = arrays["shapedirs"]
    shapes = {
        "v_template": (count, 3),
        "f": (triangles, 3),
        "weights": (count, JOINT_COUNT),
        "J_regressor": (JOINT_COUNT, count),
        "kintree_table": (2, JOINT_COUNT),
        "shapedirs": (count, 3, max(dirs.shape[-1] if dirs.ndim else 0, SHAPE_COUNT + EXPRESSION_COUNT)),
        "posedirs": (count, 3, POSE_FEATURES),
    }
    for key, array in arrays.items():
        if array.dtype.kind not in "fiu":
            yield f"{key} holds no numbers"
    for key, shape in shapes.items():
        if key in arrays and arrays[key].shape != shape:
            yield f"{key} has the shape {arrays[key].shape}, not {shape}"
    if arrays["hands_meanl"].size != 45 or arrays["hands_meanr"].size != 45:
        yield "a hand has not 15 joints"
    for key, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            yield f"{key} holds values that are not finite"
    if arrays["kintree_table"][0, 1:].astype(np.int64).tolist() != PARENTS[1:].tolist():
        yield "its joints are connected in another way"
    if min(count, triangles) == 0 or arrays["f"].min() < 0 or arrays["f"].max() >= count:
        yield "its triangles do not match its vertices"
    if np.abs(arrays["weights"].sum(axis=1) - 1).max() > 1e-3:
        yield "its skinning weights do not sum to 1"


def _body(name: str, sex: Sex, arrays: dict[str, np.ndarray]) -> BodyModel:
    dirs = arrays["shapedirs"]
    first = SMPLX_SHAPE_COLUMNS if dirs.shape[2] > SMPLX_SHAPE_COLUMNS else SHAPE_COUNT
    template, weights, regressor = (arrays[key] for key in ("v_template", "weights", "J_regressor"))
    posedirs = arrays.get("posedirs")
    if posedirs is not None:
        flat = posedirs.reshape(-1, POSE_FEATURES).T
        posedirs = np.ascontiguousarray(flat) if np.any(flat) else None
    rgb = arrays.get("vertex_rgb")
    return BodyModel(
        name="free" if name == "free" else "smplx",
        sex=sex,
        v_template_m=template,
        shapedirs=np.ascontiguousarray(dirs[..., :SHAPE_COUNT]),
        exprdirs=np.ascontiguousarray(dirs[..., first : first + EXPRESSION_COUNT]),
        posedirs=posedirs,
        weights=weights,
        joint_regressor=regressor,
        faces=arrays["f"].astype(np.int32),
        vertex_rgb=paint(template, regressor @ template, weights) if rgb is None else rgb,
        hands_mean=np.stack([arrays["hands_meanl"], arrays["hands_meanr"]]).reshape(2, 15, 3),
    )
