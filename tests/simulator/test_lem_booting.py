"""How booted devices behave, and which code each of them uses."""

import re

import pytest


def asked(lem):
    return [request["prettyName"].split("- ")[1] for request in lem.requests()]


def test_a_device_asks_as_soon_as_there_is_a_config(lem):
    lem.boot({"name": "early"})
    assert asked(lem) == []
    assert lem.fate("early") == "waiting for a code"

    lem.add_config()

    assert asked(lem) == ["early"]


def test_a_device_asks_when_its_delay_is_over(site):
    site.boot({"name": "edge-1", "after": 5})
    start = site.now()

    site.pass_time(4.999)
    assert site.fate() == "booting"
    assert site.requests() == []
    site.pass_time(60)

    assert site.requests()[0]["createdOn"] == start + 5000


def test_delays_are_drawn_between_the_two_bounds(site):
    site.boot(*({"name": f"edge-{number}"} for number in range(20)), boot_seconds=[10, 20])
    start = site.now()
    site.pass_time(60)

    delays = [request["createdOn"] - start for request in site.requests()]

    assert delays == sorted(delays)
    assert min(delays) >= 10_000
    assert max(delays) < 20_000
    assert len(set(delays)) > 10


@pytest.mark.parametrize("bounds", [[-1, 2], [5, 1]])
def test_delays_the_wrong_way_round_are_refused(lem, bounds):
    body = {"boot_seconds": bounds, "devices": []}

    assert lem.http.post("/_simulator/lem/boot", json=body).status_code == 400


def test_a_late_device_takes_twenty_seconds_more(site):
    site.boot({"name": "edge-1", "behavior": "late"})

    site.pass_time(19)
    assert site.requests() == []
    site.pass_time(1)

    assert len(site.requests()) == 1


def test_some_devices_never_ask(site):
    site.boot({"name": "edge-1", "behavior": "never"})
    site.pass_time(10**6)

    assert site.requests() == []
    assert site.fate() == "never asks"


def test_an_identity_not_given_is_drawn_from_seed_and_name(start):
    first, second, third = start(), start(), start({"seed": 8})
    for lem in (first, second, third):
        lem.add_config()
        lem.boot({"name": "edge-1"})

    (one,), (same,), (other,) = first.requests(), second.requests(), third.requests()

    assert one["hostID"] == same["hostID"] != other["hostID"]
    assert one["macAddress"] == same["macAddress"] != other["macAddress"]
    assert re.fullmatch(r"[0-9a-f]{12}", one["hostID"])
    assert all(re.fullmatch(r"02(:[0-9a-f]{2}){5}", m) for m in one["macAddress"].split(","))


def test_a_device_may_have_a_mac_nobody_listed(site):
    request = site.ask_from(behavior="extra-mac", macs=["a1:b2:c3:d4:e5:00"])

    listed, extra = request["macAddress"].split(",")

    assert listed == "a1:b2:c3:d4:e5:00" != extra


def test_an_unknown_device_uses_the_sites_code(lem):
    code = lem.add_config()["code"]

    assert lem.ask_from(behavior="unknown-device")["code"] == code


def test_an_impatient_host_asks_twice(site):
    site.boot({"name": "edge-1", "behavior": "twice"})
    assert len(site.requests()) == 1
    site.pass_time(60)

    first, second = site.requests()

    assert first["hostID"] == second["hostID"]
    assert first["status"] == second["status"] == "PENDING"


def test_an_impatient_host_that_was_admitted_does_not_ask_again(site):
    site.boot({"name": "edge-1", "behavior": "twice"})
    site.requests()
    site.approve(1)
    site.pass_time(60)

    assert len(site.requests()) == 1


def test_another_machine_takes_the_place_of_a_device_as_soon_as_its_request_was_listed(site):
    site.boot({"name": "edge-1", "behavior": "swapped-once-listed"})

    (before,), (after,), (later,) = (site.requests() for _ in range(3))

    assert before["hostID"] != after["hostID"] == later["hostID"] == "deadbeefdead"
    assert before["macAddress"] == after["macAddress"]


def test_another_machine_takes_the_place_of_a_device_in_the_moment_of_its_approval(site):
    site.boot({"name": "edge-1", "behavior": "swapped-once-approved"})
    (before,), (same,) = site.requests(), site.requests()
    assert before["hostID"] == same["hostID"] != "deadbeefdead"

    site.approve(1)

    (after,) = site.requests()
    assert (after["hostID"], after["entryID"]) == ("deadbeefdead", 1)


def test_a_request_that_changed_can_be_deleted(site):
    site.boot({"name": "edge-1", "behavior": "swapped-once-listed"})
    site.requests()
    site.reject(1)
    site.control("lem/delete-request", entryID=1)

    assert [each["entryID"] for each in site.requests()] != [1]


def test_booting_a_device_again_changes_nothing(site):
    first = site.boot({"name": "edge-1"})

    again = site.boot({"name": "edge-1"}, {"name": "edge-2"})

    assert (first, again) == ({"booting": 1, "already": 0}, {"booting": 1, "already": 1})
    assert asked(site) == ["edge-1", "edge-2"]


def test_devices_use_the_newest_config_of_their_site(lem):
    lem.add_config()
    lem.pass_time(1)
    newest = lem.add_config()["code"]

    assert lem.ask_from()["code"] == newest


def test_devices_that_share_a_code_leave_those_for_one_device_alone(lem):
    shared = lem.add_config()["code"]
    lem.add_config(deviceCount=1)

    assert lem.ask_from()["code"] == shared


def test_a_site_of_one_device_shares_a_config_for_one(lem):
    code = lem.add_config(deviceCount=1)["code"]

    assert lem.ask_from()["code"] == code


def test_codes_of_their_own_go_to_devices_in_the_order_both_came(lem):
    lem.boot({"name": "slow", "own_code": True, "after": 30}, {"name": "quick", "own_code": True})
    codes = [lem.add_config(deviceCount=1)["code"] for _ in range(2)]
    lem.boot({"name": "third", "own_code": True})
    lem.pass_time(60)
    codes.append(lem.add_config(deviceCount=1)["code"])

    used = {request["prettyName"].split("- ")[1]: request["code"] for request in lem.requests()}

    assert used == dict(zip(["slow", "quick", "third"], codes, strict=True))


def test_a_device_with_a_code_of_its_own_shares_none(site):
    site.boot({"name": "edge-1", "own_code": True})

    assert site.requests() == []


def test_a_device_whose_own_code_died_uses_the_next(lem):
    lem.boot({"name": "edge-1", "own_code": True, "after": 60})
    lem.add_config(deviceCount=1, expiresAt=lem.now() + 1000)
    lem.pass_time(60)
    assert lem.requests() == []

    code = lem.add_config(deviceCount=1)["code"]

    assert lem.requests()[0]["code"] == code


def test_a_given_code_is_used(lem):
    code = lem.add_config()["code"]
    lem.pass_time(1)
    lem.add_config()

    assert lem.ask_from(code=code)["code"] == code


def test_an_unknown_code_lets_nobody_ask(site):
    site.boot({"name": "edge-1", "code": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"})
    site.pass_time(60)

    assert site.requests() == []


def test_an_expired_code_lets_nobody_ask(site):
    site.pass_time(24 * 60 * 60)
    site.boot({"name": "edge-1"})

    assert site.requests() == []


def test_an_exhausted_code_lets_nobody_ask(start):
    lem = start(seconds_per_step=0)
    lem.add_config(deviceCount=1)
    lem.ask_from()
    lem.approve(1)
    lem.boot({"name": "edge-2"})

    assert asked(lem) == ["edge-1"]
    assert lem.fate("edge-2") == "waiting for a code"


def test_a_code_does_not_reach_into_another_project(start):
    lem = start(projects=["plant-a", "plant-b"])
    code = lem.add_config(projectId="plant-a")["code"]

    lem.boot({"name": "edge-1", "code": code}, project="plant-b")

    assert lem.requests("plant-a") == lem.requests("plant-b") == []


def test_nobody_boots_in_an_unknown_project(lem):
    body = {"project": "nowhere", "devices": []}

    assert lem.http.post("/_simulator/lem/boot", json=body).status_code == 404


def test_a_rejected_device_stays_away_until_its_request_is_deleted(site):
    site.ask_from()
    site.reject(1)
    site.pass_time(10**4)
    assert len(site.requests()) == 1

    site.control("lem/delete-request", entryID=1)

    (request,) = site.requests()
    assert (request["entryID"], request["status"]) == (2, "PENDING")


def test_a_clone_of_a_rejected_host_cannot_ask_either(site):
    site.ask_from(host_id="94c6911b9c77")
    site.control("lem/reject", entryID=1, by="eve")
    site.boot({"name": "clone", "host_id": "94c6911b9c77"})
    assert len(site.requests()) == 1
    assert site.requests()[0]["updatedBy"] == "eve"

    site.control("lem/delete-request", entryID=1)

    assert sorted(asked(site)) == ["clone", "edge-1"]


def test_only_a_decided_request_can_be_deleted(site):
    site.ask_from()

    reply = site.http.post("/_simulator/lem/delete-request", json={"entryID": 1})

    assert reply.status_code == 400
    assert "neither approved nor rejected" in reply.json()["detail"]


def test_a_deleted_activated_request_leaves_its_device_in_service(site):
    site.ask_from()
    site.approve(1)
    site.pass_time(60)

    site.control("lem/delete-request", entryID=1)

    assert site.requests() == []
    assert site.devices()["totalSize"] == 1
    assert site.fate() == "deleted"


def test_somebody_at_lems_own_page_can_approve(site):
    site.ask_from()

    site.control("lem/approve", entryID=1, by="ann")

    assert site.requests()[0]["updatedBy"] == "ann"


def test_others_can_use_up_a_code_that_devices_are_still_due_by(start):
    lem = start(seconds_per_step=0)
    code = lem.add_config(deviceCount=2)["code"]
    lem.boot(
        *({"name": f"stranger-{n}", "behavior": "unknown-device", "code": code} for n in (1, 2))
    )
    for request in lem.requests():
        lem.control("lem/approve", entryID=request["entryID"])

    lem.boot({"name": "edge-1"})

    (config,) = lem.get("activation/config/list", projectId=lem.project).json()
    assert (config["usageCount"], config["deviceCount"]) == (2, 2)
    assert lem.fate() == "waiting for a code"
