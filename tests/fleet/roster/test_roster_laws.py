"""Laws of reading: nothing is lost, no line counts twice, and spelling changes nothing."""

import csv
import io
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from fleet.roster.header import COLUMNS
from fleet.roster.roster import Roster
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster
from tests.fleet.builders import mac
from tests.laws import ALL_EXAMPLES, met

names = st.sampled_from(["edge-1", "edge-2", "edge-3", "edge-4", "Edge.5", "", "edge 6", "é"])
host_ids = st.sampled_from(["", "", "h1", "H1", "h2", "not one"])
macs = st.sampled_from(["", "", mac(1), mac(2), f"{mac(2)} {mac(3)}", "02-00-00-00-00-03", "?"])
profiles = st.sampled_from(["", "", "lab"])
connections = st.sampled_from(["", "", "acusight", "not one!"])
notes = st.sampled_from(["", "a, b; c\td", 'she said "no"', "two\nlines", "\N{SNOWMAN}"])
rows = st.lists(
    st.tuples(names, host_ids, macs, profiles, connections, notes), min_size=1, max_size=8
)


@dataclass(frozen=True)
class Spelling:
    """How one program or person writes a roster down."""

    delimiter: str
    line_end: str
    bom: str
    header: tuple[str, ...]
    order: tuple[int, ...]

    def write(self, lines: list[tuple[str, ...]]) -> str:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerow([self.header[column] for column in self.order])
        writer.writerows(
            [line[column].replace("\n", self.line_end) for column in self.order] for line in lines
        )
        return self.bom + text.getvalue()


PLAIN = Spelling(",", "\n", "", (*COLUMNS, "note"), (0, 1, 2, 3, 4, 5))
spellings = st.builds(
    Spelling,
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    bom=st.sampled_from(["", "\ufeff"]),
    header=st.tuples(
        st.sampled_from(["device", "Device", " DEVICE "]),
        st.sampled_from(["host_id", "Host ID", "host-id", "HOST_ID", "Host  Id"]),
        st.sampled_from(["mac", "MAC", " Mac"]),
        st.sampled_from(["zero_touch", "Zero-Touch", "zero touch", "ZERO_TOUCH "]),
        st.sampled_from(["connection", "Connection", " CONNECTION"]),
        st.sampled_from(["note", "Note"]),
    ),
    order=st.permutations(range(6)).map(tuple),
)


def reading(text: str) -> Roster | str:
    """The roster in `text`, or why it is none."""
    try:
        return read_roster(text, "plant-7", "lem")
    except UnusableRoster as error:
        return str(error)


def written(lines: list[tuple[str, ...]]) -> list[int]:
    """The number, as an editor shows it, at which every line that is not blank begins."""
    numbers, number = [], 2
    for line in lines:
        if any(cell.strip() for cell in line):
            numbers.append(number)
        number += 1 + sum(cell.count("\n") for cell in line)
    return numbers


@ALL_EXAMPLES
@given(rows)
def test_every_line_is_reported_exactly_once(lines: list[tuple[str, ...]]) -> None:
    for roster in met(r for r in [reading(PLAIN.write(lines))] if isinstance(r, Roster)):
        places = [*(line.place for line in roster.lines), *roster.faulty_lines]
        places += roster.proposed_lines
        reported, all_ = sorted(place.number for place in places), written(lines)
        assert reported == all_[: len(reported)]
        assert bool(roster.notes) is (len(reported) < len(all_))  # what is below the table


@ALL_EXAMPLES
@given(rows)
def test_no_two_usable_lines_name_one_device(lines: list[tuple[str, ...]]) -> None:
    for roster in met(r for r in [reading(PLAIN.write(lines))] if isinstance(r, Roster)):
        tokens = [token for d in roster.devices for token in (d.name, *d.identity.traits())]
        assert len(tokens) == len(set(tokens))


@given(rows, spellings)
def test_spelling_changes_nothing(lines: list[tuple[str, ...]], spelling: Spelling) -> None:
    assert reading(spelling.write(lines)) == reading(PLAIN.write(lines))


@given(
    st.text(st.characters()) | st.text('device,mac;\t\r\n"\0\ufeff ').map("device,mac\n".__add__)
)
@example("device,zero_touch,host_id\nedge-1,\ud800,h1\n")
@example('"')
@example("\x1c,\x1c")
def test_any_text_is_a_roster_or_is_refused_in_words(text: str) -> None:
    assert reading(text)


@given(st.binary())
def test_any_bytes_read_as_text_are_a_roster_or_are_refused_in_words(content: bytes) -> None:
    assert reading(content.decode("latin-1"))
    assert reading("device,zero_touch,mac\n" + content.decode("utf-8", "surrogateescape"))
