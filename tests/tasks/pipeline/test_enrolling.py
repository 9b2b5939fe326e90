"""An enrollment that does not take is tried twice in a run, and then the device is failed."""

import asyncio

import pytest
from pydantic import AnyHttpUrl

from fleet.device.device import Device
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.limits import Limits
from simulator.lem.settings import DEFAULT_PROJECT, DEFAULT_TOKEN
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import LemSettings as LemSwitches
from simulator.settings import ProvisionApiSettings as ProvisionApiSwitches
from simulator.settings import SimulatorSettings
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
from tests.tasks.pipeline.unserved import Unserved

EDGES = [Device(name=f"edge-{n}", host_id=f"{n:012x}") for n in (1, 2)]
GATEWAYS = [Device(name=f"gw-{n}") for n in (1, 2)]
MANY = [Device(name=f"gw-{n}") for n in range(1, 13)]
AT_ONCE = Limits(retry_gap=Limits().retry_gap * 0, outcome_timeout=Limits().outcome_timeout * 0)


@pytest.fixture
def simulated():
    """A simulator whose codes have expired as soon as they are made."""
    switches = SimulatorSettings(
        lem=LemSwitches(longest_life_seconds=0),
        provision_api=ProvisionApiSwitches(rate_limit=False, code_minutes=0),
    )
    with RunningSimulator(switches) as running:
        yield running


@pytest.fixture
def lem(simulated, ledger_url):
    url = AnyHttpUrl(simulated.url)
    settings = LemSettings(_env_file=None, url=url, project=DEFAULT_PROJECT, token=DEFAULT_TOKEN)
    return Unserved(lambda: Lem.connect(settings))


@pytest.fixture
def gateways(simulated, ledger_url):
    return registry(simulated)


def registry(simulator, quota_calls=0):
    settings = ProvisionApiSettings(
        _env_file=None,
        url=AnyHttpUrl(f"{simulator.url}/provision"),
        admin_key=DEFAULT_ADMIN_KEY,
        quota_calls=quota_calls,
    )
    return Unserved(lambda: ProvisionApi.connect(settings))


def stands(unserved, devices, **more):
    found = asyncio.run(unserved.onboard(*devices, **({"limits": AT_ONCE} | more))).statuses
    return {(status.state, status.code) for status in found}, {status.reason for status in found}


def test_a_config_that_has_expired_when_it_is_read_back_is_made_twice(simulated, lem):
    states, (reason,) = stands(lem, EDGES, rounds=9)

    assert simulated.control("calls")["configs_added"] == 2
    assert states == {(State.FAILED, ReasonCode.ENROLLMENT_GIVEN_UP)}
    assert reason.startswith("its code expired at ")
    assert (
        ", as soon as it was made: LEM gives it no time, or its clock differs from ours" in reason
    )
    assert reason.endswith("was made twice in this run, and is not made again")


@pytest.mark.heavy
def test_a_device_whose_codes_live_no_time_is_registered_twice(simulated, gateways):
    states, _ = stands(gateways, GATEWAYS, rounds=9)

    assert states == {(State.FAILED, ReasonCode.ENROLLMENT_GIVEN_UP)}
    assert simulated.control("calls")["registrations"] == {"tenant-a/gw-1": 2, "tenant-a/gw-2": 2}


def test_the_second_try_waits(simulated, gateways):
    states, _ = stands(gateways, GATEWAYS, rounds=9, limits=Limits())

    assert states == {(State.NOT_ENROLLED, ReasonCode.CODE_EXPIRED)}
    assert simulated.control("calls")["registrations"] == {"tenant-a/gw-1": 1, "tenant-a/gw-2": 1}


@pytest.mark.heavy
def test_another_run_tries_again(simulated, gateways):
    for _ in range(2):
        stands(gateways, GATEWAYS[:1], rounds=9)

    assert simulated.control("calls")["registrations"] == {"tenant-a/gw-1": 4}


@pytest.mark.heavy
def test_codes_that_live_shorter_than_was_set_are_made_in_smaller_waves(ledger_url):
    """Of an hour's codes, 15,000 may be open at 1,000 calls a minute; of a second's, four."""
    minutes = ProvisionApiSwitches(rate_limit=False, code_minutes=1 / 60)
    with RunningSimulator(SimulatorSettings(provision_api=minutes)) as simulator:
        gateways = registry(simulator, quota_calls=1000)
        itself = frozenset(device.name for device in MANY)

        stands(gateways, MANY, rounds=1, self_activating=itself)

        assert 2 <= len(simulator.control("calls")["registrations"]) <= 4
