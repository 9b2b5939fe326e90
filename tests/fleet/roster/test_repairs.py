"""Damage: what a cell is damaged by is repaired only in sight, and only if a person says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.roster.choices import Choices
from fleet.roster.listed import repairs_by_cause
from fleet.roster.reading import judged
from fleet.roster.repair import Acceptance, Repair
from fleet.roster.roster import Roster
from fleet.roster.table import Row, Sent, Table
from fleet.text.place import Place
from tests.laws import ALL_EXAMPLES, met

HOST_ID, MAC = "43e210471948", "02:df:39:32:24:99"
OTHER = ("edge-0", "43e210471900", "")  # another line, whose host id has 12 hex digits
HEADER = ("device", "host_id", "mac", "zero_touch", "connection")


def read(
    *lines: tuple[str, ...],
    accept: str = "none",
    shown: dict[int, str] | None = None,
    unsaved: frozenset[int] = frozenset(),
) -> Roster:
    """What comes out of these lines; `shown` and `unsaved` are those of each of them."""
    header = Row(Place(1), HEADER)
    rows = (
        Row(Place(number), cells, shown=shown or {}, unsaved=unsaved)
        for number, cells in enumerate(lines, 2)
    )
    sent = Sent((Table((header, *rows)),))
    return judged(sent, "plant-7", "lem", (), Choices(accept_repairs=Acceptance.of(accept)))


def repair_of(*lines: tuple[str, ...], **more: dict[int, str]) -> Repair:
    """The only repair, whose line is not used."""
    roster = read(*lines, **more)
    (repair,) = roster.proposed
    assert roster.proposed_lines == (repair.place,)
    assert repair.place not in [line.place for line in roster.lines]
    assert not roster.faults
    return repair


@pytest.mark.parametrize(
    "text",
    [
        "02-DF-39-32-24-99",
        "02df.3932.2499",
        "02df39322499",
        "02.df.39.32.24.99",
        "02_df_39_32_24_99",
        "02 df 39 32 24 99",
        "02df39-322499",
        " 02:DF:39:32:24:99\t",
    ],
)
def test_a_mac_in_whatever_notation_is_the_same_mac(text: str) -> None:
    roster = read(("edge-1", "", text))

    assert [device.macs for device in roster.devices] == [(MAC,)]
    assert (roster.proposed, roster.repaired) == ((), ())


@pytest.mark.parametrize("between", [" ", ", ", ";", " / ", "|", "\n", " and ", " & ", " + "])
def test_several_macs_are_read_whatever_separates_them(between: str) -> None:
    (device,) = read(("edge-1", "", f"{MAC}{between}02-df-39-32-24-98")).devices

    assert device.macs == (MAC, "02:df:39:32:24:98")


@pytest.mark.parametrize(
    ("text", "is_safe"),
    [
        ("0x02df39322499", True),
        ("2:df:39:32:24:99", False),  # a digit may be missing
        (f"{MAC}\u00a0", True),
        (f"\u200b{MAC}", True),
        (f"\u201c{MAC}\u201d", True),
        (f"'{MAC}", True),
        ('="02df39322499"', True),
        ("02:df:39:32:24:9\uff19", True),
        ("02\u201cdf\u201c", None),
        ("02:\u0501f:39:32:24:99", None),
        ("O2:df:39:32:24:99", False),
        (f"eth0: {MAC} (primary)", False),
        (f"{MAC} n/a", False),
    ],
)
def test_a_mac_with_something_about_it_is_proposed(text: str, is_safe: bool | None) -> None:
    if is_safe is None:
        assert [fault.column for fault in read(("edge-1", "", text)).faults] == ["mac"]
        return
    repair = repair_of(("edge-1", "", text))

    assert (repair.column, repair.read, repair.use) == ("mac", text.strip(" "), MAC)
    assert repair.is_safe is is_safe


@pytest.mark.parametrize(
    ("text", "use", "is_safe"),
    [
        ("2:d:39:32:24:99", "02:0d:39:32:24:99", True),  # no program leaves out only some zeros
        ("20039322499", "02:00:39:32:24:99", False),
    ],
)
def test_zeros_that_a_mac_lost_are_proposed(text: str, use: str, is_safe: bool) -> None:
    repair = repair_of(("edge-1", "", text))

    assert (repair.use, repair.is_safe) == (use, is_safe)


@pytest.mark.parametrize(
    "text",
    [
        "02:df:39:32:24:9",  # the others have their zeros: a digit is missing
        "2df39322499",
        "02:df:39:32:24",
        "01:00:5e:00:00:01",
        f"{MAC} 02:df:39:32:24",
        f"{MAC}:11",
        "2:df:39:32:24:990",  # twelve digits, and no six octets
        "02df:393:22499",
        "02:df:39:32:24:9\u0663",
        "\u24602:df:39:32:24:99",
        "1.12233E+11",
        "FALSE",
    ],
)
def test_a_mac_that_cannot_be_read_is_a_fault(text: str) -> None:
    roster = read(("edge-1", HOST_ID, text))

    assert [(fault.column, fault.value) for fault in roster.faults] == [("mac", text)]


@pytest.mark.parametrize(
    ("text", "use", "is_safe"),
    [
        ("1122334455", "001122334455", False),
        ("43e2 1047 1948", HOST_ID, False),
        ("0x43e210471948", HOST_ID, True),
        ("43e2I0471948", HOST_ID, False),
        ("43e21O471948", "43e210471948", False),
        ("112233445566.0", "112233445566", True),
        ("1122334455.0", "001122334455", False),
        ("1.12233445566E+11", "112233445566", False),
        (f"{HOST_ID}\u00a0", HOST_ID, True),
        (f"{HOST_ID};", HOST_ID, True),
        (f"\u2018{HOST_ID}\u2019", HOST_ID, True),
        (f"'{HOST_ID}", HOST_ID, True),
        (f'="{HOST_ID}"', HOST_ID, True),
        ("43\u0435210471948", HOST_ID, True),
        ("\uff143e210471948", HOST_ID, True),
        ("\u200b\u200b1122334455", "001122334455", False),
        ("\u0421OM-1", "COM-1", False),  # not of hex digits: it may be meant as it is
    ],
)
def test_what_a_host_id_was_is_proposed(text: str, use: str, is_safe: bool) -> None:
    repair = repair_of(OTHER, ("edge-1", text, ""))

    assert (repair.column, repair.read, repair.use) == ("host_id", text, use)
    assert repair.is_safe is is_safe


@pytest.mark.parametrize(
    "text",
    ["1.12233E+11", "1122334455667700", "May-01", "TRUE", "#REF!", "43e21047194", "12345"],
)
def test_a_host_id_that_cannot_be_read_is_a_fault_and_is_never_sent(text: str) -> None:
    roster = read(OTHER, ("edge-1", text, ""), accept="all")

    assert [(fault.column, fault.value) for fault in roster.faults] == [("host_id", text)]
    assert [device.name for device in roster.devices] == ["edge-0"]


def test_an_acusight_id_in_groups_of_four_is_no_mac() -> None:
    roster = read(("edge-1", "DA3E:0001:ABCD", ""))

    assert [device.host_id for device in roster.devices] == ["DA3E:0001:ABCD"]


def test_zeros_are_guessed_only_where_all_others_of_the_column_have_twelve_digits() -> None:
    docker = "DA3E:7KQM:WXYZ:2345:ABCD:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567"

    assert not read(("edge-0", docker, ""), ("edge-1", "1122334455", "")).proposed
    assert not read(("edge-1", "1122334455", "")).proposed
    assert read(OTHER, ("edge-2", "n/a", ""), ("edge-1", "1122334455", "")).proposed


def test_zeros_that_the_format_of_the_cell_shows_are_safe() -> None:
    repair = repair_of(("edge-1", "1122334455", ""), shown={1: "001122334455"})

    assert (repair.read, repair.use, repair.is_safe) == ("1122334455", "001122334455", True)
    assert repair.because == "the cell's format shows 12 digits"


def test_what_the_format_of_a_device_or_a_mac_shows_is_proposed_too() -> None:
    shown = {0: "007", 2: "02:00:39:32:24:99"}

    roster = read(("7", HOST_ID, "20039322499"), shown=shown, accept="safe")

    assert [(each.name, each.macs) for each in roster.devices] == [("007", ("02:00:39:32:24:99",))]
    assert [repair.read for repair in roster.repaired] == ["7", "20039322499"]


@pytest.mark.parametrize(
    "text", ["NA", "n/a", "(none)", "-", "null", "?", "#N/A", "unknown", "NaN"]
)
@pytest.mark.parametrize("column", [1, 2])
def test_a_word_for_nothing_is_safe_to_leave_out_where_the_line_has_another_identity(
    text: str, column: int
) -> None:
    alone, both = ["edge-1", "", ""], ["edge-1", HOST_ID, MAC]
    alone[column] = both[column] = text

    assert (repair_of(tuple(both)).use, repair_of(tuple(both)).is_safe) == ("", True)
    assert repair_of(tuple(alone)).is_safe is False


@pytest.mark.parametrize(
    "text", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "00:11:22:33:44:55", "00-00-00-00-00-00"]
)
def test_a_mac_that_no_device_has_is_nothing(text: str) -> None:
    assert repair_of(("edge-1", HOST_ID, text)).is_safe
    assert repair_of(("edge-1", "", f"{text} {MAC}")).use == MAC
    assert not repair_of(("edge-1", "", text)).is_safe


def test_a_host_id_that_many_machines_show_is_nothing() -> None:
    assert repair_of(("edge-1", "000000000000", MAC)).is_safe
    assert not repair_of(("edge-1", "localhost", "")).is_safe


def test_two_columns_of_nothing_are_both_proposed_and_neither_is_safe() -> None:
    roster = read(("edge-1", "NA", "n/a"))

    assert [(r.column, r.use, r.is_safe) for r in roster.proposed] == [
        ("host_id", "", False),
        ("mac", "", False),
    ]
    assert read(("edge-1", "NA", "n/a"), accept="all").devices[0].identity.traits() == frozenset()


def test_a_word_for_nothing_is_no_profile_and_no_connection() -> None:
    roster = read(("edge-1", HOST_ID, "", "n/a", "-"), accept="safe")

    assert [(line.device.zero_touch, line.connection) for line in roster.lines] == [(None, "lem")]
    assert [repair.column for repair in roster.repaired] == ["zero_touch", "connection"]


@pytest.mark.parametrize("text", ["TRUE", "yes", "#REF!"])
def test_what_is_no_profile_is_none(text: str) -> None:
    assert [f.column for f in read(("edge-1", HOST_ID, "", text)).faults] == ["zero_touch"]


@pytest.mark.parametrize("text", ["TRUE", "NA", "none", "null", "2026-05-01"])
def test_what_names_no_device_is_a_fault(text: str) -> None:
    assert [fault.column for fault in read((text, HOST_ID, "")).faults] == ["device"]


def test_a_zero_touch_device_whose_identity_is_nothing_is_a_fault() -> None:
    assert [f.column for f in read(("edge-1", "NA", "", "lab")).faults] == ["zero_touch"]


def test_a_mac_among_the_host_ids_would_be_used_as_one() -> None:
    repair = repair_of(("edge-1", "02-DF-39-32-24-99", ""))
    (device,) = read(("edge-1", "02-DF-39-32-24-99", ""), accept="host_id: all").devices

    assert (repair.column, repair.use, repair.is_safe) == ("host_id", MAC, False)
    assert (device.host_id, device.macs) == (None, (MAC,))


def test_a_host_id_among_the_macs_would_be_used_as_one() -> None:
    repair = repair_of(("edge-1", "", HOST_ID))  # as a MAC it would be a multicast address
    (device,) = read(("edge-1", "", HOST_ID), accept="all").devices

    assert (repair.column, repair.use, repair.is_safe) == ("mac", HOST_ID, False)
    assert (device.host_id, device.macs) == (HOST_ID, ())


def test_what_is_for_people_is_read_as_the_sheet_shows_it() -> None:
    header = Row(Place(1), ("device", "serial"))
    row = Row(Place(2), ("edge-1", "12345"), shown={1: "0012345"})

    (line,) = judged(Sent((Table((header, row)),)), "plant-7", "lem").lines

    assert line.serial == "0012345"


def test_a_formula_that_was_never_calculated_is_a_fault_of_its_cell() -> None:
    roster = read(("edge-1", "", ""), ("", HOST_ID, ""), unsaved=frozenset({0}))

    assert {(fault.column, fault.letters) for fault in roster.faults} == {("device", "A")}


def test_an_accepted_repair_is_used_and_still_shown() -> None:
    roster = read(OTHER, ("edge-1", "1122334455", ""), accept="host_id: all")

    assert [device.host_id for device in roster.devices] == ["43e210471900", "001122334455"]
    assert not roster.proposed
    assert [repair.accepted for repair in roster.repaired] == [
        "line 3, column host_id: read '1122334455', used '001122334455', because the other host "
        "ids of the column have 12 hex digits: zeros before it were lost."
    ]


def test_a_line_waits_until_all_of_its_repairs_are_accepted() -> None:
    line = ("edge-1", f"{HOST_ID}\u00a0", "O2:df:39:32:24:99")

    assert read(line, accept="safe").proposed_lines
    assert read(line, accept="safe, mac: all").devices


def test_what_would_be_used_is_compared_with_the_other_lines() -> None:
    roster = read(
        ("edge-0", "001122334455", ""), ("edge-1", "1122334455", ""), ("edge-2", HOST_ID, MAC)
    )

    assert [device.name for device in roster.devices] == ["edge-2"]
    assert [place.number for place in roster.faulty_lines] == [2, 3]


def test_lines_that_say_the_same_are_one_device_if_a_person_says_so() -> None:
    lines = ("edge-1", HOST_ID, MAC), ("edge-1", HOST_ID, "02-DF-39-32-24-99")

    waiting, accepted = read(*lines), read(*lines, accept="line: all")

    assert [(r.place.number, r.use) for r in waiting.proposed] == [(2, "edge-1"), (3, "")]
    assert not waiting.lines
    assert [line.place.number for line in accepted.lines] == [2]
    assert len(accepted.repaired) == 2


def test_lines_that_are_the_same_to_the_letter_are_safe_to_use_once() -> None:
    line = ("edge-1", HOST_ID, MAC)

    assert [repair.is_safe for repair in read(line, line).proposed] == [True, True]
    assert read(line, line, ("edge-1", HOST_ID, "")).lines == ()  # one of them says less
    assert len(read(line, line, ("edge-1", HOST_ID, "")).faults) > 2


DAMAGE = st.sampled_from("\u00a0\u200b\u201c'\";.OI\u0430\uff11:- \u2013=e01,/") | st.sampled_from(
    ["0x", "E+11", "n/a"]
)
cells = st.one_of(
    st.sampled_from([HOST_ID, MAC, "1122334455", "NA", "TRUE", "", "02df.3932.2499", "edge-1"]),
    st.lists(st.sampled_from([HOST_ID, MAC, "43e2", "02:df"]) | DAMAGE, max_size=4).map("".join),
    st.text(max_size=16),
)


def normal(text: str) -> str:
    """What is left of a text without case and separators."""
    return "".join(
        c for c in text.lower() if c not in " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85:-._,;|/&+()[]"
    )


@ALL_EXAMPLES
@given(st.just("edge-1") | cells, st.just("") | cells, cells)
def test_whatever_a_cell_is_damaged_by_its_text_is_used_or_it_is_named(
    name: str, host_id: str, mac: str
) -> None:
    # A cell of blanks alone, whatever kind, says nothing.
    said = {
        column: text if text.strip() else ""
        for column, text in (("device", name), ("host_id", host_id), ("mac", mac))
    }
    for accept in ("none", "all"):
        roster = read(("edge-0", HOST_ID[:-2] + "00", ""), (name, host_id, mac), accept=accept)
        named = {f.column for f in roster.faults} | {
            r.column for r in (*roster.proposed, *roster.repaired)
        }
        for line in met(line for line in roster.lines if line.place.number == 3):
            device = line.device
            used = {
                "device": device.name,
                "host_id": device.host_id or "",
                "mac": "".join(device.macs),
            }
            if "mac" in named and not normal(said["host_id"]):  # a host id among the MACs
                named.add("host_id")
            unnamed = said.keys() - named
            assert {c: normal(used[c]) for c in unnamed if c != "mac"} == {
                c: normal(said[c]) for c in unnamed if c != "mac"
            }
            if "mac" in unnamed and "host_id" in unnamed:
                left = normal(said["mac"])
                for each in device.macs:
                    left = left.replace(normal(each), "")
                assert not left.replace("and", "")


@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4),
    st.sampled_from(["none", "safe", "all"]),
)
def test_every_line_is_used_or_faulty_or_waits_or_repeats_another(
    lines: list[tuple[str, str, str]], accept: str
) -> None:
    # Lines that are footnotes alone are no roster.
    full = [line for line in [*lines, ("edge-0", HOST_ID, "")] if any(map(str.strip, line))]
    roster = read(*full, accept=accept)

    used = [line.place for line in roster.lines]
    parts = [*used, *roster.faulty_lines, *roster.proposed_lines, *roster.repeated_lines]
    noted = 0 if not roster.notes else len(full) - len(parts)
    assert len(parts) + noted == len(full)
    assert len(set(parts)) == len(parts)


def test_repairs_of_one_cause_that_differ_are_shown_as_examples_and_equal_ones_as_they_are() -> (
    None
):
    differ = read(OTHER, ("edge-1", "11223344556", ""), ("edge-2", "11223344557", ""))
    equal = read(("edge-1", HOST_ID, "", "n/a"), ("edge-2", "", MAC, "n/a"))

    assert [each.reason.startswith("such as") for each in repairs_by_cause(differ.proposed)] == [
        True
    ]
    assert [each.reason.startswith("such as") for each in repairs_by_cause(equal.proposed)] == [
        False
    ]
