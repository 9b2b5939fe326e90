"""Prefect's server is away in the middle of a run: the run goes on, and ends as it would have."""

import time
from urllib.parse import urlsplit

import pytest
from prefect.settings import PREFECT_API_URL
from sqlalchemy import text

from tests.flows.processes import await_that, start_run
from tests.flows.site import approvals, devices, roster
from tests.ledger.proxy import Proxy

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def proxy(prefect_server):
    """What stands between Prefect's server and a run."""
    server = urlsplit(PREFECT_API_URL.value())
    proxy = Proxy((server.hostname, server.port))
    yield proxy
    proxy.close()


@pytest.mark.parametrize(
    ("answer", "seconds"), [(UNAVAILABLE, 20), (b"", 10)], ids=["503 for 20 s", "gone for 10 s"]
)
def test_a_run_outlives_a_prefect_server_that_is_away(lem, engine, proxy, answer, seconds):
    lem.control("lem/boot", devices=devices(10), boot_seconds=[0, 200])
    run = start_run(roster(devices(10)), api=f"http://127.0.0.1:{proxy.port}/api")
    await_that(run, lambda: len(approvals(lem)) >= 2)

    proxy.cut(answer)
    time.sleep(seconds)
    proxy.restore()
    ended, _ = run.communicate(timeout=180)

    assert ended.startswith("Completed plant-7: 10 in service.")
    assert sorted(approvals(lem).values()) == [1] * 10
    assert lem.control("calls")["configs_added"] == 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM claim")).scalar() == 0
