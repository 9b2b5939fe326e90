"""What a plan says is what is done, and nothing is done where the world has changed since."""

import asyncio
import re

import pytest

from flows.onboard_site import onboard_site
from flows.plan_site import plan_site
from ledger.session import open_ledger
from tests.flows.site import SITE, changes, device, devices, mixed, roster


def plan(text, site=SITE, **form):
    """The state in which a plan's run ended, and the plan's name."""
    state = asyncio.run(plan_site(site, text, **form, return_state=True))
    found = re.search(r"Plan ([0-9a-f]{16})\.", state.message)
    return state, found and found[1]


def plan_of(name):
    with open_ledger() as ledger:
        return ledger.site_plans.find(name, SITE).plan


def test_a_plan_changes_nothing_and_says_what_becomes_of_each_line(lem, tmp_path):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)

    state, name = plan(roster(booted) + "\nedge-003,not a host id,")

    assert (state.name, changes(lem)) == ("Completed", {})
    assert state.message.startswith("plant-7: 1 faulty, 2 create. Plan ")
    assert [(line.device, line.change) for line in plan_of(name).lines] == [
        ("edge-001", "create"),
        ("edge-002", "create"),
        ("edge-003", "faulty"),
    ]
    page, table = sorted((tmp_path / "reports").glob("plan-plant-7-*"), key=lambda p: p.suffix)[
        ::-1
    ]
    assert name in page.read_text()
    assert "not a host id" in page.read_text()
    assert len(table.read_text().splitlines()) == 4


def test_a_plan_is_applied_exactly(lem, ended):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    _, name = plan(roster(booted))

    state = ended(onboard_site, SITE, plan=name)

    assert (state.name, changes(lem)) == ("Completed", {"config": 1, "status": 2})
    assert plan(roster(booted))[0].name == "No changes"


def test_all_that_the_form_of_the_plan_said_is_done(lem, ended):
    booted = devices(1)
    lem.control("lem/boot", devices=booted)
    _, name = plan(roster(booted), approval="human")

    state = ended(onboard_site, SITE, plan=name, wait_minutes=0)

    assert state.name == "Waiting"
    assert changes(lem) == {"config": 1}


def test_what_columns_were_chosen_to_be_is_a_part_of_the_plan(lem, ended):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    text = roster(booted).replace("device,", "what,")
    state, name = plan(text, columns="what = device")

    done = ended(onboard_site, SITE, plan=name)

    assert "2 create" in state.message
    assert (done.name, changes(lem)) == ("Completed", {"config": 1, "status": 2})
    assert plan(text)[0].name == "No changes"
    assert plan_of(plan(text)[1]).order["remembered"] == {"what": "device"}


def test_a_plan_whose_columns_mean_another_machine_since_is_refused(
    lem, ended, tmp_path, monkeypatch
):
    exports, (one,) = tmp_path / "exports", devices(1)
    exports.mkdir()
    monkeypatch.setenv("MUSTER_EXPORTS", str(exports))
    said = "product: Ours\nrecognized by: [Name, Old, New]\ncolumns: {Name: device, %s: host_id}\n"
    (exports / "ours.yaml").write_text(said % "Old")
    _, name = plan(f"Name,Old,New\nedge-001,{one['host_id']},43e210471948\n")

    (exports / "ours.yaml").write_text(said % "New")
    state = ended(onboard_site, SITE, plan=name)

    assert (state.name, changes(lem)) == ("Failed", {})
    assert "43e210471948" in state.message


def test_a_plan_is_refused_once_something_else_was_chosen_of_the_columns_of_its_site(lem, ended):
    (one, two) = devices(2)
    lem.control("lem/boot", devices=[one, two])
    text = roster([one]).replace("device,", "what,")
    ended(onboard_site, SITE, roster=text, columns="what = device")
    _, name = plan(roster([one, two]).replace("device,", "what,"))
    ended(onboard_site, SITE, roster=roster([one]) + "\n", columns="device = device")
    before = changes(lem)

    state = ended(onboard_site, SITE, plan=name)

    assert (state.name, changes(lem)) == ("Failed", before)
    assert "The order's remembered was" in state.message


def test_a_plan_whose_world_has_changed_is_refused_line_by_line(lem, ended):
    booted = devices(2)
    lem.control("lem/boot", devices=booted[:1])
    _, name = plan(roster(booted))
    ended(onboard_site, SITE, roster(booted[:1]))
    before = changes(lem)

    state = ended(onboard_site, SITE, plan=name)

    assert (state.name, changes(lem)) == ("Failed", before)
    assert "line 2 edge-001: was planned as create" in state.message
    assert "is now unchanged" in state.message
    assert "edge-002" not in state.message


def test_a_device_that_another_site_has_is_a_conflict(lem, ended):
    booted = devices(1)
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, "plant-8", roster(booted))

    state, name = plan(roster(booted))

    [line] = plan_of(name).lines
    assert (state.name, line.change) == ("No changes", "conflict")
    assert "edge-001 of site plant-8" in line.reason


def test_a_policy_that_has_changed_since_is_named(lem, ended, tmp_path, monkeypatch):
    booted = devices(1)
    _, name = plan(roster(booted))
    folder = tmp_path / "policies" / "sites"
    folder.mkdir(parents=True)
    (folder / "plant-7.yaml").write_text("policy: human\n")
    monkeypatch.setenv("MUSTER_POLICIES", str(folder.parent))

    state = ended(onboard_site, SITE, plan=name)

    assert (state.name, changes(lem)) == ("Failed", {})
    assert "The policy for lem was" in state.message


def test_a_plan_that_was_begun_is_carried_on(lem, ended):
    booted = [device(1), device(2, "never")]
    lem.control("lem/boot", devices=booted)
    _, name = plan(roster(booted))
    first = ended(onboard_site, SITE, plan=name, wait_minutes=0)
    done = changes(lem)["config"]

    second = ended(onboard_site, SITE, plan=name, wait_minutes=0)

    assert (first.name, second.name) == ("Waiting", "Waiting")
    assert changes(lem)["config"] == done == 1


def test_a_plan_that_was_done_revives_nothing_a_second_time(lem, ended):
    text = mixed(gateways=1)
    ended(onboard_site, SITE, text)
    [gateway] = lem.control("provision_api/state")["devices"]
    lem.control("provision_api/revoke", device_id=gateway["device_id"])
    _, name = plan(text, register_again=True)
    assert ended(onboard_site, SITE, plan=name).name == "Completed"
    lem.control("provision_api/revoke", device_id=gateway["device_id"])

    state = ended(onboard_site, SITE, plan=name)

    [gateway] = lem.control("provision_api/state")["devices"]
    assert (state.name, gateway["status"]) == ("Failed", "REVOKED")


def test_a_plan_of_no_usable_line_says_why_and_asks_no_system(lem, ended):
    state, name = plan("device,host_id\nedge-1,NA\n")

    assert state.name == "No changes"
    assert [line.change for line in plan_of(name).lines] != []
    assert lem.control("calls")["calls"] == []

    applied = ended(onboard_site, SITE, plan=name)
    assert (applied.name, "can be used" in applied.message) == ("Failed", True)
    assert lem.control("calls")["calls"] == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"plan": "0" * 16}, "has no plan"),
        ({"plan": "0" * 16, "roster": "device\nedge-1"}, "not both"),
        ({"plan": "0" * 16, "dry_run": True}, "dry run already"),
        ({}, "No roster was given"),
    ],
)
def test_what_cannot_be_applied_is_refused_plainly(lem, ended, more, said):
    state = ended(onboard_site, SITE, **more)

    assert state.name == "Failed"
    assert said in state.message
    assert changes(lem) == {}


def test_a_plan_for_another_site_is_refused(lem, ended):
    _, name = plan(roster(devices(1)))

    state = ended(onboard_site, "plant-8", plan=name)

    assert (state.name, changes(lem)) == ("Failed", {})
    assert "is for plant-7" in state.message


def test_a_revoked_device_is_revived_only_on_an_explicit_word(lem, ended):
    text = mixed(cameras=1, gateways=1)
    _, name = plan(text)
    assert [line.change for line in plan_of(name).lines] == ["create", "create"]
    assert ended(onboard_site, SITE, plan=name).name == "Completed"
    (gateway,) = lem.control("provision_api/state")["devices"]
    lem.control("provision_api/revoke", device_id=gateway["device_id"])

    state, name = plan(text)
    assert (state.name, state.message.split(". ")[0]) == (
        "No changes",
        "plant-7: 1 revive, 1 unchanged",
    )
    state, name = plan(text, register_again=True)
    assert state.name == "Completed"

    assert ended(onboard_site, SITE, plan=name).name == "Completed"
    assert [each["status"] for each in lem.control("provision_api/state")["devices"]] == ["ACTIVE"]
