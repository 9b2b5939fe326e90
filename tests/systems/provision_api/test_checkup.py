"""A check of a provision_api connection: whether it is well, and whether the key lets us list."""

import httpx
import pytest

from simulator.provision_api.settings import DEFAULT_ADMIN_KEY, DEFAULT_BASE, DEFAULT_TENANT
from simulator.running import RunningSimulator
from simulator.settings import ProvisionApiSettings as ProvisionApiSwitches
from simulator.settings import SimulatorSettings
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.errors import DatabaseFailed
from tests.systems.shared.checkups import answered, checked, faults, message

LIST = "/api/admin/devices"


@pytest.fixture
def simulator():
    """One for each test, for each has a quota of its own."""
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def provision_api(simulator):
    """Checks the simulated provision_api; with other settings, if any are given."""

    def check(**changes):
        own = {"url": f"{simulator.url}{DEFAULT_BASE}", "admin_key": DEFAULT_ADMIN_KEY}
        return checked(ProvisionApi, ProvisionApiSettings(_env_file=None, **(own | changes)))

    return check


def with_devices(number):
    """What is found where everything is answered, and so many devices are registered."""
    own = {"url": "https://provision.test", "admin_key": "k", "quota_calls": 0, "verify": False}
    device = {"tenant_id": "tenant-a", "site_id": "s", "status": "ACTIVE", "token_set": True}

    def answer(request):
        listed = [device | {"device_id": f"d{n}"} for n in range(number)]
        return httpx.Response(200, json=listed if request.url.path == LIST else {"status": "ok"})

    settings = ProvisionApiSettings(_env_file=None, **own)
    return answered(ProvisionApi, ProvisionApiClient, settings, answer)


def test_all_is_well_with_a_provision_api_that_lists_its_devices(provision_api):
    checkup = provision_api()

    assert faults(checkup) == {}
    assert checkup.who == f"tenant {DEFAULT_TENANT}, 0 devices"
    assert message(checkup, "permission") == ["sees devices"]
    assert message(checkup, "quota") == ["10 calls in 60 s"]


def test_a_check_is_one_of_an_administrator_s_calls(provision_api, simulator):
    provision_api()

    calls = {call["path"]: call["count"] for call in simulator.control("calls")["calls"]}
    own = {f"{DEFAULT_BASE}/health": 1, f"{DEFAULT_BASE}/ready": 1, f"{DEFAULT_BASE}{LIST}": 1}
    assert calls == own


def test_a_wrong_key_is_a_fault_of_the_credential_alone(provision_api):
    checkup = provision_api(admin_key="wrong")

    remedy = "Check the key: it may be wrong or revoked"
    assert faults(checkup) == {"credential": (f"GET {LIST}: 401 Unauthorized", remedy)}
    assert message(checkup, "reachable") == ["yes"]


def test_a_service_that_never_had_its_database_is_reported_as_not_ready():
    switches = ProvisionApiSwitches(database="down")
    with RunningSimulator(SimulatorSettings(provision_api=switches)) as simulator:
        own = {"url": f"{simulator.url}{DEFAULT_BASE}", "admin_key": DEFAULT_ADMIN_KEY}
        checkup = checked(ProvisionApi, ProvisionApiSettings(_env_file=None, **own))

    remedy = "The system itself is up; its database may not be"
    found = [(each.subject, each.message, each.remedy) for each in checkup.checks]
    assert ("reachable", "GET /ready: 503 Service Unavailable", remedy) in found


def test_a_database_that_went_is_reported_although_the_service_says_that_it_is_ready(
    provision_api, simulator
):
    simulator.control("provision_api/database", **{"is": "down"})

    found = faults(provision_api())

    assert found == {"reachable": (f"GET {LIST}: 500 Internal Server Error", DatabaseFailed.remedy)}


def test_a_list_that_fails_is_not_a_matter_of_permission():
    """Its database, as its migrations make it, answers lists with a 500 all the same."""
    own = {"url": "https://provision.test", "admin_key": "k", "quota_calls": 0, "verify": False}
    settings = ProvisionApiSettings(_env_file=None, **own)

    def answer(request):
        status = 500 if request.url.path == LIST else 200
        return httpx.Response(status, json={"status": "ok"})

    found = faults(answered(ProvisionApi, ProvisionApiClient, settings, answer))

    assert found == {"reachable": (f"GET {LIST}: 500 Internal Server Error", DatabaseFailed.remedy)}


def test_one_that_nobody_reaches_costs_no_call_of_the_quota():
    checkup = checked(ProvisionApi, ProvisionApiSettings(_env_file=None, url="http://127.0.0.1:9"))

    what = "GET /health: no connection to 127.0.0.1:9 (ConnectError)"
    assert [faults(checkup)["reachable"][0], *message(checkup, "reachable")] == [what, what]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 device"), (2, "2 devices"), (1000, "1,000 devices or more")],
)
def test_its_devices_are_counted_as_far_as_they_are_shown(number, words):
    assert with_devices(number).who == f"tenant tenant-a, {words}"


def test_an_entry_that_cannot_be_read_is_a_fault_of_the_lists_and_all_others_are_counted():
    own = {"url": "https://provision.test", "admin_key": "k", "quota_calls": 0, "verify": False}
    device = {"tenant_id": "tenant-a", "device_id": "d", "status": "ACTIVE", "token_set": True}

    def answer(request):
        listed = [device, device | {"device_id": None}, None]
        return httpx.Response(200, json=listed if request.url.path == LIST else {"status": "ok"})

    settings = ProvisionApiSettings(_env_file=None, **own)
    checkup = answered(ProvisionApi, ProvisionApiClient, settings, answer)

    remedy = "Correct the entry in its system, or remove it; all others are read"
    problem = f"GET {LIST}: entry 1.device_id cannot be read (and 1 more)"
    assert faults(checkup) == {"lists": (problem, remedy)}
    assert checkup.who == "tenant tenant-a, 1 device"
