"""The whole pipeline on a real clip, read back with readers that are not ours."""

import csv
import json
from pathlib import Path

import av
import numpy as np
import pytest
import trimesh

from ergo.errors import NoPersonFound, SettingsError
from ergo.pipeline import analyse
from ergo.report.player_file import read_viewer
from ergo.report.seen import read_seen
from ergo.types import QUALITIES, AnalysisSettings, TaskContext

CLIP = Path(__file__).parents[1] / "assets" / "examples" / "lift_squat.mp4"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("analysis") / "out"
    seen = []
    settings = AnalysisSettings(quality="low", height_m=1.8, context=TaskContext(load_kg=12.0))
    analysis = analyse(CLIP, out, settings, report=seen.append)
    return analysis, out, seen, json.loads((out / "result.json").read_text())


def test_all_files_are_there_and_no_others(done):
    _, out, _, content = done
    pictures = {t["thumbnail"] for t in content["person"]["tracks"]} | {
        m["thumbnail"] for m in content["worst_moments"]
    }
    assert {p.name for p in out.iterdir()} == pictures | {
        "result.json", "motion.npz", "angles.csv", "angles.npz", "scores.csv", "body.glb", "preview.mp4", "viewer.bin",
        "keypoints.npz", "lifts.csv",
    }  # fmt: skip
    assert not list(out.parent.glob(".*"))


def test_result_tells_what_was_done(done):
    analysis, _, _, content = done
    assert content["schema"] == "ergo.result/1"
    assert content["video"]["frame_count"] == 45
    assert content["settings"]["context"]["load_kg"] == 12.0
    assert content["settings"]["height_m"] == content["body"]["stature_m"] == 1.8
    assert content["gravity"]["source"] == "lines"
    assert content["gravity"]["pitch_deg"] == pytest.approx(12.0, abs=2.0)  # how the clip was rendered
    assert content["coverage"]["frames"] == pytest.approx(analysis.motion.valid.mean())
    for method in ("rula", "reba"):
        for side in ("left", "right"):
            entry = content["methods"][method]["sides"][side]
            assert entry["peak_low"] <= entry["peak"] <= entry["peak_high"]
            assert sum(entry["share_of_time"].values()) == pytest.approx(1.0)
    assert content["worst_moments"][0]["reasons"]


def test_the_lift_is_seen_as_a_lift(done):
    """Ground truth of the clip: the trunk bends past 50° once, in the middle, and the knees past 70°."""
    analysis, *_ = done
    trunk = analysis.angles["trunk_inclination"]
    t = analysis.angles.timestamps_s
    assert 40 < np.nanmax(trunk) < 75
    assert 0.8 < t[np.nanargmax(trunk)] < 2.2
    assert np.nanmax(analysis.angles["left_knee_flexion"]) > 60


def test_the_lift_is_listed_with_its_limit(done):
    """The true knuckles go from 35 cm to 118 cm, from about 1.5 s to 2.6 s; the load was told."""
    content = done[3]
    (lift,) = content["lifting"]["lifts"]
    assert (lift["hands"], lift["kind"]) == ("both", "lift")
    for end, height_cm, time_s in (("origin", 35, 1.5), ("destination", 118, 2.6)):
        assert lift[end]["height_cm"] == pytest.approx(height_cm, abs=3 * lift[end]["height_sd_cm"])
        assert lift[end]["time_s"] == pytest.approx(time_s, abs=0.5)
    limit = lift["limits"][0]
    assert limit["rwl_low"] <= limit["rwl"] < 23
    assert limit["rwl"] == 0 or limit["index"] == pytest.approx(12 / limit["rwl"])
    assert content["lifting"]["frequency"]["source"] == "unknown"
    assert content["fatigue"]["lifft"]["missing"] == ["repetitions a day"]


def test_progress_rises_to_one_through_all_stages(done):
    seen = done[2]
    assert [p.seq for p in seen] == list(range(1, len(seen) + 1))
    fractions = [p.fraction for p in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert list(dict.fromkeys(p.stage for p in seen)) == ["video", "people", "body", "assess", "report", "done"]


def test_motion_file_has_the_keys_of_amass(done):
    analysis, out, *_ = done
    motion = np.load(out / "motion.npz", allow_pickle=False)
    frames = len(analysis.motion.timestamps_s)
    assert motion["poses"].shape == (frames, 165)
    assert motion["trans"].shape == (frames, 3)
    assert motion["joints_m"].shape == (frames, 55, 3)
    assert motion["valid"].all()
    assert np.isfinite(motion["poses"]).all()
    assert motion["gender"] == "neutral"
    assert motion["mocap_frame_rate"] == pytest.approx(1 / np.median(np.diff(motion["timestamps_s"])))
    assert np.linalg.norm(motion["up_cam"]) == pytest.approx(1.0)


def test_tables_have_a_row_for_every_frame(done):
    analysis, out, *_ = done
    for name, first in (("angles.csv", "trunk_flexion"), ("scores.csv", "rula_left_total")):
        with (out / name).open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(analysis.motion.timestamps_s)
        assert float(rows[0][first]) == float(rows[0][first])
        assert [float(r["time_s"]) for r in rows] == pytest.approx(analysis.motion.timestamps_s, abs=1e-3)
    assert rows[0]["reba_left_total"].isdigit()


def test_body_opens_in_another_reader(done):
    scene = trimesh.load(done[1] / "body.glb")
    assert isinstance(scene, trimesh.Scene)
    (mesh,) = scene.geometry.values()
    assert len(mesh.faces) > 20_000
    assert 1.7 < mesh.extents[1] < 1.9  # the stature that was given


def test_preview_plays_on_the_clock_of_the_video(done):
    analysis, out, *_ = done
    with av.open(out / "preview.mp4") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        times = [float(frame.time) for frame in container.decode(stream)]
    assert times == pytest.approx(analysis.video.timestamps_s, abs=1e-3)


def test_viewer_file_matches_the_analysis(done):
    analysis, out, *_ = done
    meta, arrays = read_viewer(out / "viewer.bin")
    assert arrays["timestamps_s"] == pytest.approx(analysis.motion.timestamps_s, abs=1e-4)
    assert len(meta["angles"]) == len(analysis.angles.names)
    assert arrays["valid"].all()


def faces(analysis, preview):
    """What lies about the nose, less than a head wide: in the clip and in its preview, picture by picture."""
    points = analysis.keypoints
    with av.open(CLIP) as source, av.open(preview) as shown:
        pairs = zip(source.decode(video=0), shown.decode(video=0), strict=True)
        for time_s, pair in zip(analysis.video.timestamps_s, pairs, strict=True):
            x, y = points.xy_px[np.abs(points.timestamps_s - time_s).argmin(), 0].astype(int)
            yield tuple(frame.to_ndarray(format="gray")[y - 8 : y + 9, x - 8 : x + 9] for frame in pair)


def detail(grey):
    return np.abs(np.diff(grey.astype(float), axis=0)).mean() + np.abs(np.diff(grey.astype(float), axis=1)).mean()


def test_faces_are_blurred_in_the_preview_and_in_what_is_kept_of_the_pictures(done):
    analysis, out, _, content = done
    assert content["settings"]["blur_faces"]
    assert read_seen(out / "keypoints.npz").faces_blurred
    assert all(detail(shown) < 0.4 * detail(clear) for clear, shown in faces(analysis, out / "preview.mp4"))


def test_nobody_there_is_said_so_and_nothing_is_left(tmp_path):
    path = tmp_path / "empty_room.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        rng = np.random.default_rng(0)
        for _ in range(10):
            picture = rng.integers(90, 110, (240, 320, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    with pytest.raises(NoPersonFound):
        analyse(path, tmp_path / "out", AnalysisSettings(quality="low"))
    assert [p.name for p in tmp_path.iterdir()] == ["empty_room.mp4"]


def test_a_person_who_is_not_there_cannot_be_chosen(tmp_path):
    with pytest.raises(SettingsError, match="person"):
        analyse(CLIP, tmp_path / "out", AnalysisSettings(quality="low", person=7))
    assert not (tmp_path / "out").exists()


def test_known_tilt_wins_over_the_estimate_and_faces_stay_when_that_is_asked_for(tmp_path):
    settings = AnalysisSettings(quality="low", camera_pitch_deg=20.0, camera_roll_deg=-5.0, blur_faces=False)
    analysis = analyse(CLIP, tmp_path / "out", settings)
    content = json.loads((tmp_path / "out" / "result.json").read_text())
    assert content["gravity"]["source"] == "user"
    assert content["gravity"]["pitch_deg"] == pytest.approx(20.0)
    assert analysis.gravity.sd_deg < 2
    assert not content["settings"]["blur_faces"]
    assert all(detail(shown) > 0.5 * detail(clear) for clear, shown in faces(analysis, tmp_path / "out/preview.mp4"))


def test_every_quality_is_known_to_the_presets():
    from ergo.pose.settings import PRESETS

    assert set(PRESETS) == set(QUALITIES)
