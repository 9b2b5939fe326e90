"""What becomes of a call in which the simulated provision_api crashes."""

import asyncio

import pytest

from simulator.connections import Connections
from simulator.provision_api.app import Crashing
from simulator.provision_api.database import DatabaseTrouble
from simulator.replies import Refused


def crashed(error):
    """Call an app that ends with `error`."""

    async def app(*_):
        raise error

    asyncio.run(Crashing(app, Connections())({"type": "http"}, None, None))


@pytest.mark.parametrize("error", [DatabaseTrouble("it is down"), Refused(500, "as it does")])
def test_the_crashes_that_it_plays_are_not_logged(error, caplog):
    crashed(error)

    assert caplog.records == []


def test_a_fault_of_its_own_is_logged_with_its_place(caplog):
    crashed(KeyError("a fault of the simulator"))

    assert "a fault of the simulator" in caplog.text
    assert "Traceback" in caplog.text
