"""Each kind of finding, made in the simulator, found by a night, and acted on exactly once."""

import json
from collections import Counter
from csv import DictReader
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from fleet.device.device import Device
from fleet.status.status import State
from flows.onboard_site import onboard_site
from flows.provision_device import provision_device
from flows.reconcile_sites import reconcile_sites
from flows.retire_device import retire_device
from simulator.settings import ProvisionApiSettings
from tests.flows.site import (
    SITE,
    approvals,
    at_work,
    changes,
    device,
    devices,
    mixed,
    posts,
    roster,
    without_wait_limit,
)

EDGE = Device(name="edge-001", host_id="000000000001")
OTHER = Device(name="edge-002", host_id="000000000002")
AT_ONCE = """
pending: {after: 0}
approval_not_shown: {after: 0}
stuck: {after: 0}
held: {after: 0}
unknown: {after: 0}
failed: {do: report}
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    """Writes the night's rules; without it, everything is reported at once and nothing done."""
    file = tmp_path / "night-rules.yaml"
    monkeypatch.setenv("MUSTER_NIGHT_RULES", str(file))
    file.write_text(AT_ONCE)
    return file.write_text


@pytest.fixture
def one_clock(lem, monkeypatch):
    """Lets the flows' time be that of the simulator, which can be moved on."""
    monkeypatch.setenv("MUSTER_CLOCK_URL", lem.url)
    monkeypatch.setenv("MUSTER_LEDGER_LEASE", "P1D")


@pytest.fixture
def night(rules):
    """Runs one night."""
    return lambda **more: without_wait_limit(reconcile_sites, **more)


@pytest.fixture
def found(engine):
    """What is wrong now, as the ledger has it: (kind, subject)."""

    def read():
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT kind, subject FROM finding WHERE ended_at IS NULL ORDER BY kind")
            )
            return [tuple(row) for row in rows]

    return read


@pytest.fixture
def onboard(ended):
    def run(booted, **more):
        return ended(onboard_site, SITE, roster(booted), **({"wait_minutes": 1} | more))

    return run


def test_a_converged_site_is_proved_and_nothing_is_found(lem, onboard, night, found):
    lem.control("lem/boot", devices=devices(3))
    onboard(devices(3))
    lem.clear("calls")

    state = night()

    assert state.name == "Completed"
    assert state.message.startswith("3 of 3 devices in service. Report: ")
    assert (found(), changes(lem)) == ([], {})


def test_one_observation_serves_all_sites_of_a_connection(lem, ended, night):
    lem.control("lem/boot", devices=devices(4))
    for number, site in enumerate(("plant-1", "plant-2"), 1):
        ended(onboard_site, site, roster([device(number), device(number + 2)]))
    lem.clear("calls")

    night()

    calls = lem.control("calls")["calls"]
    lists = {c["path"].rpartition("/")[2]: c["count"] for c in calls if c["method"] == "GET"}
    assert max(lists.values()) == 1, lists


def test_a_device_that_never_asked_is_pending(lem, onboard, night, found):
    onboard(devices(1), wait_minutes=0)

    night()

    assert found() == [("pending", "edge-001")]


def test_a_failed_device_is_retried_with_growing_gaps_and_then_left_to_a_hand(
    lem, onboard, rules, night, found, monkeypatch
):
    monkeypatch.setenv("MUSTER_RETRIES", "0")
    lem.control("lem/boot", devices=[device(1, "fails-always")])
    onboard([device(1)])
    rules("failed: {do: retry, times: 2, gap: 0}\n")
    lem.clear("calls")

    names = [night().name for _ in range(4)]

    assert found() == [("failed", "edge-001")]
    assert changes(lem) == {"request-retry-provision": 2}
    assert names == ["Completed", "Needs attention", "Needs attention", "Needs attention"]


def test_a_failed_device_that_a_retry_brings_in_is_found_no_more(
    lem, onboard, rules, night, found, monkeypatch
):
    monkeypatch.setenv("MUSTER_RETRIES", "0")
    lem.control("lem/boot", devices=[device(1, "fails-once")])
    onboard([device(1)])
    rules("failed: {do: retry, times: 3, gap: 1h}\n")

    first = night()
    lem.control("clock", advance_seconds=600)
    second = night()

    assert first.name == "Completed"
    assert "1 of 1 device in service" in second.message
    assert found() == []


def test_a_device_whose_tunnel_is_blocked_is_stuck(lem, onboard, night, found, engine):
    lem.control("lem/boot", devices=[device(1, "stuck-approved")])
    onboard([device(1)], wait_minutes=0)
    onboard([device(1)], wait_minutes=0)

    night()

    assert found() == [("stuck", "edge-001")]
    with engine.connect() as connection:
        reason = connection.execute(text("SELECT reason FROM finding")).scalar_one()
    assert "UDP 51820" in reason


def test_a_device_whose_approval_lem_answers_and_does_not_show_is_no_blocked_tunnel(
    lem, onboard, night, found, engine
):
    lem.control("lem/boot", devices=[device(1, "approval-ignored")])
    onboard([device(1)], wait_minutes=0)
    onboard([device(1)], wait_minutes=0)
    onboard([device(1)], wait_minutes=0)
    night()
    seen = found()
    with engine.connect() as connection:
        reason = connection.execute(text("SELECT reason FROM finding")).scalar_one()
        state = connection.execute(text("SELECT state FROM device")).scalar_one()
    asked = changes(lem)["status"]
    (request,) = lem.control("lem/state")["requests"]
    lem.control("lem/approve", entryID=request["entry_id"])
    lem.control("clock", advance_seconds=600)
    after = night()

    assert seen == [("approval_not_shown", "edge-001")]
    assert reason == "LEM answered its approval, and does not show it"
    assert state == State.APPROVAL_NOT_SHOWN
    assert asked == 1
    assert "1 of 1 device in service" in after.message
    assert found() == []


def test_a_request_that_is_deleted_after_its_approval_is_asked_for_again(
    lem, onboard, night, found, engine
):
    lem.control("lem/boot", devices=[device(1, "stuck-approved")])
    onboard([device(1)], wait_minutes=0)
    onboard([device(1)], wait_minutes=0)
    (request,) = lem.control("lem/state")["requests"]
    lem.control("lem/delete-request", entryID=request["entry_id"])
    night()

    assert found() == [("approval_not_shown", "edge-001")]
    with engine.connect() as connection:
        reason = connection.execute(text("SELECT reason FROM finding")).scalar_one()
    assert reason.startswith("LEM answered its approval, and shows its request no more; boot it")


def test_a_code_that_expired_with_devices_still_due_is_made_again_once(
    lem, onboard, rules, night, found, one_clock
):
    onboard(devices(2), wait_minutes=0)
    lem.control("clock", advance_seconds=8 * 24 * 3600)
    rules("enrollment_ended: {do: re-enroll, times: 1}\npending: {after: 99d}\n")
    lem.clear("calls")

    state = night()
    messages = found()
    night()

    assert [kind for kind, _ in messages] == ["enrollment_ended"] * 2
    assert "2 actions done" in state.message
    assert changes(lem)["config"] == 1
    assert found() == []


def test_a_device_that_was_taken_off_its_roster_is_reported(lem, onboard, night, found):
    lem.control("lem/boot", devices=devices(2))
    onboard(devices(2))
    onboard(devices(1))

    night()

    assert found() == [("unlisted", "edge-002")]


def test_a_machine_that_somebody_admitted_at_lem_s_page_is_reported(lem, onboard, night, found):
    lem.control("lem/boot", devices=[*devices(1), device(9, "unknown-device")])
    onboard(devices(1))
    unknown_device = next(
        r for r in lem.control("lem/state")["requests"] if r["state"] == "pending"
    )
    lem.control("lem/approve", entryID=unknown_device["entry_id"])
    lem.control("clock", advance_seconds=600)

    night()

    assert [kind for kind, _ in found()] == ["unlisted"]


def test_a_device_that_lem_lists_no_more_is_missing(lem, onboard, night, found, tmp_path):
    lem.control("lem/boot", devices=devices(2))
    onboard(devices(2))
    missing = next(r for r in lem.control("lem/state")["requests"] if r["host_id"] == f"{2:012x}")
    lem.control("lem/delete-device", device_id=missing["device_id"])

    state = night()

    assert found() == [("missing", "edge-002")]
    assert state.name == "Needs attention"
    (table,) = (tmp_path / "reports").glob("night-*-devices.csv")
    rows = DictReader(table.read_text("utf-8-sig").splitlines())
    states = {row["device"]: row["state"] for row in rows}
    assert states == {"edge-001": "in service", "edge-002": "missing"}


def test_a_device_whose_request_somebody_deleted_is_not_missing(lem, onboard, night, found):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    (request,) = lem.control("lem/state")["requests"]
    lem.control("lem/delete-request", entryID=request["entry_id"])

    state = night()

    assert state.message.startswith("1 of 1 device in service.")
    assert found() == []


def test_a_device_that_provision_api_has_under_another_site_is_reported(
    start_lem, ended, night, found
):
    simulator = start_lem()
    ended(onboard_site, SITE, mixed(gateways=1))
    known = {"tenant_id": "tenant-a", "device_id": "gw-1", "site_id": "plant-9"}
    simulator.control("provision_api/register", devices=[known])

    night()

    assert found() == [("wrong_site", "gw-1")]


def test_a_device_that_was_retired_here_and_is_alive_there_is_reported(
    start_lem, ended, night, found
):
    simulator = start_lem()
    ended(onboard_site, SITE, mixed(gateways=1))
    without_wait_limit(retire_device, SITE, "gw-1", connection="provision-api", watch_minutes=0)
    quiet = night() and found()
    known = {"tenant_id": "tenant-a", "device_id": "gw-1", "site_id": SITE}
    message = simulator.control("provision_api/register", devices=[known])
    simulator.control(
        "provision_api/boot", devices=[{"device_id": "gw-1", "code": message["codes"]["gw-1"]}]
    )

    night()

    assert quiet == []
    assert found() == [("retired_in_service", "gw-1")]


def test_a_retired_device_whose_code_is_still_good_is_reported(start_lem, ended, night, found):
    start_lem()
    ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device", wait_minutes=0)
    without_wait_limit(retire_device, SITE, "gw-1", connection="provision-api", watch_minutes=0)

    night()

    assert found() == [("revivable", "gw-1")]


def test_a_device_that_is_retired_before_it_asks_is_admitted_by_no_night(
    lem, onboard, night, found
):
    onboard(devices(1), wait_minutes=0)
    without_wait_limit(retire_device, SITE, "edge-001", connection="lem", watch_minutes=0)
    lem.control("lem/boot", devices=devices(1))
    lem.control("clock", advance_seconds=60)

    night(report=False)
    night()

    assert (approvals(lem), found()) == ({}, [])


def test_a_device_that_is_yet_to_be_retired_by_hand_is_reported(lem, onboard, night, found):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    by_people = without_wait_limit(retire_device, SITE, "edge-001", connection="lem")
    night()
    message = found()
    (request,) = lem.control("lem/state")["requests"]
    lem.control("lem/delete-device", device_id=request["device_id"])
    night()

    assert by_people.name == "By hand"
    assert message == [("retired_in_service", "edge-001")]
    assert found() == []


def test_a_device_of_the_roster_that_was_turned_away_is_reported(lem, onboard, ended, night, found):
    onboard(devices(1), wait_minutes=0)
    lem.control("lem/boot", devices=devices(1))
    ended(provision_device, SITE, EDGE, decision="reject")

    night()

    assert found() == [("rejected", "edge-001")]


def test_a_code_that_others_used_up_is_reported_of_those_still_due(
    lem, onboard, rules, night, found
):
    onboard(devices(2), wait_minutes=0)
    lem.control("lem/boot", devices=[*devices(1), device(9, "unknown-device")])
    onboard(devices(2), wait_minutes=0)
    unknown_device = next(
        r for r in lem.control("lem/state")["requests"] if r["state"] == "pending"
    )
    lem.control("lem/approve", entryID=unknown_device["entry_id"])
    lem.control("clock", advance_seconds=600)
    rules("enrollment_ended: {do: report}")

    night()

    assert ("enrollment_ended", "edge-002") in found()


def test_a_request_that_is_held_too_long_can_be_rejected_by_rule_once(
    lem, onboard, rules, night, found
):
    lem.control("lem/boot", devices=[*devices(1), device(9, "unknown-device")])
    onboard(devices(1))
    lem.clear("calls")

    messages = night() and found()
    rules("held: {after: 0, do: reject}\n")
    night()
    night()

    assert [kind for kind, _ in messages] == ["held"]
    states = Counter(r["state"] for r in lem.control("lem/state")["requests"])
    assert states == {"activated": 1, "rejected": 1}
    assert changes(lem) == {"status": 1}
    assert found() == []


def test_a_list_that_ended_at_its_limit_is_reported(start_lem, ended, night, found):
    simulator = start_lem(provision_api=ProvisionApiSettings())
    ended(onboard_site, SITE, mixed(gateways=1))
    more = [
        {"tenant_id": "tenant-a", "device_id": f"other-{n}", "site_id": SITE} for n in range(1100)
    ]
    simulator.control("provision_api/register", devices=more)

    night()

    assert ("truncated", "provision_api") in found()
    assert ("missing", "gw-1") not in found()


def test_an_enrollment_whose_outcome_is_unknown_is_asked_for_again_by_rule_once(
    lem, onboard, rules, night, found, monkeypatch
):
    monkeypatch.setenv("MUSTER_OUTCOME_TIMEOUT", "PT30S")
    lem.control("faults", method="POST", path="activation/config", kind="reset", times=1)
    onboard(devices(1), wait_minutes=0)
    monkeypatch.setenv("MUSTER_OUTCOME_TIMEOUT", "PT0.1S")
    lem.clear("calls")

    night()
    message = found()
    rules("unknown: {after: 0, do: re-enroll}\npending: {after: 9d}\n")
    night()
    night()

    assert message == [("unknown", "edge-001")]
    assert changes(lem) == {"config": 1}
    assert found() == []


def test_a_key_that_was_lost_is_reported(start_lem, ended, night, found):
    simulator = start_lem()
    simulator.control("faults", method="POST", path="activate$", kind="lost-reply", times=1)
    ended(onboard_site, SITE, mixed(gateways=1))

    night()

    assert found() == [("key_lost", "gw-1")]


def test_nights_report_a_lost_key_and_ask_for_it_no_more(start_lem, ended, night, found):
    simulator = start_lem()
    simulator.control(
        "faults", method="POST", path="devices/provision$", kind="lost-reply", times=1
    )
    ended(onboard_site, SITE, mixed(cameras=1))
    simulator.clear("calls")

    night()
    first = found()
    night()

    assert first == found() == [("key_lost", "cam-1")]
    assert posts(simulator) == {}


def test_a_key_that_is_not_held_is_reported_until_it_is_taken(start_lem, ended, night, found):
    simulator = start_lem()
    registered = [{"device_id": "gw-1", "site_id": SITE}]
    codes = simulator.control("provision_api/register", devices=registered)["codes"]
    sent = {"tenant_id": "tenant-a", "device_id": "gw-1", "activation_code": codes["gw-1"]}
    httpx.post(f"{simulator.url}/provision/api/device/activate", json=sent).raise_for_status()
    first = ended(onboard_site, SITE, mixed(gateways=1))

    night()
    before = found()
    again = ended(onboard_site, SITE, mixed(gateways=1), register_again=True)
    night()

    assert (first.name, again.name) == ("Completed", "Completed")
    assert (before, found()) == ([("key_not_held", "gw-1")], [])


def test_a_system_that_is_down_is_not_checked_and_never_missing(start_lem, ended, night, found):
    simulator = start_lem()
    simulator.control("lem/boot", devices=devices(2))
    ended(onboard_site, SITE, mixed(lem=2, gateways=2))
    simulator.control("down", system="provision_api")

    down = night()
    message = found()
    simulator.control("up", system="provision_api")
    up = night()

    assert down.name == "Not checked"
    assert "2 of 2 devices in service, 2 devices not checked: provision-api" in down.message
    assert message == found() == []
    assert "4 of 4 devices in service" in up.message


def test_a_device_on_two_rosters_keeps_no_night_from_saying_so(lem, ended, night, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_LEASE", "PT1S")
    lem.control("lem/boot", devices=devices(2))
    ended(onboard_site, SITE, roster(devices(2)))
    ended(onboard_site, "plant-8", roster(devices(1)))

    state = night()

    assert state.name == "Not checked"
    page = Path(state.message.rpartition("Report: ")[2]).read_text("utf-8")
    assert "edge-001 is on the roster of plant-7, too, where this night checks it" in page


def test_when_nothing_can_be_observed_the_night_fails(lem, onboard, night):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    lem.control("down", system="lem")

    state = night()

    assert state.is_failed()
    assert state.message.startswith("Nothing could be observed. lem: ")
    assert "\n1 device not checked: lem." in state.message


def test_one_web_page_leaves_no_connection_unchecked(lem, onboard, night):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    lem.control("faults", path="/api/", kind="not-json", times=1)

    state = night()

    assert state.message.startswith("1 of 1 device in service.")


def test_without_a_report_only_what_waits_is_carried_on(lem, ended, night, tmp_path):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, "plant-1", roster(devices(1)))
    ended(onboard_site, "plant-2", roster([device(2)]), wait_minutes=0)
    lem.control("lem/boot", devices=[device(2)])
    lem.control("clock", advance_seconds=60)

    first = night(report=False)
    lem.control("clock", advance_seconds=600)
    second, idle = night(report=False), night(report=False)

    assert first.message.startswith("0 of 1 device in service")
    assert first.message.endswith("1 action done.")
    assert second.message.startswith("1 of 1 device in service")
    assert idle.message == "0 of 0 devices in service."
    assert sorted(approvals(lem).values()) == [1, 1]
    assert not list((tmp_path / "reports").glob("night-*"))


def test_a_device_to_be_admitted_by_people_is_admitted_by_no_night(lem, onboard, night, found):
    onboard(devices(1), approval="human", wait_minutes=0)
    lem.control("lem/boot", devices=devices(1))
    lem.control("clock", advance_seconds=60)

    night(report=False)
    night()

    assert approvals(lem) == {}
    assert found() == [("held", "edge-001")]

    onboard(devices(1), approval="by policy", wait_minutes=0)  # from now on
    lem.control("clock", advance_seconds=600)
    night()

    assert list(approvals(lem).values()) == [1]


def test_a_device_that_activates_itself_is_activated_by_no_night(start_lem, ended, night):
    simulator = start_lem()
    ended(onboard_site, SITE, mixed(gateways=1), activated_by="the device", wait_minutes=0)
    before = posts(simulator)

    night(report=False)
    night()

    assert posts(simulator) == before


def test_a_device_that_was_rejected_and_is_on_no_roster_is_on_none_afterwards(
    lem, ended, night, found
):
    lem.control("lem/boot", devices=devices(2))
    ended(onboard_site, SITE, roster(devices(1)))
    ended(provision_device, SITE, OTHER, decision="reject")

    night()

    assert found() == []


def test_a_dry_run_shows_what_it_would_do_and_changes_nothing(
    lem, onboard, rules, night, found, monkeypatch, tmp_path
):
    monkeypatch.setenv("MUSTER_RETRIES", "0")
    lem.control("lem/boot", devices=[device(1, "fails-once")])
    onboard([device(1)])
    rules("failed: {do: retry}\n")
    lem.clear("calls")

    state = night(dry_run=True)

    assert state.name == "Dry run"
    assert (changes(lem), found()) == ({}, [])
    assert list((tmp_path / "reports").glob("night-*-dry.html"))


def test_another_run_at_work_is_not_disturbed(lem, onboard, night, engine):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    hold(engine)

    with at_work(engine):
        state = night()

    assert "not checked: plant-7 by lem" in state.message


def hold(engine):
    """A run that holds the device's claim."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO connection_run "
                "(id, site, scope, name, started_at, lease_until, lease_seconds) "
                "SELECT 'other', site, scope, 'onboard', started_at, lease_until, 2 "
                "FROM connection_run LIMIT 1"
            )
        )
        connection.execute(
            text(
                "INSERT INTO claim (key, device, run_id) SELECT scope || ': device plant-7/' "
                "|| name, name, 'other' FROM device"
            )
        )


def test_a_missed_night_is_reported_by_the_next(lem, onboard, night, engine, tmp_path):
    lem.control("lem/boot", devices=devices(1))
    onboard(devices(1))
    night()
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE night SET started_at = datetime(started_at, '-3 days') || '.000000'")
        )

    night()

    pages = sorted((tmp_path / "reports").glob("night-*.html"))
    assert "missed" in pages[-1].read_text().lower()
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT facts FROM night ORDER BY id")).scalars()
        records = [json.loads(row) for row in rows]
    assert records[-1]["states"] == [[SITE, "lem", "in_service", 1]]


def test_the_night_s_posts_are_only_those_that_rules_allow(start_lem, ended, night, found):
    simulator = start_lem()
    simulator.control("lem/boot", devices=[device(1), device(2, "fails-always")])
    ended(onboard_site, SITE, mixed(lem=3, cameras=1, gateways=1), wait_minutes=0)
    before = posts(simulator)

    for _ in range(3):
        night()

    after = posts(simulator) - before
    assert set(after) <= {"status", "activate", "provision"}  # what waited is carried on
    assert found()
