"""`muster check`: what is wrong with a roster, for people and for programs, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.roster.reading import reading_of
from sheets.read import read
from systems.registry import systems
from tests.command.exit_code import exit_code
from tests.sheets.books import xlsx

ROOT = Path(__file__).parents[2]
PLANT = """\
device,Host ID,MAC Addr,site,owner
edge-1,43e210471948,02:00:00:00:00:11,plant-7,me
edge-2,43e210471949,02:zz,plant-8,you
edge-3,,,,
"""


@pytest.fixture
def sent(tmp_path):
    """A file with a faulty line."""
    file = tmp_path / "plant.csv"
    file.write_text(PLANT)
    return file


def checked(capsys, *arguments: str):
    code = exit_code("check", *arguments, "--json")
    return code, json.loads(capsys.readouterr().out)


def test_one_object_has_every_line_in_order_also_the_faulty_one(sent, capsys):
    code, found = checked(capsys, str(sent))

    assert code == 2
    assert [*found["mapping"]] == ["device", "Host ID", "MAC Addr", "site"]
    [message] = found["devices"][1].pop("messages")
    assert "02:zz" in message
    assert found == {
        "devices": [
            {
                "name": "edge-1",
                "label": "",
                "host_id": "43e210471948",
                "macs": ["02:00:00:00:00:11"],
                "site": "plant-7",
                "where": "line 2",
                "status": "ok",
                "messages": [],
            },
            {
                "name": "edge-2",
                "label": "",
                "host_id": "43e210471949",
                "macs": [],
                "site": "plant-8",
                "where": "line 3",
                "status": "faulty",
            },
            {
                "name": "edge-3",
                "label": "",
                "host_id": None,
                "macs": [],
                "site": "",
                "where": "line 4",
                "status": "ok",
                "messages": [],
            },
        ],
        "mapping": {
            "device": "device",
            "Host ID": "host_id",
            "MAC Addr": "mac",
            "site": "site",
        },
        "unused": ["owner"],
    }


def test_nothing_wrong_is_0(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("device\nedge-1\n")

    code, found = checked(capsys, str(file))

    assert code == 0
    assert [each["status"] for each in found["devices"]] == ["ok"]


def test_what_a_column_is_can_be_said(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("Asset tag,place,mac\nedge-1,hall,02:00:00:00:00:11\n")

    _, found = checked(capsys, str(file), "--column", "Asset tag=device", "--column", "mac=")

    assert found["mapping"] == {"Asset tag": "device"}
    assert found["unused"] == ["place", "mac"]
    assert found["devices"][0]["macs"] == []


def test_a_repair_is_proposed_and_used_once_it_is_accepted(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("device,mac\nEdge 1,02:00:00:00:00:11\n")

    code, found = checked(capsys, str(file))
    accepted, then = checked(capsys, str(file), "--accept-repairs", "all")

    assert (code, found["devices"][0]["status"]) == (2, "repair")
    assert found["devices"][0]["messages"]
    assert (accepted, then["devices"][0]["status"]) == (0, "ok")


@pytest.mark.parametrize("wrong", [["--column", "mac=tag"], ["--accept-repairs", "some"]])
def test_a_choice_that_is_none_is_one_message(sent, capsys, wrong):
    assert exit_code("check", str(sent), *wrong, "--json") == 1

    assert json.loads(capsys.readouterr().out)["error"]


def test_with_a_site_the_lines_of_another_are_left_out(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("device,site\nedge-1,plant-7\nedge-2,plant-8\n")

    code, found = checked(capsys, str(file), "--site", "plant-7")

    assert code == 0
    assert [each["name"] for each in found["devices"]] == ["edge-1"]


@pytest.mark.parametrize(("title", "field"), [("Location", None), ("Plant", "site")])
def test_where_a_device_is_may_be_a_hall_and_is_no_site_unless_one_is_asked_for(
    tmp_path, capsys, title, field
):
    file = tmp_path / "plant.csv"
    file.write_text(f"device,{title}\nedge-1,plant-7\nedge-2,plant-8\n")

    _, found = checked(capsys, str(file))
    _, of_site = checked(capsys, str(file), "--site", "plant-7")

    assert found["mapping"].get(title) == field
    assert of_site["mapping"][title] == "site"
    assert [each["name"] for each in of_site["devices"]] == ["edge-1"]


def test_devices_of_two_sites_may_have_one_name_and_no_other_thing_in_common(tmp_path, capsys):
    file = tmp_path / "plants.csv"
    file.write_text(
        "device,site,mac\nedge-1,plant-7,02:00:00:00:00:11\nedge-1,plant-8,\nedge-2,plant-8,\n"
        "edge-2,Plant 8,02:00:00:00:00:13\nedge-3,plant-9,02:00:00:00:00:11\n"
    )

    _, found = checked(capsys, str(file))

    assert [each["status"] for each in found["devices"]] == [
        "faulty",
        "ok",
        "faulty",
        "faulty",
        "faulty",
    ]
    assert ["edge-1" in message for message in found["devices"][0]["messages"]] == [False]


def test_a_file_of_which_no_line_can_be_used_is_shown_line_by_line(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("device,mac\nedge-1,02:zz\n,02:00:00:00:00:11\n")

    code, found = checked(capsys, str(file))

    assert code == 2
    assert [(each["name"], each["status"]) for each in found["devices"]] == [
        ("edge-1", "faulty"),
        ("", "faulty"),
    ]


def test_cells_of_a_workbook_have_addresses(tmp_path, capsys):
    file = tmp_path / "plant.xlsx"
    file.write_bytes(
        xlsx({"Devices": [["device", "host_id", "mac"], ["edge-1"], ["edge-2", None, "02:zz"]]})
    )

    _, found = checked(capsys, str(file))

    assert [each["where"] for each in found["devices"]] == ["Devices!A2", "Devices!C3"]


@pytest.mark.process
def test_a_file_may_come_by_the_input():
    done = subprocess.run(
        [sys.executable, "-m", "command", "check", "-", "--json"],
        cwd=ROOT,
        input=PLANT.encode("utf-16"),
        capture_output=True,
    )

    assert done.returncode == 2
    assert len(json.loads(done.stdout)["devices"]) == 3


@pytest.mark.parametrize("content", [None, "", "no roster\n", "device\n", "\0\1"])
def test_what_cannot_be_read_is_1_with_one_message_and_an_object_that_says_so(
    tmp_path, capsys, content
):
    file = tmp_path / "plant.csv"
    if content is not None:
        file.write_text(content)

    code = exit_code("check", str(file), "--json")

    shown = capsys.readouterr()
    found = json.loads(shown.out)
    assert code == 1
    assert shown.err == f"{found.pop('error')}\n"
    assert found == {"devices": [], "mapping": {}, "unused": []}


def test_a_person_sees_columns_then_faults_then_what_to_do(sent, capsys):
    assert exit_code("check", str(sent)) == 2

    shown = capsys.readouterr().out
    order = [shown.index(each) for each in ("Host ID", "owner", "line 3", f"check {sent}")]
    assert order == sorted(order)


def test_faults_of_one_cause_are_said_once_with_their_lines(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    lines = "".join(f"edge-{number},02:zz\n" for number in range(1000))
    file.write_text(f"device,mac\n{lines}")

    exit_code("check", str(file))

    shown = capsys.readouterr().out
    assert len(shown) < 3000
    assert "lines 2, 3" in shown


def test_the_marked_copy_says_all_of_it_beside_each_line(sent, tmp_path, capsys):
    copy = tmp_path / "marked.csv"

    assert exit_code("check", str(sent), "--marked", str(copy)) == 2
    before = checked(capsys.readouterr() and capsys, str(sent))

    assert ",faulty," in copy.read_text().splitlines()[2]
    assert checked(capsys, str(copy)) == before


@pytest.mark.parametrize("name", ["plant.csv", "marked.xlsx", "nowhere/marked.csv"])
def test_a_marked_copy_is_not_written_over_the_roster_nor_by_a_wrong_name(
    sent, tmp_path, capsys, name
):
    assert exit_code("check", str(sent), "--marked", str(tmp_path / name), "--json") == 1

    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"] == shown.err.rstrip("\n")
    assert [*tmp_path.iterdir()] == [sent]
    assert sent.read_text() == PLANT


def test_a_marked_copy_replaces_nothing_unless_that_is_said(sent, tmp_path, capsys):
    other = tmp_path / "kept.csv"
    other.write_text("of somebody")

    assert exit_code("check", str(sent), "--marked", str(other)) == 1
    assert other.read_text() == "of somebody"
    for each in (other, sent):
        assert exit_code("check", str(sent), "--marked", str(each), "--force") == 2
        assert ",faulty," in each.read_text()


def shown_of(file, capsys, *arguments: str) -> str:
    exit_code("check", str(file), *arguments)
    return capsys.readouterr().out


def guesses(tmp_path, number: int = 5):
    """A file with host ids that lost their zeros, each another one."""
    file = tmp_path / "plant.csv"
    lines = "".join(f"edge-{n},112233{n:05}\n" for n in range(number))
    file.write_text(f"device,host_id\nedge-x,43e210471948\n{lines}")
    return file


def test_a_row_hides_no_repair_that_reads_or_uses_something_else(tmp_path, capsys):
    shown = shown_of(guesses(tmp_path), capsys)

    pairs = [line.split()[3:5] for line in shown.splitlines() if " a guess" in line]
    assert pairs == [[f"112233{n:05}", f"0112233{n:05}"] for n in range(5)]


def test_of_very_many_repairs_the_others_are_counted(tmp_path, capsys):
    shown = shown_of(guesses(tmp_path, 1000), capsys)

    assert "900 more" in shown
    assert "--json" in shown


def test_guesses_are_shown_before_what_is_safe(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    safe = "".join(f"edge {number},43e2104719{number:02}\n" for number in range(10, 99))
    more = "".join(f"edge {number},43e210473{number:03}\n" for number in range(100, 200))
    file.write_text(f"device,host_id\n{safe}{more}edge-9,11223344556\n")

    assert " 011223344556 " in shown_of(file, capsys)


def test_faults_of_other_texts_have_rows_of_their_own(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text("device,mac\nedge-1,02:zz\nedge-2,02:yy\n,\n,02:00:00:00:00:11\n")

    shown = shown_of(file, capsys)

    assert "02:zz" in shown
    assert "02:yy" in shown


def test_no_identity_is_cut_or_broken_not_even_on_a_narrow_terminal(tmp_path, capsys):
    from command.checked_table import show

    file = tmp_path / "plant.csv"
    mac, name = "02-df-39-32-24-99", "Press-04-south-of-the-second-hall"
    file.write_text(f"device,mac\n{name}!,{mac};02df39.322498,\n{name},02:zz:39:32:24:99\n")
    reading = reading_of(read(file.read_bytes()))

    for width in (None, 40, 80):
        show("plant.csv", reading, width)
        shown = capsys.readouterr().out
        assert f" {name}! " in shown
        assert "02:zz:39:32:24:99" in shown
    show("plant.csv", reading)
    assert max(map(len, capsys.readouterr().out.splitlines())) > 80


def test_cells_of_the_only_sheet_need_not_name_it(tmp_path, capsys):
    file = tmp_path / "plant.xlsx"
    file.write_bytes(xlsx({"Devices": [["device", "mac"], ["edge-1", "02:zz"], ["edge-2"]]}))

    shown = shown_of(file, capsys)

    assert " B2 " in shown
    assert "Devices!" not in shown


def test_the_last_line_counts_what_each_yes_makes_usable(tmp_path, capsys):
    file = tmp_path / "plant.csv"
    file.write_text(
        "device,host_id\nedge-1,43e210471948\nedge 2,43e210471949\nedge-3,11223344556\n"
        "edge-1,43e210471948\n"
    )

    none, safe, every = (
        shown_of(file, capsys, "--accept-repairs", each).splitlines()[-1]
        for each in ("none", "safe", "all")
    )

    assert "0 can be used" in none
    assert "safe, 1 more only with all" in none
    assert "repairs safe" not in safe
    assert "1 only with --accept-repairs all" in safe
    assert "1 left out" in safe
    assert "nothing is wrong" in every
    assert "only with" not in every


@pytest.mark.process
def test_it_brings_neither_prefect_nor_a_ledger(sent):
    program = (
        "import sys\nfrom command.muster import main\n"
        f"try: main(['check', {str(sent)!r}])\n"
        "finally: print([each for each in sys.modules if each.split('.')[0] in "
        "('prefect', 'sqlalchemy', 'ledger', 'httpx', 'pandas', 'connections')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={}, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_column_system_is_known_by_the_connections_that_each_system_has_by_default():
    from command.check import _CONNECTIONS

    assert set(_CONNECTIONS) == {each.connection for each in systems()}
