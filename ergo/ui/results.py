"""The result of an analysis as HTML: pure functions from ``result.json`` (schema ``ergo.result/1``).

Nothing here fetches or computes; every string that comes from outside is escaped, every number carries its unit and
its certainty, and what was not seen or not asked is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from ergo.assess.enough import ENOUGH
from ergo.report.advised import advised
from ergo.ui import texts
from ergo.ui.by_hand import by_hand_section
from ergo.ui.lead import lead
from ergo.ui.levels import by_level, level_entry, risk_mark, risk_step, side_word, worst_side
from ergo.ui.lifts import lifts_section
from ergo.ui.notes import film_notes, notes_section
from ergo.ui.people import people_section
from ergo.ui.reasons import reason_words
from ergo.ui.repetition import dose_section, repetition_section
from ergo.ui.sections import section as _section
from ergo.ui.take_away import take_away_section
from ergo.ui.whole_body import is_whole_body, part_bars, whole_body_card

#: Signed address of one of the job's files: (name, as a download) → URL.
Link = Callable[[str, bool], str]


def score_words(side: Mapping[str, Any]) -> str:
    """A score with its 90 % interval, ``6 (5–7, 90 %)``; without width the interval is left out."""
    peak = side["peak"]
    return "not assessed" if peak is None else f"{peak:.0f}{_interval_words(side)}"


def _interval_words(side: Mapping[str, Any]) -> str:
    low, high = side.get("peak_p05"), side.get("peak_p95")
    if low is None or high is None or low == high == side["peak"]:
        return ""
    low, high = min(low, side["peak"]), max(high, side["peak"])
    return f" ({low:.0f}–{high:.0f}, 90 %)"


# -- verdict ----------------------------------------------------------------------------------------------------


def verdict(result: Mapping[str, Any], title: str) -> str:
    """The first line of the answer: a card for each method, for where (the player paints it) and for what it rests on.

    Args:
        result: the parsed ``result.json``.
        title: the video's name as its owner knows it.
    """
    sided = {key: method for key, method in result["methods"].items() if not is_whole_body(method)}
    whole = {key: method for key, method in result["methods"].items() if is_whole_body(method)}
    cards = "".join(_method_card(key, method) for key, method in sided.items())
    cards += f'<article class="card where"><h3>{texts.WHERE}</h3><div data-heat></div></article>{_basis_card(result)}'
    small = "".join(whole_body_card(key, method) for key, method in whole.items())
    return (
        f'<section class="ergo-result" aria-label="Result" data-view="result">'
        f"{_headline(result, title)}{lead(result)}"
        f'<div class="verdict">{cards}</div>'
        + (f'<div class="verdict small">{small}</div>' if small else "")
        + "</section>"
    )


def _headline(result: Mapping[str, Any], title: str) -> str:
    video = result["video"]
    facts = [
        texts.duration_words(video["duration_s"]),
        f"{video['width_px']} × {video['height_px']}",
        f"{video['fps']:.3g} pictures/s",
        f"analysed {result['created_utc'][:16].replace('T', ' ')} UTC",
    ]
    return (
        f'<header class="result-head"><h2>{escape(title)}</h2><p class="muted">{escape(" · ".join(facts))}</p></header>'
    )


def _method_card(key: str, method: Mapping[str, Any]) -> str:
    label = escape(method["label"])
    name = worst_side(method)
    if name is None:
        return (
            f'<article class="card method" data-method="{escape(key)}"><h3>{label}</h3>'
            f'<p class="score none">not assessed</p>'
            f'<p class="muted">The body was not seen well enough at any moment.</p></article>'
        )
    side = method["sides"][name]
    entry = level_entry(method, side["peak_level"])
    step = risk_step(key, method["levels"], side["peak_level"])
    tail = "" if step is None else f" step-{step}"
    return (
        f'<article class="card method{tail}" data-method="{escape(key)}"><h3>{label}'
        f'<span class="muted">{escape(side_word(name))}</span></h3>'
        f'<p class="score" title="{texts.PEAK_MEANS}"><strong>{side["peak"]:.0f}</strong>{_interval(side)}'
        f'<span class="muted of">of {method["max"]:.0f}</span></p>'
        f"<p>{risk_mark(step, entry['label'])}</p>"
        f'<p class="advice">{escape(entry["text"])}</p>'
        f'<dl class="facts">{_share_fact(method, side)}{_certainty_facts(method, side)}'
        f"{_other_side(method, name)}"
        f'<div title="Share of the film in which this side could be scored"><dt>Seen</dt>'
        f"<dd>{texts.percent(side['coverage'])} of the film</dd></div></dl></article>"
    )


def _interval(side: Mapping[str, Any]) -> str:
    words = _interval_words(side)
    if not words:
        return ""
    title = "In nine of ten cases the true score lies in here, as sure as the angles are"
    return f'<span class="range" title="{title}">{words.strip()}</span>'


def _certainty_facts(method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    """How sure the level is, what the tilt does, and what the unknowns leave open; each only where it matters."""
    rows = []
    chances, level = side.get("level_chance") or {}, side["peak_level"]
    if chances and level is not None:
        chance = sum(share or 0.0 for key, share in chances.items() if float(key) >= level)
        rows.append(("This level or worse", f"{texts.percent(chance)} sure", "From the errors of the angles alone"))
    low, high = side["peak_low"], side["peak_high"]
    if low is not None and high is not None and low != high:
        title = "Lowest and highest score, depending on what the camera cannot see and nobody has told"
        rows.append(("Still to be told", f"{low:.0f}–{high:.0f} possible", title))
    tilted = side.get("peak_if_tilted") or (None, None)
    if None not in tilted and tilted[0] != tilted[1]:
        title = "The score if the camera leaned one standard deviation more or less than estimated"
        rows.append(("Other camera tilt", f"{tilted[0]:.0f}–{tilted[1]:.0f}", title))
    return "".join(
        f'<div title="{escape(title)}"><dt>{escape(term)}</dt><dd>{escape(words)}</dd></div>'
        for term, words, title in rows
    )


def _share_fact(method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    level = side["peak_level"]
    if level is None:
        return ""
    share = by_level(side["share_of_time"], level) or 0.0
    spell = by_level(side["longest_spell_s"], level)
    words = f"{texts.percent(share)} of the time"
    if spell:
        words += f", up to {texts.duration_words(spell)} at a stretch"
    return f"<div><dt>At this level</dt><dd>{escape(words)}</dd></div>"


def _other_side(method: Mapping[str, Any], worst: str) -> str:
    rows = ""
    for name, side in method["sides"].items():
        if name != worst:
            word = side_word(name).capitalize()
            rows += f"<div><dt>{escape(word)}</dt><dd>{escape(score_words(side))}</dd></div>"
    return rows


def _basis_card(result: Mapping[str, Any]) -> str:
    gravity, coverage = result["gravity"], result["coverage"]
    source = {"user": "given by you", "body": "estimated from the body"}.get(gravity["source"], "estimated")
    pitch, roll = (texts.degrees(gravity[name]) for name in ("pitch_deg", "roll_deg"))
    tilt = f"{pitch} pitch, {roll} roll, ±{gravity['sd_deg']:.1f}°"
    rows = [
        ("Person seen", f"{texts.percent(coverage['frames'])} of the film", "Share of pictures with the person found"),
        ("Camera tilt", tilt, f"How the camera leaned ({source}), and one standard deviation of that"),
        ("Body", _body_words(result["body"]), "The body model fitted to the person"),
    ]
    hidden = [part for part, share in coverage.get("parts", {}).items() if share < 0.9]
    if hidden:
        words = " · ".join(_seen_words(part, coverage["parts"][part]) for part in hidden)
        rows.append(("Seen less", words, "Parts of the body that were hidden or out of the picture for some time"))
    facts = "".join(
        f'<div title="{escape(title)}"><dt>{escape(term)}</dt><dd>{escape(words)}</dd></div>'
        for term, words, title in rows
    )
    return (
        f'<article class="card basis"><h3>What this rests on</h3>{film_notes(result)}<dl class="facts">{facts}</dl>'
        f"{_own_body(result['body'])}</article>"
    )


def _own_body(body: Mapping[str, Any]) -> str:
    """How to have a licensed body fitted, for those who do not."""
    if body["model"] == "smplx":
        return ""
    how = f'<p class="fine">{texts.OWN_BODY_HOW}</p>'
    return f'<details class="parts own-body"><summary>{texts.OWN_BODY}</summary>{how}</details>'


def _body_words(body: Mapping[str, Any]) -> str:
    kind = "SMPL-X" if body["model"] == "smplx" else "free body"
    sex = "" if body["sex"] == "neutral" else f", {body['sex']}"
    height = f", {body['stature_m']:.2f} m" if body.get("stature_m") else ""
    return f"{kind}{sex}{height}"


def _seen_words(part: str, share: float) -> str:
    return f"{part.replace('_', ' ')} {texts.percent(share)}" + (" (not assessed)" if share < ENOUGH else "")


# -- story ------------------------------------------------------------------------------------------------------


def story(result: Mapping[str, Any], job_id: str, link: Link, sizes: Mapping[str, int], *, shared: bool = False) -> str:
    """Below the player, in the order in which it is asked for: where, what helps, how long, then the details and files.

    Args:
        result: the parsed ``result.json``.
        job_id: the job it came from, for the actions on it.
        link: signed addresses of the job's files.
        sizes: size in bytes of each file that exists.
        shared: only to look at: nothing to choose, to change or to take away.
    """
    parts = [
        _moments(result, link, sizes),
        _advice(result),
        _exposure(result),
        lifts_section(result),
        dose_section(result),
        repetition_section(result),
        by_hand_section(result),
        notes_section(result),
    ]
    if not shared:
        parts += [people_section(result, job_id, link, sizes), take_away_section(result, job_id, link, sizes)]
    return f'<div class="story" data-job="{escape(job_id)}">{"".join(parts)}</div>'


def _moments(result: Mapping[str, Any], link: Link, sizes: Mapping[str, int]) -> str:
    moments = result["worst_moments"]
    if not moments:
        return ""
    cards = "".join(_moment(moment, result["methods"], link, sizes) for moment in moments)
    return _section(
        "moments", "Worst moments", f'<ol class="moment-list">{cards}</ol>', "Click one to see it in the player."
    )


def _moment(moment: Mapping[str, Any], methods: Mapping[str, Any], link: Link, sizes: Mapping[str, int]) -> str:
    method = methods[moment["method"]]
    step = risk_step(moment["method"], method["levels"], moment["level"])
    time = texts.clock(moment["time_s"])
    picture = '<span class="no-picture" aria-hidden="true"></span>'
    if moment.get("thumbnail") in sizes:
        url = escape(link(moment["thumbnail"], False))
        picture = f'<img src="{url}" alt="The worker at {time}" loading="lazy">'
    reasons = "".join(
        f"<li><span>{reason_words(reason, moment['side'])}{_without(reason, moment)}</span>"
        f"<b>{_points(reason['points'])}</b></li>"
        for reason in moment["reasons"]
    )
    side = side_word(moment["side"])
    return (
        f'<li class="moment card"><span class="moment-picture">{picture}<span class="time">{time}</span></span>'
        f'<div class="moment-words"><button type="button" class="moment-head" data-seek-s="{moment["time_s"]:.3f}">'
        f'<strong>{escape(method["label"])} {moment["total"]:.0f}<span class="sr-only"> at {time}</span></strong>'
        f'<span class="muted">{escape(side)}</span></button>'
        f"{risk_mark(step, moment['level_label'])}"
        f'<ul class="reasons">{reasons}</ul></div></li>'
    )


def _without(reason: Mapping[str, Any], moment: Mapping[str, Any]) -> str:
    """What the score would be without this reason, where that is less."""
    total = reason.get("total_without")
    if total is None or total >= moment["total"]:
        return ""
    return f' <span class="muted">{total:.0f} without it</span>'


def _advice(result: Mapping[str, Any]) -> str:
    """What could be done about what made the worst moments, the items that cost most first."""
    cards = ""
    for label, found in advised(result):
        lines = "".join(f"<li>{escape(text)}</li>" for text in found.text)
        cards += (
            f'<article class="card advice"><h3>{escape(label)}</h3><ul>{lines}</ul>'
            f'<p class="muted">{escape(found.source)}</p></article>'
        )
    note = "General design principles for what made the worst moments; judge on the spot what fits."
    return _section("advice", "What could help", f'<div class="advice-list">{cards}</div>', note) if cards else ""


def _points(points: float) -> str:
    return f"{points:+.0f}" if points else "0"


def _exposure(result: Mapping[str, Any]) -> str:
    rows = ""
    for key, method in result["methods"].items():
        for name, side in method["sides"].items():
            rows += _exposure_row(key, method, name, side)
    note = "Each bar is the whole film. Hatched: not seen or not assessable, so not scored."
    return _section("exposure", "Time in each level", f'<div class="exposure-list">{rows}</div>', note)


def _exposure_row(key: str, method: Mapping[str, Any], name: str, side: Mapping[str, Any]) -> str:
    pieces, words = "", []
    for entry in method["levels"]:
        share = by_level(side["share_of_time"], entry["level"]) or 0.0
        if share <= 0:
            continue
        step = risk_step(key, method["levels"], entry["level"])
        part = texts.percent(share)
        inside = f"<em>{part}</em>" if share * side["coverage"] > 0.07 else ""
        pieces += (
            f'<span class="piece risk-{step}" style="flex-basis:{100 * share * side["coverage"]:.3f}%"'
            f' title="{escape(entry["label"])}: {part} of the time seen">{inside}</span>'
        )
        words.append(f"<li>{risk_mark(step, entry['label'])} <b>{part}</b></li>")
    unseen = 1 - side["coverage"]
    missing = "not assessed" if side["peak"] is None else "not seen"
    if unseen > 0.005:
        pieces += f'<span class="piece unseen" style="flex-basis:{100 * unseen:.3f}%" title="{missing}"></span>'
        words.append(f"<li>{risk_mark(None, missing)} <b>{texts.percent(unseen)}</b></li>")
    title = f"{escape(method['label'])}, {escape(side_word(name))}"
    return (
        f'<div class="exposure-row"><h3>{title}</h3><div class="stack" aria-hidden="true">{pieces}</div>'
        f'<ul class="legend">{"".join(words)}</ul>{part_bars(key, method, side)}</div>'
    )
