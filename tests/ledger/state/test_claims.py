"""Claims: whose devices are whose while runs come, go and die."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from fleet.device.device import Device
from ledger.database.engine import connect
from ledger.database.tables import ClaimRow, ConnectionRunRow
from ledger.session import Ledger
from ledger.state import journal
from ledger.state.claims import Claim, Claimed, ClaimLost, Claims
from ledger.state.lease import Watch
from tests.fleet.builders import NOW, a_device, mac
from tests.laws import share_of
from tests.ledger.running import (
    LEASE,
    ONE,
    SCOPE,
    SITE,
    TWO,
    Passing,
    after,
    approve,
    begun,
    rows,
    taken_over,
)


@pytest.fixture
def clock() -> Passing:
    """The clock by which a rival watches the leases of runs."""
    return Passing()


@pytest.fixture
def ledger(engine, clock) -> Ledger:
    ledger = Ledger(engine)
    ledger.claims = Claims(engine, Watch(clock))
    return ledger


def refused(ledger: Ledger, *devices: Device) -> timedelta:
    """How long the run that holds a device has still to renew."""
    with pytest.raises(Claimed) as refusal:
        begun(ledger, *devices)
    return refusal.value.left


def test_a_run_that_begins_is_recorded_with_its_lease(engine, ledger):
    claim = begun(ledger, ONE, TWO)

    (row,) = rows(engine, ConnectionRunRow)
    assert (row.id, row.site, row.scope, row.name) == (claim.id, SITE, SCOPE, "run 1")
    assert (row.started_at, row.lease_until, row.ended_at) == (NOW, NOW + LEASE, None)
    assert (row.lease_seconds, row.renewals) == (15, 0)
    assert {claim.device for claim in rows(engine, ClaimRow)} == {"edge-1", "edge-2"}


def test_a_claimed_device_is_refused_with_its_name_and_the_run_that_holds_it(ledger):
    claim = begun(ledger, ONE, name="amber fox")

    with pytest.raises(Claimed) as refusal:
        begun(ledger, TWO, ONE, name="blue hare")

    assert str(refusal.value) == (
        "The run 'amber fox' (site plant-7, since 09:00:00 UTC) is working on edge-1. "
        "Wait until that run ends, or cancel it."
    )
    assert (refusal.value.run_id, refusal.value.left) == (claim.id, LEASE)


def test_a_run_that_is_refused_one_device_claims_none(engine, ledger):
    begun(ledger, ONE)

    with pytest.raises(Claimed):
        begun(ledger, TWO, ONE)

    assert {claim.device for claim in rows(engine, ClaimRow)} == {"edge-1"}
    assert begun(ledger, TWO).id


def test_runs_over_different_devices_of_a_site_do_not_meet(ledger):
    assert begun(ledger, ONE).id != begun(ledger, TWO).id


@pytest.mark.parametrize("shared", [{"macs": [mac(9), mac(1)]}, {"macs": [], "host_id": "h1"}])
def test_one_box_on_the_rosters_of_two_sites_is_claimed_once(ledger, shared):
    begun(ledger, a_device("edge-1", host_id="h1"), name="amber fox")

    with pytest.raises(Claimed, match=r"'amber fox' \(site plant-7.* on other-name"):
        begun(ledger, a_device("other-name", **shared), site="plant-8")


def test_whoever_only_asks_hears_which_devices_other_runs_have_claimed(ledger):
    begun(ledger, a_device("edge-1", host_id="h1"), TWO, name="amber fox")
    asked = [a_device("other-name", macs=[], host_id="h1"), a_device("edge-9", macs=[mac(9)])]

    assert ledger.claims.others(Claim("plant-8", SCOPE), asked) == {"other-name": "amber fox"}
    assert ledger.claims.others(Claim(SITE, "another scope"), [ONE, TWO]) == {}


def test_one_name_on_the_rosters_of_two_sites_is_two_devices(ledger):
    begun(ledger, a_device("edge-1", macs=[]))

    assert begun(ledger, a_device("edge-1", macs=[]), site="plant-8").id


def test_a_device_without_identity_is_claimed_by_its_name(ledger):
    begun(ledger, a_device("edge-1", macs=[]))

    with pytest.raises(Claimed):
        begun(ledger, a_device("edge-1", macs=[mac(7)]))


def test_another_scope_is_another_world(ledger):
    begun(ledger, ONE)

    assert begun(ledger, ONE, scope="LEM project b").id


def test_a_run_without_devices_claims_its_site_s_unknown_devices(ledger):
    claim = ledger.claims.open_claim(SITE, SCOPE, "run 1", (), NOW, LEASE)

    with pytest.raises(Claimed, match="is working on unknown devices"):
        ledger.claims.open_claim(SITE, SCOPE, "run 2", (), NOW, LEASE)

    assert claim.id
    assert ledger.claims.open_claim("plant-8", SCOPE, "run 3", (), NOW, LEASE).id


def test_a_closed_run_leaves_its_devices_to_the_next(engine, ledger):
    first = begun(ledger, ONE)
    ledger.journal.intend(first, [approve()], NOW)

    ledger.claims.close_claim(first, after(1))

    assert begun(ledger, ONE, now=after(1)).id
    assert [row.ended_at for row in rows(engine, ConnectionRunRow) if row.id == first.id] == [
        after(1)
    ]


def test_a_closed_run_that_did_nothing_is_forgotten(engine, ledger):
    ledger.claims.close_claim(begun(ledger, ONE), after(1))

    assert rows(engine, ConnectionRunRow) == []


def test_a_dead_run_is_taken_over_when_it_was_watched_for_its_whole_lease(ledger, clock):
    begun(ledger, ONE)

    clock.seconds = 1000  # it may have died long ago; who comes now sees it for the first time
    assert refused(ledger, ONE) == LEASE
    clock.seconds += 14.5
    assert refused(ledger, ONE) == timedelta(seconds=0.5)
    clock.seconds += 0.5
    assert begun(ledger, ONE).id


def test_a_run_that_renews_is_watched_anew(ledger, clock):
    claim = begun(ledger, ONE)
    refused(ledger, ONE)
    clock.seconds = 14

    ledger.claims.renew(claim, after(14), LEASE)

    clock.seconds = 15
    assert refused(ledger, ONE) == LEASE
    clock.seconds = 30
    assert begun(ledger, ONE).id


@pytest.mark.parametrize("theirs", [timedelta(hours=-1), timedelta(), timedelta(hours=1)])
def test_no_time_of_day_keeps_a_dead_run_alive_or_ends_a_live_one(ledger, clock, theirs):
    """Machines' clocks differ, and one that was an hour ahead is set back."""
    begun(ledger, ONE, now=NOW + theirs)

    assert refused(ledger, ONE) == LEASE
    clock.seconds = 14
    assert refused(ledger, ONE) == timedelta(seconds=1)
    clock.seconds = 15
    assert begun(ledger, ONE).id


def test_it_is_the_lease_of_the_run_that_counts_and_not_that_of_its_rival(ledger, clock):
    ledger.claims.open_claim(SITE, SCOPE, "run 1", [ONE], NOW, LEASE * 4)
    refused(ledger, ONE)

    clock.seconds = 59

    assert refused(ledger, ONE) == timedelta(seconds=1)


def test_all_dead_runs_are_watched_from_the_first_on_so_that_a_night_waits_once(ledger, clock):
    begun(ledger, ONE)
    begun(ledger, TWO, site="plant-8")
    refused(ledger, ONE)

    clock.seconds = 15

    assert begun(ledger, ONE).id
    assert begun(ledger, TWO, site="plant-8").id


def test_a_run_that_is_taken_over_may_neither_execute_nor_renew(engine, ledger):
    first = begun(ledger, ONE, TWO)
    second = taken_over(engine, ONE)

    with pytest.raises(ClaimLost, match="taken over the devices of plant-7"):
        ledger.journal.intend(first, [approve()], after(16))
    with pytest.raises(ClaimLost):
        ledger.claims.renew(first, after(16), LEASE)

    assert rows(engine, journal.IntentRow) == []
    ledger.claims.renew(second, after(16), LEASE)


def test_a_late_renewal_counts_when_nobody_took_over(ledger, clock):
    claim = begun(ledger, ONE)
    refused(ledger, ONE)
    clock.seconds = 60

    ledger.claims.renew(claim, after(60), LEASE)

    assert refused(ledger, ONE) == LEASE


def test_a_slow_run_whose_devices_nobody_wants_keeps_its_claims(engine, ledger):
    slow = begun(ledger, ONE)
    taken_over(engine, TWO)

    ledger.journal.intend(slow, [approve()], after(61))
    ledger.claims.renew(slow, after(61), LEASE)

    assert {claim.device for claim in rows(engine, ClaimRow)} == {"edge-1", "edge-2"}


def test_a_dead_run_of_which_one_device_is_wanted_loses_all_and_others_none(engine, ledger):
    dead = begun(ledger, ONE, TWO)
    slow = begun(ledger, a_device("edge-3", macs=[mac(3)]))

    taken_over(engine, TWO)

    assert {claim.device for claim in rows(engine, ClaimRow)} == {"edge-2", "edge-3"}
    ledger.claims.renew(slow, after(61), LEASE)
    with pytest.raises(ClaimLost):
        ledger.claims.renew(dead, after(61), LEASE)


def test_a_run_of_another_scope_takes_over_nothing(engine, ledger):
    slow = begun(ledger, ONE)

    taken_over(engine, ONE, scope="LEM project b")

    ledger.claims.renew(slow, after(61), LEASE)


def test_a_refused_run_takes_nobody_elses_claims(ledger, clock):
    dead = begun(ledger, TWO)
    refused(ledger, TWO)
    clock.seconds = 20
    begun(ledger, ONE)

    refused(ledger, ONE, TWO)

    ledger.claims.renew(dead, after(20), LEASE)


def test_a_dry_run_may_not_execute_anything(ledger):
    with pytest.raises(ClaimLost):
        ledger.journal.intend(Claim(SITE, SCOPE), [approve()], NOW)


@pytest.mark.parametrize("order", [1, -1], ids=["in one order", "in opposite orders"])
def test_of_runs_that_begin_at_once_exactly_one_wins(url, order):
    devices = [a_device(f"edge-{n}", macs=[mac(n)], host_id=f"h{n}") for n in range(200)]
    rosters = [devices, devices[::order]] * 3
    together = Barrier(len(rosters))

    def begin(number):
        engine = connect(url)  # of its own, as in another process
        with engine.connect():
            pass
        together.wait()
        try:
            return begun(Ledger(engine), *rosters[number], name=f"run {number}")
        except Claimed as claimed:
            return claimed
        finally:
            engine.dispose()

    with ThreadPoolExecutor(len(rosters)) as pool:
        ended = list(pool.map(begin, range(len(rosters))))

    (winner,) = [each for each in ended if isinstance(each, Claim)]
    assert {each.run_id for each in ended if isinstance(each, Claimed)} == {winner.id}


MACS = {name: [mac(n), mac(n + 1)] for n, name in enumerate("abcd")}
some_devices = st.lists(st.sampled_from(sorted(MACS)), min_size=1, unique=True).map(
    lambda names: tuple(a_device(name, macs=MACS[name]) for name in names)
)
steps = st.integers(0, 20).map(float)
errors = st.integers(-7200, 7200).map(lambda seconds: timedelta(seconds=seconds))
MACHINES = 3


@dataclass
class Live:
    """What the model knows of a run: its claims, its last renewal, and whether they were taken."""

    claim: Claim
    devices: tuple[Device, ...]
    renewed: float
    holds: bool = True

    def meets(self, devices: tuple[Device, ...]) -> bool:
        shown = {trait for device in self.devices for trait in device.identity.traits()}
        return any(shown & device.identity.traits() for device in devices)


class Rivals(RuleBasedStateMachine):
    """Runs of machines whose clocks differ, which come, go and die; a subclass has the engine."""

    engine: Engine

    def __init__(self):
        super().__init__()
        self.clock = Passing()
        self.runs = []
        self.machines = [Ledger(self.engine) for _ in range(MACHINES)]
        for machine in self.machines:
            machine.claims = Claims(self.engine, Watch(self.clock))

    @rule(by=steps)
    def time_passes(self, by):
        self.clock.seconds += by

    @rule(devices=some_devices, machine=st.integers(0, MACHINES - 1), error=errors)
    def a_run_begins(self, devices, machine, error):
        self.begin(devices, self.machines[machine], NOW + error)

    @rule(devices=some_devices, machine=st.integers(0, MACHINES - 1))
    def a_run_begins_after_it_watched_all_others_die(self, devices, machine):
        if not self.begin(devices, self.machines[machine], NOW):
            self.clock.seconds += LEASE.total_seconds()
            assert self.begin(devices, self.machines[machine], NOW)

    def begin(self, devices, ledger, now):
        """Whether a run began; never on a device of a run that has renewed within its lease."""
        meeting = [run for run in self.runs if run.holds and run.meets(devices)]
        try:
            claim, holder = begun(ledger, *devices, now=now), ""
        except Claimed as claimed:
            claim, holder = None, claimed.run_id
        if claim is None:
            assert holder in {run.claim.id for run in meeting}
            return False
        for run in meeting:
            assert self.clock.seconds - run.renewed >= LEASE.total_seconds()
            run.holds = False
        self.runs.append(Live(claim, devices, self.clock.seconds))
        return True

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), machine=st.integers(0, MACHINES - 1), error=errors)
    def a_run_renews(self, data, machine, error):
        run = data.draw(st.sampled_from(self.runs))
        try:
            self.machines[machine].claims.renew(run.claim, NOW + error, LEASE)
        except ClaimLost:
            assert not run.holds
            return
        assert run.holds
        run.renewed = self.clock.seconds

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def a_run_ends(self, data):
        run = data.draw(st.sampled_from(self.runs))
        self.machines[0].claims.close_claim(run.claim, NOW)
        run.holds = False

    def teardown(self):
        for run in self.runs:
            self.machines[0].claims.close_claim(run.claim, NOW)


def test_no_two_live_runs_have_claimed_one_device(engine):
    law = settings(max_examples=share_of(15), stateful_step_count=15)

    run_state_machine_as_test(type("Here", (Rivals,), {"engine": engine}), settings=law)
