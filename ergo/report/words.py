"""Numbers of a result as people read them, on the page and in reports."""

from __future__ import annotations


def duration_words(seconds: float) -> str:
    """A length of time: ``0.8 s``, ``41 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock(seconds: float) -> str:
    """A moment in a film: ``0:07.4``, ``12:03.0``, ``1:02:03.0``."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{tenths // 10:02d}.{tenths % 10}"


def percent(share: float) -> str:
    """A share of 0 to 1 as a percentage; a trace stays visible as ``<1 %`` and almost all is not called all."""
    value = 100 * share
    if 0 < value < 1:
        return "<1 %"
    if 99.5 <= value < 100:
        return ">99 %"
    return f"{value:.0f} %"


def degrees(value: float) -> str:
    """An angle with its sign; what rounds to zero has none."""
    rounded = round(value)
    return "0°" if rounded == 0 else f"{rounded:+d}°".replace("-", "−")
