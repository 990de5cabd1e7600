"""The filming guide: how to hold the camera, drawn, each right way beside a wrong one."""

from __future__ import annotations

from html import escape

_WORKER = (
    '<circle cx="0" cy="-44" r="5"/><path d="M-2 -36C-4 -30 -5 -24 -6 -18"/><path d="M-6 -18L1 -8L-2 0"/>'
    '<path d="M-6 -18L-5 -8L-9 0"/><path d="M-2 -34L3 -25L11 -24"/><rect x="9" y="-30" width="9" height="8" rx="1"/>'
)


def _worker(x: float, ground: float, scale: float = 1.0) -> str:
    return f'<g class="worker" transform="translate({x} {ground}) scale({scale})">{_WORKER}</g>'


def _phone(x: float, y: float, ground: float | None = None, turn: float = 0.0) -> str:
    stand = "" if ground is None else f'<path class="stand" d="M{x} {y + 6}V{ground - 8}l-4 8m4 -8l4 8"/>'
    place = f'x="{x - 2.5}" y="{y - 6}" width="5" height="12" rx="1.5" transform="rotate({turn} {x} {y})"'
    return f'{stand}<rect class="phone" {place}/>'


def _seen_from_above(x: float, y: float) -> str:
    """A head and shoulders, facing right."""
    return (
        f'<g class="above"><ellipse cx="{x}" cy="{y}" rx="5" ry="11"/><circle cx="{x}" cy="{y}" r="5"/>'
        f'<path d="M{x + 5} {y}h6m-2.500 -2.500l2.500 2.500l-2.500 2.500"/></g>'
    )


_FLOOR = '<path class="floor" d="M6 78H74M86 78H154"/>'

_CARDS: tuple[tuple[str, str, str], ...] = (
    (
        "Hip to chest height",
        "Held high or low, the camera shortens the body.",
        _FLOOR
        + '<rect class="band" x="10" y="34" width="62" height="22" rx="2"/>'
        + _worker(24, 78) + _phone(62, 45, 78)
        + _worker(100, 78) + _phone(137, 26, None, 30) + '<path class="sight" d="M133 28L107 37"/>',
    ),
    (
        "The whole body, head to feet",
        "What is cut off is not assessed.",
        _FLOOR
        + '<rect class="frame" x="10" y="24" width="60" height="58" rx="3"/>' + _worker(38, 76)
        + '<rect class="frame" x="92" y="16" width="56" height="40" rx="3"/>' + _worker(118, 78, 1.1),
    ),
    (
        "From the side, or at 45°",
        "From straight ahead, bending is hardly seen.",
        _seen_from_above(30, 30) + _phone(30, 76) + '<path class="sight" d="M30 68V44"/>'
        + _phone(60, 66, None, -45) + '<path class="sight" d="M56 60L38 40"/>'
        + _seen_from_above(104, 44) + _phone(146, 44, None, 90) + '<path class="sight" d="M139 44H120"/>',
    ),
    (
        "Still, and one person near",
        "Rest the phone; two or three metres away.",
        _FLOOR
        + _worker(24, 78) + _phone(62, 45, 78)
        + _worker(112, 78, 0.45) + _worker(128, 78, 0.45) + _phone(146, 45, None, 12)
        + '<path class="shake" d="M139 40q-3 5 0 10M153 40q3 5 0 10"/>',
    ),
)  # fmt: skip

_MARKS = (
    '<path class="yes" d="M66 8l3 3.500 6 -7"/><path class="no" d="M146 5l6 6m0 -6l-6 6"/>'
    '<path class="between" d="M80 6V82"/>'
)


def filming_guide() -> str:
    """Folded away: a drawing for each rule, the right way left, the wrong one right."""
    cards = "".join(
        f'<li><svg viewBox="0 0 160 88" aria-hidden="true">{drawing}{_MARKS}</svg>'
        f"<strong>{escape(rule)}</strong><span>{escape(why)}</span></li>"
        for rule, why, drawing in _CARDS
    )
    return f'<details class="guide"><summary>How to film, in pictures</summary><ul>{cards}</ul></details>'
