"""`muster template`: an empty roster, filled in by somebody, reads back as it was typed."""

import io
import json

import pytest
from openpyxl import load_workbook

from sheets.template import template
from sheets.template_kinds import EXAMPLE, TemplateKind
from tests.command.exit_code import exit_code
from tests.sheets.marking import cells_of

LINES = {"device": "edge-1", "host_id": "001122334455", "mac": "02:00:00:00:00:11"}


def rules_of(sheet):
    return {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}


@pytest.mark.heavy
@pytest.mark.parametrize("kind", TemplateKind)
def test_a_template_that_was_filled_in_is_checked_and_its_example_is_skipped(
    kind, tmp_path, capsys
):
    file = tmp_path / "plant-7.xlsx"
    assert exit_code("template", kind, str(file)) == 0
    book = load_workbook(file)
    sheet = book["Devices"]
    header = [cell.value for cell in sheet[1]]
    for at, name in enumerate(header, 1):
        sheet.cell(3, at, LINES.get(name))
    book.save(file)
    capsys.readouterr()

    assert exit_code("check", str(file), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert exit_code("check", str(file)) == 0

    assert found["mapping"] == {name: name for name in header}
    assert [each["name"] for each in found["devices"]] == ["edge-1"]
    assert "Devices!2" in capsys.readouterr().out


def test_an_empty_one_has_no_devices(tmp_path, capsys):
    file = tmp_path / "plant-7.xlsx"
    exit_code("template", str(file))

    assert exit_code("check", str(file)) == 1

    assert "no devices" in capsys.readouterr().err


def test_its_cells_are_texts_with_lists_and_hints():
    sheet = load_workbook(io.BytesIO(template(TemplateKind.MIXED, ["lem-north"], ["line-3"])))[
        "Devices"
    ]

    rules = rules_of(sheet)
    assert all(sheet.column_dimensions[each].number_format == "@" for each in "ABCDEFGHI")
    assert rules["E"].formula1 == '"lem-north"'
    assert rules["D"].formula1 == '"line-3"'
    assert all(rule.prompt and rule.errorStyle == "warning" for rule in rules.values())
    assert sheet["A2"].value == EXAMPLE


def test_the_instructions_are_no_table():
    read_me, devices = cells_of(template(TemplateKind.LEM))

    assert all(len(row) == 1 for row in read_me)
    assert devices == [["device", "host_id", "mac", "zero_touch", "label", "serial", "notes"]]


@pytest.mark.parametrize(
    "words",
    [["lem"], ["plant-7.csv"], ["lm", "plant-7.xlsx"], ["lem", "acusight", "plant-7.xlsx"]],
)
def test_what_is_no_template_is_refused_in_one_message(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert exit_code("template", *words) == 1

    assert capsys.readouterr().err.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    file = tmp_path / "plant-7.xlsx"
    file.write_text("mine")

    assert exit_code("template", "lem", str(file)) == 1

    assert file.read_text() == "mine"
