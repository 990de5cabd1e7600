"""A film read in pieces: the same pictures as in one go, and previews that join without a seam."""

from itertools import pairwise

import av
import numpy as np
import pytest
from video_clips import number_shown, write_clip

from ergo.errors import DecodeFailed
from ergo.video.joining import join_previews
from ergo.video.limits import DecodeLimits, DecodeSettings, Stretch
from ergo.video.probing import probe
from ergo.video.reading import read_frames

LIMITS = DecodeLimits()
# not evenly spaced, and more than a key frame apart
TIMES_S = np.cumsum([0.0, *np.tile([0.04, 0.03, 0.05, 0.04], 75)])


def read(path, info, preview=None, stretch=None):
    with read_frames(path, info, DecodeSettings(), LIMITS, preview, stretch) as reader:
        frames = [(frame.index, number_shown(frame.rgb), frame.rgb.tobytes()) for frame in reader]
    return frames, reader.damage


def shown_times(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times_s = [float(frame.pts * frame.time_base) for frame in container.decode(stream)]
        return np.array(times_s), float(stream.duration * stream.time_base)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_pieces_show_what_the_whole_shows(tmp_path, suffix):
    path = write_clip(tmp_path / f"film{suffix}", TIMES_S, options={"g": "70", "bf": "2"})
    info = probe(path, LIMITS)
    whole, _ = read(path, info, tmp_path / "whole.mp4")
    cuts = [0, 101, 222, info.frame_count]
    again, pieces = [], []
    for begin, end in pairwise(cuts):
        stretch = Stretch(first=max(0, begin - 30), begin=begin, end=end, last=min(info.frame_count, end + 10))
        preview = tmp_path / f"{begin}.mp4"
        frames, damage = read(path, info, preview, stretch)
        assert damage is None
        assert [index for index, *_ in frames] == list(range(stretch.first, stretch.last))
        again += [frame for frame in frames if begin <= frame[0] < end]
        pieces.append((preview, begin))
    assert again == whole
    join_previews(pieces, info, tmp_path / "joined.mp4", LIMITS)
    (one_s, one_long_s), (many_s, many_long_s) = (
        shown_times(tmp_path / "whole.mp4"),
        shown_times(tmp_path / "joined.mp4"),
    )
    np.testing.assert_array_equal(one_s, many_s)
    assert many_long_s == pytest.approx(one_long_s, abs=1e-4)


def test_pieces_coded_in_another_way_are_not_joined(tmp_path):
    big = write_clip(tmp_path / "big.mp4", TIMES_S[:20], size=(640, 384), options={"bf": "0"})
    small = write_clip(tmp_path / "small.mp4", TIMES_S[:20], options={"bf": "0"})
    with pytest.raises(DecodeFailed, match="another way"):
        join_previews([(big, 0), (small, 10)], probe(big, LIMITS), tmp_path / "joined.mp4", LIMITS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.mp4", "small.mp4"]
