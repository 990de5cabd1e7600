"""Reports are read back with pypdf and with the standard library's HTML parser."""

import base64
import json
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from pypdf import PdfReader

from ergo.errors import SettingsError
from ergo.methods.catalogue import METHODS
from ergo.report.exports import ExportOptions, export
from ergo.report.fields import ReportFields, fields_from
from ergo.report.figures import angle_figure, body_steps
from ergo.report.report import build_report
from ergo.report.verdicts import verdict

LOGO = cv2.imencode(".png", np.full((40, 120, 3), 80, np.uint8))[1].tobytes()
FIELDS = ReportFields(
    company="Müller & Söhne", assessor="Ł. Nowak", job_title="Paletování <řada 3>", notes="Druhá směna, 箱", logo=LOGO
)


def pdf_of(stored, folder, kind, fields=FIELDS):
    path = folder / f"{kind}.pdf"
    export(kind, stored, path, ExportOptions(fields=fields, title="lift.mp4"))
    return PdfReader(path)


def words(reader):
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_the_curves_are_hatched_where_nobody_was_seen_and_dotted_where_a_part_was_not():
    times = np.arange(100) / 10
    seen, values = np.ones(100, bool), np.full(100, 20.0)
    whole = angle_figure([("Trunk", values, values / 4)], seen, times, 10.0).svg
    assert "<path" not in whole
    values[60:] = np.nan
    dotted = angle_figure([("Trunk", values, values / 4)], seen, times, 10.0).svg
    hatched = angle_figure([("Trunk", values, values / 4)], times < 6, times, 10.0).svg
    assert dotted.count("<path") == 1
    assert dotted.count("<line") < hatched.count("<line") and "<path" not in hatched


def test_the_full_report_says_all_of_it_in_order(stored, tmp_path):
    reader = pdf_of(stored, tmp_path, "pdf")
    text = words(reader)
    said = [
        "Müller & Söhne",
        "Paletování <řada 3>",
        "lift.mp4",
        "assessed by Ł. Nowak",
        "Druhá směna",
        "Verdict",
        "RULA",
        "REBA",
        "Where and how long",
    ]
    said += [
        "Worst moments",
        "What could help",
        "Over time",
        "Time in bent and raised postures",
        "Lifts",
        "12 kg",
        "A. Smith",
        "seen on site",
        "What was not seen",
    ]
    said += ["The feet are seldom seen.", "What was assumed", "Ergo 0.1.0", "McAtamney L, Corlett EN (1993)", "Limits"]
    place = 0
    for words_ in said:
        assert words_ in text[place:], words_
        place = text.index(words_, place)
    for method in stored.result["methods"].values():
        card = verdict(method)
        assert card.text in text and card.level in text
    assert len(reader.pages) > 3
    for number, page in enumerate(reader.pages, 1):
        assert (
            page.extract_text().rstrip().endswith(f"do not replace it.\n{number}")
            or f"{number}" in page.extract_text()[-8:]
        )
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles == [section.title for section in build_report(stored).sections]
    assert reader.metadata.title == "Ergonomic assessment: lift.mp4" and reader.trailer["/Root"]["/Lang"] == "en"
    assert sum(len(page.images) for page in reader.pages) == 1 + len(stored.result["worst_moments"])


def test_the_short_report_is_one_page_with_verdict_pictures_and_suggestions(stored, tmp_path):
    reader = pdf_of(stored, tmp_path, "onepage", ReportFields(notes="word " * 790))
    text = words(reader)
    assert len(reader.pages) == 1
    assert all(entry.label in text for entry in METHODS.values())
    assert "What could help" in text and "do not replace it." in text
    lowest = []
    reader.pages[0].extract_text(
        visitor_text=lambda t, cm, tm, *_: t.strip() and lowest.append((cm[3] * tm[5] + cm[5], t))
    )
    footer = [y for y, t in lowest if "do not replace" in t]
    others = [y for y, t in lowest if "do not replace" not in t and t.strip() != "1"]
    assert min(others) > footer[0]


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.headings, self.links, self.unlabelled = [], [], [], 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset", "xlink:href")]
        self.unlabelled += (tag == "img" and not attributes.get("alt")) + (
            tag == "svg" and "aria-label" not in attributes
        )
        self.unlabelled += tag == "script"
        self.open.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append((self.open[-1], data))

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


def test_the_web_page_stands_alone(stored, tmp_path):
    path = tmp_path / "report.html"
    export("html", stored, path, ExportOptions(fields=FIELDS, title="lift.mp4"))
    text = path.read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert all(link.startswith("data:") for link in outline.links) and outline.unlabelled == 0
    assert (
        "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        and "https://" not in text
        and "url(" not in text
    )
    headings = [("h1", FIELDS.job_title), *(("h2", section.title) for section in build_report(stored).sections)]
    assert outline.headings == headings
    assert "Paletování &lt;řada 3&gt;" in text
    assert len(text) < 400_000
    for moment in stored.result["worst_moments"]:
        picture = base64.b64encode((stored.folder / moment["thumbnail"]).read_bytes()).decode()
        assert picture in text


def test_the_curves_are_those_of_the_result_with_its_gaps(stored, tmp_path):
    from ergo.report.interactive import curves

    path = tmp_path / "interactive.html"
    export("interactive", stored, path, ExportOptions(fields=FIELDS))
    text = path.read_text(encoding="utf-8")
    assert text.index("Limits</h2>") < text.index("Curves</h2>") < text.index("</main>")
    assert "Plotly.newPlot" in text and "<script src" not in text and len(text) < 6_000_000
    found = {trace.name: trace for trace in curves(stored).data}
    total = stored.arrays["reba.left.total"]
    assert [value or 0 for value in found["REBA left"].y] == total.tolist() and 0 in total
    flexion = stored.angles["trunk_flexion"]
    drawn = np.array([np.nan if value is None else value for value in found["Trunk flexion (°)"].y])
    assert np.allclose(drawn, flexion, atol=0.006, equal_nan=True) and np.isnan(drawn).any()


def test_a_region_has_the_risk_it_keeps_for_a_tenth_of_the_time_seen():
    times = np.arange(40) / 10
    regions = np.zeros((40, 2), np.uint8)
    regions[:3, 0], regions[:5, 1] = 4, 3
    seen = np.ones(40, bool)
    assert body_steps(regions, seen, times) == [0, 3]
    assert body_steps(regions, ~seen, times) == [None, None]


def test_fields_of_a_report_are_checked():
    encoded = base64.b64encode(LOGO).decode()
    assert fields_from({"company": "x", "logo": f"data:image/png;base64,{encoded}"}) == ReportFields(
        company="x", logo=LOGO
    )
    for said, named in (
        ({"company": "x" * 200}, "company"),
        ({"logo": base64.b64encode(b"<svg/>").decode()}, "logo"),
        ({"logo": "not base64!"}, "logo"),
        ({"boss": "x"}, "boss"),
        ({"notes": 3}, "notes"),
    ):
        with pytest.raises(SettingsError, match=named):
            fields_from(said)


def test_a_result_where_nothing_was_assessed_has_a_report_all_the_same(stored_folder, tmp_path):
    from ergo.report.stored import Stored

    for file in stored_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    content = json.loads((tmp_path / "result.json").read_text())
    for method in content["methods"].values():
        for side in method["sides"].values():
            side |= {"peak": None, "peak_level": None, "peak_p05": None, "peak_p95": None, "coverage": 0.0}
            side["share_of_time"] = dict.fromkeys(side["share_of_time"])
            side["level_chance"] = {}
    content |= {"worst_moments": [], "lifting": None, "doses": []}
    (tmp_path / "result.json").write_text(json.dumps(content))
    text = words(pdf_of(Stored(tmp_path), tmp_path, "pdf", ReportFields()))
    assert text.count("not assessed") >= len(content["methods"])
    assert "Worst moments" not in text
