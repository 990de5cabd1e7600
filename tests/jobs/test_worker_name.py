import pytest

from ergo.jobs.fetching import named


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "store" / "source.mov"
    path.parent.mkdir()
    path.write_bytes(b"film")
    return path


def test_the_owners_name_is_shown_with_the_real_suffix(tmp_path, video):
    link = named(video, "Palletising, line 3.mp4", tmp_path)
    assert link.name == "Palletising, line 3.mov"
    assert link.read_bytes() == b"film"


@pytest.mark.parametrize(
    "title",
    ["../../etc/passwd", "a/b\\c.mp4", "\u202egpj.exe.mp4", "nul\x00byte.mp4", "x" * 2000, "ü" * 2000, ". .mp4"],
)
def test_no_name_leaves_the_folder(tmp_path, video, title):
    work = tmp_path / "work"
    work.mkdir()
    link = named(video, title, work)
    assert link.read_bytes() == b"film"
    assert link == video or link.parent == work
    assert len(link.name.encode()) < 200
    assert link.name.isprintable()


def test_without_a_name_the_video_itself_is_used(tmp_path, video):
    assert named(video, "", tmp_path) == video
