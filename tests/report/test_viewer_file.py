from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_analysis import GAP, made_analysis
from scipy.spatial.transform import Rotation

from ergo.assess.items import region_levels
from ergo.assess.moments import worst_moments
from ergo.body.load import load_body
from ergo.body.model import BodyModel
from ergo.body.skeleton import REGIONS
from ergo.body.skinning import full_pose
from ergo.report.player_file import read_viewer
from ergo.report.viewer import strongest_bones, write_viewer
from ergo.types import Analysis


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(None)


@pytest.fixture(scope="module")
def analysis(body: BodyModel) -> Analysis:
    return made_analysis(body)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, analysis: Analysis, body: BodyModel):
    path = tmp_path_factory.mktemp("viewer") / "viewer.bin"
    moments = worst_moments(analysis.assessments, analysis.angles, analysis.settings.context, 3)
    write_viewer(path, analysis, body, moments)
    return path, *read_viewer(path), moments


def test_header_and_arrays_are_aligned(written) -> None:
    data = Path(written[0]).read_bytes()
    length = int.from_bytes(data[4:8], "little")
    assert data[:4] == b"ERGO"
    assert (8 + length) % 8 == 0
    _, _, arrays, _ = written
    used = sum(a.nbytes + -a.nbytes % 8 for a in arrays.values())
    assert len(data) == 8 + length + used


def test_mesh_survives(written, body: BodyModel, analysis: Analysis) -> None:
    _, _, arrays, _ = written
    shaped = body.shaped(analysis.motion.betas)
    np.testing.assert_array_equal(arrays["vertices_m"], shaped.vertices_m)
    np.testing.assert_array_equal(arrays["faces"], body.faces)
    np.testing.assert_array_equal(arrays["joints_rest_m"], shaped.joints_m)
    np.testing.assert_array_equal(arrays["colors"], body.vertex_rgb)
    assert (arrays["skin_weights"].sum(axis=1, dtype=int) == 255).all()
    own = np.take_along_axis(body.weights, arrays["skin_joints"].astype(int), axis=1)
    own /= own.sum(axis=1, keepdims=True)
    assert np.abs(arrays["skin_weights"] / 255 - own).max() < 2 / 255


def test_rotations_come_back_within_a_hundredth_of_a_degree(written, analysis: Analysis) -> None:
    _, _, arrays, _ = written
    valid = analysis.motion.valid
    pose = full_pose(analysis.motion)[valid]
    back = np.zeros_like(pose)
    moving, still = arrays["moving_joints"], arrays["still_joints"]
    quaternions = arrays["rotations"][valid] / 32767
    back[:, moving] = Rotation.from_quat(quaternions.reshape(-1, 4)).as_rotvec().reshape(*quaternions.shape[:2], 3)
    back[:, still] = Rotation.from_quat(arrays["still_rotations"] / 32767).as_rotvec()
    apart = Rotation.from_rotvec(back.reshape(-1, 3)).inv() * Rotation.from_rotvec(pose.reshape(-1, 3))
    assert np.degrees(apart.magnitude()).max() < 0.01
    assert set(moving) & set(still) == set()


def test_quaternions_never_change_sign_between_frames(written) -> None:
    rotations = written[2]["rotations"].astype(float)
    assert ((rotations[1:] * rotations[:-1]).sum(axis=-1) > 0).all()


def test_frames_not_seen_hold_the_last_pose_and_say_so(written) -> None:
    _, _, arrays, _ = written
    assert not arrays["valid"][GAP].any()
    assert arrays["valid"].sum() == len(arrays["valid"]) - (GAP.stop - GAP.start)
    for name in ("rotations", "transl_m"):
        held = arrays[name][GAP.start - 1]
        assert (arrays[name][GAP] == held).all()
    assert (arrays["keypoints"][GAP] == -32768).all()
    assert (arrays["angles"][GAP] == -32768).all()
    assert not arrays["reba.left.total"][GAP].any()
    assert (arrays["reba.left.items"][GAP] == 255).all()


def test_values_survive_within_their_step(written, analysis: Analysis) -> None:
    _, meta, arrays, _ = written
    seen = analysis.angles.valid
    np.testing.assert_allclose(arrays["angles"][seen] / 10, analysis.angles.values_deg[seen], atol=0.0501)
    assert (arrays["angles"][~seen] == -32768).all()
    size = np.array([meta["video"]["width_px"], meta["video"]["height_px"]])
    xy = np.asarray(analysis.keypoints.xy_px)
    found = np.isfinite(xy)
    back = arrays["keypoints"] / 10_000 * size
    np.testing.assert_allclose(back[found], xy[found], atol=0.04)


def test_scores_items_and_regions(written, analysis: Analysis) -> None:
    _, meta, arrays, _ = written
    for assessment in analysis.assessments:
        method = next(m for m in meta["methods"] if m["id"] == assessment.method)
        prefix = f"{assessment.method}.{assessment.side or 'both'}"
        known = np.isfinite(assessment.total)
        np.testing.assert_array_equal(arrays[f"{prefix}.total"][known], assessment.total[known])
        np.testing.assert_array_equal(arrays[f"{prefix}.low"][known], assessment.total_low[known])
        np.testing.assert_array_equal(arrays[f"{prefix}.high"][known], assessment.total_high[known])
        assert assessment.certainty is not None
        np.testing.assert_array_equal(arrays[f"{prefix}.p05"][known], assessment.certainty.total_p05[known])
        np.testing.assert_array_equal(arrays[f"{prefix}.p95"][known], assessment.certainty.total_p95[known])
        np.testing.assert_array_equal(arrays[f"{prefix}.regions"], region_levels(assessment))
        for column, item in enumerate(method["items"]):
            np.testing.assert_array_equal(arrays[f"{prefix}.items"][known, column], assessment.parts[item["id"]][known])
        assert [lv["step"] for lv in method["levels"]] == sorted(lv["step"] for lv in method["levels"])


def test_every_item_names_angles_that_exist(written) -> None:
    meta = written[1]
    known = {angle["id"] for angle in meta["angles"]}
    for method in meta["methods"]:
        for item in method["items"]:
            assert item["angles"] or item["source"], item
            for angle in item["angles"]:
                assert angle["id"] in known or {f"left_{angle['id']}", f"right_{angle['id']}"} <= known


def test_moments_and_camera(written, analysis: Analysis) -> None:
    _, meta, _, moments = written
    assert [m["time_s"] for m in meta["moments"]] == [m.time_s for m in moments]
    assert meta["regions"] == list(REGIONS)
    towards = np.array(meta["camera"]["direction"])
    camera_m = -analysis.camera.T_cam_world[:3, :3].T @ analysis.camera.T_cam_world[:3, 3]
    to_hips = np.nanmean(np.asarray(analysis.motion.joints_m)[:, 0], axis=0) - camera_m
    to_hips /= np.linalg.norm(to_hips)
    assert np.degrees(np.arccos(towards @ to_hips)) < 4


def test_a_person_never_seen_is_still_a_file(tmp_path: Path, body: BodyModel, analysis: Analysis) -> None:
    motion = analysis.motion
    nothing = np.full(motion.transl.shape, np.nan)
    unseen = replace(motion, transl=nothing, valid=np.zeros_like(motion.valid))
    lost = np.full(analysis.keypoints.xy_px.shape, np.nan)
    write_viewer(
        tmp_path / "viewer.bin",
        replace(analysis, motion=unseen, keypoints=replace(analysis.keypoints, xy_px=lost)),
        body,
    )
    meta, arrays = read_viewer(tmp_path / "viewer.bin")
    assert not arrays["valid"].any()
    assert np.isfinite(arrays["transl_m"]).all()
    assert meta["camera"] is None


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (7, 55), elements=st.floats(0, 1)))
def test_weights_always_sum_to_255(weights: np.ndarray) -> None:
    weights[:, 3] += 1e-3  # a vertex always hangs on something
    joints, bytes_ = strongest_bones(weights)
    assert (bytes_.sum(axis=1, dtype=int) == 255).all()
    assert (np.diff(np.take_along_axis(weights, joints.astype(int), axis=1), axis=1) <= 0).all()
