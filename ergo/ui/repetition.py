"""Repetition and dose on the page: how often parts of the body move, and how their exposure adds up over the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ergo.assess.cycles import PARTS as MOVING_PARTS
from ergo.assess.dose import PARTS as DOSE_PARTS
from ergo.ui import texts
from ergo.ui.sections import section
from ergo.ui.terms import term

WIDE, HIGH = 240.0, 72.0


def repetition_section(result: Mapping[str, Any]) -> str:
    """The cycle of the work and the movements of each part; empty for results of before there were any."""
    repetition = result.get("cycles")
    if repetition is None:
        return ""
    a_minute = repetition["film_s"] >= 60
    rows = "".join(_part_row(part, a_minute) for part in repetition["parts"])
    heads = ("Part", "Movements", *(("A minute",) if a_minute else ()), "One takes", "Evenness")
    table = (
        f'<div class="scroll"><table class="figures"><thead><tr>{"".join(_head(name) for name in heads)}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    short = "" if a_minute else " How often a minute is not assessable: the film has less than one."
    note = "A movement is a bend of 20° or more there and back. RULA and REBA count 4 a minute or more as repeated."
    return section("repetition", "Repetition", f"<p>{escape(_work(repetition) + short)}</p>{table}", note)


def _head(name: str) -> str:
    return f'<th scope="col">{name}</th>'


def _work(repetition: Mapping[str, Any]) -> str:
    work = repetition["work"]
    if work["period_s"] is None:
        return "The work as a whole does not repeat itself regularly in this film, at least not three times."
    return (
        f"The work repeats about every {texts.duration_words(work['period_s'])}, {work['count']:.1f} times in this "
        f"film (likeness of one round to the next {texts.percent(work['regularity'])})."
    )


def _part_row(part: Mapping[str, Any], a_minute: bool) -> str:
    if part["count"] is None:
        span = 4 if a_minute else 3
        words = f"not assessed, seen {texts.percent(part['coverage'])} of the film"
        cells = f'<td colspan="{span}" class="muted">{words}</td>'
    else:
        rate = f"<td>{part['per_minute']:.1f}</td>" if part["per_minute"] is not None else "<td>–</td>"
        period = "–" if part["period_s"] is None else texts.duration_words(part["period_s"])
        cells = f"<td>{part['count']:.0f}</td>{rate if a_minute else ''}<td>{period}</td>"
        cells += f"<td>{_evenness(part['spread'])}</td>"
    angle = MOVING_PARTS.get(part["part"], ("", ""))[1]
    return f'<tr><th scope="row">{term(angle, part["label"])}</th>{cells}</tr>'


def _evenness(spread: float | None) -> str:
    if spread is None:
        return "–"
    return "like a clock" if spread < 0.1 else "even" if spread < 0.3 else "uneven"


def dose_section(result: Mapping[str, Any]) -> str:
    """A small cumulative curve for each part; empty for results of before there were any."""
    doses = result.get("doses")
    if not doses:
        return ""
    cards = "".join(_dose_card(dose) for dose in doses)
    note = "Each line adds up the time beyond a level; a flat stretch is rest. Seconds of this film, not of a shift."
    return section("dose", "How it adds up", f'<div class="dose-list">{cards}</div>', note)


def _dose_card(dose: Mapping[str, Any]) -> str:
    known = DOSE_PARTS.get(dose["part"])
    head = f"<h3>{term(known.angle if known else None, dose['label'])}</h3>"
    if not dose["assessed"]:
        words = f"not assessed, seen {texts.percent(dose['coverage'])} of the film"
        return f'<article class="card unassessed">{head}<p class="muted">{words}</p></article>'
    rows = "".join(
        f"<li>{_swatch(place)}over {level}° <b>{texts.duration_words(seconds)}</b>"
        f'<span class="muted">{texts.percent(dose["share_above"][level])}, longest '
        f"{texts.duration_words(dose['longest_s'][level])}</span></li>"
        for place, (level, seconds) in enumerate(dose["seconds_above"].items(), 1)
        if seconds > 0
    )
    rows = rows or f'<li class="muted">never over {next(iter(dose["seconds_above"]))}°</li>'
    middle = f"half the time under {dose['median_deg']:.0f}°, 90\u00a0% under {dose['p90_deg']:.0f}°".replace("-", "−")
    return (
        f'<article class="card">{head}<p class="muted">{middle}</p>{_curves(dose)}<ul class="dose-levels">{rows}</ul>'
        f'<p class="muted" title="Angle beyond the first level, times time">{dose["degree_minutes"]:.1f} degree minutes'
        "</p></article>"
    )


def _swatch(place: int) -> str:
    """A piece of a level's line: dashed as it is, so that colour is not needed."""
    return f'<svg class="line-key" viewBox="0 0 28 6" aria-hidden="true"><path class="line-{place}" d="M1 3H27"/></svg>'


def _curves(dose: Mapping[str, Any]) -> str:
    times: Sequence[float] = dose["curve_times_s"]
    first, span = times[0], max(times[-1] - times[0], 1e-9)
    lines = ""
    for place, curve in enumerate(dose["curve_s"].values(), 1):
        points = " ".join(
            f"{WIDE * (t - first) / span:.1f},{HIGH - HIGH * s / span:.1f}" for t, s in zip(times, curve, strict=True)
        )
        if curve[-1] > 0:
            lines += f'<polyline class="line-{place}" points="{points}"/>'
    return (
        f'<svg class="dose-curve" viewBox="-2 -4 {WIDE + 4:.0f} {HIGH + 8:.0f}" preserveAspectRatio="none" role="img" '
        f'aria-label="Time beyond each level, added up over the film">'
        f'<path class="axis" d="M0 {HIGH:.0f}H{WIDE:.0f}"/><path class="all" d="M0 {HIGH:.0f}L{WIDE:.0f} 0"/>'
        f"{lines}</svg>"
    )
