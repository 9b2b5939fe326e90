"""A ledger that is away for a moment pauses a run; no key that was received meanwhile is lost."""

import threading
import time

import pytest
from sqlalchemy import make_url

from fleet.device.secret import SecretKind
from flows.onboard_site import onboard_site
from ledger.session import open_ledger
from tests.flows.site import SITE, mixed
from tests.ledger.proxy import Proxy
from tests.postgres import address_of

pytestmark = pytest.mark.postgres


@pytest.fixture
def proxy(postgres_url, monkeypatch):
    """What stands between the ledger's PostgreSQL and us; the environment names it."""
    server = make_url(postgres_url)
    proxy = Proxy((server.host or "127.0.0.1", server.port or 5432))
    through = server.set(host="127.0.0.1", port=proxy.port)
    monkeypatch.setenv("MUSTER_LEDGER_URL", address_of(through))
    yield proxy
    proxy.restore()
    proxy.close()


def exchanged(lem):
    counted = lem.control("calls")
    return sum(counted["provisions"].values()) + sum(counted["activations"].values())


def cut_in_the_middle(lem, proxy, seconds):
    """Cut the ledger off for so long once the first key is exchanged; how many were until back."""
    seen, deadline = [], time.monotonic() + 60

    def cut():
        while exchanged(lem) < 1 and time.monotonic() < deadline:  # a run may end without any
            time.sleep(0.01)
        proxy.cut()
        time.sleep(seconds)
        seen.append(exchanged(lem))
        proxy.restore()

    thread = threading.Thread(target=cut)
    thread.start()
    return thread, seen


def test_a_restart_of_the_database_loses_no_key_of_two_connections(lem, ended, proxy):
    lem.control("faults", method="POST", path="provision$|activate$", kind="slow", seconds=0.3)
    thread, seen = cut_in_the_middle(lem, proxy, seconds=2)

    state = ended(onboard_site, SITE, mixed(cameras=24, gateways=4))
    thread.join()

    assert state.message.startswith("plant-7: 28 in service.")
    assert exchanged(lem) == 28
    assert seen[0] < 28
    with open_ledger() as ledger:
        held = [each.secret.kind for each in ledger.secrets.held(SITE)]
    assert held.count(SecretKind.API_KEY) == 24
    assert held.count(SecretKind.PROVISION_TOKEN) == 4


def test_a_database_that_stays_away_ends_the_run_with_what_was_lost_by_that(
    lem, ended, proxy, monkeypatch
):
    monkeypatch.setenv("MUSTER_LEDGER_WAIT_LIMIT", "PT1S")
    lem.control("faults", method="POST", path="provision$|activate$", kind="slow", seconds=0.3)
    thread, _ = cut_in_the_middle(lem, proxy, seconds=6)

    state = ended(onboard_site, SITE, mixed(cameras=24))
    thread.join()
    monkeypatch.delenv("MUSTER_LEDGER_WAIT_LIMIT")
    again = ended(onboard_site, SITE, mixed(cameras=24))

    lost = state.message.count("API key of ")
    assert state.is_failed()
    assert "The ledger cannot be used now: " in state.message
    assert 0 < lost < 24
    assert f"{lost} key lost" in again.message
    assert exchanged(lem) == 24
