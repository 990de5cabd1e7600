"""The preview blurred as it goes: what comes later does not matter to a draft that is due; the parts fit together."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_heads import person

from ergo.looking import veil as veil_module
from ergo.looking.heads import head_discs
from ergo.looking.plan import Plan
from ergo.looking.veil import Veil, draft_parts, settling_s
from ergo.video.limits import DecodeLimits, DecodeSettings, Stretch
from ergo.video.probing import probe
from ergo.video.reading import read_frames

LIMITS = DecodeLimits()
RATE_HZ = 7.5


@settings(deadline=None, max_examples=40)
@given(
    at_s=st.floats(2.0, 9.0),
    first_s=st.floats(0.0, 10.0),
    gap=st.tuples(st.floats(0.0, 10.0), st.floats(0.0, 4.0)),
    before_s=st.sampled_from([1.0, 1.5, 3.0]),
)
def test_what_is_seen_after_a_draft_has_settled_changes_no_disc_of_it(at_s, first_s, gap, before_s):
    times_s = np.arange(0.0, 16.0, 1 / RATE_HZ)
    heads_px = np.column_stack([200 + 90 * np.sin(times_s), 150 + 20 * np.cos(3 * times_s)])
    lost = (times_s > gap[0]) & (times_s < gap[0] + gap[1])
    whole = person(times_s, heads_px, seen=(times_s >= first_s) & ~lost)
    early = times_s <= at_s + settling_s(before_s)
    so_far = person(times_s[early], heads_px[early], seen=(times_s[early] >= first_s) & ~lost[early])
    shown_s = np.arange(0.0, at_s, 1 / 30)
    np.testing.assert_allclose(
        head_discs([so_far], shown_s, before_s), head_discs([whole], shown_s, before_s), atol=1e-6
    )


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Thirteen seconds of stripes that move, as a plan for `low`, and the film."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    stripes = np.random.default_rng(5).integers(0, 255, (192, 720, 3), dtype=np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        for number in range(195):
            view = np.ascontiguousarray(stripes[:, 2 * number : 2 * number + 320])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(view, format="rgb24")))
        out.mux(stream.encode(None))
    info = probe(path, LIMITS)
    piece = Stretch(first=0, begin=30, end=165, last=195)
    return path, Plan(video_name="film.mp4", video=info, turn_deg=0, quality="low", pieces=(piece,))


def test_a_piece_is_blurred_part_by_part_and_put_together_on_its_own_clock(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(veil_module, "DRAFT_S", 3.0)
    path, plan = plan
    (piece,) = plan.pieces
    assert [(part.begin, part.end) for part in draft_parts(plan, piece)] == [(30, 75), (75, 120), (120, 165)]
    preview = tmp_path / "piece.mp4"
    drawn_s = []
    with Veil(plan, piece, preview, LIMITS) as veil:
        decode = DecodeSettings(rate_hz=5.0)
        with read_frames(path, plan.video, decode, LIMITS, preview, piece, drafts=veil.drafts) as reader:
            for frame in reader:
                while veil.due(frame.timestamp_s):
                    drawn_s.append(frame.timestamp_s)
                    veil.draw([])
        assert drawn_s == pytest.approx([5.0 + settling_s(1.5), 8.0 + settling_s(1.5)], abs=0.2)
        veil.finish([])
    assert [left.name for left in tmp_path.iterdir()] == ["piece.mp4"]
    with av.open(str(preview)) as container:
        shown_s = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    np.testing.assert_allclose(shown_s, np.arange(135) / 15, atol=1e-4)


def test_nothing_is_left_lying_about_when_looking_fails(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(veil_module, "DRAFT_S", 3.0)
    path, plan = plan
    (piece,) = plan.pieces
    preview, decode = tmp_path / "piece.mp4", DecodeSettings()
    with (
        pytest.raises(ZeroDivisionError),
        Veil(plan, piece, preview, LIMITS) as veil,
        read_frames(path, plan.video, decode, LIMITS, preview, piece, drafts=veil.drafts) as reader,
    ):
        for frame in reader:
            if frame.timestamp_s > 8.0:
                veil.draw([])
                raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
