"""The pieces of a long film that have been looked at already, as a line of the trunk over the film's time."""

from __future__ import annotations

from collections.abc import Sequence

from ergo.looking.glimpse import Glimpse
from ergo.ui import texts

_WIDTH, _HEIGHT = 1000.0, 96.0
_MOST_DEG = 90.0
_MARKS_DEG = (20, 60)  # where REBA's score of the trunk goes up


def preliminary(glimpses: Sequence[Glimpse]) -> str:
    """A figure that says what it is not; empty where there is nothing to show yet."""
    if not glimpses:
        return ""
    film_s = glimpses[0].film_s
    seen_s = sum(glimpse.end_s - glimpse.begin_s for glimpse in glimpses)
    share = texts.PRELIMINARY_SHARE.format(percent=round(100 * seen_s / film_s) if film_s else 0)
    marks = "".join(
        f'<line class="mark" x1="0" x2="{_WIDTH:g}" y1="{_y(deg):.1f}" y2="{_y(deg):.1f}"/>' for deg in _MARKS_DEG
    )
    labels = "".join(f'<i style="top:{100 * _y(deg) / _HEIGHT:.1f}%">{deg}°</i>' for deg in _MARKS_DEG)
    return (
        '<figure class="preliminary">'
        f"<figcaption><strong>{texts.PRELIMINARY}</strong> <span>{texts.PRELIMINARY_WHAT}</span>"
        f'<span class="muted">{share}</span></figcaption>'
        f'<div class="plot"><svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img"'
        f' aria-label="{texts.PRELIMINARY_WHAT} {share}">'
        f"{''.join(_ground(glimpse, film_s) for glimpse in glimpses)}{marks}"
        f"{''.join(_line(glimpse, film_s) for glimpse in glimpses)}</svg>{labels}</div>"
        f'<p class="muted">{texts.PRELIMINARY_NOTE}</p></figure>'
    )


def _ground(glimpse: Glimpse, film_s: float) -> str:
    x, end = _x(glimpse.begin_s, film_s), _x(glimpse.end_s, film_s)
    return f'<rect class="seen" x="{x:.1f}" y="0" width="{end - x:.1f}" height="{_HEIGHT:g}"/>'


def _line(glimpse: Glimpse, film_s: float) -> str:
    """The line of one piece, broken where nobody was seen."""
    step_s = (glimpse.end_s - glimpse.begin_s) / max(len(glimpse.trunk_deg), 1)
    path, drawing = "", False
    for number, deg in enumerate(glimpse.trunk_deg):
        if deg is None:
            drawing = False
            continue
        begin_s = glimpse.begin_s + number * step_s
        path += f"{'L' if drawing else 'M'}{_x(begin_s, film_s):.1f} {_y(deg):.1f}H{_x(begin_s + step_s, film_s):.1f}"
        drawing = True
    return f'<path d="{path}" vector-effect="non-scaling-stroke"/>' if path else ""


def _x(time_s: float, film_s: float) -> float:
    return _WIDTH * time_s / film_s if film_s else 0.0


def _y(deg: float) -> float:
    return _HEIGHT * (1 - min(deg, _MOST_DEG) / _MOST_DEG)
