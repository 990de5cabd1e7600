import numpy as np
from moving_worker import NO_OFFSETS, SIZE_PX, Scene

from ergo.assess.angles import measure
from ergo.body.landmarks import Landmark
from ergo.body.model import betas_for_stature
from ergo.cores import in_turn, spread_over
from ergo.fitting import fit as module
from ergo.fitting.fit import FitSettings, fit_motion
from ergo.geometry.rotations import angle_between_deg
from ergo.types import Gravity


def fitted(scene, body, keypoints, spread=in_turn):
    gravity = Gravity(up_cam=scene.up_cam, sd_deg=1.0, source="user")
    settings = FitSettings(offsets=NO_OFFSETS)  # the scene's landmarks are the joints themselves
    betas = betas_for_stature(body, 1.7)
    motion = fit_motion(keypoints, scene.K, gravity, body, betas, settings=settings, spread=spread)
    return motion, gravity


def true_angles(scene):
    world = scene.landmarks_world_m
    at = {landmark.name.lower(): world[:, landmark] for landmark in Landmark}
    trunk = at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"]
    return {
        "trunk_inclination": angle_between_deg(trunk, np.broadcast_to([0.0, 1.0, 0.0], trunk.shape)),
        **{
            f"{side}_{name}": angle_between_deg(
                at[f"{side}_{b}"] - at[f"{side}_{a}"], at[f"{side}_{c}"] - at[f"{side}_{b}"]
            )
            for side in ("left", "right")
            for name, a, b, c in (
                ("elbow_flexion", "shoulder", "elbow", "wrist"),
                ("knee_flexion", "hip", "knee", "ankle"),
            )
        },
    }


def test_posture_is_recovered_from_perfect_landmarks(scene, body):
    keypoints = scene.keypoints()
    motion, gravity = fitted(scene, body, keypoints)
    angles = measure(motion, keypoints, gravity, scene.K, "medium")
    assert motion.valid.all()
    truth = true_angles(scene)
    for name in ("trunk_inclination", "left_elbow_flexion", "right_elbow_flexion", "right_knee_flexion"):
        # The worker is built a little differently from the typical proportions the fit expects.
        assert np.abs(angles[name] - truth[name]).mean() < 8.0, name


def test_feet_stand_on_the_ground(scene, body):
    motion, _ = fitted(scene, body, scene.keypoints())
    lowest = motion.joints_m[:, [7, 8, 10, 11], 1].min(axis=1)
    assert (lowest > -0.02).all()
    assert (lowest < 0.12).all()


def test_long_gap_stays_a_gap_and_a_short_one_is_bridged(scene, body):
    motion, _ = fitted(scene, body, scene.keypoints(missing=(slice(5, 7), slice(20, 30))))
    assert motion.valid[:20].all()
    assert not motion.valid[20:30].any()
    assert motion.valid[30:].all()
    assert np.isnan(motion.body_pose[20:30]).all()
    assert np.isfinite(motion.body_pose[motion.valid]).all()


def test_blocks_leave_no_seam(shaped, body, monkeypatch):
    scene = Scene(body, shaped, frames=120)
    whole, _ = fitted(scene, body, scene.keypoints(xyz_noise_m=0.02))
    monkeypatch.setattr(module, "_BLOCK_FRAMES", 60)
    monkeypatch.setattr(module, "_OVERLAP_FRAMES", 20)
    cut, _ = fitted(scene, body, scene.keypoints(xyz_noise_m=0.02))
    with spread_over(2) as spread:
        elsewhere, _ = fitted(scene, body, scene.keypoints(xyz_noise_m=0.02), spread)
    np.testing.assert_array_equal(elsewhere.joints_m, cut.joints_m)
    # Blocks estimate size, and with it distance, each for itself; the posture must not show where they meet.
    posture = [m.joints_m - m.joints_m[:, :1] for m in (cut, whole)]
    assert np.linalg.norm(posture[0] - posture[1], axis=-1).mean() < 0.01
    jump = np.linalg.norm(np.diff(cut.joints_m[:, :22], axis=0), axis=-1).max(axis=1)
    assert jump[30:60].max() < 2.0 * np.linalg.norm(np.diff(whole.joints_m[:, :22], axis=0), axis=-1).max()


def test_the_scene_fits_in_the_picture(scene):
    assert (scene.xy_px >= 0).all()
    assert (scene.xy_px <= np.array(SIZE_PX)).all()
