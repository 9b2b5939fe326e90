"""What happens in a month happens at the simulator, unless the system there refuses it."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from deployments.month_drawing import make_plan
from deployments.month_plan import Event
from deployments.month_scenario import What, read_scenario
from deployments.month_world import CannotHappen, World
from simulator.lem.settings import DEFAULT_TOKEN, LemSettings
from simulator.running import RunningSimulator
from simulator.settings import SimulatorSettings

SCENE = read_scenario()
SITE = SCENE.sites[0]
PLAN = make_plan(SCENE, 7)
EDGE = next(
    device
    for device in PLAN.devices.values()
    if (device.site, device.behavior, device.arrives) == (SITE.name, "prompt", 1)
)
STUCK = next(d for d in PLAN.devices.values() if d.behavior == "stuck-approved")


@pytest.fixture
def simulator():
    """A simulator whose clock begins with the month and stands."""
    settings = SimulatorSettings(
        speed=0,
        start=SCENE.midnight(1),
        lem=LemSettings(projects=[site.project for site in SCENE.sites]),
    )
    with RunningSimulator(settings) as simulator:
        yield simulator


@pytest.fixture
def world(simulator):
    with World(simulator.url, PLAN) as world:
        yield world


@pytest.fixture
def happen(world):
    def happen(what, device="", **more):
        site = PLAN.devices[device].site if device else ""
        world.happen(Event(1, SCENE.midnight(1), what, site, device, **more))

    return happen


def add_config(simulator, project):
    body = {"projectId": project, "expiresAt": 1999999999000, "deviceCount": 9}
    headers = {"X-AuthToken": DEFAULT_TOKEN}
    url = f"{simulator.url}/api/v1/activation/config"
    httpx.post(url, json=body, headers=headers, trust_env=False).raise_for_status()


@pytest.fixture
def came(simulator, world, happen):
    """Lets a device come in, and tells what LEM holds of it."""

    def came(device):
        project = next(site.project for site in SCENE.sites if site.name == device.site)
        add_config(simulator, project)
        happen(What.POWERED_ON, device.name)
        happen(What.ADMITTED, device.name)
        world.advance_to(world.now() + timedelta(minutes=5))
        return simulator.control("lem/state")["requests"][-1]

    return came


def test_time_is_that_of_the_month_and_does_not_go_back(world):
    world.advance_to(SCENE.night(3))
    world.advance_to(SCENE.night(2))

    assert world.now() == SCENE.night(3)


def test_a_device_that_is_powered_on_is_that_of_its_roster(simulator, happen, came):
    request = came(EDGE)

    assert (request["host_id"], request["version"]) == (EDGE.host_id, EDGE.version)
    assert request["macs"][0] == EDGE.macs[0]
    assert (request["project"], request["state"]) == (SITE.project, "activated")


def test_a_device_can_be_deleted_once_it_is_there(simulator, happen, came):
    came(EDGE)

    happen(What.DELETED, EDGE.name, system="lem")

    assert simulator.control("lem/state")["devices"] == []


def test_what_is_stuck_can_be_repaired(simulator, world, happen, came):
    assert came(STUCK)["state"] == "processing"

    happen(What.REPAIRED, STUCK.name)
    world.advance_to(world.now() + timedelta(minutes=5))

    assert simulator.control("lem/state")["requests"][0]["state"] == "activated"


@pytest.mark.heavy
def test_a_request_can_be_deleted(simulator, happen, came):
    came(EDGE)

    happen(What.FORGOTTEN, EDGE.name)

    assert simulator.control("lem/state")["requests"] == []


def test_a_device_can_be_moved_and_revoked(simulator, happen):
    happen(What.MOVED, "gw-201")
    happen(What.REVOKED, "gw-201")

    (device,) = simulator.control("provision_api/state")["devices"]
    assert (device["site_id"], device["status"]) == ("plant-9", "REVOKED")


@pytest.mark.heavy
def test_a_device_can_be_revived(simulator, world, happen):
    happen(What.REVIVED, "gw-201")
    world.advance_to(world.now() + timedelta(minutes=5))

    (device,) = simulator.control("provision_api/state")["devices"]
    assert (device["site_id"], device["status"]) == ("plant-2", "ACTIVE")


@pytest.mark.heavy
def test_an_unknown_device_can_be_rejected(simulator, happen):
    unknown_device = next(d for d in PLAN.devices.values() if d.behavior == "unknown-device")
    add_config(simulator, SITE.project)
    happen(What.UNKNOWN_DEVICE, unknown_device.name)

    happen(What.REJECTED, unknown_device.name)

    assert [r["state"] for r in simulator.control("lem/state")["requests"]] == ["rejected"]


def test_a_system_goes_down_and_comes_up(simulator, happen):
    happen(What.DOWN, system="provision_api")
    down = simulator.control("down")["down"]
    happen(What.UP, system="provision_api")

    assert (down, simulator.control("down")["down"]) == (["provision_api"], [])


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("what", "system"),
    [
        (What.DELETED, "lem"),
        (What.DELETED, "acusight"),
        (What.REPAIRED, None),
        (What.ADMITTED, None),
        (What.FORGOTTEN, None),
    ],
)
def test_what_a_system_refuses_cannot_happen(happen, what, system):
    with pytest.raises(CannotHappen):
        happen(what, EDGE.name, system=system)


def test_a_device_that_is_not_admitted_yet_cannot_be_deleted(simulator, happen):
    add_config(simulator, SITE.project)
    happen(What.POWERED_ON, EDGE.name)

    with pytest.raises(CannotHappen, match="edge-101 is not in LEM yet"):
        happen(What.DELETED, EDGE.name, system="lem")
    with pytest.raises(CannotHappen, match="neither approved nor rejected"):
        happen(What.FORGOTTEN, EDGE.name)


@pytest.mark.heavy
def test_what_only_the_plan_knows_of_changes_nothing(simulator, world):
    before = simulator.control("lem/state")

    for event in PLAN.events:
        if event.what in {What.ONBOARDED, What.MISSED, What.DROPPED, What.RETIRED}:
            world.happen(replace(event, moment=world.now()))

    assert simulator.control("lem/state") == before
