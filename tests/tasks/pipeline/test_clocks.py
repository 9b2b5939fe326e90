"""Codes expire by their system's clock; a clock that is off is named, and nothing is done by it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import AnyHttpUrl

from fleet.device.device import Device
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings as Switches
from simulator.settings import SimulatorSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
from tests.laws import one_in
from tests.tasks.pipeline.unserved import Unserved

GATEWAY = Device(name="gw-1")
HOUR = timedelta(hours=1)
ITSELF = {"self_activating": frozenset({"gw-1"})}


@pytest.fixture
def simulated(request, ledger_url):
    """A provision_api whose clock is so far ahead of ours, and a run over its devices."""
    switches = SimulatorSettings(
        start=datetime.now(UTC) + request.param,
        dates_replies=True,
        provision_api=Switches(rate_limit=False),
    )
    with RunningSimulator(switches) as running:
        settings = ProvisionApiSettings(
            _env_file=None,
            url=AnyHttpUrl(f"{running.url}/provision"),
            admin_key=DEFAULT_ADMIN_KEY,
            quota_calls=0,
        )
        yield running, Unserved(lambda: ProvisionApi.connect(settings))


def stands(unserved, **more):
    (status,) = asyncio.run(unserved.onboard(GATEWAY, **more)).statuses
    return status


@pytest.mark.parametrize("simulated", one_in(3, [-2 * HOUR, -HOUR, HOUR]), indirect=True)
def test_a_clock_that_is_off_by_hours_costs_no_registration(simulated):
    simulator, gateways = simulated

    status = stands(gateways)

    assert status.state is State.IN_SERVICE
    assert simulator.control("calls")["registrations"] == {"tenant-a/gw-1": 1}


@pytest.mark.parametrize("simulated", [HOUR], indirect=True)
def test_a_code_that_expired_by_its_system_s_clock_is_made_anew(simulated):
    simulator, gateways = simulated
    first = stands(gateways, **ITSELF)
    simulator.control("clock", advance_seconds=61 * 60)

    second = stands(gateways, rounds=1, **ITSELF)

    assert first.code is ReasonCode.ACTIVATES_ITSELF
    assert (second.code, second.needs_enrollment) == (ReasonCode.CODE_EXPIRED, True)
    assert second.reason.endswith(
        "; provision_api's clock is 2 h ahead of ours. Set both clocks by NTP"
    )


@pytest.mark.heavy
@pytest.mark.parametrize("simulated", [timedelta()], indirect=True)
def test_clocks_that_agree_are_not_named(simulated):
    simulator, gateways = simulated
    stands(gateways, **ITSELF)
    simulator.clear("calls")

    status = stands(gateways, **ITSELF)

    assert status.code is ReasonCode.ACTIVATES_ITSELF
    assert "clock" not in status.reason
    assert simulator.control("calls")["registrations"] == {}
