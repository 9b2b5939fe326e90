"""The acts of the adapter, at a running simulator."""

import asyncio
from datetime import UTC, datetime

import pytest

from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.device.secret import Keyring
from fleet.system.enroll import Enroll
from simulator.lem.settings import DEFAULT_TOKEN
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as LemSwitches
from simulator.settings import SimulatorSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings

PROJECTS = [f"project{number}" for number in range(5)]
EXPIRY = datetime(2999, 3, 9, 12, 30, 15, 123000, tzinfo=UTC)


@pytest.fixture(scope="session")
def simulator():
    foreign = {"pending_status": "Q-77", "failed_status": "LICENCE_ERROR", "processing_status": "·"}
    switches = LemSwitches(projects=PROJECTS, seconds_per_step=1, **foreign)
    with RunningSimulator(SimulatorSettings(speed=0, lem=switches)) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def names():
    return iter(PROJECTS)


DEVICE = Device(name="edge-1")


class Site:
    """A project with one config, whose words for waiting, working and failed nobody knows."""

    def __init__(self, simulator, project):
        self.simulator, self.project = simulator, project
        wanted = Enroll((DEVICE,), 2, EXPIRY)
        self.enrollment = self.ask(lambda lem: lem.enroll("plant-7", wanted, EXPIRY)).enrollment

    def ask(self, action):
        async def asked():
            own = {"url": self.simulator.url, "project": self.project, "token": DEFAULT_TOKEN}
            async with Lem.connect(LemSettings(_env_file=None, verify=False, **own)) as lem:
                return await action(lem)

        return asyncio.run(asked())

    def observation(self):
        return self.ask(lambda lem: lem.observe("plant-7", (), Keyring()))

    def a_request(self, **behavior):
        device = {"name": "edge-1"} | behavior
        self.simulator.control("lem/boot", project=self.project, devices=[device])
        return self.observation().requests[0]

    def pass_time(self):
        self.simulator.control("clock", advance_seconds=10)


@pytest.fixture
def site(simulator, names):
    return Site(simulator, next(names))


def test_an_enrollment_is_what_was_asked_for_and_what_is_listed(site):
    assert (site.enrollment.expires_at, site.enrollment.capacity) == (EXPIRY, 2)
    assert site.observation().enrollments == (site.enrollment,)


def test_an_approved_device_is_provisioned_and_present(site):
    request = site.a_request()

    site.ask(lambda lem: lem.admit(DEVICE, request, Keyring()))
    at_once = site.observation().requests[0].progress
    site.pass_time()

    observed = site.observation()
    assert (request.progress, at_once) == (Progress.WAITING, Progress.PROVISIONING)
    assert observed.requests[0].progress is Progress.PROVISIONED
    assert observed.present == {observed.requests[0].device_id}


def test_a_rejected_device_is_rejected(site):
    request = site.a_request()

    site.ask(lambda lem: lem.reject(request))

    assert site.observation().requests[0].progress is Progress.REJECTED


def test_a_failed_device_is_provisioned_after_a_retry(site):
    request = site.a_request(behavior="fails-once")
    site.ask(lambda lem: lem.admit(DEVICE, request, Keyring()))
    site.pass_time()
    failed = site.observation().requests[0]

    site.ask(lambda lem: lem.retry(request))
    site.pass_time()

    assert failed.progress is Progress.FAILED
    assert failed.message == "Offline license generated: License server did not answer"
    assert site.observation().requests[0].progress is Progress.PROVISIONED


def test_a_scope_names_the_system_and_the_project(site):
    async def scope(lem):
        return lem.scope

    assert site.ask(scope) == f"LEM project {site.project}"
