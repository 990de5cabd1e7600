import subprocess
import sys

import pytest


def run(*arguments, cwd=None):
    return subprocess.run(  # noqa: PLW1510  the exit code is what is tested
        [sys.executable, "-m", "ergo", *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=cwd
    )


def bad_files(folder):
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "letter.mp4").write_text("Dear safety engineer,\n" * 50)
    (folder / "page.mp4").write_text("<!doctype html><html><body>404</body></html>")
    return {"empty.mp4": "empty", "letter.mp4": "video", "page.mp4": "video", "nowhere.mp4": "nowhere.mp4"}


def test_bad_files_get_one_line_and_leave_nothing(tmp_path):
    for name, word in bad_files(tmp_path).items():
        done = run("analyse", tmp_path / name, "--out", tmp_path / "out")
        assert done.returncode == 2, name
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("ergo: ")
        assert word in lines[0]
        assert not (tmp_path / "out").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"empty.mp4", "letter.mp4", "page.mp4"}


def test_an_address_of_this_machine_is_not_asked_for_a_video(tmp_path):
    done = run("analyse", "http://127.0.0.1:9/film.mp4", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "private network" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "field"),
    [
        ("--quality", "best", "quality"),
        ("--height-m", "17", "height_m"),
        ("--height-m", "nan", "height_m"),
        ("--camera-pitch-deg", "95", "camera_pitch_deg"),
        ("--load-kg", "-3", "load_kg"),
        ("--person", "-1", "person"),
        ("--person", "2+x", "person"),
        ("--person", "2+2", "person"),
        ("--coupling", "sticky", "coupling"),
        ("--lifting-duration", "day", "lifting_duration"),
        ("--lifts-per-minute", "-1", "lifts_per_minute"),
        ("--exertion", "11", "exertion"),
    ],
)
def test_impossible_settings_name_the_field(tmp_path, option, value, field):
    done = run("analyse", "clip.mp4", "--out", tmp_path / "out", f"{option}={value}")
    assert done.returncode == 2
    assert field in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_results_are_never_written_over_others(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("keep")
    done = run("analyse", "assets/examples/lift_squat.mp4", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "already exists" in done.stderr
    assert (tmp_path / "out" / "precious.txt").read_text() == "keep"
