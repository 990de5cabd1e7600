"""A report as one HTML file that needs nothing else: styles, figures and pictures are inside.

The same blocks in the same order as the PDF. It reads well on a phone, prints on A4, and is the version for a screen
reader: headings, lists and tables are what they are, figures say in words what they show.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from ergo.report.blocks import (
    Beside,
    Block,
    Drawn,
    Facts,
    MomentCard,
    Moments,
    Paragraph,
    Points,
    Report,
    Section,
    Table,
    Verdict,
    Verdicts,
)
from ergo.report.figures import RISK_COLOURS, Figure

_STYLE = """
:root { color-scheme: light; --ink: #1c232b; --muted: #5a6672; --line: #dfe4e8; --accent: #14507a; }
* { box-sizing: border-box; margin: 0; }
body { max-width: 860px; margin: 0 auto; padding: 40px 24px 64px; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
svg text { font-family: inherit; }
header { display: flex; gap: 24px; justify-content: space-between; padding-bottom: 16px;
  border-bottom: 1px solid var(--line); }
header img { max-width: 140px; max-height: 56px; object-fit: contain; }
.who { color: var(--accent); font-weight: 600; }
h1 { font-size: 28px; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 32px 0 12px; letter-spacing: -.01em; }
h3 { font-size: 15px; margin-bottom: 4px; }
.muted { color: var(--muted); } .small { font-size: 13px; } .notes { margin-top: 8px; white-space: pre-line; }
section > * + * { margin-top: 12px; }
ul { padding-left: 20px; } li::marker { color: var(--accent); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 16px; }
.card { border: 1px solid var(--line); border-radius: 10px; padding: 16px; break-inside: avoid; }
.card h3 span { color: var(--muted); font-weight: 400; margin-left: 6px; }
.score { font-size: 32px; line-height: 1.2; font-weight: 650; }
.score small { color: var(--muted); font-size: 15px; font-weight: 400; margin-left: 6px; }
.mark { font-weight: 600; } .mark i { font-style: normal; letter-spacing: 2px; margin-right: 6px; }
dl { display: grid; grid-template-columns: minmax(120px, 12em) 1fr; gap: 2px 16px; }
.card dl { grid-template-columns: 1fr 1fr; font-size: 13px; margin-top: 8px; }
dt { color: var(--muted); }
.card img { width: 100%; border-radius: 6px; display: block; margin-bottom: 8px; }
figure svg { width: 100%; height: auto; display: block; }
.beside { display: flex; flex-wrap: wrap; gap: 24px; } .beside figure { flex: 1 1 240px; min-width: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 600; } tbody th { font-weight: 400; }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--muted); font-size: 13px; }
@media (max-width: 600px) { figure { max-width: 100% !important; }
  figure.broad { overflow-x: auto; } figure.broad svg { min-width: 520px; } }
@page { size: A4; margin: 16mm; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; } }
"""

_BROAD: Final = 400
"""A figure wider than this, in its own units, is scrolled on a phone, not shrunk until nobody can read it."""


def write_html(path: Path, report: Report) -> None:
    """Write the report as a single file."""
    path.write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """The whole document."""
    title = escape(report.fields.job_title or report.title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · ergonomic assessment</title><style>{_STYLE}</style></head>\n<body>{_head(report)}<main>"
        + "\n".join(_section(section) for section in report.sections)
        + f"</main><footer>{escape(report.footer)}</footer></body></html>\n"
    )


def _head(report: Report) -> str:
    fields = report.fields
    named = report.title if fields.job_title else ""
    by = f"assessed by {fields.assessor}" if fields.assessor else ""
    facts = " · ".join(filter(None, (named, report.facts, by)))
    logo = ""
    if fields.logo:
        alt = f"Logo of {fields.company}" if fields.company else "Logo"
        logo = f'<img src="{_data(fields.logo, fields.logo_type)}" alt="{escape(alt)}">'
    notes = f'<p class="notes">{escape(fields.notes)}</p>' if fields.notes else ""
    return (
        f'<header><div><p class="who">{escape(fields.company or "Ergonomic assessment")}</p>'
        f'<h1>{escape(fields.job_title or report.title)}</h1><p class="muted">{escape(facts)}</p>{notes}</div>'
        f"{logo}</header>"
    )


def _section(section: Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{''.join(map(_block, section.blocks))}</section>"


def _block(block: Block) -> str:
    return _WRITERS[type(block)](block)


def _verdicts(block: Verdicts) -> str:
    return f'<div class="cards">{"".join(map(_verdict, block.cards))}</div>'


def _verdict(card: Verdict) -> str:
    score = f'<p class="score">{escape(card.score)}<small>{escape(card.range)}</small></p>' if card.score else ""
    facts = "".join(f"<dt>{escape(term)}</dt><dd>{escape(words)}</dd>" for term, words in card.facts)
    return (
        f'<article class="card"><h3>{escape(card.label)}<span>{escape(card.side)}</span></h3>{score}'
        f"{_mark(card.step, card.level)}<p>{escape(card.text)}</p>"
        + (f"<dl>{facts}</dl>" if facts else "")
        + "</article>"
    )


def _mark(step: int | None, level: str) -> str:
    colour = "#c3ccd3" if step is None else RISK_COLOURS[step]
    squares = "■" * (step or 0) + "□" * (4 - (step or 0))
    return f'<p class="mark"><i style="color:{colour}" aria-hidden="true">{squares}</i>{escape(level)}</p>'


def _paragraph(block: Paragraph) -> str:
    return f'<p class="{"muted small" if block.quiet else ""}">{escape(block.text)}</p>'


def _points(block: Points) -> str:
    title = f"<h3>{escape(block.title)}</h3>" if block.title else ""
    note = f'<p class="muted small">{escape(block.note)}</p>' if block.note else ""
    return f"<div>{title}<ul>{''.join(f'<li>{escape(text)}</li>' for text in block.texts)}</ul>{note}</div>"


def _facts(block: Facts) -> str:
    return f"<dl>{''.join(f'<dt>{escape(term)}</dt><dd>{escape(words)}</dd>' for term, words in block.rows)}</dl>"


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.header)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in block.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _drawn(block: Drawn) -> str:
    broad = ' class="broad"' if block.figure.width > _BROAD else ""
    return f'<figure{broad} style="max-width:{100 * block.share:.0f}%">{_svg(block.figure)}</figure>'


def _beside(block: Beside) -> str:
    return f'<div class="beside"><figure>{_svg(block.left)}</figure><figure>{_svg(block.right)}</figure></div>'


def _svg(figure: Figure) -> str:
    return figure.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alt)}" ', 1)


def _moments(block: Moments) -> str:
    return f'<div class="cards">{"".join(map(_moment, block.cards))}</div>'


def _moment(card: MomentCard) -> str:
    picture = ""
    if card.picture is not None:
        picture = f'<img src="{_data(card.picture.read_bytes(), "image/jpeg")}" alt="{escape(card.alt)}">'
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in card.reasons)
    return (
        f'<article class="card">{picture}<h3>{escape(card.title)}</h3>{_mark(card.step, card.level)}'
        f"<ul>{reasons}</ul></article>"
    )


def _data(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    Verdicts: _verdicts,
    Paragraph: _paragraph,
    Points: _points,
    Facts: _facts,
    Table: _table,
    Drawn: _drawn,
    Beside: _beside,
    Moments: _moments,
}
