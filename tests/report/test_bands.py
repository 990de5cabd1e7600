"""The bands behind a curve are those of the method, edge by edge."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ergo.assess.items import ITEMS
from ergo.report.bands import assumed, banded_angle, bands, is_banded
from ergo.report.causes import causes_of


@pytest.mark.parametrize(
    ("method", "item", "edges", "points"),
    [
        ("rula", "upper_arm", [-20, 20, 45, 90], [2, 1, 2, 3, 4]),
        ("rula", "trunk", [-60, -20, -5, 5, 20, 60], [4, 3, 2, 1, 2, 3, 4]),
        ("reba", "legs", [30, 60], [1, 2, 3]),
        ("reba", "lower_arm", [60, 100], [2, 1, 2]),
        ("owas", "back", [-20, 20], [2, 1, 2]),
        ("owas", "arms", [90], [1, 2]),
        ("en1005_4", "left_upper_arm", [60], [1, 2]),
    ],
)
def test_edges_are_the_published_ones(method: str, item: str, edges: list[float], points: list[float]) -> None:
    found = bands(method, item)
    assert [band.end_deg for band in found[:-1]] == edges
    assert [band.points for band in found] == points
    assert all(one.end_deg == two.start_deg for one, two in pairwise(found))


def test_the_arms_of_owas_have_the_same_bands_on_both_sides() -> None:
    for side in ("left", "right"):
        assert is_banded("owas", "arms", f"{side}_arm_elevation_gravity")
        assert not is_banded("iso11226", f"{side}_upper_arm", "arm_elevation_gravity")
    assert not is_banded("owas", "legs", "left_knee_flexion")


def test_every_banded_angle_is_one_that_makes_the_item_and_its_points_exist() -> None:
    for method, items in ITEMS.items():
        for item in items:
            angle = banded_angle(method, item.id)
            if angle is None:
                assert bands(method, item.id) == ()
                continue
            assert any(is_banded(method, item.id, cause.angle) for cause in causes_of(method, item.id))
            assert assumed(method, item.id).endswith(".")
            most = max(item.max_points, item.neutral_points)
            assert all(item.neutral_points <= band.points <= most for band in bands(method, item.id)), (method, item.id)
