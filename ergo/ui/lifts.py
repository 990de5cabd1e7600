"""The lifts of a film on the page: what was found, its limits after NIOSH, and the tools for a whole day."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ergo.report.compare_lifts import hardest
from ergo.ui import texts
from ergo.ui.levels import risk_mark
from ergo.ui.sections import section

KIND_WORDS = {"lift": "Lift", "lower": "Lower", "transfer": "Move across"}
HAND_WORDS = {"both": "both hands", "left": "left hand", "right": "right hand"}
MULTIPLIER_WORDS = {
    "hm": ("HM", "reach"),
    "vm": ("VM", "height"),
    "dm": ("DM", "up or down"),
    "am": ("AM", "turn aside"),
    "fm": ("FM", "frequency"),
    "cm": ("CM", "grip"),
}
CHANCE_WORDS = {
    "lifft": "chance of a high-risk job for the back",
    "duet": "chance of pain in hand or forearm in a year",
}
BEFORE_S = 0.1
"""A lift is struck out from so long before it begins: times are rounded."""
SHOWN = 24
"""More lifts than this are in lifts.csv only: the page stays quick."""


def lifts_section(result: Mapping[str, Any]) -> str:
    """Lifts, their limits and the damage of a day; empty for results of before there were any."""
    lifting = result.get("lifting")
    if lifting is None:
        return ""
    lifts = lifting["lifts"]
    worst = hardest(lifting)
    cards = "".join(_card(lift, lifting["levels"]) for lift in lifts[:SHOWN])
    more = f'<p class="muted">{len(lifts) - SHOWN} more are in lifts.csv.</p>' if len(lifts) > SHOWN else ""
    listed = f'<ol class="lift-list">{cards}</ol>{more}' if lifts else ""
    notes = "".join(f"<li>{escape(text)}</li>" for text in lifting["assumptions"])
    rests = f'<details class="parts" data-paper><summary>What this rests on</summary><ul>{notes}</ul></details>'
    folded = rests if notes else ""
    facts = f'<div class="lift-facts">{_summary(lifting, worst)}{_day(result.get("fatigue") or {})}</div>'
    note = "Possible lifts, by how the hands move. Click one to see it in the player." if lifts else ""
    return section("lifts", "Lifts", facts + listed + folded, note)


def _counting(lift: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((limit for limit in lift["limits"] if limit["end"] == lift["counts"]), None)


def _summary(lifting: Mapping[str, Any], worst: Mapping[str, Any] | None) -> str:
    frequency, count = lifting["frequency"], len(lifting["lifts"])
    if not count:
        return f'<article class="card" data-method="niosh"><h3>NIOSH</h3>{limit_words(lifting)}</article>'
    rows = [("Found", f"{count} in {texts.duration_words(frequency['film_s'])}"), ("Frequency", _how_often(frequency))]
    if lifting["composite"] is not None:
        rows.append(("All tasks together (CLI)", _index_range(lifting["composite"], lifting["composite_high"])))
    if worst is not None:
        rows.append(("Held back most by", MULTIPLIER_WORDS[worst["limiting"]][1]))
    title = '<h3>NIOSH<span class="muted">the hardest lift</span></h3>'
    return f'<article class="card niosh" data-method="niosh">{title}{limit_words(lifting)}{_facts(rows)}</article>'


def limit_words(lifting: Mapping[str, Any]) -> str:
    """What the hardest lift allows, and what the load makes of it."""
    worst = hardest(lifting)
    if worst is None:
        none = "No lift found in this film." if not lifting["lifts"] else "One hand alone: the equation does not hold."
        return f'<p class="muted">{none}</p>'
    return (
        f'<p class="score"><strong>{_kg(worst["rwl"])}</strong><span class="muted of">allowed at most</span></p>'
        f"<p>{_mark(worst, lifting['levels'])}</p>"
    )


def _how_often(frequency: Mapping[str, Any]) -> str:
    if frequency["source"] == "unknown":
        return "not assessable under a minute"
    rate = f"{frequency['per_minute']:.1f} a minute"
    return rate + {"told": ", told", "film": "", "assumed": ", assumed from this film"}[frequency["source"]]


def _index_range(index: float, high: float | None) -> str:
    return f"{index:.1f}" if high is None or f"{high:.1f}" == f"{index:.1f}" else f"{index:.1f}–{high:.1f}"


def _kg(value: float) -> str:
    return f"{value:.1f} kg" if value > 0 else "0 kg"


def _mark(limit: Mapping[str, Any], levels: list[Mapping[str, Any]]) -> str:
    """The lifting index with its level; what it needs when there is no load."""
    if limit["rwl"] <= 0:
        return risk_mark(4, "outside what NIOSH allows")
    if limit["index"] is None:
        return '<span class="muted">The lifting index needs the load.</span>'
    entry = next(entry for entry in levels if entry["level"] == limit["level"])
    index = _index_range(limit["index"], limit["index_high"])
    return f'<span class="lift-mark">{risk_mark(entry["risk_step"], entry["label"])} <b>LI {index}</b></span>'


def _day(fatigue: Mapping[str, Any]) -> str:
    """LiFFT and DUET: a card each, or what they still need."""
    cards = ""
    for name, tool in fatigue.items():
        head = f'<h3>{escape(tool["label"])}<span class="muted" title="{escape(tool["name"])}">a whole day</span></h3>'
        rows = [("Damage of a day", f"{tool['damage']:.2g}")] if tool["damage"] is not None else []
        if tool["lever_cm"] is not None:
            low, high = round(tool["lever_low_cm"]), round(tool["lever_high_cm"])
            rows.append(("Hands from the hips", f"{low} cm" if low == high else f"{low}–{high} cm"))
        cards += f'<article class="card" data-method="{escape(name)}">{head}{tool_words(tool)}{_facts(rows)}</article>'
    return cards


def tool_words(tool: Mapping[str, Any]) -> str:
    """What LiFFT or DUET says of a day, or what it still needs."""
    if tool["missing"]:
        return f'<p class="muted">needs {escape(_and(tool["missing"]))}</p>'
    entry = next(entry for entry in tool["levels"] if entry["level"] == tool["level"])
    return (
        f'<p class="score"><strong>{texts.percent(tool["probability"])}</strong>'
        f'<span class="muted of">{CHANCE_WORDS[tool["method"]]}</span></p>'
        f"<p>{risk_mark(entry['risk_step'], entry['label'])}</p>"
    )


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _facts(rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(f"<div><dt>{escape(term)}</dt><dd>{escape(words)}</dd></div>" for term, words in rows)
    return f'<dl class="facts">{lines}</dl>'


def _card(lift: Mapping[str, Any], levels: list[Mapping[str, Any]]) -> str:
    origin, destination = lift["origin"], lift["destination"]
    title = f"{KIND_WORDS[lift['kind']]}, {HAND_WORDS[lift['hands']]}"
    times = f"{texts.clock(origin['time_s'])}–{texts.clock(destination['time_s'])}"
    limit = _counting(lift)
    if limit is None:
        told = '<span class="muted">no limit for one hand</span>'
    else:
        told = f'<strong>{_kg(limit["rwl"])}</strong><span class="muted">{_spread(limit)}</span>{_mark(limit, levels)}'
    way = f"{origin['height_cm']:.0f} → {destination['height_cm']:.0f} cm high, {origin['reach_cm']:.0f} cm away"
    aside = "".join(f'<span class="tag">{escape(text)}</span>' for text in lift["outside"])
    aside += "".join(f'<span class="tag">set by hand: {escape(text)}</span>' for text in lift.get("by_hand", ()))
    if lift["cut"]:
        aside += '<span class="tag">the film ends on the way</span>'
    return (
        f'<li class="card lift"><button type="button" class="lift-head" data-seek-s="{origin["time_s"]:.3f}">'
        f'{_drawing(origin, destination)}<span class="lift-words"><strong>{escape(title)}</strong>'
        f'<span class="muted">{times} · {escape(lift["belief"])}</span><span>{way}</span>{aside}</span>'
        f'<span class="lift-limit">{told}</span></button>{_numbers(lift)}{_strike(origin, destination)}</li>'
    )


def _strike(origin: Mapping[str, Any], destination: Mapping[str, Any]) -> str:
    """Folded away: the way to say that this is no lift, signed."""
    start_s, end_s = max(0.0, origin["time_s"] - BEFORE_S), destination["time_s"]
    return (
        '<details class="parts lift-strike"><summary>Not a lift?</summary><p class="muted">It is struck out and all is '
        "scored again without it, as a new analysis.</p>"
        '<p class="signed">'
        '<label>Who<input type="text" data-field="who" maxlength="100" placeholder="your name"></label>'
        '<label>Why<input type="text" data-field="why" maxlength="1000" placeholder="what the hands do"></label>'
        f'<button type="button" class="page-button quiet" data-action="strike" data-start-s="{start_s:.2f}"'
        f' data-end-s="{end_s:.2f}">Strike it out</button></p></details>'
    )


def _spread(limit: Mapping[str, Any]) -> str:
    words = f"{limit['rwl_p05']:.0f}–{limit['rwl_p95']:.0f} kg, 90 %"
    if limit["rwl_low"] < limit["rwl"] - 0.05:
        words += f"; still to be told: {limit['rwl_low']:.1f}–{limit['rwl']:.1f} kg"
    return words


def _drawing(origin: Mapping[str, Any], destination: Mapping[str, Any]) -> str:
    """Where the hands go, from the side: ankles at the left, floor below, one box is 25 cm; rings are the errors."""

    def at(place: Mapping[str, Any]) -> tuple[float, float]:
        return 12 + 0.6 * min(place["reach_cm"], 90), 76 - 0.36 * min(place["height_cm"], 200)

    (x0, y0), (x1, y1) = at(origin), at(destination)
    rings = "".join(
        f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{0.6 * place["reach_sd_cm"]:.1f}"'
        f' ry="{0.36 * place["height_sd_cm"]:.1f}"/>'
        for (x, y), place in (((x0, y0), origin), ((x1, y1), destination))
    )
    return (
        '<svg class="lift-drawing" viewBox="0 0 72 80" aria-hidden="true">'
        '<path class="floor" d="M4 76H68"/><path class="body" d="M12 76V22"/>'
        '<circle class="body" cx="12" cy="16" r="5"/>'
        f'<g class="error">{rings}</g><path class="way" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>'
        f'<circle class="from" cx="{x0:.1f}" cy="{y0:.1f}" r="3"/>'
        f'<circle class="to" cx="{x1:.1f}" cy="{y1:.1f}" r="3.5"/>'
        "</svg>"
    )


def _numbers(lift: Mapping[str, Any]) -> str:
    """Folded away: both ends with every measure and multiplier."""
    ends = {"origin": lift["origin"], "destination": lift["destination"]}
    limits = {limit["end"]: limit for limit in lift["limits"]}
    rows = [
        ("H, reach", _each(ends, "reach_cm", "reach_sd_cm", "cm")),
        ("V, height", _each(ends, "height_cm", "height_sd_cm", "cm")),
        ("A, turn aside", _each(ends, "asymmetry_deg", "asymmetry_sd_deg", "°")),
        ("D, up or down", [f"{lift['travel_cm']:.0f} ±{lift['travel_sd_cm']:.0f} cm", ""]),
    ]
    for key, (short, words) in MULTIPLIER_WORDS.items():
        if limits:
            rows.append((f"{short}, {words}", [_multiplier(limits.get(end), key) for end in ends]))
    if limits:
        rows.append(("RWL", [_kg(limits[end]["rwl"]) if end in limits else "not seen" for end in ends]))
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, cells in rows
    )
    signs = escape("; ".join(lift["signs"]) or "only the way of the hands")
    return (
        '<details class="parts"><summary>Numbers</summary><table class="figures"><thead><tr><td></td>'
        f'<th scope="col">Origin</th><th scope="col">Destination</th></tr></thead><tbody>{body}</tbody></table>'
        f'<p class="muted">What speaks for a lift: {signs}.</p></details>'
    )


def _each(ends: Mapping[str, Mapping[str, Any]], name: str, sd: str, unit: str) -> list[str]:
    gap = "" if unit == "°" else " "
    return [f"{place[name]:.0f} ±{place[sd]:.0f}{gap}{unit}".replace("-", "−") for place in ends.values()]


def _multiplier(limit: Mapping[str, Any] | None, key: str) -> str:
    return "not seen" if limit is None else f"{limit['multipliers'][key]:.2f}"
