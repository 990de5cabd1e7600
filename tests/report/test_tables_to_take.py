"""The workbook is read back with openpyxl, the Parquet table with fastparquet."""

import csv

import fastparquet
import numpy as np
import pytest
from openpyxl import load_workbook

from ergo.report.exports import ExportOptions, export
from ergo.report.fields import ReportFields

SHEETS = ["Summary", "Methods", "Per second", "Worst moments", "Lifts", "Assumed and not seen", "Inputs"]


@pytest.fixture(scope="module")
def book(stored_folder, tmp_path_factory):
    from ergo.report.stored import Stored

    path = tmp_path_factory.mktemp("book") / "result.xlsx"
    options = ExportOptions(title="lift.mp4", fields=ReportFields(company='=HYPERLINK("http://x")'))
    export("xlsx", Stored(stored_folder), path, options)
    return load_workbook(path)


def rows(sheet):
    header, *content = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in content]


def test_every_sheet_has_a_header_that_stays_and_texts_that_are_no_formulas(book):
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert (sheet.freeze_panes in ("A2", "B2") and sheet["A1"].font.bold) or sheet.title == "Summary"
        assert sheet.auto_filter.ref or sheet.max_row == 1
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert book["Summary"]["B2"].value == '=HYPERLINK("http://x")' and book["Summary"]["B2"].data_type == "s"


def test_the_numbers_are_those_of_the_result(book, stored):
    methods = rows(book["Methods"])
    for key, method in stored.result["methods"].items():
        mine = [row for row in methods if row["Method"] == method["label"]]
        assert len(mine) == len(method["sides"]) * len(method["levels"]), key
        side = next(iter(method["sides"].values()))
        assert mine[0]["Peak"] == side["peak"] and mine[0]["Median"] == side["median"]
        shares = [row["Share of the time seen"] for row in mine[: len(method["levels"])]]
        assert sum(shares) == pytest.approx(1.0)
    percent = [c.number_format for c in book["Methods"]["N"][1:]]
    assert set(percent) == {"0%"}
    moments = rows(book["Worst moments"])
    assert {row["Time (s)"] for row in moments} == {moment["time_s"] for moment in stored.result["worst_moments"]}
    said = [row for row in rows(book["Inputs"]) if row["Value"] == "set by hand"]
    assert [(row["Who"], row["Why"]) for row in said] == [("A. Smith", "seen on site")]
    assert {"Input": "load_kg", "Value": 12.0}.items() <= next(
        r for r in rows(book["Inputs"]) if r["Input"] == "load_kg"
    ).items()
    assert any(row["What"] == "The feet are seldom seen." for row in rows(book["Assumed and not seen"]))


def test_seconds_are_the_frames_of_each_second(book, stored):
    seconds = rows(book["Per second"])
    times, total = stored.motion.timestamps_s, stored.arrays["rula.left.total"]
    flexion = stored.angles["trunk_flexion"]
    assert [row["Second (s)"] for row in seconds] == [0, 1, 2]
    for row in seconds:
        inside = (times >= row["Second (s)"]) & (times < row["Second (s)"] + 1)
        assert row["RULA left, highest score"] == total[inside].max()
        assert row["Trunk flexion, largest (°)"] == pytest.approx(np.nanmax(flexion[inside]), abs=1e-3)
        assert row["Trunk flexion, mean (°)"] == pytest.approx(np.nanmean(flexion[inside]), abs=0.5)


def test_parquet_holds_what_the_csv_files_hold(stored, tmp_path):
    path = tmp_path / "frames.parquet"
    export("parquet", stored, path)
    table = fastparquet.ParquetFile(str(path)).to_pandas()
    assert table.columns[0] == "time_s" and len(table) == len(stored.motion.timestamps_s)
    for name in ("scores.csv", "angles.csv"):
        with (stored.folder / name).open() as file:
            content = list(csv.DictReader(file))
        for column in content[0]:
            if column.endswith(("p05", "p95")):
                continue
            told = np.array([float(row[column] or "nan") for row in content])
            assert np.allclose(table[column], told, atol=0.006, equal_nan=True), column
