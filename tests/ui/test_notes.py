"""What was assumed is told once, under the methods that assume it, and folded; what the film spoils is in sight."""

from __future__ import annotations

from ergo.ui import texts
from ergo.ui.notes import film_notes, notes_section


def test_an_assumption_of_several_methods_is_told_once_and_folded() -> None:
    sides = {"left": {"assumptions": ["Wrist <not> seen."]}, "right": {"assumptions": ["Wrist <not> seen.", "Rest."]}}
    methods = {
        "rula": {"label": "RULA", "sides": sides},
        "reba": {"label": "REBA", "sides": {"left": sides["left"]}},
    }
    _, folded = notes_section({"methods": methods}).split("<details", 1)
    assert folded.count("Wrist &lt;not&gt; seen.") == 1
    assert folded.index("RULA, REBA") < folded.index("Wrist") < folded.index("<h3>RULA</h3>") < folded.index("Rest.")


def test_nothing_to_know_is_no_section() -> None:
    assert notes_section({"methods": {}}) == ""


def test_what_the_film_spoils_is_told_in_order_and_a_good_film_is_called_good() -> None:
    html = film_notes({"warnings": ["It is <dark>.", "It shakes."]})
    assert html.index("It is &lt;dark&gt;.") < html.index("It shakes.")
    assert texts.GOOD_FILM in film_notes({"warnings": []})
