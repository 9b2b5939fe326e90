"""`muster plan` and `muster onboard`: what is refused before a server starts, what is shown."""

import csv
import json

import pytest

from command.first_ledger import place, ready
from command.open_lines import reports, show, what_next
from command.shown_plan import show as show_plan
from command.shown_plan import show_json
from fleet.planning.change import Change
from fleet.planning.site_plan import PlannedLine, SitePlan
from fleet.state.device_state import State
from tests.command.exit_code import exit_code

SITE = ("--site", "plant-7")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder without a ledger, and a roster in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MUSTER_LEDGER_URL", raising=False)
    monkeypatch.delenv("MUSTER_LEDGER_KEY_FILE", raising=False)
    (tmp_path / "july.csv").write_text("device\nedge-001\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("plan", "july.csv", "--site", "Plant 7"), "such as plant-7"),
        (("plan", "none.csv", *SITE), "none.csv cannot be read"),
        (("plan", ".", *SITE), "cannot be read"),
        (("plan", "july.csv", *SITE, "--connection", "My LEM"), "--connection"),
        (("plan", "july.csv", *SITE, "--accept-repairs", "some"), "none, safe or all"),
        (("plan", "july.csv", *SITE, "--column", "Asset tag=thing"), "'thing'"),
        (("plan", "july.csv", *SITE, "--approval", "nobody"), "--approval"),
        (("plan", "july.csv", *SITE, "--activated-by", "nobody"), "--activated-by"),
        (("plan", "july.csv", *SITE, "--existing-code", "a-b"), "--existing-code"),
        (("onboard", *SITE), "muster onboard FILE --site plant-7"),
        (("onboard", "july.csv", *SITE, "--plan", "0" * 16), "not both"),
        (("onboard", *SITE, "--plan", "mine"), "--plan"),
        (("onboard", "july.csv", *SITE, "--wait-minutes", "-1"), "--wait-minutes"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_leaves_no_ledger(folder, capsys, words, named):
    assert exit_code(*words) == 1

    said = capsys.readouterr()
    assert named in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert not (folder / "var").exists()


@pytest.mark.sqlite
@pytest.mark.parametrize("is_left_empty", [False, True])
def test_a_ledger_is_made_where_there_is_none(folder, capsys, is_left_empty):
    if is_left_empty:
        (folder / "var").mkdir()
        (folder / "var/ledger.db").touch()

    ready()
    ready()

    assert place() == str(folder / "var/ledger.db")
    assert capsys.readouterr().err.count(place()) == 1


@pytest.fixture
def made():
    line = PlannedLine("line 2", "edge-001", "lem", Change.CREATE, "make a code", (), "it is new")
    policies = {"lem": "sites/plant-7 5a0e", "acusight": "exact-match"}
    return SitePlan("plant-7", "00", {}, policies, (line,))


def test_a_plan_says_which_ledger_and_which_policy_hold(folder, made, capsys):
    show_plan(made, "one line")

    shown = capsys.readouterr().out
    assert f"Ledger: {place()}\n" in shown
    assert f"{folder}/policies/sites/plant-7.yaml" in shown
    assert "Policy for acusight: exact-match" in shown


def test_a_plan_is_one_object_for_programs(folder, made, capsys):
    show_json(made)

    facts = json.loads(capsys.readouterr().out)
    assert (facts["site"], facts["plan"], facts["has_changes"]) == ("plant-7", made.id, True)
    assert facts["lines"][0]["device"] == "edge-001"


def test_a_run_shows_each_line_that_is_not_in_service_and_what_is_next(folder, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_REPORTS", str(folder))
    before = reports("plant-7")
    with (folder / "onboarding-plant-7-20261130T073734Z.csv").open("w", encoding="utf-8-sig") as to:
        table = csv.writer(to)
        table.writerow(["line", "device", "state", "reason"])
        table.writerow([1, "edge-001", State.IN_SERVICE.record.label, ""])
        table.writerow([2, "edge-002", State.HELD.record.label, "another MAC"])
        table.writerow([3, "edge-003", State.WAITING.record.label, "no request yet"])

    show(reports("plant-7") - before)

    shown = capsys.readouterr().out
    assert "edge-001" not in shown
    assert all(word in shown for word in ("edge-002", "edge-003", "run this again", "muster up"))


@pytest.mark.parametrize("state", [*(each for each in State if each is not State.IN_SERVICE)])
def test_every_state_has_something_next(state):
    assert what_next(state.record.label)
