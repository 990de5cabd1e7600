"""A report as PDF, A4: quiet type, one accent, page numbers, bookmarks; text lies in the order in which it is read."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, XPos, YPos
from fpdf.fonts import FontFace

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
from ergo.report.figures import FONT, INK, LINE, MUTED, RISK_COLOURS, UNSEEN, Figure
from ergo.report.font import roboto

_ACCENT: Final = "#14507a"
_MARGIN, _FOOT = 18.0, 16.0
_GAP = 5.0
_SMALLER: Final = (0.93, 0.87, 0.81, 0.75)
"""A short report is set smaller until it fits; 8.5 points become 6.4 at least."""


def write_pdf(path: Path, report: Report) -> None:
    """Write the report; a short one is a single page."""
    page = _set(report, 1.0)
    for scale in _SMALLER if report.short else ():
        if page.fits:
            break
        page = _set(report, scale)
    page.output(str(path))


def _set(report: Report, scale: float) -> _Page:
    page = _Page(report, scale)
    page.head()
    for section in report.sections:
        page.section(section)
    return page


class _Page(FPDF):
    """The sheet and what can be set on it; owns the place where the next block goes."""

    def __init__(self, report: Report, scale: float) -> None:
        super().__init__(format="A4")
        self._scale = scale
        self._report = report
        self._measuring = False
        self._size = 8.5 if report.short else 9.5
        self._set: Mapping[type, Callable[[Any], None]] = {
            Verdicts: self._verdicts,
            Paragraph: self._paragraph,
            Points: self._points,
            Facts: self._facts,
            Table: self._table,
            Drawn: self._drawn,
            Beside: self._beside,
            Moments: self._moments,
        }
        for style, face in (("", "Regular"), ("B", "Medium")):
            self.add_font(FONT, style, roboto(face))
        other = _other_letters()
        if other is not None and not _known(self, report):
            self.add_font("other", "", other)
            self.set_fallback_fonts(["other"], exact_match=False)
        self.c_margin = 0
        self.set_margins(_MARGIN, 14 if report.short else _MARGIN, _MARGIN)
        self.set_auto_page_break(not report.short, _FOOT + 4)
        self.set_lang("en")
        self.set_title(f"Ergonomic assessment: {report.title}")
        self.set_author(report.fields.assessor or report.fields.company or "Ergo")
        self.set_creator("Ergo")
        self.set_creation_date(datetime.fromisoformat(report.created_utc))
        self.add_page()

    # -- the sheet --------------------------------------------------------------------------------------------------

    def footer(self) -> None:
        """The line at the foot of every page."""
        self.set_y(-_FOOT)
        self._type(7.5, MUTED)
        self.cell(self.epw - 20, 4, self._report.footer)
        self.cell(20, 4, f"{self.page_no()}", align=Align.R)

    def head(self) -> None:
        """Who, what, when."""
        fields, top, wide = self._report.fields, self.get_y(), self.epw
        if fields.logo:
            self.image(
                io.BytesIO(fields.logo), x=self.l_margin + wide - 36, y=top, w=36, h=14, keep_aspect_ratio=True,
                alt_text=f"Logo of {fields.company}" if fields.company else "Logo",
            )  # fmt: skip
            wide -= 42
        self._type(8.5, _ACCENT, bold=True)
        self._line(fields.company or "Ergonomic assessment", wide, 4.5)
        self._type(17 if not self._report.short else 15, INK, bold=True)
        self._line(fields.job_title or self._report.title, wide, 7.5)
        self._type(8.5, MUTED)
        named = self._report.title if fields.job_title else ""
        by = f"assessed by {fields.assessor}" if fields.assessor else ""
        self._line(" · ".join(filter(None, (named, self._report.facts, by))), wide, 4.3)
        if fields.notes:
            self.ln(1.5)
            self._type(self._size, INK)
            self._line(_cut(fields.notes, 300) if self._report.short else fields.notes, wide, 4.6)
        self.set_y(max(self.get_y(), top + (15 if fields.logo else 0)) + 2)
        self._rule()

    def section(self, section: Section) -> None:
        """A heading and its blocks; the heading never stands alone at the foot of a page."""
        self.ln(2.5 if self._report.short else _GAP)
        self._room(14 + self._needs(section.blocks[0]))
        self.start_section(section.title, strict=False)
        self._type(11 if self._report.short else 12.5, INK, bold=True)
        self._line(section.title, self.epw, 6)
        self.ln(0.8)
        for block in section.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        self._set[type(block)](block)
        self.ln(1.2 if self._report.short else 2.2)

    # -- text -------------------------------------------------------------------------------------------------------

    def _type(self, size: float, colour: str = INK, *, bold: bool = False) -> None:
        self.set_font(FONT, "B" if bold else "", size * self._scale)
        self.set_text_color(colour)

    def _line(self, words: str, width: float, height: float, *, x: float | None = None) -> None:
        """Words that wrap at `width`; the next line goes below them."""
        self.set_x(self.l_margin if x is None else x)
        tall = self.multi_cell(
            width,
            height * self._scale,
            words,
            align=Align.L,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            dry_run=self._measuring,
            output=MethodReturnValue.HEIGHT,
        )
        if self._measuring:
            self.set_y(self.get_y() + float(tall))  # pyright: ignore[reportArgumentType]  one output was asked for

    def _word(self, words: str, width: float, height: float) -> None:
        """Words that do not wrap; what follows stands beside them."""
        if self._measuring:
            self.set_x(self.get_x() + width)
        else:
            self.cell(width, height * self._scale, words)

    def _paragraph(self, block: Paragraph) -> None:
        self._type(self._size - (1 if block.quiet else 0), MUTED if block.quiet else INK)
        self._line(block.text, self.epw, 4.2)

    def _points(self, block: Points) -> None:
        self._room(14)
        if block.title:
            self._type(self._size, INK, bold=True)
            self._line(block.title, self.epw, 5)
        for words in block.texts:
            self._type(self._size, INK)
            self._room(6)
            self.set_fill_color(_ACCENT)
            self.rect(self.l_margin, self.get_y() + 2.0 * self._scale, 1.8, 0.5, "F")
            self._line(words, self.epw - 5, 4.5, x=self.l_margin + 4)
        if block.note:
            self._type(self._size - 1, MUTED)
            self._line(block.note, self.epw - 5, 4.5, x=self.l_margin + 4)

    def _facts(self, block: Facts) -> None:
        for term, words in block.rows:
            self._room(6)
            top = self.get_y()
            self._type(self._size, MUTED)
            self._line(term, 48, 4.7)
            self.set_y(top)
            self._type(self._size, INK)
            self._line(words, self.epw - 50, 4.7, x=self.l_margin + 50)

    def _table(self, block: Table) -> None:
        self._type(self._size - 1, INK)
        self.set_draw_color(LINE)
        self.set_fill_color("#ffffff")
        heading = FontFace(emphasis="BOLD", color=MUTED)
        with self.table(
            borders_layout="HORIZONTAL_LINES", headings_style=heading, col_widths=block.widths, line_height=4.4,
            text_align=Align.L, padding=(0.9, 1.4, 0.9, 0), first_row_as_headings=True,
        ) as table:  # fmt: skip
            for row in (block.header, *block.rows):
                table.row(row)

    # -- pictures ---------------------------------------------------------------------------------------------------

    def _drawn(self, block: Drawn) -> None:
        width = self.epw * block.share
        height = width * block.figure.height / block.figure.width
        self._room(height + 2)
        self._picture(block.figure, self.l_margin, self.get_y(), width)
        self.set_y(self.get_y() + height)

    def _beside(self, block: Beside) -> None:
        left = self.epw * block.share
        right = self.epw - left - _GAP
        heights = [w * f.height / f.width for w, f in ((left, block.left), (right, block.right))]
        self._room(max(heights) + 2)
        top = self.get_y()
        self._picture(block.left, self.l_margin, top, left)
        self._picture(block.right, self.l_margin + left + _GAP, top + 1, right)
        self.set_y(top + max(heights))

    def _picture(self, figure: Figure, x: float, y: float, width: float) -> None:
        self.image(io.BytesIO(figure.svg.encode()), x=x, y=y, w=width, alt_text=figure.alt)

    # -- cards ------------------------------------------------------------------------------------------------------

    def _verdicts(self, block: Verdicts) -> None:
        """Two in a row for the methods with a number on top, three for what follows."""
        numbered = [card for card in block.cards if card.score and card.side != "whole body"]
        others = [card for card in block.cards if card not in numbered]
        for cards in (numbered, others):
            for first in range(0, len(cards), 3):
                self._row(cards[first : first + 3], self._verdict, 2.2)

    def _row(self, cards: list[Any], draw: Callable[[Any, float], None], gap: float) -> None:
        """Cards of one height beside each other, each in a hairline box."""
        width = (self.epw - 4 * (len(cards) - 1)) / len(cards)
        heights = [self._height(card, draw, width) for card in cards]
        self._room(max(heights) + 4)
        top = self.get_y()
        for place, card in enumerate(cards):
            self.set_draw_color(LINE)
            self.set_line_width(0.2)
            x = self.l_margin + place * (width + 4)
            self.rect(x, top, width, max(heights) + 4, round_corners=True, corner_radius=2)
            self.set_xy(x + 3, top + 2.5)
            with self._indented(x + 3):
                draw(card, width - 6)
        self.set_y(top + max(heights) + 4 + gap)

    def _height(self, card: Any, draw: Callable[[Any, float], None], width: float) -> float:
        """How tall a card becomes, found by setting it without ink."""
        top, self._measuring = self.get_y(), True
        draw(card, width - 6)
        height, self._measuring = self.get_y() - top, False
        self.set_y(top)
        return height

    def _verdict(self, card: Verdict, width: float) -> None:
        x = self.get_x()
        self._type(self._size, INK, bold=True)
        self._word(card.label, self.get_string_width(card.label) + 2, 5)
        self._type(self._size - 1, MUTED)
        self._line(card.side, width - (self.get_x() - x), 5, x=self.get_x())
        if card.score:
            self._type(19, INK, bold=True)
            self.set_x(x)
            self._word(card.score, self.get_string_width(card.score) + 2, 8.5)
            self._type(self._size, MUTED)
            self._line(card.range or " ", width, 8.5, x=self.get_x())
        self._mark(card.step, card.level, x, width)
        self._type(self._size - 0.5, INK)
        self._line(card.text, width, 4.2, x=x)
        self.ln(0.8)
        for term, words in card.facts[: 2 if self._report.short else None]:
            self._type(self._size - 1, MUTED)
            self.set_x(x)
            self._word(term, width * 0.52, 4.1)
            self._type(self._size - 1, INK)
            self._line(words, width * 0.48, 4.1, x=x + width * 0.52)

    def _mark(self, step: int | None, level: str, x: float, width: float) -> None:
        """A level as squares, colour and word, so that none of them is needed alone."""
        y = self.get_y() + 1.1
        self.set_draw_color(LINE if step is None else RISK_COLOURS[step])
        for square in range(0 if self._measuring else 4):
            filled = step is not None and square < step
            self.set_fill_color(RISK_COLOURS[step or 0] if filled else UNSEEN)
            self.rect(x + 3.2 * square, y, 2.5, 2.5, "FD" if filled else "D")
        self._type(self._size, INK, bold=True)
        self._line(level, width - 15, 4.8, x=x + 14.5)

    def _moments(self, block: Moments) -> None:
        self._row(list(block.cards[:3]), self._moment if len(block.cards) > 1 else self._lone_moment, 0)

    def _moment(self, card: MomentCard, width: float) -> None:
        """The picture above its words."""
        x, top = self.get_x(), self.get_y()
        if card.picture is not None:
            tall = width * (0.5 * self._scale if self._report.short else 0.62)
            self._photo(card, x, top, width, tall)
            self.set_y(top + tall + 1.5)
        self._moment_words(card, x, width)

    def _lone_moment(self, card: MomentCard, width: float) -> None:
        """The picture beside its words."""
        x, top, wide = self.get_x(), self.get_y(), 54.0
        tall = wide * 0.62 * self._scale
        if card.picture is None:
            self._moment_words(card, x, width)
            return
        self._photo(card, x, top, wide, tall)
        self.set_y(top)
        self._moment_words(card, x + wide + 4, width - wide - 4)
        self.set_y(max(self.get_y(), top + tall))

    def _photo(self, card: MomentCard, x: float, y: float, width: float, height: float) -> None:
        if not self._measuring and card.picture is not None:
            self.image(card.picture, x=x, y=y, w=width, h=height, keep_aspect_ratio=True, alt_text=card.alt)

    def _moment_words(self, card: MomentCard, x: float, width: float) -> None:
        self._type(self._size, INK, bold=True)
        self._line(card.title, width, 4.8, x=x)
        self._mark(card.step, card.level, x, width)
        for reason in card.reasons:
            self._type(self._size - 0.5, INK)
            self._line(reason, width, 4.2, x=x)

    @property
    def fits(self) -> bool:
        """Whether all of it stands above the foot of a single page."""
        return self.page_no() == 1 and self.get_y() <= self.h - _FOOT - 1

    # -- places -----------------------------------------------------------------------------------------------------

    def _room(self, height: float) -> None:
        """A new page unless so much fits on this one."""
        if not self._report.short and self.get_y() + height > self.h - _FOOT - 4:
            self.add_page()

    def _needs(self, block: Block) -> float:
        """About so much height does the beginning of a block take that cannot be parted from its heading."""
        if isinstance(block, Drawn):
            return self.epw * block.share * block.figure.height / block.figure.width
        if isinstance(block, Beside):
            return self.epw * block.share * block.left.height / block.left.width
        return 75.0 if isinstance(block, Moments | Verdicts) else 16.0

    def _rule(self) -> None:
        self.set_draw_color(LINE)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    @contextmanager
    def _indented(self, x: float) -> Any:
        before, self.l_margin = self.l_margin, x
        try:
            yield
        finally:
            self.l_margin = before


def _other_letters() -> Path | None:
    """DejaVu Sans, for letters that Roboto lacks, where matplotlib (which MediaPipe needs) brought it."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return path if path.is_file() else None


def _known(pdf: FPDF, report: Report) -> bool:
    """Whether Roboto has every letter of what people wrote."""
    fields = report.fields
    written = {*report.title, *fields.company, *fields.assessor, *fields.job_title, *fields.notes}
    cmap = pdf.fonts[FONT.lower()].cmap  # pyright: ignore[reportAttributeAccessIssue]
    return all(ord(letter) in cmap or letter.isspace() for letter in written)


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
