"""Kinematics and skinning, against their laws and against the real ``smplx`` package."""

import subprocess
import sys
from dataclasses import replace

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ergo.body.files import write_smplx_npz
from ergo.body.load import load_body
from ergo.body.skeleton import JOINT_COUNT, PARENTS
from ergo.body.skinning import forward_kinematics, rotation_matrices, skin, skin_blocks

BODY = load_body(None)
ANGLES = st.floats(-3.0, 3.0, width=32)
POSES = hnp.arrays(np.float64, (2, JOINT_COUNT, 3), elements=ANGLES)


@given(POSES)
@settings(max_examples=25, deadline=None)
def test_bones_keep_their_length(pose):
    rest = BODY.joints_template_m
    world, joints = forward_kinematics(rotation_matrices(pose), rest)
    length = np.linalg.norm(joints[:, 1:] - joints[:, PARENTS[1:]], axis=-1)
    expected = np.linalg.norm(rest[1:] - rest[PARENTS[1:]], axis=-1)
    assert np.abs(length - expected).max() < 1e-6
    assert np.abs(world @ world.swapaxes(-1, -2) - np.eye(3)).max() < 1e-6
    assert np.abs(np.linalg.det(world) - 1).max() < 1e-6


@given(POSES, hnp.arrays(np.float64, 3, elements=ANGLES))
@settings(max_examples=25, deadline=None)
def test_turning_the_root_turns_everything(pose, turn):
    rest = BODY.joints_template_m.astype(float)
    local = rotation_matrices(pose)
    whole = Rotation.from_rotvec(turn).as_matrix()
    turned = local.copy()
    turned[:, 0] = whole @ local[:, 0]
    _, before = forward_kinematics(local, rest)
    _, after = forward_kinematics(turned, rest)
    assert np.abs(after - rest[0] - (before - rest[0]) @ whole.T).max() < 1e-6


def test_rest_pose_is_the_shaped_body():
    shaped = BODY.shaped(np.array([1.0, -2.0]))
    still = np.tile(np.eye(3), (1, JOINT_COUNT, 1, 1))
    assert np.abs(skin(BODY, shaped, still)[0] - shaped.vertices_m).max() < 1e-6
    assert np.abs(forward_kinematics(still, shaped.joints_m)[1][0] - shaped.joints_m).max() < 1e-6


def test_blocks_are_the_whole_and_transl_moves_it():
    rng = np.random.default_rng(3)
    shaped = BODY.shaped(np.zeros(10))
    rotations = rotation_matrices(rng.normal(0, 0.3, (7, JOINT_COUNT, 3)))
    transl = rng.normal(0, 1, (7, 3))
    whole = skin(BODY, shaped, rotations)
    frames = []
    for which, vertices in skin_blocks(BODY, shaped, rotations, transl, block_frames=3):
        assert np.abs(vertices - whole[which] - transl[which][:, None]).max() < 1e-6
        frames += range(7)[which]
    assert frames == list(range(7))


def test_unseen_frames_give_nan_and_only_they():
    pose = np.zeros((3, JOINT_COUNT, 3))
    pose[1] = np.nan
    vertices = skin(BODY, BODY.shaped(np.zeros(10)), rotation_matrices(pose))
    assert np.isnan(vertices[1]).all()
    assert np.isfinite(vertices[[0, 2]]).all()


def _with_posedirs(body):
    """A body whose pose correctives are not zero, as those of a licensed file are not."""
    rng = np.random.default_rng(5)
    return replace(body, posedirs=rng.normal(0, 1e-3, (486, 3 * body.vertex_count)).astype(np.float32))


@pytest.mark.parametrize("corrected", [False, True])
def test_equals_smplx(tmp_path, corrected):
    import smplx
    import torch

    body = _with_posedirs(BODY) if corrected else BODY
    (tmp_path / "smplx").mkdir()
    path = tmp_path / "smplx" / "SMPLX_NEUTRAL.npz"
    write_smplx_npz(BODY, path)
    theirs = smplx.create(
        str(tmp_path), model_type="smplx", ext="npz", use_pca=False, flat_hand_mean=True, batch_size=3
    )
    if body.posedirs is not None:
        theirs.posedirs[:] = torch.from_numpy(body.posedirs)
    rng = np.random.default_rng(7)
    pose = rng.normal(0, 0.4, (3, JOINT_COUNT, 3))
    transl = rng.normal(0, 1, (3, 3))
    for betas, expression in rng.normal(0, 1.5, (2, 2, 10)):
        vertices, joints = _smplx_forward(theirs, pose, transl, betas, expression)
        shaped = body.shaped(betas, expression)
        rotations = rotation_matrices(pose)
        assert np.abs(skin(body, shaped, rotations, transl) - vertices).max() < 1e-5
        _, own_joints = forward_kinematics(rotations, shaped.joints_m)
        assert np.abs(own_joints + transl[:, None] - joints[:, :JOINT_COUNT]).max() < 1e-5


def _smplx_forward(model, pose, transl, betas, expression):
    import torch

    flat = torch.tensor(pose.reshape(3, -1), dtype=torch.float32)
    cuts = {
        "global_orient": (0, 1),
        "body_pose": (1, 22),
        "jaw_pose": (22, 23),
        "leye_pose": (23, 24),
        "reye_pose": (24, 25),
        "left_hand_pose": (25, 40),
        "right_hand_pose": (40, 55),
    }
    parts = {name: flat[:, 3 * a : 3 * b] for name, (a, b) in cuts.items()}
    shape = {
        "betas": torch.tensor(np.tile(betas, (3, 1)), dtype=torch.float32),
        "expression": torch.tensor(np.tile(expression, (3, 1)), dtype=torch.float32),
        "transl": torch.tensor(transl, dtype=torch.float32),
    }
    with torch.no_grad():
        out = model(**parts, **shape)
    return out.vertices.numpy(), out.joints.numpy()


def test_smplx_reads_landmarks_and_contour(tmp_path):
    import smplx

    (tmp_path / "smplx").mkdir()
    write_smplx_npz(BODY, tmp_path / "smplx" / "SMPLX_NEUTRAL.npz")
    model = smplx.create(str(tmp_path), model_type="smplx", ext="npz", use_face_contour=True)
    joints = model().joints[0].detach().numpy()
    assert joints.shape == (144, 3)  # 55 joints, 21 vertices, 51 landmarks, 17 contour points
    assert np.isfinite(joints).all()


def test_works_without_smplx_and_torch():
    program = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("smplx", "torch"):
            raise ImportError(name)
sys.meta_path.insert(0, Blocker())
import numpy as np
from ergo.body.load import load_body
from ergo.body.skinning import rotation_matrices, skin
from ergo.body.standing import standing_pose
import ergo.report.glb
body = load_body(None)
print(skin(body, body.shaped(np.zeros(10)), rotation_matrices(standing_pose(body)[None])).shape)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(1, 13718, 3)"
