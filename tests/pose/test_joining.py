"""Tracks of one person put together, by the user or because everything says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pose_scenes import HEIGHT_PX, WIDTH_PX, SceneEstimator, detection, info

from ergo.errors import NoPersonFound
from ergo.person import TrackPart
from ergo.pose.joining import joined, part_of
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.types import Keypoints
from ergo.video.limits import Frame

BLUE, RED = (30, 40, 160), (170, 30, 30)
BEFORE, AFTER, END = 50, 90, 140  # pictures, ten a second: somebody is gone for four seconds


def track(number: int, frames: slice, confidence: float) -> Keypoints:
    """Somebody seen in some of 20 pictures, at a place that tells who it is."""
    seen = np.full((20, 33, 3), np.nan, np.float32)
    seen[frames] = 100.0 * (number + 1)
    sure = np.full((20, 33), np.nan, np.float32)
    sure[frames] = confidence
    return Keypoints(xy_px=seen[..., :2], xyz_m=seen, confidence=sure, timestamps_s=np.arange(20.0), track_id=number)


def test_where_both_are_found_the_better_seen_is_believed() -> None:
    one, other = track(2, slice(0, 12), 0.6), track(5, slice(8, 18), 0.9)
    whole = joined([one, other])
    assert whole.track_id == 2
    np.testing.assert_array_equal(whole.xy_px[:, 0, 0], [300] * 8 + [600] * 10 + [np.nan] * 2)
    weaker = joined([one, replace(other, confidence=other.confidence * np.float32(0.5))])
    np.testing.assert_array_equal(weaker.xy_px[:, 0, 0], [300] * 12 + [600] * 6 + [np.nan] * 2)


def test_a_part_of_a_track_is_nobody_outside_of_it() -> None:
    one = track(2, slice(3, 18), 0.6)
    part = part_of(one, TrackPart(track_id=2, start_s=7.0, end_s=12.0))
    assert np.flatnonzero(part.found).tolist() == [7, 8, 9, 10, 11]
    np.testing.assert_array_equal(part.xy_px[7:12], one.xy_px[7:12])
    assert part_of(one, TrackPart(track_id=2)) is one
    with pytest.raises(NoPersonFound, match="2@-3"):
        part_of(one, TrackPart(track_id=2, end_s=3.0))


def test_alone_nothing_changes() -> None:
    one = track(2, slice(3, 9), 0.6)
    assert joined([one]) is one


def film(places_px: dict[int, float], clothes: dict[int, tuple[int, int, int]], scale: float = 1.0):
    """Pictures and people: at `places_px[k]` from picture k on somebody in `clothes[k]` stands, 1.7 m tall."""

    def at(k: int) -> int | None:
        return 0 if k < BEFORE else AFTER if k >= AFTER else None

    def people(k: int):
        since = at(k)
        return [] if since is None else [detection(places_px[since], px_per_m=200 * (scale if since else 1.0))]

    def pictures():
        for k in range(END):
            rgb = np.full((HEIGHT_PX, WIDTH_PX, 3), 220, np.uint8)
            since = at(k)
            if since is not None:
                x = round(places_px[since])
                rgb[:, x - 80 : x + 80] = clothes[since]
            yield Frame(index=k, timestamp_s=k / 10, rgb=rgb, scale=1.0)

    return track_people(pictures(), info(END), SceneEstimator(people), replace(PRESETS["medium"], calm=0.0))  # type: ignore[arg-type]


def test_who_comes_back_elsewhere_in_the_same_clothes_is_the_same_person() -> None:
    (person,) = film({0: 200, AFTER: 1000}, {0: BLUE, AFTER: BLUE})
    assert person.found[:BEFORE].all()
    assert not person.found[BEFORE:AFTER].any()
    assert person.found[AFTER + 5 :].all()


@pytest.mark.parametrize(("colour", "scale"), [(RED, 1.0), (BLUE, 0.6)])
def test_other_clothes_or_another_size_are_somebody_else(colour: tuple[int, int, int], scale: float) -> None:
    assert len(film({0: 200, AFTER: 1000}, {0: BLUE, AFTER: colour}, scale)) == 2
