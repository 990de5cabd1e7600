"""What can be taken away from a result: reports, tables, motion and pictures, each with a line of what it is for.

Files of the analysis are links. The other formats are buttons: ``assets/page/take_away.js`` asks for them and saves
what comes. What is typed in for a report stays in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from ergo.report.exports import EXPORTS
from ergo.ui import texts
from ergo.ui.sections import section

Link = Callable[[str, bool], str]

_GROUPS: Final = (
    ("Numbers", ("xlsx", "parquet"), ("scores.csv", "angles.csv", "lifts.csv", "result.json")),
    ("Film", ("video", "skeleton"), ("preview.mp4",)),
    ("Motion and 3D", ("bvh", "obj", "ply", "amass", "trc", "mot"), ("body.glb", "motion.npz")),
)
"""Headings, with the formats and the files under each."""

_FIELDS: Final = (
    ("company", "Company", 120),
    ("assessor", "Assessor", 120),
    ("job_title", "Job or workplace", 200),
)


def take_away_section(result: Mapping[str, Any], job_id: str, link: Link, sizes: Mapping[str, int]) -> str:
    """The section of a parsed ``result.json``; `link` gives signed addresses of the files, `sizes` their bytes."""
    reports = "".join(_made(kind, "report") for kind, entry in EXPORTS.items() if entry.report)
    groups = _group("Report", reports, _form())
    for title, kinds, names in _GROUPS:
        rows = "".join(_made(kind, "export") for kind in kinds if kind in EXPORTS)
        rows += "".join(_stored(name, link, sizes[name]) for name in names if name in sizes and name in texts.FILES)
        groups += _group(title, rows)
    everything = (
        f'<li><a href="{escape(link(texts.ARCHIVE, True))}" download><strong>Everything</strong>'
        f'<span class="muted">all files of the analysis in one archive</span><code>.zip</code></a></li>'
    )
    groups += f'<ul class="file-list">{everything}</ul>'
    note = f"Made by Ergo {escape(result['ergo_version'])}. {texts.DISCLAIMER}"
    said = '<p class="take-away-state muted" role="status" aria-live="polite"></p>'
    body = f'<div class="take-away" data-job="{escape(job_id)}">{groups}{said}</div>'
    return section("files", "Take away", body, note)


def _group(title: str, rows: str, before: str = "") -> str:
    return f'<h3>{escape(title)}</h3>{before}<ul class="file-list">{rows}</ul>'


def _stored(name: str, link: Link, size_bytes: int) -> str:
    label, what = texts.FILES[name]
    return (
        f'<li><a href="{escape(link(name, True))}" download><strong>{escape(label)}</strong>'
        f'<span class="muted">{escape(what)}</span><code>{escape(name)}</code>'
        f'<span class="size">{texts.size_words(size_bytes)}</span></a></li>'
    )


def _made(kind: str, how: str) -> str:
    entry = EXPORTS[kind]
    of_moment = ' data-moment=""' if entry.of_moment else ""
    what = entry.what.replace("at a moment", "at the moment in the player") if entry.of_moment else entry.what
    tail = entry.name.rpartition(".")[2]
    return (
        f'<li><button type="button" data-{how}="{escape(kind)}"{of_moment}><strong>{escape(entry.label)}</strong>'
        f'<span class="muted">{escape(what)}</span><code>.{escape(tail)}</code>'
        f'<span class="size">made now</span></button></li>'
    )


def _form() -> str:
    """What a report says of its making; every part may stay empty."""
    inputs = "".join(
        f'<label><span>{escape(label)}</span><input name="{name}" maxlength="{longest}" autocomplete="off"></label>'
        for name, label, longest in _FIELDS
    )
    return (
        '<details class="report-fields"><summary>What the report says of its making</summary><form>'
        f'{inputs}<label class="wide"><span>Notes</span><textarea name="notes" rows="3" maxlength="4000"></textarea>'
        '</label><div class="wide"><label><span>Logo</span>'
        '<input type="file" accept="image/png,image/jpeg" name="logo"></label><span class="logo-state muted"></span>'
        '<button type="button" class="page-button quiet" data-no-logo hidden>Without it</button></div>'
        '<p class="muted">Kept in this browser, not on the server.</p></form></details>'
    )
