"""``benchmarks/accuracy.py``: reads truth, judges ours and raw on the same pictures, keeps and writes its figures."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture(scope="module", autouse=True)
def _benchmarks_importable():
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(BENCHMARKS)
    yield
    patch.undo()
    for name in ("accuracy", "accuracy_tables", "agreement", "truth_clips"):
        sys.modules.pop(name, None)


STANDING = {
    "hip": (0.1, 0, 0.9), "knee": (0.1, 0, 0.5), "ankle": (0.1, 0, 0.1), "shoulder": (0.2, 0, 1.4),
    "elbow": (0.5, 0, 1.4), "wrist": (0.5, 0, 1.7),
}  # fmt: skip


def truth_file(folder: Path, name: str, **more) -> None:
    """A person with arms out to the sides and forearms up, seen by a camera that looks down by 30°."""
    joints = {
        f"{s}_{part}": [sign * x, y, z] for part, (x, y, z) in STANDING.items() for s, sign in (("l", 1), ("r", -1))
    }
    down = np.radians(30)
    R = [[1, 0, 0], [0, -np.sin(down), -np.cos(down)], [0, np.cos(down), -np.sin(down)]]
    content = {"fps": 10.0, "R": R, "frames": [{"joints": joints | {"head": None}, **more}] * 3}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.truth.json").write_text(json.dumps(content))


def row(clip="a", group="dev", elbow=8.0, **changes):
    from accuracy import ANGLE_OF_COLUMN, Row

    errors = dict.fromkeys(ANGLE_OF_COLUMN, 4.0) | {"elbow": elbow}
    made = Row(
        clip=clip, group=group, quality="high", commit="abc", ours_deg=errors, raw_deg=dict.fromkeys(errors, 12.0),
        tilt_deg=1.0, told=0.9, within={"elbow": (0.7, 0.9)}, worker=True, cpu_ms_a_frame=30.0, frames=75,
    )  # fmt: skip
    return replace(made, **changes)


def test_truth_gives_the_angles_a_person_would_read_off(tmp_path):
    from truth_clips import find_clips

    truth_file(tmp_path / "dev", "arms_out")
    (clip,) = find_clips([tmp_path])
    angles = clip.truth.angles()
    assert (clip.group, clip.path.name) == ("dev", "arms_out.mp4")
    assert angles["trunk_inclination"] == pytest.approx(0, abs=1e-6)
    assert angles["left_shoulder_elevation"] == pytest.approx(90)
    assert angles["right_arm_elevation_gravity"] == pytest.approx(90)
    assert angles["left_elbow_flexion"] == pytest.approx(90)
    assert angles["right_knee_flexion"] == pytest.approx(0, abs=1e-6)
    assert clip.truth.up_cam == pytest.approx([0, -np.cos(np.radians(30)), -np.sin(np.radians(30))])


def test_the_known_nod_of_the_head_is_taken(tmp_path):
    from truth_clips import find_clips

    truth_file(tmp_path / "dev", "nodding", angles={"neck_flexion": 25.0})
    (clip,) = find_clips([tmp_path])
    assert clip.truth.angles()["neck_flexion"] == pytest.approx(25)


def test_eyes_tell_the_nod_where_nothing_else_does():
    from truth_clips import EYES_ABOVE_HEAD_DEG, nod_deg

    joints = {
        f"{s}_{part}": np.array([[sign * x, y, z]])
        for part, (x, y, z) in STANDING.items()
        for s, sign in (("l", 1), ("r", -1))
    }
    assert nod_deg(joints) is None
    angle = np.radians(EYES_ABOVE_HEAD_DEG - 20)
    eye = np.array([[0, -np.cos(angle), 1.6 + np.sin(angle)]])
    assert nod_deg(joints | {"head": np.array([[0, 0, 1.6]]), "l_eye": eye, "r_eye": eye}) == pytest.approx(20)


def test_left_and_right_count_the_same():
    from accuracy import by_column

    errors = {
        "left_elbow_flexion": np.array([2.0, -2, 2, -2]),
        "right_elbow_flexion": np.array([10.0, np.nan, np.nan, np.nan]),
    }
    found = by_column(errors)
    assert found["elbow"] == pytest.approx(6)
    assert np.isnan(found["knee"])


def test_a_new_figure_replaces_the_kept_one_but_not_its_time(tmp_path):
    from accuracy import merged

    path = tmp_path / "figures.json"
    merged(path, [row("a"), row("b")])
    rows = merged(path, [row("a", elbow=5.0, cpu_ms_a_frame=float("nan"))])
    assert [(r.clip, r.ours_deg["elbow"], r.cpu_ms_a_frame) for r in rows] == [("a", 5.0, 30.0), ("b", 8.0, 30.0)]
    assert json.loads(path.read_text())[0]["ours_deg"]["elbow"] == 5.0


def test_tables_go_between_the_marks(tmp_path):
    from accuracy_tables import BEGIN, END, write_tables

    page = tmp_path / "accuracy.md"
    page.write_text(f"# Accuracy\n\n{BEGIN} -->\nstale\n{END}\n\nRest.\n")
    write_tables(page, [row(f"clip{k}", elbow=float(k)) for k in range(9)])
    text = page.read_text()
    assert text.startswith("# Accuracy\n") and text.endswith(f"{END}\n\nRest.\n") and "stale" not in text
    assert (
        "| high, dev | 9 | 4.0 | 4.0 | 4.0 | 4.0 | 4.0 | 4.0 | **4.00** (3.7–4.3) | 1.0° | 90% | clip8 4.8 | 30 |"
        in text
    )


def test_nobody_found_is_told_and_does_not_stop_the_means():
    from accuracy_tables import COLUMNS, lines

    nothing = dict.fromkeys(COLUMNS, float("nan"))
    lost = row("lost", ours_deg=nothing, raw_deg=nothing, told=0.0, within={}, worker=None, tilt_deg=float("nan"))
    text = "\n".join(lines([row("a"), lost]))
    assert "–" in text and "4.80" in text


def test_agreement_beyond_chance():
    from agreement import agreement_row, confusion, confusion_table, kappa

    grants = [(1.0, 1.0)] * 20 + [(1.0, 0.0)] * 5 + [(0.0, 1.0)] * 10 + [(0.0, 0.0)] * 15
    assert kappa(grants) == pytest.approx(0.4)  # 70 % agree, 50 % would by chance
    assert (
        kappa(grants, "linear") == kappa(grants, "quadratic") == pytest.approx(0.4)
    )  # two categories have one distance
    scale = [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (1.0, 2.0)]
    assert kappa(scale) < kappa(scale, "linear") < kappa(scale, "quadratic") < 1
    assert kappa([(1.0, 3.0), (3.0, 1.0)], "quadratic") == pytest.approx(-1.0)
    assert np.isnan(kappa([(2.0, 2.0)])) and np.isnan(kappa([]))
    assert confusion(grants, [0.0, 1.0]).tolist() == [[15, 10], [5, 20]]
    assert confusion_table("a", confusion(grants, [0.0, 1.0]), ["no", "yes"]).splitlines()[2] == "| no | 15 | 10 |"
    assert agreement_row("grant", grants) == "| grant | 50 | 70% | 100% | +0.1 | 0.40 | 0.40 | 0.40 |"
