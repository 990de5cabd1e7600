"""Names of angles in the page: buttons that say what the angle means, drawn (``assets/viewer/definition.js``)."""

from __future__ import annotations

from html import escape

from ergo.assess.angle_catalogue import ANGLE_BY_ID


def term(angle_id: str | None, words: str, label: str = "") -> str:
    """`words` as HTML, with the definition of an angle where there is one of that name; `label` replaces its own."""
    angle = ANGLE_BY_ID.get(angle_id or "")
    if angle is None:
        return escape(words)
    marks = {"angle": angle.id, "label": label or angle.label, "zero": angle.zero, "positive": angle.positive}
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in marks.items())
    return f'<button type="button" class="term"{data}>{escape(words)}</button>'
