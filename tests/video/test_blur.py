"""Discs of a picture and of a preview in which nothing can be recognised."""

from itertools import pairwise

import av
import numpy as np
import pytest
from video_clips import CLOCK

from ergo.video.blurring import blur_frame, blur_preview
from ergo.video.discs import CELLS, EDGE, blur_discs
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame, Stretch
from ergo.video.probing import probe
from ergo.video.reading import read_frames, shown_frames

LIMITS = DecodeLimits()
WHOLE_DISC = np.array([[0.0, 160.0, 96.0, 40.0]])


def detail(picture):
    """Mean difference of neighbouring pixels."""
    grey = picture.astype(float).mean(axis=2)
    return np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()


def within(shape, x, y, radius):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.hypot(columns - x, rows - y) <= radius


def test_nothing_but_a_few_means_is_left_within_a_disc():
    """Two patterns with the same means over the cells come out the same; a face is one of many such patterns."""
    rng = np.random.default_rng(1)
    x, y, radius = 100.0, 90.0, 39.0
    side = 2 * int(np.ceil(radius * EDGE + 1)) + 1
    base = rng.integers(60, 190, (200, 220, 3), dtype=np.uint8)
    for _ in range(4):
        one, other = base.copy(), base.copy()
        left, top, cell = int(x) - side // 2, int(y) - side // 2, side / CELLS
        for row in range(CELLS):
            for column in range(CELLS):
                ys = slice(top + int(np.ceil(row * cell)), top + int((row + 1) * cell))
                xs = slice(left + int(np.ceil(column * cell)), left + int((column + 1) * cell))
                patch = other[ys, xs].reshape(-1, 3)
                other[ys, xs] = rng.permutation(patch).reshape(other[ys, xs].shape)
        inner = within(base.shape, x, y, radius)
        assert np.abs(one[inner].astype(int) - other[inner].astype(int)).mean() > 30
        for picture in (one, other):
            blur_discs(picture, np.array([[x, y, radius]]))
        assert np.abs(one[inner].astype(int) - other[inner].astype(int)).max() <= 1
        outside = ~within(base.shape, x, y, radius * EDGE + 1.5)
        np.testing.assert_array_equal(one[outside], base[outside])


def test_discs_may_lie_across_and_beyond_the_edge():
    picture = np.random.default_rng(2).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    before = picture.copy()
    blur_discs(picture, np.array([[-500.0, 10.0, 30.0], [90.0, 200.0, 20.0]]))
    np.testing.assert_array_equal(picture, before)
    blur_discs(picture, np.array([[0.0, 0.0, 30.0], [79.0, 59.0, 12.0], [40.0, 30.0, 0.3]]))
    assert detail(picture[:18, :18]) < 0.1 * detail(before[:18, :18])
    frame = blur_frame(Frame(index=0, timestamp_s=0.0, rgb=before, scale=0.5), np.array([[80.0, 60.0, 40.0]]))
    assert detail(frame.rgb[18:42, 28:52]) < 0.1 * detail(before[18:42, 28:52])
    assert frame.rgb is not before and detail(before[18:42, 28:52]) > 50


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Three seconds of a picture full of detail that moves, its frames not evenly spaced."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    ticks = np.cumsum([0, *np.tile([3600, 2700, 4500, 3600], 18)])
    noise = np.random.default_rng(3).integers(0, 255, (24, 60, 3), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        stream.codec_context.time_base = stream.time_base = CLOCK
        for number, tick in enumerate(ticks):
            view = np.ascontiguousarray(noise[:, number : number + 320])
            frame = av.VideoFrame.from_ndarray(view, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = int(tick), CLOCK
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def pictures(path):
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return np.array([float(f.pts * f.time_base) for f in frames]), [f.to_ndarray(format="rgb24") for f in frames]


def test_a_preview_keeps_its_clock_and_loses_what_is_in_the_discs(film, tmp_path):
    info = probe(film, LIMITS)
    stretches = [Stretch(first=a, begin=a, end=b, last=b) for a, b in pairwise([0, 40, info.frame_count])]
    drafts = [(tmp_path / f"clear-{stretch.begin}.mp4", stretch) for stretch in stretches]
    with read_frames(film, info, DecodeSettings(rate_hz=5.0), LIMITS, drafts=drafts) as reader:
        for frame in reader:
            assert drafts[0][0].is_file() == (frame.index >= 40)
    pieces = []
    for clear, stretch in drafts:
        count = len(shown_frames(info, stretch))
        discs = np.repeat(WHOLE_DISC, count, axis=0)
        discs[:, 0] = np.arange(count)
        preview = tmp_path / f"{stretch.begin}.mp4"
        blur_preview(clear, info, stretch, discs[3:], preview, LIMITS)
        np.testing.assert_array_equal(pictures(clear)[0], pictures(preview)[0])
        pieces.append((preview, stretch.begin))
    join_previews(pieces, info, tmp_path / "joined.mp4", LIMITS)
    times_s, shown = pictures(film)
    joined_s, blurred = pictures(tmp_path / "joined.mp4")
    np.testing.assert_allclose(joined_s, times_s, atol=1e-9)
    inner = np.s_[96 - 24 : 96 + 24, 160 - 24 : 160 + 24]
    for number, (before, after) in enumerate(zip(shown, blurred, strict=True)):
        in_the_clear = number < 3 or 40 <= number < 43
        assert (detail(after[inner]) > 0.7 * detail(before[inner])) == in_the_clear
        assert in_the_clear or detail(after[inner]) < 0.15 * detail(before[inner])
        assert np.abs(after[:, :60].astype(int) - before[:, :60].astype(int)).mean() < 12
    assert not list(tmp_path.glob("*.part"))
