"""The marked copy of a text: in its own dialect and encoding, and read again as what was sent."""

import pytest
from hypothesis import given

from fleet.roster.choices import Choices
from fleet.roster.reading import reading_of
from fleet.roster.repair import Acceptance
from fleet.text.place import Place
from sheets.marked import marked
from sheets.ours import neutral, restored
from sheets.read import read
from sheets.results import LineResult
from tests.laws import ALL_EXAMPLES, met
from tests.sheets.marking import cells_of, copy_of
from tests.sheets.test_laws import HEADER, Dialect, cells, dialects, tables

FORMULAS = ["=1+2", "+49 30 1234", "-5", "@sum", "\tx", "'=1", "''-1"]


def lines_of(content: bytes, encoding: str = "utf-8") -> list[str]:
    return content.decode(encoding).splitlines()


def test_what_came_of_each_line_is_at_its_right():
    copy = copy_of(b"device,mac\nedge-1,02:zz\nedge-2\n")

    header, faulty, fine = lines_of(copy.content)
    assert copy.ending == ".csv"
    assert header == "device,mac,Muster: status,Muster: reason,Muster: proposes,Muster: device id"
    assert faulty.startswith("edge-1,02:zz,faulty,\"mac: '02:zz' ")
    assert fine == "edge-2,,ok,,,"


def test_a_repair_that_waits_for_a_yes_is_proposed_and_one_that_was_accepted_is_said():
    sent = b"device,mac\nEdge 1,\n"

    waiting = lines_of(copy_of(sent).content)[1]
    accepted = lines_of(copy_of(sent, Choices(Acceptance.of("all"))).content)[1]

    assert waiting.startswith('Edge 1,,repair,"device: would use Edge-1, ')
    assert waiting.endswith(",device: Edge-1,")
    assert accepted.startswith('Edge 1,,ok,"device: used Edge-1, ')
    assert accepted.endswith(",,")


def test_columns_that_were_chosen_are_those_of_the_copy():
    sent = b"name and place\nAsset tag,place\nedge-1,hall\n"

    copy = copy_of(sent, Choices(columns={"Asset tag": "device"}))

    assert lines_of(copy.content)[2] == "edge-1,hall,ok,,,"


def test_all_else_of_the_text_stays_as_it_is():
    sent = 'sep=;\r\nPlant 7;;\r\n\r\ndevice;mac;note\r\n"edge-1";;"two\r\nlines"\r\nend of it all'

    copy = copy_of(sent.encode("cp1252"))

    ours = "Muster: status;Muster: reason;Muster: proposes;Muster: device id"
    assert copy.content.decode("cp1252") == (
        f"sep=;\r\nPlant 7;;\r\n\r\ndevice;mac;note;{ours}\r\n"
        '"edge-1";;"two\r\nlines";ok;;;\r\nend of it all'
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252", "utf-32"])
def test_the_encoding_stays_the_same(encoding):
    sent = "device,note\nedge-1,Größe\n".encode(encoding)

    copy = copy_of(sent).content

    assert lines_of(copy, encoding)[1] == "edge-1,Größe,ok,,,"
    assert copy[:2] == sent[:2]


def test_a_row_that_spoils_others_is_quoted_and_marked():
    copy = copy_of(b'device,mac\nedge-1,"02:\nedge-2,\n')

    _, broken, fine = lines_of(copy.content)
    assert broken.startswith('"edge-1,""02:",,faulty,')
    assert fine == "edge-2,,ok,,,"


def test_a_copy_is_marked_anew_and_not_twice():
    copy = copy_of(b"device,mac\nedge-1,02:zz\nedge-2\n").content

    assert copy_of(copy).content == copy
    corrected = copy.replace(b"edge-1,02:zz", b"edge-1,02:00:00:00:00:11")
    assert lines_of(copy_of(corrected).content)[1] == "edge-1,02:00:00:00:00:11,ok,,,"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_program_calculates_a_cell_of_the_copy_and_its_text_comes_back(formula):
    sent = f'device,note\nedge-1,"{formula}"\n'.encode()

    copy = copy_of(sent).content

    assert f"'{formula}" in copy.decode()
    assert cells_of(copy) == cells_of(sent)
    assert copy_of(copy).content == copy


def test_what_a_system_says_is_no_formula_either():
    results = [LineResult(Place(2), "in service", "=cmd()", "+1", "@id")]

    copy = marked(b"device\nedge-1\n", results).content

    assert lines_of(copy)[1] == "edge-1,in service,'=cmd(),'+1,'@id"


@given(cells)
def test_a_neutral_cell_is_restored(cell):
    assert restored(neutral(cell)) == cell


@ALL_EXAMPLES
@given(tables, dialects)
def test_a_copy_in_any_dialect_and_encoding_reads_as_what_was_sent(
    rows: list[tuple[str, ...]], dialect: Dialect
) -> None:
    sent = dialect.write([HEADER, *rows])

    copy = copy_of(sent).content

    before, after = reading_of(read(sent)), reading_of(read(copy))
    assert after.unused == before.unused
    for line, again in met(zip(before.lines, after.lines, strict=True)):
        ends = len(again.cells)
        assert again.cells == line.cells[:ends]
        assert not any(cell.strip() for cell in line.cells[ends:])
        assert len(again.faults) == len(line.faults)


def test_a_line_whose_cells_were_all_deleted_is_none():
    copy = copy_of(b"device,mac\nedge-1,02:zz\nedge-2\n").content

    left = copy.replace(b"edge-1,02:zz", b",")

    assert [line.name for line in reading_of(read(left)).lines] == ["edge-2"]


def test_columns_that_somebody_put_beside_ours_are_read():
    content = b"device,Muster: status,Muster: reason,mac\nedge-1,faulty,no mac,02:00:00:00:00:11\n"

    reading = reading_of(read(content))

    assert reading.lines[0].macs == ("02:00:00:00:00:11",)
    assert reading.unused == ()
    assert lines_of(copy_of(content).content)[1] == "edge-1,02:00:00:00:00:11,ok,,,"
