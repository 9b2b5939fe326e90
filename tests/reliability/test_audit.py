"""The audit finds what it is there for: each wrong is put in by hand, and named."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fleet.action.action import Approve
from ledger.session import open_ledger
from simulator.acusight.settings import DEFAULT_JWT
from tests.fleet.builders import a_request
from tests.reliability.audit import SCOPES, violations
from tests.reliability.clock import Clock
from tests.reliability.machine import Machine
from tests.reliability.plant import SITE, Plant
from tests.reliability.scenes import REVOKED, roster, set_up

THREE = roster()
CAMERA = THREE["acusight"][0].host_id


async def audited(wrong):
    """What the audit finds after a run to which `wrong` was done."""
    plant = Plant()
    await set_up(plant, THREE)
    ended = await Machine(plant, Clock(plant)).onboard(THREE)
    await wrong(plant)
    return violations(await plant.record(), ended)


async def nothing(_plant):
    pass


async def approve_again(plant):
    (request,) = (await plant.control("lem/state"))["requests"]
    await plant.control("lem/approve", entryID=request["entry_id"])


async def revive(plant):
    await plant.control("provision_api/status", device_id=REVOKED, status="ACTIVE")


async def replace_key(plant):
    """Somebody removes a camera and provisions it again, by a token of their own."""
    await plant.control("acusight/delete-device", device_id=CAMERA)
    http = httpx.AsyncClient(transport=plant.transport, base_url=f"{plant.url}/acusight/api/")
    user = {"Authorization": f"Bearer {DEFAULT_JWT}"}
    made = await http.post("provisioning-tokens", json={"name": "theirs"}, headers=user)
    sent = {"token": made.json()["data"]["token"], "device_info": {"device_id": CAMERA}}
    (await http.post("devices/provision", json=sent)).raise_for_status()


async def forget(_plant):
    """An approval was begun of which neither an outcome nor the device's status is known."""
    now = datetime.now(UTC)
    with open_ledger() as ledger:
        claim = ledger.claims.open_claim(SITE, SCOPES["lem"], "lost", [], now, timedelta(hours=1))
        begun = Approve(THREE["lem"][0], a_request(), "it was listed")
        ledger.journal.intend(claim, [begun], now)


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (nothing, []),
        (approve_again, ["approvals of 1: 2"]),
        (revive, ["gw-old was revived"]),
        (forget, ["approve of edge-1 has no outcome"]),
        (
            replace_key,
            [
                f"provisions of {CAMERA}: 2",
                "cam-1: in_service, its key held: False",
                "a provisioning token that nobody holds is live: theirs",
            ],
        ),
    ],
)
def test_what_is_wrong_is_found(new_ledger, wrong, found):
    new_ledger()

    assert asyncio.run(audited(wrong)) == found
