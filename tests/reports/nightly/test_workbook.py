"""The workbook and the CSV files, read again: typed, whole, and never a formula."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings

from reports.nightly.frames import night_frames
from reports.nightly.workbook import SHEETS, devices_csv, findings_csv, to_xlsx
from tests.laws import met, share_of
from tests.reports.nights import NASTY, a_device, a_finding, a_night, a_report, nights, rich

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read(facts):
    return openpyxl.load_workbook(io.BytesIO(to_xlsx(facts)))


@pytest.fixture(scope="module")
def book():
    return read(rich())


def rows(facts):
    return list(csv.DictReader(io.StringIO(findings_csv(facts), newline="")))


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_every_table_is_a_sheet_with_all_its_rows_and_columns(book):
    frames = night_frames(rich())

    assert book.sheetnames == [SHEETS[name] for name in frames]
    for name, frame in frames.items():
        sheet = book[SHEETS[name]]
        assert (sheet.max_row, sheet.max_column) == (len(frame) + 1, len(frame.columns))


def test_every_header_is_frozen_and_every_table_can_be_filtered(book):
    for sheet in met(book):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")


def test_the_total_is_no_row_to_be_filtered(book):
    sheet = book["Sites"]

    assert sheet.auto_filter.ref.endswith(str(sheet.max_row - 1))
    assert sheet.cell(sheet.max_row, 1).value == "total"


def test_dates_are_dates_and_numbers_are_numbers(book):
    sheet = book["Findings"]
    first = {header.value: cell for header, cell in zip(sheet[1], sheet[2], strict=True)}

    assert first["since (Europe/Berlin)"].value == datetime(2026, 3, 11, 2)
    assert first["since (Europe/Berlin)"].is_date
    assert first["age (h)"].data_type == "n"
    assert first["needs attention"].value is True
    assert book["Last 30 nights"]["A2"].is_date


def test_a_version_that_resembles_a_number_stays_text():
    sheet = read(a_night(devices=[a_device(version="3.5", hardware="007")]))["Devices"]
    first = {header.value: cell for header, cell in zip(sheet[1], sheet[2], strict=True)}

    assert (first["version"].value, first["hardware"].value) == ("3.5", "007")


@settings(max_examples=share_of(6))
@given(facts=nights())
def test_no_text_ever_becomes_a_formula_or_an_error(facts):
    found = list(cells(read(facts)))

    assert not [cell for cell in found if cell.data_type in {"f", "e"}]
    for cell in met(c for c in found if isinstance(c.value, str) and c.value.startswith(FORMULA)):
        assert cell.quotePrefix


def test_every_nasty_text_is_read_again_as_it_can_be_shown():
    facts = a_night(
        reported=[a_report(a_finding(subject=each, reason=each)) for each in NASTY if each]
    )

    found = {cell.value for cell in read(facts)["Findings"]["F"][1:]}

    assert {"=1+1", "@SUM(A1)", "#REF!", "Ωμέγα", "two\nlines", "half ?"} <= found
    assert "\ufffd\ufffd\ufffd[31m" in found
    assert "_x005F_x0041_" in found  # which spreadsheets show as _x0041_


@settings(max_examples=share_of(6))
@given(facts=nights())
def test_a_csv_has_a_row_per_finding_and_no_cell_that_calculates(facts):
    found = rows(facts)

    assert len(found) == len(facts.reported)
    for row in found:
        assert not any(value.startswith(FORMULA) for value in row.values())


def test_the_devices_csv_has_every_device_and_times_carry_their_offset():
    found = list(csv.DictReader(io.StringIO(devices_csv(rich()), newline="")))

    assert [row["device"] for row in found] == [device.device for device in rich().devices]
    enrolled = {row["enrolled"][-6:] for row in found if row["enrolled"]}
    assert enrolled == {"+01:00"}
    assert rows(rich())[0]["since"] == "2026-03-11T02:00:00.000+01:00"


def test_an_empty_night_has_all_its_sheets_and_headers():
    book = read(a_night())

    assert len(book.sheetnames) == len(SHEETS)
    assert all(sheet["A1"].value for sheet in book)


@pytest.mark.heavy
def test_a_dry_run_and_dead_runs_are_reported_in_the_workbook_too():
    book = read(replace(rich(), dry_run=True))

    assert book["Night"]["B6"].value == "yes: nothing was changed"
    assert book["Ended runs"]["A2"].value == "onboard plant-8"
