import asyncio

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from fleet.device.device import Device
from flows.onboard_site import onboard_site
from flows.provision_device import provision_device
from tests.flows.answering import Waiting, answered
from tests.flows.site import SITE, approvals, changes, device, roster, without_wait_limit

EDGE = Device(name="edge-001", host_id="000000000001")


def steps_of(flow_run_id, expected):
    """The names of a run's task runs in order, once as many as expected have ended."""

    async def read():
        run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
        async with get_client() as client:
            for _ in range(100):
                runs = await client.read_task_runs(flow_run_filter=run)
                if sum(r.state is not None and r.state.is_final() for r in runs) >= expected:
                    break
                await asyncio.sleep(0.1)
            return [r.name for r in sorted(runs, key=lambda r: r.start_time or r.created)]

    return asyncio.run(read())


def test_a_device_comes_into_service_by_steps_that_a_person_recognises(lem, ended):
    lem.control("lem/boot", devices=[device(1, "fails-once", after=5)])

    state = ended(provision_device, SITE, EDGE)

    assert state.name == "Completed"
    assert steps_of(state.state_details.flow_run_id, 9) == [
        "observe edge-001",
        "create activation config for edge-001",
        "wait for request of edge-001",
        "approve edge-001",
        "wait for provisioning of edge-001",
        "retry failed provisioning of edge-001",
        "wait for provisioning of edge-001",
        "confirm edge-001",
        "publish the report on edge-001",
    ]


def test_a_zero_touch_device_needs_neither_config_nor_approval(lem, ended):
    lem.control("lem/zero-touch", name="line-3", device_count=5)
    lem.control("lem/boot", devices=[device(1, "zero-touch", profile="line-3")])

    state = ended(provision_device, SITE, EDGE.model_copy(update={"zero_touch": "line-3"}))

    assert (state.name, changes(lem)) == ("Completed", {})


def test_a_device_that_is_to_be_rejected_is_turned_away(lem, ended):
    lem.control("lem/boot", devices=[device(1)])
    ended(provision_device, SITE, EDGE, wait_minutes=0)

    state = ended(provision_device, SITE, EDGE, decision="reject")

    requests = lem.control("lem/state")["requests"]
    assert state.message.startswith("edge-001 of plant-7: rejected")
    assert (state.name, approvals(lem)) == ("Completed", {})
    assert [request["state"] for request in requests] == ["rejected"]


def test_a_rejected_device_is_not_enrolled_again_and_fails_the_run(lem, ended):
    lem.control("lem/boot", devices=[device(1)])
    ended(provision_device, SITE, EDGE, wait_minutes=0)
    ended(provision_device, SITE, EDGE, decision="reject")
    lem.clear("calls")

    state = ended(provision_device, SITE, EDGE)

    assert (state.is_failed(), changes(lem)) == (True, {})
    assert state.message.startswith("edge-001 of plant-7: rejected")


def test_a_device_stuck_after_its_approval_leaves_the_run_waiting(lem, ended):
    lem.control("lem/boot", devices=[device(1, "stuck-approved")])
    ended(provision_device, SITE, EDGE, wait_minutes=0)

    state = ended(provision_device, SITE, EDGE, wait_minutes=0)

    assert state.name == "Waiting"
    assert set(approvals(lem).values()) == {1}


@pytest.mark.parametrize("behavior", ["late", "extra-mac"])
def test_a_device_that_boots_in_its_own_way_comes_into_service(lem, ended, behavior):
    lem.control("lem/boot", devices=[device(1, behavior)])

    state = ended(provision_device, SITE, EDGE)

    assert state.name == "Completed"
    assert set(approvals(lem).values()) == {1}


def test_the_other_devices_of_its_site_are_no_unknown_devices_to_a_run_over_one(lem, ended):
    both = [device(1), device(2)]
    lem.control("lem/boot", devices=both)
    ended(onboard_site, SITE, roster(both), wait_minutes=0)

    state = ended(provision_device, SITE, EDGE)

    assert state.message.startswith("edge-001 of plant-7: in service")
    assert "unknown-device" not in state.message


YES = {"decision": "approve", "name": "Ada Example", "reason": "the box stands before me"}


def test_a_person_sees_what_was_expected_beside_what_was_observed_and_lets_it_in(lem):
    lem.control("lem/boot", devices=[device(1, macs=["02:00:00:00:00:01"])])

    waiting = Waiting(provision_device, SITE, EDGE, approval="human", wait_minutes=1)
    message = waiting.message()
    waiting.answer(**YES)
    state = waiting.end()

    assert "is this edge-001 of plant-7?" in message
    assert "| host id | 000000000001 | 000000000001 | ✓ |" in message
    assert "| hardware | – | physical |" in message
    assert state.name == "Completed"
    assert state.message.startswith("Ada Example: approved edge-001. edge-001 of plant-7: in serv")
    assert list(approvals(lem).values()) == [1]


def test_a_person_turns_it_away(lem):
    lem.control("lem/boot", devices=[device(1)])

    no = YES | {"decision": "reject"}
    state = answered(provision_device, SITE, EDGE, approval="human", answers=[no])

    requests = lem.control("lem/state")["requests"]
    assert [request["state"] for request in requests] == ["rejected"]
    assert state.name == "Completed"
    assert state.message.startswith("Ada Example: rejected edge-001. edge-001 of plant-7: rejected")
    assert "delete the request in LEM before the device can ask again" in state.message


def test_a_person_who_decides_nothing_leaves_it_held(lem):
    lem.control("lem/boot", devices=[device(1)])

    hold = YES | {"decision": "hold"}
    state = answered(provision_device, SITE, EDGE, approval="human", answers=[hold])

    assert (state.name, approvals(lem)) == ("Waiting", {})
    assert "left 1 held. edge-001 of plant-7: held for a person" in state.message


def test_nobody_is_asked_about_a_device_that_does_not_ask(lem, ended):
    state = ended(provision_device, SITE, EDGE, approval="human", wait_minutes=0)

    assert (state.name, approvals(lem)) == ("Waiting", {})


def test_a_requester_may_be_barred_from_deciding(lem, tmp_path, monkeypatch):
    lem.control("lem/boot", devices=[device(1)])
    (tmp_path / "policies/sites").mkdir(parents=True)
    text = "policy: exact-match\nrequester_may_approve: false\nquorum: 2"
    (tmp_path / "policies/sites/plant-7.yaml").write_text(text)
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "policies"))

    nobody = without_wait_limit(provision_device, SITE, EDGE, approval="human")
    waiting = Waiting(provision_device, SITE, EDGE, approval="human", requested_by="Ada Example")
    waiting.answer(**YES)
    waiting.answer(**YES | {"name": "Bo Example"})
    waiting.answer(**YES | {"name": "Cy Example"})
    state = waiting.end()

    assert nobody.is_failed()
    assert "does not let people approve what they asked for themselves" in nobody.message
    assert "Ada Example asked for this review" in waiting.message(2)
    assert "2 different people" in waiting.message(1)
    assert (state.name, list(approvals(lem).values())) == ("Completed", [1])
    assert "Bo Example: approved edge-001 (2 people must approve). Cy Example:" in state.message
