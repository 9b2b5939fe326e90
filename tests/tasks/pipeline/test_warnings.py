"""What a run is warned of, beside its devices: all that a system shows may be affected."""

import asyncio

import httpx

from ledger.session import open_ledger
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from tasks.pipeline.observe import observe
from tasks.pipeline.plan import plan, warnings
from tasks.runtime.connection_run import ConnectionRun
from tests.fleet.builders import a_device, wanted
from tests.tasks.pipeline.unserved import BY, SITE

DEVICE = a_device(host_id="0000000000aa")
ASKS = {"entryID": 7, "code": "AAAAA-BBBBB", "hostID": "0000000000aa", "status": "PENDING"}


def found(requests, devices):
    """What a dry run is warned of, and which requests it sees, when LEM lists these."""
    page = {"pageNum": 0, "pagesCount": 1, "totalSize": len(devices), "elements": devices}
    lists = {"config": [], "request": requests, "device": page}

    def answer(request):
        kind = next(kind for kind in lists if f"/{kind}" in request.url.path)
        return httpx.Response(200, json=lists[kind])

    async def observed():
        settings = LemSettings(_env_file=None, url="http://lem.test", verify=False)
        async with LemClient.connect(settings, httpx.MockTransport(answer)) as client:
            lem = Lem(client, settings)
            with open_ledger() as ledger:
                desired = wanted(DEVICE, site=SITE, system_profile=lem.profile)
                run = ConnectionRun("run", SITE, BY, lem, desired, ledger)
                planned = plan(run, await observe(run))
                return warnings(run, planned), [r.id for r in planned.observed.requests]

    return asyncio.run(observed())


def test_entries_that_cannot_be_read_hide_no_others_and_are_named(ledger_url):
    warned, requests = found([ASKS, ASKS | {"entryID": None}], [{"id": None}, {"id": "d1"}])

    (warning,) = warned
    assert requests == ["7"]
    assert warning.startswith(
        "2 entries (the first: GET /api/v1/activation/request: entry 1.entryID"
    )
    assert warning.endswith(
        "cannot be read; what cannot be read is left out. Have it corrected there."
    )


def test_a_request_without_a_code_is_a_request(ledger_url):
    warned, requests = found([ASKS | {"code": None}, ASKS | {"entryID": 8}], [])

    assert (warned, requests) == ([], ["7", "8"])
