"""The annotated film is read back with PyAV: same clock, a skeleton where the landmarks are, a line below."""

import av
import numpy as np
import pytest

from ergo.body.landmarks import Landmark as L
from ergo.report.annotated import LIMBS, shown_at
from ergo.report.exports import export


def frames_of(path):
    with av.open(str(path)) as container:
        return [
            (float(frame.time), frame.to_ndarray(format="rgb24").astype(int)) for frame in container.decode(video=0)
        ]


def test_the_film_keeps_its_clock_and_shows_skeleton_and_scores(stored, tmp_path):
    path = tmp_path / "annotated.mp4"
    export("video", stored, path)
    before, after = frames_of(stored.folder / "preview.mp4"), frames_of(path)
    assert [time for time, _ in after] == pytest.approx([time for time, _ in before], abs=1e-3)
    height, width = before[0][1].shape[:2]
    assert after[0][1].shape == (height + 44, width, 3)
    place = int(np.argmin([abs(time - 1.0) for time, _ in after]))
    shown = shown_at(stored, after[place][0])
    hip, knee = (shown.at[mark] * [width, height] for mark in (L.LEFT_HIP, L.LEFT_KNEE))
    x, y = np.rint((hip + knee) / 2).astype(int)
    changed = np.abs(after[place][1][:height] - before[place][1]).max(axis=2)
    assert changed[y - 2 : y + 3, x - 2 : x + 3].max() > 40
    assert np.median(changed) < 12
    assert after[place][1][height:].max() > 180  # words on a dark ground
    assert not np.allclose(after[0][1][height:], after[place][1][height:], atol=20)


def test_nothing_is_drawn_or_claimed_where_nobody_was_seen(stored):
    gap = np.flatnonzero(~stored.motion.valid)
    lost = shown_at(stored, float(stored.motion.timestamps_s[gap[2]]))
    assert not np.isfinite(lost.at[[L.LEFT_HIP, L.LEFT_KNEE]]).any()
    assert {words for _, words, _ in lost.scores} == {"not seen"}
    seen = shown_at(stored, 1.0)
    assert [name for name, _, _ in seen.scores] == ["RULA", "REBA", "OWAS"]
    assert len(LIMBS) == 18
