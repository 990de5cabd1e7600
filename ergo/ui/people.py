"""Everybody who was followed in the film: whom the result is about, and how to analyse somebody else, several tracks as
one person, or one of two people who were taken for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from ergo.person import Person, TrackPart, parts_of, person_words
from ergo.ui import texts
from ergo.ui.sections import section

Link = Callable[[str, bool], str]


def people_section(result: Mapping[str, Any], job_id: str, link: Link, sizes: Mapping[str, int]) -> str:
    """The section of a parsed ``result.json``; arguments as of :func:`ergo.ui.results.story`."""
    tracks, chosen = result["person"]["tracks"], _chosen(result)
    if not tracks:
        return ""
    if len(tracks) == 1:
        part = chosen.get(tracks[0]["track_id"])
        again = _whole_again(tracks[0], part, job_id)
        told = (
            f'<p class="split-row">{escape(_part_words(part).capitalize())} {again}</p>'
            if part is not None and again
            else ""
        )
        body = told + _split(tracks[0], part, job_id)
        return section("people", "People in the film", body, "One person was followed.")
    cards = "".join(_card(track, chosen, job_id, link, sizes) for track in tracks)
    together = (
        f'<p class="together"><button type="button" class="page-button quiet" data-action="person" data-marked="person"'
        f' data-job="{escape(job_id)}" disabled>Analyse the marked as one person</button></p>'
    )
    note = "Somebody who was lost from sight and taken for somebody new comes up twice: mark both."
    return section("people", "People in the film", f'<ul class="people-list">{cards}</ul>{together}', note)


def _chosen(result: Mapping[str, Any]) -> dict[int, Person]:
    """By track, what of it the result is about."""
    person = result["person"]
    chosen: dict[int, Person] = {number: number for number in person.get("track_ids", [person["track_id"]])}
    asked = result.get("settings", {}).get("person")
    listed = asked if isinstance(asked, list) else [] if asked is None else [asked]
    parts = [TrackPart(**one) for one in listed if isinstance(one, Mapping)]
    for number in {part.track_id for part in parts}:
        own = tuple(part for part in parts if part.track_id == number)
        chosen[number] = own[0] if len(own) == 1 else own
    return chosen


def _card(
    track: Mapping[str, Any], chosen: Mapping[int, Person], job_id: str, link: Link, sizes: Mapping[str, int]
) -> str:
    number = track["track_id"]
    part = chosen.get(number)
    picture = '<span class="no-picture"></span>'
    if track.get("thumbnail") in sizes:
        picture = f'<img src="{escape(link(track["thumbnail"], False))}" alt="Person {number + 1}" loading="lazy">'
    seen = f"{texts.clock(track['first_s'])}–{texts.clock(track['last_s'])}, seen {texts.percent(track['coverage'])}"
    action = f'<p class="chosen">{escape(_part_words(part))}</p>' if part is not None else ""
    if part is None or len(chosen) > 1:
        words = "this person instead" if part is None else "this one alone"
        action += _button(number, f"Analyse {words}", job_id)
    action += _whole_again(track, part, job_id)
    return (
        f'<li class="card person{" chosen" if part is not None else ""}">{picture}'
        f'<p class="muted">{escape(seen)}</p>{action}'
        f'<label class="mark"><input type="checkbox" data-mark="{number}"{" checked" if part is not None else ""}>'
        f"the same person</label>{_split(track, part, job_id)}</li>"
    )


def _part_words(person: Person) -> str:
    spans = []
    for part in parts_of(person):
        if not part.whole:
            start = "" if part.start_s is None else f"from {texts.clock(part.start_s)}"
            end = "" if part.end_s is None else f"until {texts.clock(part.end_s)}"
            spans.append(" ".join(filter(None, (start, end))))
    return ", ".join(["analysed here", *spans])


def _whole_again(track: Mapping[str, Any], person: Person | None, job_id: str) -> str:
    if person is None or all(part.whole for part in parts_of(person)):
        return ""
    return _button(track["track_id"], "Analyse all of it again", job_id)


def _button(number: int, words: str, job_id: str) -> str:
    return (
        f'<button type="button" class="page-button quiet" data-action="person" data-person="{number}"'
        f' data-job="{escape(job_id)}">{words}</button>'
    )


def _split(track: Mapping[str, Any], person: Person | None, job_id: str) -> str:
    """Folded away: the moment at which somebody else was taken for this person."""
    written = person_words(track["track_id"] if person is None else person)
    sides = "".join(
        f'<button type="button" class="page-button quiet" data-action="person" data-person="{escape(written)}"'
        f' data-keep="{keep}" data-job="{escape(job_id)}">Analyse the one {keep}</button>'
        for keep in ("before", "after")
    )
    return (
        '<details class="parts split"><summary>Two people in one?</summary>'
        '<p class="fine">Where somebody else was taken for this person, say when: each can be analysed alone.</p>'
        f'<p class="split-row"><label>Moment in seconds <input type="number" min="{track["first_s"]:.1f}"'
        f' max="{track["last_s"]:.1f}" step="any" data-field="cut_s" data-now></label>{sides}</p></details>'
    )
