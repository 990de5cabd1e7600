"""What a report is made of, before it becomes HTML or PDF: sections of plain blocks, in the order they are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ergo.report.fields import ReportFields
from ergo.report.figures import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One method's answer. `score` and `range` are empty where the level's word says it all; `step` None: not seen."""

    label: str
    side: str
    score: str
    range: str
    step: int | None
    level: str
    text: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Cards beside each other."""

    cards: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `quiet` for what is beside the point."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list, with a heading and a quiet last line if it has them."""

    texts: tuple[str, ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms and what they are."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header; the first column names the row, `widths` are relative."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure over `share` of the text's width."""

    figure: Figure
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Two figures side by side, the first over `share` of the text's width."""

    left: Figure
    right: Figure
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentCard:
    """A moment with its picture (None: there is none) and why it is so bad."""

    picture: Path | None
    alt: str
    title: str
    step: int | None
    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments beside each other."""

    cards: tuple[MomentCard, ...]


Block: TypeAlias = Verdicts | Paragraph | Points | Facts | Table | Drawn | Beside | Moments


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report under its own heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole: `facts` is the line under the title, `short` says that it must fit on one page."""

    title: str
    facts: str
    fields: ReportFields
    sections: tuple[Section, ...]
    footer: str
    created_utc: str
    short: bool
