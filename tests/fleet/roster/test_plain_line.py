"""A plain line is read to the same effect as one that is read with care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.roster.draft import SPACES
from fleet.roster.plain_line import PlainLines
from fleet.roster.read_line import read_line, read_lines
from fleet.roster.repair import NO_REPAIRS, Acceptance
from fleet.roster.repair_host_id import are_hex
from fleet.roster.table import Row
from fleet.text.place import Place
from tests.laws import ALL_EXAMPLES, met

FIELDS = ("device", "host_id", "mac", "zero_touch", "connection", "site", "label", "notes")
COLUMNS = {field: (index,) for index, field in enumerate(FIELDS)}
PLAIN = ("edge-1", "43e210471948", "02:00:00:00:00:11", "line-3", "lem", "plant-7", "left", "new")

names = st.sampled_from(
    [
        "",
        "edge-1",
        "e1",
        "edge",
        "n1l",
        "NA",
        "2026-05-01",
        "edge 4",
        "edge-1-",
        "-1",
        "Edge.7_",
        "a" * 62 + "1",
        "a" * 64 + "1",
        "true",
        "x1\u200b",
        " edge-1",
        "édge-1",
    ]
) | st.from_regex(r"[A-Za-z0-9._ -]{1,6}", fullmatch=True)
host_ids = st.sampled_from(
    [
        "",
        "43e210471948",
        "43E210471948",
        "000000000000",
        "aAaAaAaAaAaA",
        "1122334455",
        "none",
        "02:00:00:00:00:11",
        "DA3E:QWER:ABCD:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567:ABCD:EFGH",
        "4３e210471948",
        "43e21047194",
    ]
) | st.from_regex(r"[0-9a-fA-F]{12}", fullmatch=True)
macs = st.sampled_from(
    [
        "",
        "02:00:00:00:00:11",
        "02-AA-00-00-00-1b",
        "02:00:00-00:00:11",
        "03:00:00:00:00:11",
        "00:11:22:33:44:55",
        "AA:BB:CC:DD:EE:FF",
        "ff:ff:ff:ff:ff:ff",
        "020000000011",
        "0200.0000.0011",
        "02:zz",
        "02:00:00:00:00:11 ",
        "02:00:00:00:00:11 02:00:00:00:00:12",
        "43e210471948",
        "-",
    ]
) | st.from_regex(r"[0-9a-f]{2}(:[0-9a-fA-F]{2}){5}", fullmatch=True)
words = st.sampled_from(
    [
        "",
        "lem",
        "LEM",
        "line-3",
        " lem",
        "n/a",
        "#REF!",
        "true",
        "plant-7",
        "PLANT 7",
        "plant-8",
        "two\r\nlines",
        "  ",
        "\u00a0",
        "=1",
        "'x",
    ]
)
rows = st.lists(
    st.tuples(names, host_ids, macs, words, words, words, words, words).flatmap(
        lambda cells: st.integers(1, len(cells) + 1).map(lambda end: (*cells, "")[:end])
    ),
    min_size=1,
    max_size=6,
)
accepted = st.sampled_from([NO_REPAIRS, Acceptance.of("safe"), Acceptance.of("all")])


def placed(cells: list[tuple[str, ...]]) -> list[Row]:
    return [Row(Place(number), each) for number, each in enumerate(cells, 2)]


@ALL_EXAMPLES
@given(rows, st.sampled_from(["", "plant-7"]), accepted)
def test_every_line_is_read_to_the_same_effect_as_with_care(cells, site, accepts):
    lines = placed(cells)
    is_hex = are_hex(each[1].strip(SPACES) for each in cells if len(each) > 1)

    found = read_lines(lines, COLUMNS, len(FIELDS), site, accepts)

    for line, row in met(zip(found, lines, strict=True)):
        assert line == read_line(row, COLUMNS, len(FIELDS), site, accepts, is_hex)


@pytest.mark.parametrize("mac", ["02:00:00:00:00:11", "02-00-00-00-00-1B", ""])
def test_lines_as_most_are_are_plain(mac):
    plain = PlainLines(COLUMNS, len(FIELDS), "plant-7", NO_REPAIRS)

    assert plain.read(Row(Place(2), (PLAIN[0], PLAIN[1], mac, *PLAIN[3:])))
    assert plain.read(Row(Place(3), ("edge-2",)))


@pytest.mark.parametrize(
    ("index", "text"), [(0, "edge 1"), (1, "NA"), (2, "02:zz"), (5, "plant-8")]
)
def test_a_line_of_which_anything_is_to_be_said_is_not(index, text):
    plain = PlainLines(COLUMNS, len(FIELDS), "plant-7", NO_REPAIRS)
    cells = [*PLAIN]
    cells[index] = text

    assert plain.read(Row(Place(2), tuple(cells))) is None
    assert plain.read(Row(Place(2), PLAIN, problem="it is broken")) is None
    assert plain.read(Row(Place(2), PLAIN, unsaved=frozenset([0]))) is None
