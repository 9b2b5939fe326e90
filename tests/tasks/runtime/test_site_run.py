"""What a site run takes from how its devices were ordered before."""

import asyncio

import pytest

from fleet.admission.desired import Order
from fleet.roster.roster import Line, Roster
from fleet.text.place import Place
from ledger.database.engine import connect
from ledger.session import Ledger
from tasks.runtime.site_run import open_site_run
from tests.connections.answering import answering
from tests.fleet.builders import NOW, a_device
from tests.ledger.relaxed import none_relaxed
from tests.ledger.running import begun, stand

SITE = "plant-7"


@pytest.fixture
def moved(database_url, tmp_path, monkeypatch):
    """A roster whose edge-1 people had to approve in another project than its line leads to now."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    monkeypatch.setenv("LEM_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LEM_TOKEN", "a token")
    monkeypatch.setenv("LEM_PROJECT", "south")
    engine = connect(database_url)
    ledger, before = Ledger(engine), "LEM project north"
    stand(ledger, begun(ledger, a_device(), site=SITE, scope=before))
    names = {(before, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=True, relaxing=none_relaxed)
    yield Roster(SITE, (Line(Place(2), a_device(), "lem"),))
    engine.dispose()


@pytest.mark.parametrize(
    ("ordered", "by_people", "relaxed"),
    [({}, {"edge-1"}, set()), ({"asks_people": False}, set(), {"edge-1"})],
    ids=["as before", "by policy"],
)
def test_approval_by_people_goes_with_a_device_to_another_connection(
    moved, ordered, by_people, relaxed
):
    async def opened():
        order = Order(moved, expires_at=NOW, **ordered)
        async with open_site_run("run", order, dry_run=True) as site_run:
            return site_run.runs

    with answering(200, []):  # no connection is stored as a block
        (run,) = asyncio.run(opened())

    assert run.system.scope == "LEM project south"
    assert run.desired.by_people == by_people
    assert run.relaxed == relaxed
