"""The remembered roster: what the last whole roster of a site does not name is on none."""

import pytest

from fleet.action.action import Confirm
from fleet.device.device import Device
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from ledger.database.tables import DeviceRow
from ledger.state.claims import ClaimLost
from tests.fleet.builders import NOW, a_device, a_request, mac
from tests.ledger.relaxed import none_relaxed
from tests.ledger.running import (
    ONE,
    SCOPE,
    SITE,
    TWO,
    after,
    approve,
    begun,
    rows,
    stand,
    taken_over,
)

OTHER_SCOPE = "Acusight organization b"


def stood(ledger, *devices_, **where):
    """Devices of a site that were looked at once."""
    claim = begun(ledger, *devices_, **where)
    for device in devices_:
        stand(ledger, claim, device=device)
    return claim


def listed(ledger, *names, is_whole_site=True, scope=SCOPE, connection="lem-north", site=SITE):
    """A roster of the site that names those devices, all by one connection."""
    ledger.devices.list_as_ordered(
        site, {(scope, connection): names}, is_whole_site, relaxing=none_relaxed
    )


def rostered(ledger):
    return {
        each.device.name: (each.connection, each.is_listed) for each in ledger.devices.remembered()
    }


# What is remembered


def test_before_any_run_no_device_is_remembered(ledger):
    assert ledger.devices.remembered() == []
    assert ledger.devices.of_site(SITE, SCOPE) == ()


def test_a_device_is_remembered_as_it_was_listed_and_as_it_stood(ledger):
    device = Device(name="edge-1", host_id="H1", macs=(mac(2), mac(1)), zero_touch="lab")
    stood(ledger, device)
    listed(ledger, "edge-1")

    assert ledger.devices.remembered() == [
        DeviceRecord(
            site=SITE,
            scope=SCOPE,
            connection="lem-north",
            device=device,
            state=State.WAITING,
            is_listed=True,
            confirmed_as=None,
            changed_at=NOW,
        )
    ]


def test_an_identity_that_is_one_no_longer_is_remembered_as_it_was_written(ledger):
    """An earlier release took an example MAC; without any, the site's code alone would do."""
    earlier = Device.model_construct(
        name="edge-1", host_id=None, macs=("aa:bb:cc:dd:ee:ff",), zero_touch=None
    )
    stood(ledger, earlier)

    [remembered] = ledger.devices.remembered()

    assert remembered.device == earlier
    assert remembered.device.identity.traits() == {"MAC aa:bb:cc:dd:ee:ff"}


def test_a_device_that_was_seen_in_service_is_remembered_with_its_id(ledger):
    claim = stood(ledger, ONE)
    stand(ledger, claim, state=State.IN_SERVICE, now=after(5))
    ledger.devices.confirm(claim, [Confirm(ONE, a_request(device_id="d1"))], after(9))

    (record,) = ledger.devices.remembered()

    assert (record.state, record.confirmed_as, record.changed_at) == (
        State.IN_SERVICE,
        "d1",
        after(9),
    )


def test_devices_are_remembered_by_site_and_name(ledger):
    stood(ledger, TWO, ONE)
    stood(ledger, a_device("edge-0", macs=[mac(9)]), site="plant-8")

    assert [(each.site, each.device.name) for each in ledger.devices.remembered()] == [
        (SITE, "edge-1"),
        (SITE, "edge-2"),
        ("plant-8", "edge-0"),
    ]


def test_a_scope_knows_its_own_devices(ledger):
    stood(ledger, ONE)
    stood(ledger, TWO, scope=OTHER_SCOPE)

    assert [each.device.name for each in ledger.devices.remembered(OTHER_SCOPE)] == ["edge-2"]
    assert ledger.devices.of_site(SITE, SCOPE) == (ONE,)
    assert ledger.devices.of_site(SITE, OTHER_SCOPE) == (TWO,)
    assert ledger.devices.of_site("plant-8", SCOPE) == ()


def test_a_device_that_was_retired_is_remembered_as_that(ledger):
    claim = stood(ledger, ONE)
    listed(ledger, "edge-1")

    stand(ledger, claim, state=State.RETIRED, now=after(5))

    (record,) = ledger.devices.remembered()
    assert (record.state, record.is_listed, record.changed_at) == (State.RETIRED, True, after(5))


# Listing


def test_a_device_is_listed_by_no_known_connection_until_a_roster_says_by_which(ledger):
    stood(ledger, ONE)
    before = rostered(ledger)

    listed(ledger, "edge-1")

    assert before == {"edge-1": ("", False)}
    assert rostered(ledger) == {"edge-1": ("lem-north", True)}


def test_what_a_whole_roster_does_not_name_is_on_none_and_keeps_its_connection(ledger):
    stood(ledger, ONE, TWO)
    listed(ledger, "edge-1", "edge-2")

    listed(ledger, "edge-1")

    assert rostered(ledger) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", False)}


def test_a_roster_of_a_part_of_the_site_takes_nobody_off(ledger):
    stood(ledger, ONE, TWO)
    listed(ledger, "edge-1", "edge-2")

    listed(ledger, "edge-1", is_whole_site=False)

    assert rostered(ledger) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", True)}


def test_who_was_taken_off_is_listed_again_by_any_roster_that_names_it(ledger):
    stood(ledger, ONE, TWO)
    listed(ledger, "edge-1")

    listed(ledger, "edge-2", is_whole_site=False, connection="lem-south")

    assert rostered(ledger) == {"edge-1": ("lem-north", True), "edge-2": ("lem-south", True)}


def test_how_a_device_was_ordered_last_is_remembered(ledger):
    stood(ledger, ONE, TWO)
    by_people = {(SCOPE, "lem-north"): ["edge-1", "edge-2"]}
    ledger.devices.list_as_ordered(
        SITE,
        by_people,
        is_whole_site=True,
        is_by_people=True,
        activates_itself=True,
        relaxing=none_relaxed,
    )

    listed(ledger, "edge-2", is_whole_site=False)

    terms = {
        k.device.name: (k.is_by_people, k.activates_itself) for k in ledger.devices.remembered()
    }
    assert terms == {"edge-1": (True, True), "edge-2": (True, False)}


@pytest.mark.parametrize("was_so", [False, True])
def test_who_activates_a_device_stays_as_ordered_where_an_order_does_not_say(ledger, was_so):
    stood(ledger, ONE)
    names = {(SCOPE, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(
        SITE, names, True, activates_itself=was_so, relaxing=none_relaxed
    )

    ledger.devices.list_as_ordered(SITE, names, True, activates_itself=None, relaxing=none_relaxed)

    assert [each.activates_itself for each in ledger.devices.remembered()] == [was_so]


@pytest.mark.parametrize("was_so", [False, True])
def test_approval_by_people_stays_as_ordered_where_an_order_does_not_say(ledger, was_so):
    stood(ledger, ONE)
    names, relaxed = {(SCOPE, "lem-north"): ["edge-1"]}, []
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=was_so, relaxing=none_relaxed)

    for ordered in (None, False):
        ledger.devices.list_as_ordered(
            SITE,
            names,
            is_whole_site=True,
            is_by_people=ordered,
            relaxing=lambda _session, found: relaxed.append(found),
        )
        expected = was_so and ordered is None
        assert [each.is_by_people for each in ledger.devices.remembered()] == [expected]

    assert relaxed == [[], [(SCOPE, "edge-1")] if was_so else []]


@pytest.mark.parametrize("ordered", [None, True, False])
def test_approval_by_people_goes_with_a_device_to_another_connection(ledger, ordered):
    stood(ledger, ONE)
    names, relaxed = {(SCOPE, "lem-north"): ["edge-1"]}, []
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=True, relaxing=none_relaxed)
    stood(ledger, ONE, scope=OTHER_SCOPE, now=after(60))

    ledger.devices.list_as_ordered(
        SITE,
        {(OTHER_SCOPE, "lem-south"): ["edge-1"]},
        is_whole_site=True,
        is_by_people=ordered,
        relaxing=lambda _session, found: relaxed.extend(found),
    )

    by_people = {each.scope: each.is_by_people for each in ledger.devices.remembered()}
    assert by_people == dict.fromkeys((SCOPE, OTHER_SCOPE), ordered is not False)
    assert relaxed == ([(OTHER_SCOPE, "edge-1")] if ordered is False else [])


def test_a_roster_that_says_nothing_of_who_approves_leaves_that_as_it_was(ledger):
    stood(ledger, ONE)
    names = {(SCOPE, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=True, relaxing=none_relaxed)

    ledger.devices.list_as_ordered(SITE, names, True, relaxing=none_relaxed)

    assert [each.is_by_people for each in ledger.devices.remembered()] == [True]


def test_an_empty_roster_takes_everybody_off(ledger):
    stood(ledger, ONE, TWO)

    ledger.devices.list_as_ordered(SITE, {}, is_whole_site=True, relaxing=none_relaxed)

    assert rostered(ledger) == {"edge-1": ("", False), "edge-2": ("", False)}


def test_the_devices_of_one_roster_may_come_in_by_several_connections(ledger):
    stood(ledger, ONE)
    stood(ledger, TWO, scope=OTHER_SCOPE)

    names = {(SCOPE, "lem-north"): ["edge-1"], (OTHER_SCOPE, "acusight"): ["edge-2"]}
    ledger.devices.list_as_ordered(SITE, names, is_whole_site=True, relaxing=none_relaxed)

    assert rostered(ledger) == {"edge-1": ("lem-north", True), "edge-2": ("acusight", True)}


def test_a_device_that_moved_to_another_system_is_on_no_roster_in_its_old_one(ledger):
    stood(ledger, ONE)
    listed(ledger, "edge-1")
    stood(ledger, ONE, scope=OTHER_SCOPE, now=after(60))

    listed(ledger, "edge-1", scope=OTHER_SCOPE, connection="acusight")

    assert {each.scope: each.is_listed for each in ledger.devices.remembered()} == {
        SCOPE: False,
        OTHER_SCOPE: True,
    }


def test_a_roster_says_nothing_of_other_sites(ledger):
    stood(ledger, ONE)
    stood(ledger, TWO, site="plant-8")
    listed(ledger, "edge-2", site="plant-8")

    listed(ledger, "edge-1")

    assert rostered(ledger) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", True)}


def test_a_roster_says_nothing_of_another_site_s_device_of_the_same_name(ledger):
    stood(ledger, ONE)
    stood(ledger, a_device("edge-1", macs=[mac(3)]), site="plant-8")
    listed(ledger, "edge-1")
    listed(ledger, "edge-1", site="plant-8", connection="lem-south")

    listed(ledger, site="plant-8")

    assert [
        (each.site, each.connection, each.is_listed) for each in ledger.devices.remembered()
    ] == [
        (SITE, "lem-north", True),
        ("plant-8", "lem-south", False),
    ]


def test_a_device_comes_in_by_the_connection_that_its_last_roster_named(ledger):
    stood(ledger, ONE)
    listed(ledger, "edge-1")

    listed(ledger, "edge-1", connection="lem-by-another-name")

    assert rostered(ledger) == {"edge-1": ("lem-by-another-name", True)}


def test_who_was_never_observed_is_not_remembered_for_being_listed(ledger):
    stood(ledger, ONE)

    listed(ledger, "edge-1", "edge-9")

    assert rostered(ledger) == {"edge-1": ("lem-north", True)}


def test_to_list_again_changes_nothing_and_no_status(ledger):
    stood(ledger, ONE, TWO)
    listed(ledger, "edge-1")
    before = ledger.devices.remembered()

    listed(ledger, "edge-1")

    assert ledger.devices.remembered() == before
    assert {each.changed_at for each in before} == {NOW}


def test_another_observation_leaves_a_roster_as_it_is(ledger):
    claim = stood(ledger, ONE, TWO)
    listed(ledger, "edge-1")

    stand(ledger, claim, device=TWO, state=State.FAILED, now=after(9))

    assert rostered(ledger)["edge-2"] == ("", False)


# As what people must approve it


def test_what_a_device_was_ordered_as_outlasts_its_line_until_an_explicit_word(ledger):
    claim = stood(ledger, ONE)
    names = {(SCOPE, "lem-north"): ["edge-1"]}
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=True, relaxing=none_relaxed)

    stand(ledger, claim, device=a_device("edge-1", macs=[mac(7)]))
    listed(ledger, "edge-1")

    (record,) = ledger.devices.remembered()
    assert record.traits == {f"MAC {mac(1)}", f"MAC {mac(7)}"}
    ledger.devices.list_as_ordered(SITE, names, True, is_by_people=False, relaxing=lambda *_: None)
    (record,) = ledger.devices.remembered()
    assert (record.is_by_people, record.traits) == (False, frozenset())


def test_an_explicit_word_for_one_name_is_recorded_of_each_name_that_it_frees(ledger):
    claim = stood(ledger, ONE, TWO)
    people = {(SCOPE, "lem-north"): ["edge-1", "edge-2"]}
    ledger.devices.list_as_ordered(SITE, people, True, is_by_people=True, relaxing=none_relaxed)
    stand(ledger, claim, device=a_device("spare-1"))  # with the MAC of edge-1
    freed = []

    ledger.devices.list_as_ordered(
        SITE,
        {(SCOPE, "lem-north"): ["spare-1"]},
        True,
        is_by_people=False,
        relaxing=lambda _, relaxed: freed.extend(relaxed),
    )

    assert freed == [(SCOPE, "edge-1")]
    still = {each.device.name for each in ledger.devices.remembered() if each.is_by_people}
    assert still == {"edge-2"}


# As whom a device is admitted


def test_a_run_that_was_taken_over_does_not_say_as_whom_a_device_is_admitted(engine, ledger):
    lapsed = stood(ledger, ONE)
    successor = taken_over(engine, ONE)
    ledger.devices.admit(successor, [approve(2)])

    with pytest.raises(ClaimLost):
        ledger.devices.admit(lapsed, [approve(1)])

    assert [row.admitted_key for row in rows(engine, DeviceRow)] == [approve(2).request.key]
