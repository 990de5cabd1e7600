"""Another analysis from what an earlier one saw."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ergo.assess.score import assess
from ergo.errors import SettingsError
from ergo.fitting.edges import find_edges
from ergo.fitting.view import View
from ergo.geometry.camera import default_intrinsics, tilt_from_up
from ergo.geometry.rotations import angle_between_deg
from ergo.person import TrackPart
from ergo.reanalysis import reanalyse
from ergo.report.measured import ANGLES_FILE, MOTION_FILE, read_measured
from ergo.report.seen import KEYPOINTS, read_seen, write_seen
from ergo.types import AnalysisSettings, CameraMotion, TaskContext

pytestmark = pytest.mark.slow


def test_the_same_settings_give_the_same_result_to_the_last_bit(squat, tmp_path):
    before, folder = squat
    after = reanalyse(folder, tmp_path / "out", AnalysisSettings(quality="high", blur_faces=False))
    assert after.settings.quality == "low" and after.settings.blur_faces  # decided when the pictures were looked at
    np.testing.assert_array_equal(after.angles.values_deg, before.angles.values_deg)
    np.testing.assert_array_equal(after.motion.joints_m, before.motion.joints_m)
    for name in ("angles.csv", "scores.csv", "lifts.csv", "body.glb"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    one, two = (json.loads((place / "result.json").read_text()) for place in (folder, tmp_path / "out"))
    for result in (one, two):
        del result["created_utc"], result["timings_s"]
    assert one == two


def test_the_files_score_as_the_analysis_itself(squat):
    analysis, folder = squat
    motion, angles = read_measured(*((folder / name).read_bytes() for name in (ANGLES_FILE, MOTION_FILE)))
    np.testing.assert_array_equal(angles.values_deg, analysis.angles.values_deg)
    for one, other in zip(assess(motion, angles, analysis.settings.context), analysis.assessments, strict=True):
        np.testing.assert_array_equal(one.total, other.total)
        np.testing.assert_array_equal(one.total_high, other.total_high)


def test_a_given_tilt_moves_the_trunk_and_the_estimate_comes_back(squat, tmp_path):
    before, folder = squat
    pitch, _ = tilt_from_up(before.gravity.up_cam)
    settings = AnalysisSettings(camera_pitch_deg=pitch + 10.0, camera_roll_deg=0.0, context=TaskContext(load_kg=8.0))
    tilted = reanalyse(folder, tmp_path / "tilted", settings)
    assert tilted.gravity.source == "user"
    assert tilted.settings.context.load_kg == 8.0
    shift = tilted.angles["trunk_flexion"] - before.angles["trunk_flexion"]
    assert np.nanmedian(np.abs(shift)) > 3.0
    again = reanalyse(tmp_path / "tilted", tmp_path / "again", AnalysisSettings())
    assert again.gravity.source == "lines"
    assert np.allclose(again.gravity.up_cam, before.gravity.up_cam)


def test_another_person_must_be_there(squat, tmp_path):
    with pytest.raises(SettingsError):
        reanalyse(squat[1], tmp_path / "out", AnalysisSettings(person=7))
    assert not list(tmp_path.iterdir())


def test_a_part_of_a_track_is_analysed_alone(squat, tmp_path):
    before, folder = squat
    part = TrackPart(track_id=0, start_s=1.0)
    after = reanalyse(folder, tmp_path / "after", AnalysisSettings(person=part))
    late = before.motion.timestamps_s >= 1.0
    assert not after.motion.valid[~late].any()
    assert after.motion.valid[late].any()
    assert json.loads((tmp_path / "after" / "result.json").read_text())["settings"]["person"]["start_s"] == 1.0
    whole = reanalyse(tmp_path / "after", tmp_path / "whole", AnalysisSettings())
    assert np.array_equal(whole.motion.valid, before.motion.valid)


def test_results_without_landmarks_are_refused(squat, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(squat[1], folder)
    (folder / KEYPOINTS).write_bytes(b"PK not really")
    with pytest.raises(SettingsError, match="cannot be read"):
        reanalyse(folder, tmp_path / "out", AnalysisSettings())
    (folder / KEYPOINTS).unlink()
    with pytest.raises(SettingsError, match=KEYPOINTS):
        reanalyse(folder, tmp_path / "out", AnalysisSettings())
    assert not (tmp_path / "out").exists()


def test_a_moving_camera_is_kept(squat, tmp_path):
    seen = read_seen(squat[1] / KEYPOINTS)
    count = len(seen.people[0].timestamps_s)
    motion = CameraMotion(
        R_ref_cam=np.tile(np.eye(3), (count, 1, 1)), scene=np.arange(count) // 8, sd_deg=np.full(count, 0.4)
    )
    write_seen(tmp_path / KEYPOINTS, replace(seen, view=replace(seen.view, motion=motion)))
    back = read_seen(tmp_path / KEYPOINTS)
    assert back.view.motion is not None
    assert np.array_equal(back.view.motion.scene, motion.scene)
    assert back.video.codec == seen.video.codec
    assert np.array_equal(back.people[0].xy_px, seen.people[0].xy_px, equal_nan=True)


def test_everybody_tells_up_whoever_is_analysed(squat, tmp_path):
    _, folder = squat
    seen = read_seen(folder / KEYPOINTS)
    turn = Rotation.from_euler("z", 20, degrees=True).as_matrix()
    worker, middle = seen.people[0], np.array([seen.video.width_px, seen.video.height_px]) / 2
    leaning = replace(
        worker,
        xy_px=((worker.xy_px - middle) @ turn[:2, :2].T + middle).astype(np.float32),
        xyz_m=(worker.xyz_m @ turn.T).astype(np.float32),
        track_id=1,
    )
    outdoors = View(motion=None, edges=(find_edges([], default_intrinsics(*(2 * middle).astype(int))),))
    results = tmp_path / "results"
    shutil.copytree(folder, results)
    write_seen(results / KEYPOINTS, replace(seen, people=(worker, leaning), view=outdoors))
    upright = reanalyse(results, tmp_path / "0", AnalysisSettings(person=0))
    leans = reanalyse(tmp_path / "0", tmp_path / "1", AnalysisSettings(person=1))
    assert upright.gravity.source == leans.gravity.source == "body"
    assert angle_between_deg(leans.gravity.up_cam, upright.gravity.up_cam) < 0.1
    # Between the two, so that one leans about as far to one side as the other to the other.
    alone = reanalyse(folder, tmp_path / "alone", AnalysisSettings()).gravity.up_cam
    assert angle_between_deg(alone, upright.gravity.up_cam) == pytest.approx(10.0, abs=4.0)
