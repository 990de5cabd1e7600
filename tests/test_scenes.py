"""The rendered scenes of ``assets/build/scenes``: exact truth, the same again, and files a benchmark can read."""

import json
import shutil
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from ergo.body.skeleton import JOINT_INDEX

BUILD = str(Path(__file__).parents[1] / "assets" / "build")
pytestmark = pytest.mark.skipif(not (shutil.which("gcc") or shutil.which("cc")), reason="needs a C compiler")


@pytest.fixture(scope="module", autouse=True)
def _scenes_importable(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(BUILD)
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()
    for name in [name for name in sys.modules if name == "scenes" or name.startswith("scenes.")]:
        del sys.modules[name]


def scene(number=0, **settings):
    from scenes.scene import make

    settings = {"duration_s": 0.5, "rate_hz": 8.0, "bystanders": 0, "obstacle": False, "motion": "still"} | settings
    return make("dev", number, **settings)


@pytest.mark.parametrize("set_name", ["dev", "held-out"])
def test_every_task_stands_on_the_ground_and_in_the_picture(set_name):
    from scenes.scene import SETS, make

    for task in SETS[set_name].tasks:
        made = make(set_name, 3, task=task, duration_s=4.0, rate_hz=4.0, bystanders=0, motion="still")
        feet = made.actors[0].movement.joints_m[:, [JOINT_INDEX["left_foot"], JOINT_INDEX["right_foot"]], 1]
        assert -0.02 < feet.min() < 0.1
        frame = next(made.frames(slice(4, 5)))
        height, width = frame.rgb.shape[:2]
        assert ((frame.xy_px[:22] > 0) & (frame.xy_px[:22] < [width, height])).all()


def test_the_person_is_drawn_where_the_truth_says():
    from scenes.raster import picture

    made = scene(1)
    frame = next(made.frames())
    empty, _ = picture(
        made.still[0], made.materials, made.room, made.light, frame.K, frame.T_cam_world, made.view.size_px, np.zeros(3)
    )
    changed = np.abs(frame.rgb.astype(int) - empty).sum(axis=2) > 40
    seen = frame.xy_px[[JOINT_INDEX[name] for name in ("pelvis", "spine3", "head", "left_knee", "right_knee")]].astype(
        int
    )
    assert changed[seen[:, 1], seen[:, 0]].mean() >= 0.8


def test_something_in_the_way_hides_joints():
    free, hidden = next(scene(4).frames()), next(scene(4, obstacle=True).frames())
    assert hidden.visible[:22].sum() < free.visible[:22].sum()


def test_a_scene_can_be_made_again():
    one, two = next(scene(5).frames()), next(scene(5).frames())
    np.testing.assert_array_equal(one.rgb, two.rgb)
    np.testing.assert_array_equal(one.joints_m, two.joints_m)


def test_no_two_sets_show_the_same():
    from scenes.scene import SETS

    assert not set(SETS["dev"].tasks) & set(SETS["held-out"].tasks)
    assert not set(SETS["dev"].recordings) & set(SETS["held-out"].recordings)
    assert len({chosen.entropy for chosen in SETS.values()}) == len(SETS)


def test_the_truth_file_holds_what_the_camera_saw(tmp_path):
    from scenes.truth import write_clip

    path = write_clip(scene(6, motion="held"), tmp_path)
    content = json.loads(path.with_suffix(".truth.json").read_text())
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) == content["n"] == 4
    frame = content["frames"][2]
    K, R, t = np.array(content["K"]), np.array(frame["R"]), np.array(frame["t"])
    seen = K @ (R @ np.array(frame["joints"]["l_knee"]) + t)
    np.testing.assert_allclose(seen[:2] / seen[2], frame["px"]["l_knee"], atol=0.2)
    assert frame["joints"]["head"][2] > frame["joints"]["l_ankle"][2] + 0.3
