"""Colours of clothes, read where the landmarks say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pose_scenes import HEIGHT_PX, WIDTH_PX, detection

from ergo.pose.clothes import colours, difference, only_this_one, somebody_else

RED, BLUE, GREY = (200.0, 30.0, 30.0), (30.0, 40.0, 180.0), (90.0, 90.0, 90.0)


def picture() -> np.ndarray:
    """A red shirt above the hips (y = 380), blue trousers below, on grey."""
    rgb = np.full((HEIGHT_PX, WIDTH_PX, 3), 90, np.uint8)
    rgb[270:380, 590:690] = RED
    rgb[381:480, 590:690] = BLUE
    return rgb


def test_shirt_and_trousers() -> None:
    np.testing.assert_allclose(colours(picture(), detection(640)), [*RED, *BLUE])


def test_what_is_not_seen_is_not_known() -> None:
    seen = detection(640)
    confidence = seen.confidence.copy()
    confidence[25:] = 0.0
    np.testing.assert_allclose(colours(picture(), replace(seen, confidence=confidence)), [*RED, *[np.nan] * 3])
    assert np.isnan(colours(picture(), detection(-500))).all()


def test_who_it_can_be() -> None:
    red, blue, other = (np.array([*shirt, *GREY]) for shirt in (RED, BLUE, (40.0, 150.0, 60.0)))
    unknown = np.full(6, np.nan)
    assert difference(red, red) == 0
    assert np.isnan(difference(red, unknown))
    assert somebody_else(blue, red, [blue, other])
    assert not somebody_else(blue, red, [other])  # unlike oneself, but unlike the others, too: the light, perhaps
    assert not somebody_else(red + 3, red, [blue])
    assert not somebody_else(blue, unknown, [blue])
    assert only_this_one(red + 3, red, [blue])
    assert not only_this_one(red, red, [red + 5])  # everybody wears the same
    assert not only_this_one(red, unknown, [blue])
