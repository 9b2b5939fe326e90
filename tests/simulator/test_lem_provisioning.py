"""What happens to a request once it is approved."""

import pytest


def steps(request):
    return [(step["step"], step["stepStatus"]) for step in request["provisionStatus"]]


def approved(lem, **device):
    lem.ask_from(**device)
    lem.approve(1)


def test_provisioning_takes_a_step_at_a_time(site):
    approved(site)

    assert steps(site.requests()[0])[1:] == [("APPROVED", "DONE"), ("CONFIRMED", "IN_PROGRESS")]
    site.pass_time(2)
    assert steps(site.requests()[0])[2:] == [
        ("CONFIRMED", "DONE"),
        ("LICENSE_GENERATED", "IN_PROGRESS"),
    ]
    assert site.requests()[0]["status"] == "APPROVED"


def test_an_activated_request_has_done_or_skipped_every_step(site):
    approved(site)
    site.pass_time(6)

    (request,) = site.requests()

    assert request["status"] == "ACTIVATED"
    assert steps(request) == [
        ("RECEIVED", "DONE"),
        ("APPROVED", "DONE"),
        ("CONFIRMED", "DONE"),
        ("LICENSE_GENERATED", "SKIPPED"),
        ("LICENSE_PROVISIONED", "SKIPPED"),
    ]
    assert {step["stageStatus"] for step in request["provisionStatus"]} == {"DONE"}
    assert request["provisionStatus"][-1]["message"] == "No license key defined"


def test_the_license_steps_are_done_when_the_config_has_skus(lem):
    lem.add_config(licenseSkus=["EDGE-50"])
    approved(lem)
    lem.pass_time(6)

    last = lem.requests()[0]["provisionStatus"][-1]

    assert (last["stepStatus"], last["message"]) == ("DONE", None)


def test_each_step_bears_the_time_it_was_due_however_late_anybody_observes(site):
    approved(site)
    start = site.now()
    site.pass_time(3600)

    times = [step["updatedAt"] - start for step in site.requests()[0]["provisionStatus"]]

    assert times == [0, 0, 2000, 4000, 6000]


def test_provisioning_can_be_done_at_the_next_call(start):
    lem = start(seconds_per_step=0)
    lem.add_config()

    approved(lem)

    assert lem.requests()[0]["status"] == "ACTIVATED"


def test_activation_uses_the_config_up_by_one_device(site):
    approved(site)
    site.pass_time(60)

    (config,) = site.get("activation/config/list", projectId=site.project).json()

    assert config["usageCount"] == 1
    assert config["usages"] == [site.requests()[0]["deviceId"]]


def test_a_failed_step_has_a_reason(site):
    approved(site, behavior="fails-once")
    site.pass_time(60)

    (request,) = site.requests()

    assert (request["status"], request["message"]) == ("FAILED", "License server did not answer")
    assert steps(request)[-1] == ("LICENSE_GENERATED", "FAILED")
    assert request["deviceId"] is None


def test_a_retry_runs_the_failed_step_again(site):
    approved(site, behavior="fails-once")
    site.pass_time(60)

    assert site.retry(1).status_code == 204
    assert steps(site.requests()[0])[-1] == ("LICENSE_GENERATED", "IN_PROGRESS")
    site.pass_time(60)
    assert site.requests()[0]["status"] == "ACTIVATED"


def test_some_devices_fail_however_often_they_are_retried(site):
    approved(site, behavior="fails-always")

    for _ in range(3):
        site.pass_time(60)
        site.retry(1)
    site.pass_time(60)

    assert site.requests()[0]["status"] == "FAILED"


def test_another_step_can_be_the_one_that_fails(start):
    lem = start(failing_step="CONFIRMED")
    lem.add_config()
    approved(lem, behavior="fails-always")
    lem.pass_time(60)

    assert steps(lem.requests()[0])[-1] == ("CONFIRMED", "FAILED")
    assert lem.devices()["totalSize"] == 0


def test_a_device_whose_tunnel_is_blocked_stays_approved(site):
    approved(site, behavior="stuck-approved")
    site.pass_time(10**6)

    (request,) = site.requests()

    assert request["status"] == "APPROVED"
    assert steps(request)[-1] == ("CONFIRMED", "IN_PROGRESS")


def test_an_approval_that_is_ignored_is_answered_and_changes_nothing_until_the_page_approves(site):
    approved(site, behavior="approval-ignored")
    site.pass_time(10**6)

    (request,) = site.requests()
    assert request["status"] == "PENDING"
    assert [step for step, _ in steps(request)] == ["RECEIVED"]

    site.control("lem/approve", entryID=request["entryID"])
    site.pass_time(60)

    assert site.requests()[0]["status"] == "ACTIVATED"


def test_one_host_that_asks_twice_is_one_device(site):
    site.boot({"name": "edge-1", "behavior": "twice"})
    site.requests()
    site.pass_time(2)
    for request in site.requests():
        site.approve(request["entryID"])
    site.pass_time(60)

    first, second = site.requests()

    assert first["deviceId"] == second["deviceId"] is not None
    assert site.devices()["totalSize"] == 1


def test_a_code_activates_no_more_devices_than_it_is_for(lem):
    lem.add_config(deviceCount=1)
    lem.boot({"name": "edge-1"}, {"name": "edge-2", "behavior": "unknown-device"})
    for request in lem.requests():
        lem.approve(request["entryID"])
    lem.pass_time(60)

    assert [request["status"] for request in lem.requests()] == ["ACTIVATED", "FAILED"]


def test_an_activated_device_is_listed(site):
    approved(site, host_id="94c6911b9c77", macs=["a1:b2:c3:d4:e5:00"])
    site.pass_time(60)

    (device,) = site.devices()["elements"]

    assert device["id"] == site.requests()[0]["deviceId"]
    assert (device["status"], device["online"]) == ("ACTIVE", True)
    assert (device["hostId"], device["macAddress"]) == ("94c6911b9c77", "a1:b2:c3:d4:e5:00")
    assert device["remoteAccessKey"].startswith("FAKE-SECRET")


@pytest.mark.parametrize(
    ("switches", "seen"),
    [
        ({}, [0, 1, 1, 1, 1]),
        ({"device_visible": "APPROVED"}, [1, 1, 1, 1, 1]),
        ({"device_visible": "ACTIVATED"}, [0, 0, 0, 1, 1]),
        ({"device_visible": "ACTIVATED", "device_visible_seconds": 2}, [0, 0, 0, 0, 1]),
    ],
)
def test_when_a_device_is_listed_can_be_chosen(start, switches, seen):
    lem = start(**switches)
    lem.add_config()
    approved(lem)

    sizes = []
    for _ in range(5):
        sizes.append(lem.devices()["totalSize"])
        lem.pass_time(2)

    assert sizes == seen


def test_a_deactivated_device_is_hidden_from_the_default_list(site):
    approved(site)
    site.pass_time(60)

    site.control("lem/deactivate", entryID=1)

    assert site.devices()["totalSize"] == 0
    (device,) = site.devices(status="INACTIVE")["elements"]
    assert device["online"] is False


def test_a_tunnel_that_is_opened_again_lets_its_device_go_on(site):
    approved(site, behavior="stuck-approved")
    site.pass_time(10**6)

    site.control("lem/repair", entryID=1)
    site.pass_time(60)

    assert site.fate() == "activated"
    assert site.devices()["totalSize"] == 1


def test_a_repaired_device_wants_a_retry_and_no_longer_fails(site):
    approved(site, behavior="fails-always")
    site.pass_time(60)

    site.control("lem/repair", entryID=1)
    site.pass_time(60)
    before = site.fate()
    site.retry(1)
    site.pass_time(60)

    assert (before, site.fate()) == ("failed", "activated")


def test_repairing_what_is_well_changes_nothing(site):
    approved(site)
    site.control("lem/repair", entryID=1)
    site.pass_time(2)
    site.control("lem/repair", entryID=1)
    site.pass_time(60)

    (request,) = site.requests()

    assert [step["updatedAt"] - request["createdOn"] for step in request["provisionStatus"]] == [
        0,
        0,
        2000,
        4000,
        6000,
    ]


def test_nothing_is_repaired_that_is_not_there(site):
    assert site.http.post("/_simulator/lem/repair", json={"entryID": 7}).status_code == 404


def test_a_version_can_be_what_its_devices_fail_by(site):
    bad = {"behavior": "fails-always", "version": "3.6.0"}
    site.boot({"name": "old"}, {"name": "new-1", **bad}, {"name": "new-2", **bad})
    for request in site.requests():
        site.approve(request["entryID"])
    site.pass_time(60)

    messages = {(request["info"]["version"], request["status"]) for request in site.requests()}

    assert messages == {("3.5.4", "ACTIVATED"), ("3.6.0", "FAILED")}


def test_steps_can_take_longer_and_shorter_and_the_same_each_time(start):
    def lasted():
        lem = start(step_spread=0.5)
        lem.add_config(deviceCount=30)
        lem.boot(*({"name": f"edge-{number}"} for number in range(30)))
        for request in lem.requests():
            lem.approve(request["entryID"])
        lem.pass_time(60)
        return [r["provisionStatus"][2]["updatedAt"] - r["createdOn"] for r in lem.requests()]

    first, second = lasted(), lasted()

    assert first == second
    assert 1000 <= min(first) < 1500 < 2500 < max(first) <= 3000
