"""A run or a night that is killed: another one carries on, and nothing is done twice."""

import pandas as pd
import pytest

from fleet.device.secret import SecretKind
from flows.onboard_site import onboard_site
from flows.reconcile_sites import reconcile_sites
from tests.flows.processes import kill_when, start_night, start_run
from tests.flows.site import (
    SITE,
    approvals,
    changes,
    devices,
    mixed,
    roster,
    secrets_of,
    without_wait_limit,
)


@pytest.mark.parametrize(
    "moment",
    [
        lambda lem: changes(lem)["config"] > 0,
        lambda lem: len(approvals(lem)) >= 1,
        lambda lem: len(approvals(lem)) >= 10,
        lambda lem: len(approvals(lem)) >= 20,
    ],
    ids=["after the config", "at the first approval", "half way", "after the last approval"],
)
def test_a_killed_run_is_carried_on_by_the_next(lem, ended, moment):
    booted = devices(20)
    lem.control("lem/boot", devices=booted, boot_seconds=[0, 40])
    text = roster(booted)
    kill_when(start_run(text), lambda: moment(lem))

    state = ended(onboard_site, SITE, text)

    assert state.message.startswith("plant-7: 20 in service.")
    assert lem.control("calls")["configs_added"] == 1
    assert sorted(approvals(lem).values()) == [1] * 20


@pytest.mark.parametrize("path", ["/activation/config$", "/request/status"])
def test_a_run_killed_while_the_answer_is_on_its_way_does_nothing_twice(lem, ended, path):
    booted = devices(4)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path=path, kind="lost-reply", times=1)
    text = roster(booted)
    kill_when(start_run(text), lambda: sum(changes(lem).values()) > 0)
    lem.clear("faults")

    state = ended(onboard_site, SITE, text)

    assert state.message.startswith("plant-7: 4 in service.")
    assert lem.control("calls")["configs_added"] == 1
    assert sorted(approvals(lem).values()) == [1] * 4


@pytest.mark.parametrize("approved", [1, 10])
def test_a_killed_night_is_carried_on_by_the_next(lem, ended, approved):
    ended(onboard_site, SITE, roster(devices(20)), wait_minutes=0)
    lem.control("lem/boot", devices=devices(20))
    lem.control("clock", advance_seconds=60)
    lem.control("faults", method="POST", path="/request/status$", kind="slow", seconds=0.2)
    kill_when(start_night(), lambda: len(approvals(lem)) >= approved)
    lem.clear("faults")

    without_wait_limit(reconcile_sites)
    lem.control("clock", advance_seconds=60)
    state = without_wait_limit(reconcile_sites)

    assert state.message.startswith("20 of 20 devices in service")
    assert sorted(approvals(lem).values()) == [1] * 20


def done(lem, remediation):
    """How many devices have had `remediation` done to them, and that none had it twice."""
    counted = lem.control("calls")[remediation]
    assert set(counted.values()) <= {1}, remediation
    return len(counted)


@pytest.mark.parametrize(
    "remediation", ["tokens_made", "provisions", "registrations", "activations"]
)
def test_no_key_is_lost_without_a_finding(lem, ended, tmp_path, remediation):
    text = mixed(cameras=6, gateways=6)
    lem.control("faults", method="POST", path="provision|activate", kind="slow", seconds=0.2)
    kill_when(start_run(text), lambda: done(lem, remediation) >= 1)
    lem.clear("faults")

    ended(onboard_site, SITE, text)

    stands = dict(pd.read_csv(max(tmp_path.glob("reports/*.csv")))[["device", "state"]].values)
    keyrings = {"cam": secrets_of("acusight"), "gw": secrets_of("api")}
    for name, state in stands.items():
        keys = keyrings[name.partition("-")[0]]
        held = [
            keys.latest(kind, name) for kind in (SecretKind.API_KEY, SecretKind.PROVISION_TOKEN)
        ]
        assert (state, any(held)) in {("in service", True), ("key lost", False)}, name
    assert len(stands) == 12
    assert (done(lem, "provisions"), done(lem, "activations")) == (6, 6)
