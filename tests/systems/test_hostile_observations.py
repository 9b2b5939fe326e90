"""Lists that were spoiled in one place: what is observed of all other devices is as it was."""

import asyncio
import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fleet.device.device import Device
from fleet.device.secret import Keyring, Secret, SecretKind
from fleet.planning.assess import assess
from fleet.planning.plan import plan
from fleet.state.memory import Memory
from fleet.status.limits import Limits
from systems.acusight.adapter import Acusight
from systems.lem.adapter import Lem
from systems.provision_api.adapter import ProvisionApi
from systems.shared.errors import ApiError
from tests.fleet.builders import wanted
from tests.laws import SAME_FIXTURES, one_in, share_of
from tests.systems.acusight.asking import ACUSIGHT
from tests.systems.lem.asking import LEM, lem_settings
from tests.systems.lem.observing import config, entry, page, profile
from tests.systems.provision_api.asking import PROVISION_API
from tests.systems.shared.test_hostile_answers import ANYTHING

pytestmark = pytest.mark.usefixtures("unhurried")

NOW = datetime(2026, 11, 30, 7, 37, 36, tzinfo=UTC)
NAMES = ("edge-1", "edge-2", "edge-3")
DEVICES = tuple(
    Device(name=name, host_id=f"{number:012x}", zero_touch=None)
    for number, name in enumerate(NAMES, 1)
)
AT = "2026-11-30T07:37:36.000000+00:00"


def host(number):
    return {"hostID": f"{number:012x}", "macAddress": f"02:00:00:00:00:0{number}"}


LISTS = {
    "lem": {
        "/api/v1/activation/config/list": [config(f"CODE{n}-AAAAA") for n in (1, 2, 3)],
        "/api/v1/activation/request": [
            entry("ACTIVATED", entryID=n, deviceId=f"d{n}", **host(n)) for n in (1, 2, 3)
        ],
        "/api/v1/device/p1": page([{"id": f"d{n}", "status": "ACTIVE"} for n in (1, 2, 3)]),
        "/api/v1/zt/p1/config": page([profile(f"p{n}", f"ZERO{n}-AAAAA") for n in (1, 2, 3)]),
    },
    "provision_api": {
        "/api/admin/devices": [
            {
                "tenant_id": "tenant-a",
                "device_id": name,
                "site_id": "plant-7",
                "status": "ACTIVE",
                "provisioned_at": AT,
                "fw_version": None,
                "token_set": True,
            }
            for name in NAMES
        ]
    },
    "acusight": {
        "/api/provisioning-tokens": {
            "success": True,
            "data": [
                {"id": f"t{n}", "name": "a", "single_use": False, "use_count": 1, "created_at": AT}
                for n in (1, 2, 3)
            ],
        },
        "/api/device/self": {"success": True, "data": {"device_id": "d", "status": "approved"}},
    },
}
KEYS = Keyring(
    [
        Secret(SecretKind.API_KEY, SecretStr("adk_1"), "edge-1", "t1"),
        Secret(SecretKind.PROVISIONING_TOKEN, SecretStr("apt_1"), None, "t1"),
        Secret(SecretKind.ACTIVATION_CODE, SecretStr("code-1"), "edge-2", "c1"),
    ]
)
SYSTEMS = {
    "lem": (LEM, Lem, lem_settings(project="p1")),
    "provision_api": (PROVISION_API, ProvisionApi, PROVISION_API.settings(quota_calls=0)),
    "acusight": (ACUSIGHT, Acusight, ACUSIGHT.settings()),
}


def places(node, at=()):
    """The place of every node of some JSON."""
    yield at
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(value, (*at, key))


def spoiled(lists, at, value):
    """The lists with something else at one place, or with nothing there when it is `...`."""
    lists = deepcopy(lists)
    node = lists
    for key in at[:-1]:
        node = node[key]
    if value is ...:
        del node[at[-1]]
    else:
        node[at[-1]] = value
    return lists


def observed(name, lists):
    """What the adapter shows of these lists, and what follows from it for three devices."""
    system, adapter, own = SYSTEMS[name]

    def answer(request):
        return httpx.Response(200, content=json.dumps(lists[request.url.path]))

    async def observe():
        async with system.client.connect(own, httpx.MockTransport(answer)) as client:
            here = adapter(client, own)
            devices = (*DEVICES[:2], DEVICES[2].model_copy(update={"zero_touch": "p3"}))
            return here.profile, await here.observe("plant-7", devices, KEYS)

    profile_, shown = asyncio.run(observe())
    desired = wanted(*DEVICES, system_profile=profile_, expires_at=NOW + timedelta(days=7))
    assessment = assess(desired, shown, Memory(), Limits(), NOW)
    plan(desired, shown, Memory(), assessment)
    return shown, assessment


def serving(name, lists):
    """The ids of the devices that are shown as being in service."""
    return observed(name, lists)[0].present


@cache
def all_serving(name):
    """Those that lists show which nobody spoiled."""
    return serving(name, LISTS[name])


def outcome(name, lists):
    """The same, or the error that comes of it."""
    try:
        return serving(name, lists)
    except Exception as error:  # noqa: BLE001  (which one, the test says)
        return error


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_not_spoiled_is_shown(name):
    shown, _ = observed(name, LISTS[name])

    assert len(shown.present) == (1 if name == "acusight" else 3)
    assert shown.unreadable == ()


def spots(name, *, in_entries):
    """Where lists can be spoiled: in one of their entries, or in what is around them."""
    found = [place for place in places(LISTS[name]) if len(place) > 1]
    return [place for place in found if any(isinstance(key, int) for key in place) is in_entries]


def anything_at(place):
    """Any JSON, or nothing at all where that leaves all others in their places."""
    return ANYTHING if isinstance(place[-1], int) else ANYTHING | st.just(...)


@pytest.mark.parametrize("name", one_in(3, SYSTEMS))
@settings(SAME_FIXTURES, max_examples=share_of(150))
@given(data=st.data())
def test_a_spoiled_entry_hides_one_device_at_most(name, data):
    place = data.draw(st.sampled_from(spots(name, in_entries=True)))
    lists = spoiled(LISTS[name], place, data.draw(anything_at(place)))

    assert len(all_serving(name) - serving(name, lists)) <= 1


# provision_api has a bare array alone
@pytest.mark.parametrize("name", one_in(2, ["lem", "acusight"]))
@settings(SAME_FIXTURES, max_examples=share_of(60))
@given(data=st.data())
def test_what_is_spoiled_around_a_list_is_one_clear_error_or_no_harm(name, data):
    place = data.draw(st.sampled_from(spots(name, in_entries=False)))
    lists = spoiled(LISTS[name], place, data.draw(anything_at(place)))

    assert isinstance(outcome(name, lists), frozenset | ApiError)
