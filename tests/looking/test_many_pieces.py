"""The whole pipeline over a film in several pieces, beside the same film in one."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ergo.config import Settings
from ergo.evaluation import PipelineOptions
from ergo.jobs import film
from ergo.pipeline import analyse
from ergo.progress import Clock
from ergo.types import AnalysisSettings
from ergo.video.footage import Elsewhere, Here

CLIP = Path(__file__).parents[2] / "assets" / "examples" / "twist_transfer.mp4"
LOW = AnalysisSettings(quality="low")
PIECE_S = 10.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def long_film(tmp_path_factory):
    """The clip forwards and backwards three times: eighteen seconds without a jump."""
    path = tmp_path_factory.mktemp("film") / "long.mp4"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as out:
        frames = [frame.reformat(format="yuv420p") for frame in source.decode(video=0)]
        rate = Fraction(source.streams.video[0].average_rate)
        stream = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "18", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        number = 0
        while number / rate < 18:
            for frame in [*frames, *frames[::-1]]:
                frame.pts, frame.time_base, frame.pict_type = number, 1 / rate, av.video.frame.PictureType.NONE
                out.mux(stream.encode(frame))
                number += 1
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def analyses(long_film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("analyses")
    return {
        name: (analyse(long_film, folder / name, LOW, PipelineOptions(piece_s=piece_s)), folder / name)
        for name, piece_s in (("one", 3600.0), ("pieces", PIECE_S))
    }


def test_pieces_give_the_landmarks_and_scores_of_one(analyses):
    one, many = analyses["one"][0], analyses["pieces"][0]
    assert len(one.tracks) == len(many.tracks) == 1
    np.testing.assert_array_equal(one.keypoints.timestamps_s, many.keypoints.timestamps_s)
    np.testing.assert_array_equal(one.keypoints.found, many.keypoints.found)
    apart_px = np.linalg.norm(one.keypoints.xy_px - many.keypoints.xy_px, axis=2)
    height_px = np.nanmedian(np.ptp(one.keypoints.xy_px[..., 1], axis=1))
    assert np.nanmedian(apart_px) < 0.005 * height_px
    assert np.nanpercentile(apart_px, 95) < 0.03 * height_px
    assert one.gravity.up_cam == pytest.approx(many.gravity.up_cam, abs=0.01)
    for a, b in zip(one.assessments, many.assessments, strict=True):
        assert np.nanpercentile(a.total, 95) == pytest.approx(np.nanpercentile(b.total, 95), abs=1.0)


def test_the_previews_show_the_same_moments(analyses):
    times = []
    for _, folder in analyses.values():
        with av.open(str(folder / "preview.mp4")) as container:
            times.append([frame.pts * frame.time_base for frame in container.decode(video=0)])
    assert times[0] == times[1]


def not_all_of_it(path):
    raise AssertionError("fetched as a whole")


def test_workers_elsewhere_give_the_bytes_of_one_process(analyses, long_film, tmp_path, monkeypatch):
    """Pieces looked at in any order, through files, each read by ranges out of a bucket, as jobs do it."""
    monkeypatch.setattr("ergo.video.byte_ranges.HEAD_BYTES", 60_000)
    monkeypatch.setattr("ergo.video.footage.BLOCK_BYTES", 4096)
    content = long_film.read_bytes()
    footages = [
        Elsewhere(tmp_path / name, "long.mp4", len(content), lambda at, n: content[at : at + n], not_all_of_it)
        for name in ("leader", "helper")
    ]
    options = Settings(data_dir=tmp_path, piece_s=PIECE_S, _env_file=None)
    clock = Clock(lambda _: None)
    plan = film.plan(footages[0], LOW, options, clock)
    assert plan == film.plan(Here(long_film), LOW, options, clock)
    parts = tmp_path / "parts"
    parts.mkdir()
    for number in reversed(range(film.pieces(plan))):
        film.look(footages[number % 2], plan, number, parts, options, lambda _: None)
    assert film.pieces(plan) > 1
    assert footages[1].read_bytes < 0.9 * len(content)
    assert film.finish(plan, parts, tmp_path / "out", LOW, options, clock) is None
    there = analyses["pieces"][1]
    names = sorted(path.name for path in there.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "out").iterdir())
    for name in names:
        if name != "result.json":  # tells how long it took
            assert (tmp_path / "out" / name).read_bytes() == (there / name).read_bytes(), name
