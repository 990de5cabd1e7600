"""Properties of the body that ships with Ergo, read from its file and through the loader."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from ergo.body.load import FREE_BODY, load_body
from ergo.body.model import betas_for_stature
from ergo.body.skeleton import JOINT_INDEX, JOINT_NAMES
from ergo.errors import SettingsError


@pytest.fixture(scope="module")
def file():
    with np.load(FREE_BODY, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


@pytest.fixture(scope="module")
def body():
    return load_body(None)


def test_file_is_small_and_holds_no_objects(file):
    assert FREE_BODY.stat().st_size < 2.5e6
    assert all(array.dtype.kind != "O" for array in file.values())


def test_weights_are_a_partition_of_few_joints(body):
    assert np.abs(body.weights.sum(axis=1) - 1).max() < 1e-6
    assert (body.weights >= 0).all()
    assert (body.weights > 0).sum(axis=1).max() <= 8
    assert (body.weights.sum(axis=0) > 0).all()


def test_joint_regressor_is_an_average(body):
    assert np.abs(body.joint_regressor.sum(axis=1) - 1).max() < 1e-4
    assert (body.joint_regressor >= 0).all()


def test_trunk_is_upright_and_arms_and_legs_are_straight(body):
    joints = body.joints_template_m

    def bone(start, end):
        vector = joints[JOINT_INDEX[end]] - joints[JOINT_INDEX[start]]
        return vector / np.linalg.norm(vector)

    within_one_degree = np.cos(np.radians(1.0))
    assert bone("pelvis", "neck")[1] > within_one_degree
    for side, out in (("left", 1), ("right", -1)):
        assert bone(f"{side}_shoulder", f"{side}_elbow")[0] * out > within_one_degree
        assert bone(f"{side}_elbow", f"{side}_wrist")[0] * out > within_one_degree
        assert -bone(f"{side}_hip", f"{side}_knee")[1] > within_one_degree
        assert -bone(f"{side}_knee", f"{side}_ankle")[1] > within_one_degree
        assert bone(f"{side}_ankle", f"{side}_foot")[2] > 0.8


def test_left_is_the_mirror_of_right(body):
    vertices, joints = body.v_template_m, body.joints_template_m
    distance, _ = KDTree(vertices).query(vertices * [-1, 1, 1])
    assert distance.max() < 1e-4
    for left, name in enumerate(JOINT_NAMES):
        if name.startswith("left_"):
            right = JOINT_INDEX[name.replace("left_", "right_")]
            assert np.abs(joints[left] - joints[right] * [-1, 1, 1]).max() < 1e-4


def test_surface_faces_outwards_and_is_whole(body):
    a, b, c = (body.v_template_m[body.faces[:, k]].astype(float) for k in range(3))
    litres = 1e3 * np.einsum("fk,fk->f", a, np.cross(b, c)).sum() / 6
    assert 50 < litres < 90  # a person of about 65 kg has about 65 litres
    assert set(np.unique(body.faces)) == set(range(body.vertex_count))


def test_beta_0_is_stature(body):
    flat = body.shapedirs[:, 1, 0]
    growth = np.ptp(body.v_template_m[:, 1] + flat) - np.ptp(body.v_template_m[:, 1])
    assert growth == pytest.approx(0.093, abs=0.01)
    for k in range(1, 10):
        betas = np.zeros(10)
        betas[k] = 2
        assert body.shaped(betas).stature_m == pytest.approx(body.shaped(np.zeros(10)).stature_m, abs=0.004)


@pytest.mark.parametrize("sex", ["neutral", "female", "male"])
@pytest.mark.parametrize("stature_m", [1.45, 1.75, 2.05])
def test_betas_give_the_asked_stature(sex, stature_m):
    body = load_body(None, sex)
    betas = betas_for_stature(body, stature_m)
    assert body.shaped(betas).stature_m == pytest.approx(stature_m, abs=1e-4)
    assert not betas[1:].any()


@pytest.mark.parametrize("stature_m", [0.2, 17.5, float("nan")])
def test_impossible_stature_is_refused(body, stature_m):
    with pytest.raises(SettingsError, match="height_m"):
        betas_for_stature(body, stature_m)


def test_sexes_differ_as_adults_do():
    female, neutral, male = (load_body(None, sex).shaped(np.zeros(10)) for sex in ("female", "neutral", "male"))
    assert female.stature_m < neutral.stature_m < male.stature_m

    def shoulders_to_hips(shaped):
        left, right, hip = (shaped.joints_m[JOINT_INDEX[n]] for n in ("left_shoulder", "right_shoulder", "left_hip"))
        level = np.abs(shaped.vertices_m[:, 1] - hip[1]) < 0.02
        return (left[0] - right[0]) / np.ptp(shaped.vertices_m[level, 0])

    assert shoulders_to_hips(male) > 1.05 * shoulders_to_hips(female)


def test_rest_joints_need_no_vertices(body):
    betas = np.random.default_rng(0).normal(0, 1, 10)
    assert np.abs(body.rest_joints(betas) - body.shaped(betas).joints_m).max() < 1e-6


def test_face_landmarks_lie_on_the_face(file):
    v, f = file["v_template"], file["f"].astype(int)
    points = np.einsum("lkc,lk->lc", v[f[file["lmk_faces_idx"]]], file["lmk_bary_coords"])
    assert points.shape == (51, 3)
    assert len(np.unique(np.round(points, 4), axis=0)) == 51
    left_brow, nose, left_eye, mouth = points[5:10], points[10:19], points[25:31], points[31:51]
    right_eye = points[19:25]
    assert left_eye[:, 0].min() > 0 > right_eye[:, 0].max()
    assert left_brow[:, 1].min() > left_eye[:, 1].max()
    assert nose[:, 1].max() > mouth[:, 1].max()
    assert nose[3, 2] == points[:, 2].max()
    assert mouth[[0, 6], 0].tolist() == [mouth[:, 0].min(), mouth[:, 0].max()]
    eye = (file["J_regressor"] @ v)[JOINT_INDEX["left_eye_smplhf"]]
    assert np.linalg.norm(left_eye.mean(axis=0) - eye) < 0.02


def test_contour_slides_with_the_head(file):
    v, f = file["v_template"], file["f"].astype(int)
    bary = file["dynamic_lmk_bary_coords"]
    points = np.einsum("rlkc,rlk->rlc", v[f[file["dynamic_lmk_faces_idx"]]], bary)
    assert points.shape == (79, 17, 3)
    front = points[0]
    assert (np.diff(front[:, 0]) > 0).all()  # right ear to left ear
    assert front[8, 1] == front[:, 1].min()  # by the chin
    assert np.abs(points[39] - points[0]).max() > 0.01


def test_landmark_vertices_stand_where_smplx_looks(body):
    from smplx.vertex_ids import vertex_ids

    ids = vertex_ids["smplx"]
    assert len(set(ids.values())) == len(ids)
    at = {name: body.v_template_m[index] for name, index in ids.items()}
    joints = dict(zip(JOINT_NAMES, body.joints_template_m, strict=True))
    assert abs(at["nose"][0]) < 0.002 and at["nose"][2] > joints["left_eye_smplhf"][2]
    assert at["lear"][0] > 0.05 > -0.05 > at["rear"][0]
    assert at["lindex"][0] > joints["left_index3"][0] and at["rindex"][0] < joints["right_index3"][0]
    assert at["LHeel"][2] < joints["left_ankle"][2] < joints["left_foot"][2] < at["LBigToe"][2]
    assert at["LBigToe"][0] < at["LSmallToe"][0]
    assert at["LHeel"][1] < joints["left_ankle"][1]


def test_worker_is_dressed(body):
    vertices, rgb = body.v_template_m, body.vertex_rgb.astype(int)
    joints = dict(zip(JOINT_NAMES, body.joints_template_m, strict=True))

    def colour(name, radius=0.05):
        near = np.linalg.norm(vertices - joints[name], axis=1)
        return np.median(rgb[near < max(radius, near.min() + 0.01)], axis=0)

    shirt, trousers, hand, shoe = (colour(n, 0.15) for n in ("spine3", "left_knee", "left_middle2", "left_foot"))
    assert len({tuple(c) for c in (shirt, trousers, hand, shoe)}) == 4
    assert shirt.sum() > trousers.sum() > shoe.sum()
    assert hand[0] > hand[2]  # skin is warm
