"""The page's colours are the player's, and its words are readable on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PAGE = (ASSETS / "page" / "base.css").read_text(encoding="utf-8")


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--ergo-([\w-]+): (#[0-9a-f]{6})", block))


LIGHT = _colours(PAGE.split("}")[0])
DARK = LIGHT | _colours(PAGE.split(".dark, .dark .gradio-container {")[1].split("}")[0])


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_risk_scale_is_that_of_the_player() -> None:
    player = re.findall(r'step: (\d), color: "(#[0-9a-f]{6})"', (ASSETS / "viewer" / "risk.js").read_text())
    assert len(player) == 5
    assert {step: LIGHT[f"risk-{step}"] for step, _ in player} == dict(player)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_words_are_readable(palette: dict[str, str], ground: str) -> None:
    for ink in ("ink", "muted", "accent"):
        assert _contrast(palette[ink], palette[ground]) >= 4.5, ink
    assert _contrast(palette["on-accent"], palette["accent"]) >= 4.5
    assert _contrast(palette["alarm"], palette["alarm-soft"]) >= 4.5


def test_numbers_inside_the_bars_are_readable() -> None:
    for step in range(4):
        assert _contrast("#15181c", LIGHT[f"risk-{step}"]) >= 4.5
    assert _contrast("#ffffff", LIGHT["risk-4"]) >= 4.5


def test_nothing_is_fetched_from_elsewhere() -> None:
    files = [*(ASSETS / "page").glob("*"), *(ASSETS / "uploader").glob("*"), *(ASSETS / "viewer").glob("*.css")]
    for path in files:
        assert not re.search(r"https?://(?!www\.w3\.org/)", path.read_text(encoding="utf-8")), path.name
