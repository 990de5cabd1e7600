"""What was assumed is told once, under the methods that assume it, and folded; warnings are not."""

from __future__ import annotations

from ergo.ui.notes import notes_section


def test_an_assumption_of_several_methods_is_told_once_and_folded() -> None:
    sides = {"left": {"assumptions": ["Wrist <not> seen."]}, "right": {"assumptions": ["Wrist <not> seen.", "Rest."]}}
    methods = {
        "rula": {"label": "RULA", "sides": sides},
        "reba": {"label": "REBA", "sides": {"left": sides["left"]}},
    }
    html = notes_section({"warnings": ["It is dark."], "methods": methods})
    seen, folded = html.split("<details", 1)
    assert "It is dark." in seen
    assert folded.count("Wrist &lt;not&gt; seen.") == 1
    assert folded.index("RULA, REBA") < folded.index("Wrist") < folded.index("<h3>RULA</h3>") < folded.index("Rest.")


def test_nothing_to_know_is_no_section() -> None:
    assert notes_section({"warnings": [], "methods": {}}) == ""
