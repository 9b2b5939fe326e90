"""A night observes what another run did while it waited for its devices."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from flows.onboard_site import onboard_site
from flows.reconcile_sites import reconcile_sites
from ledger.database.tables import DeviceRow
from tests.flows.site import (
    SITE,
    approvals,
    at_work,
    changes,
    device,
    devices,
    roster,
    without_wait_limit,
)
from tests.ledger.rewriting import rewrite


@pytest.fixture
def night_after(engine):
    """One night, while another run holds all devices, does something, and then lets them go."""

    def run(change):
        _hold(engine)
        other = threading.Timer(1.0, change)
        other.start()
        state = without_wait_limit(reconcile_sites)
        other.join()
        return state

    return run


def _hold(engine):
    """A run that holds all devices, and has begun its last lease."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO connection_run "
                "(id, site, scope, name, started_at, lease_until, lease_seconds) "
                "SELECT 'other', site, scope, 'other', changed_at, changed_at, 1.5 "
                "FROM device LIMIT 1"
            )
        )
        connection.execute(
            text(
                "INSERT INTO claim (key, device, run_id) SELECT scope || ': device ' || site "
                "|| '/' || name, name, 'other' FROM device"
            )
        )


def _write(engine, statement):
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_a_device_that_was_taken_off_its_roster_meanwhile_is_not_admitted(
    lem, ended, night_after, engine
):
    ended(onboard_site, SITE, roster(devices(2)), wait_minutes=0)
    lem.control("lem/boot", devices=devices(2))
    lem.control("clock", advance_seconds=60)

    def take_off():
        rewrite(engine, DeviceRow, {"is_listed": False}, name="edge-002")

    night_after(take_off)

    assert list(approvals(lem).values()) == [1]


def test_to_leave_a_site_to_a_run_that_works_there_is_no_failure(lem, ended, engine):
    ended(onboard_site, SITE, roster(devices(1)), wait_minutes=0)
    _hold(engine)

    with at_work(engine):
        state = without_wait_limit(reconcile_sites, report=False)

    assert state.is_completed()
    assert state.message == "Not checked: plant-7 by lem."


def test_what_another_run_has_just_retried_is_not_retried_again(
    lem, ended, night_after, engine, monkeypatch
):
    monkeypatch.setenv("MUSTER_RETRIES", "0")
    lem.control("lem/boot", devices=[device(1, "fails-always")])
    ended(onboard_site, SITE, roster([device(1)]))
    without_wait_limit(reconcile_sites)
    _write(engine, "UPDATE finding SET actions = 0, last_action_at = NULL")
    lem.clear("calls")

    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    night_after(lambda: _write(engine, f"UPDATE finding SET actions = 1, last_action_at = '{now}'"))

    assert changes(lem) == {}
