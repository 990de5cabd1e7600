"""Each file is read back by somebody else's reader, or by the letter of its format, and compared with our joints."""

from pathlib import Path

import bvhio
import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation
from stored_results import BODY
from trc import TRCData

from ergo.body.skeleton import JOINT_COUNT, JOINT_INDEX, JOINT_NAMES
from ergo.body.skinning import forward_kinematics, full_pose, rotation_matrices, skin
from ergo.cli import EXIT_BAD_INPUT, main
from ergo.errors import SettingsError
from ergo.report.even import even
from ergo.report.exports import EXPORTS, ExportOptions, export
from ergo.report.markers import JOINT_MARKERS, SKIN_POINTS, facing, marker_paths, vertices_of
from ergo.report.mesh import RISK_RGB
from ergo.report.opensim import coordinates


def written(kind, stored, folder, **options):
    path = folder / EXPORTS[kind].name
    export(kind, stored, path, ExportOptions(**options))
    return path


def test_bvhio_finds_every_joint_where_it_is(stored, tmp_path):
    path = written("bvh", stored, tmp_path)
    motion = stored.motion
    root = bvhio.readAsHierarchy(str(path))
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    assert set(JOINT_NAMES) <= set(joints)
    for frame in np.flatnonzero(motion.valid)[::7]:
        root.loadPose(int(frame))
        found_m = np.array([tuple(joints[name].PositionWorld) for name in JOINT_NAMES]) / 100
        assert np.abs(found_m - motion.joints_m[frame]).max() < 1e-3


def test_a_gap_is_bridged_the_short_way_and_an_uneven_clock_made_even(stored):
    moving, motion = even(stored.motion), stored.motion
    assert np.isfinite(moving.pose).all() and np.isfinite(moving.transl).all()
    assert (moving.seen == motion.valid).all()
    gap = np.flatnonzero(~motion.valid)
    before, after = motion.transl[gap[0] - 1, 0], motion.transl[gap[-1] + 1, 0]
    assert (np.diff([before, *moving.transl[gap, 0], after]) > 0).all()


def test_amass_stands_z_up_and_gives_our_joints(stored, tmp_path):
    with np.load(written("amass", stored, tmp_path)) as found:
        keys = {name: found[name] for name in found.files}
    motion = stored.motion
    frames = len(motion.transl)
    assert str(keys["gender"]) == "neutral" and str(keys["surface_model_type"]) == "smplx"
    assert float(keys["mocap_frame_rate"]) == pytest.approx(15.0)
    parts = ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")
    assert [keys[name].shape[1] for name in parts] == [3, 63, 3, 6, 90]
    assert (np.concatenate([keys[name] for name in parts], axis=1) == keys["poses"]).all()
    rotations = rotation_matrices(keys["poses"].reshape(frames, JOINT_COUNT, 3))
    _, joints = forward_kinematics(rotations, BODY.shaped(keys["betas"]).joints_m.astype(float))
    joints = joints + keys["trans"][:, None]
    y_up = joints[..., [0, 2, 1]] * [1, 1, -1]
    seen = keys["seen"]
    assert np.abs(y_up[seen] - motion.joints_m[seen]).max() < 1e-3


def test_trc_holds_every_marker_in_millimetres(stored, tmp_path):
    path = written("trc", stored, tmp_path)
    motion, turn = stored.motion, facing(stored.motion)
    data = TRCData()
    data.load(str(path))
    assert data["Units"] == "mm" and float(data["DataRate"]) == pytest.approx(15.0)
    assert data["Markers"] == [*JOINT_MARKERS, *SKIN_POINTS]
    for name, joint in JOINT_MARKERS.items():
        ours = 1000 * motion.joints_m[:, JOINT_INDEX[joint]] @ turn.T
        found = np.array(data[name], float)
        assert np.isnan(found[~motion.valid]).all()
        assert np.abs(found - ours)[motion.valid].max() < 0.01
    assert np.allclose(data["Time"], motion.timestamps_s, atol=1e-6)


def test_markers_are_on_the_skin_where_they_say(stored):
    motion, shaped = stored.motion, BODY.shaped(stored.motion.betas)
    at = {name: shaped.vertices_m[vertex] for name, vertex in vertices_of(BODY, shaped).items()}
    assert len({tuple(point) for point in at.values()}) == len(SKIN_POINTS)
    for name in (name[1:] for name in SKIN_POINTS if name.startswith("L")):
        mirrored = at[f"R{name}"] * [-1, 1, 1]
        assert np.linalg.norm(at[f"L{name}"] - mirrored) < 0.02, name
    assert at["TOPH"][1] == pytest.approx(shaped.vertices_m[:, 1].max(), abs=0.01)
    low = shaped.vertices_m[np.abs(shaped.vertices_m[:, 1] - at["LHEE"][1]) < 0.02]
    assert at["LHEE"][2] == pytest.approx(low[:, 2].min(), abs=0.03)
    assert 0.05 < np.linalg.norm(at["LLKN"] - at["LMKN"]) < 0.16
    frame = int(np.flatnonzero(motion.valid)[10])
    pose = rotation_matrices(full_pose(motion)[frame : frame + 1])
    whole = skin(BODY, shaped, pose, motion.transl[frame : frame + 1])[0]
    found = marker_paths(motion, BODY)
    for name, vertex in vertices_of(BODY, shaped).items():
        assert np.abs(found[name][frame] - whole[vertex]).max() < 1e-5


def test_mot_turns_the_segments_back_to_where_they_are(stored, tmp_path):
    path = written("mot", stored, tmp_path)
    lines = path.read_text().split("endheader\n")[1].splitlines()
    names = lines[0].split("\t")
    table = dict(zip(names, np.array([line.split("\t") for line in lines[1:]], float).T, strict=True))
    motion = stored.motion
    assert np.allclose(table["time"], motion.timestamps_s[motion.valid], atol=1e-6)
    joints = motion.joints_m[motion.valid] @ facing(motion).T

    def bone(start, end):
        along = joints[:, JOINT_INDEX[end]] - joints[:, JOINT_INDEX[start]]
        return along / np.linalg.norm(along, axis=1, keepdims=True)

    def turns(order, *columns):
        return Rotation.from_euler(order, np.column_stack([table[name] for name in columns]), degrees=True)

    pelvis = turns("ZXY", "pelvis_tilt", "pelvis_list", "pelvis_rotation")
    torso = pelvis * turns("Y", "lumbar_rotation")
    for letter, side, mirror in (("r", "right", 1.0), ("l", "left", -1.0)):
        add, arm_add, arm_rot = (mirror * table[f"{part}_{letter}"] for part in ("hip_adduction", "arm_add", "arm_rot"))
        leg = np.column_stack([table[f"hip_flexion_{letter}"], add])
        thigh = pelvis * Rotation.from_euler("ZX", leg, degrees=True)
        assert np.abs(thigh.apply([0, -1, 0]) - bone(f"{side}_hip", f"{side}_knee")).max() < 1e-4
        arm = np.column_stack([table[f"arm_flex_{letter}"], arm_add, arm_rot])
        upper = torso * Rotation.from_euler("ZXY", arm, degrees=True)
        assert np.abs(upper.apply([0, -1, 0]) - bone(f"{side}_shoulder", f"{side}_elbow")).max() < 1e-4
        fore = upper * turns("Z", f"elbow_flex_{letter}")
        bent = table[f"elbow_flex_{letter}"] > 25
        assert bent.any()
        off = np.abs(fore.apply([0, -1, 0]) - bone(f"{side}_elbow", f"{side}_wrist"))
        assert off[bent].max() < 1e-3
    assert abs(np.median(table["pelvis_rotation"])) < 1.0  # faces +X


@pytest.mark.parametrize("kind", ["obj", "ply"])
def test_trimesh_reads_the_body_with_its_risk(stored, tmp_path, kind):
    path = written(kind, stored, tmp_path, at_s=1.0, method="reba")
    mesh = trimesh.load(path, process=False)
    frame = stored.frame_at(1.0)
    pose = rotation_matrices(full_pose(stored.motion)[frame : frame + 1])
    ours = skin(BODY, BODY.shaped(stored.motion.betas), pose, stored.motion.transl[frame : frame + 1])[0]
    assert np.abs(mesh.vertices - ours).max() < 1e-4
    assert (mesh.faces == BODY.faces).all()
    worst = max(stored.arrays[f"reba.{side}.regions"][frame].max() for side in ("left", "right"))
    share = 0.75 * RISK_RGB[worst] + 0.25 * np.asarray(BODY.vertex_rgb, float)
    off = np.abs(mesh.visual.vertex_colors[:, :3] - share).max(axis=1)
    assert worst > 0 and (off <= 1.01).sum() > 100


def test_what_cannot_be_exported_says_why(stored, tmp_path):
    with pytest.raises(SettingsError, match="no format 'fbx'"):
        export("fbx", stored, tmp_path / "x")
    with pytest.raises(SettingsError, match="at_s"):
        written("ply", stored, tmp_path, at_s=99.0)
    with pytest.raises(SettingsError, match="no method"):
        written("ply", stored, tmp_path, method="qec")


def test_coordinates_do_not_jump(stored):
    for name, values in coordinates(stored.motion).items():
        assert np.abs(np.diff(values)).max() < (1.0 if "_t" in name and name[-1] in "xyz" else 90.0), name


def test_the_command_line_writes_a_file_or_says_why_not(stored_folder, tmp_path, capsys):
    assert main(["export", str(stored_folder), "--to", "mot", "--out", str(tmp_path / "x.mot")]) == 0
    assert (tmp_path / "x.mot").read_text().startswith("Coordinates")
    assert main(["export", str(tmp_path), "--to", "mot", "--out", str(tmp_path / "y.mot")]) == EXIT_BAD_INPUT
    assert "result.json" in capsys.readouterr().err


def test_every_format_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in page for kind in EXPORTS)
    assert all(f"`{name}`" in page or f"`{name[1:]}`" in page for name in SKIN_POINTS)
