"""The remembered roster: what the last whole roster of a site does not name is on none."""

from fleet.action.action import Confirm
from fleet.device.device import Device
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from ledger.session import Ledger
from tests.fleet.builders import NOW, a_device, a_request, mac
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, begun, stand

OTHER_SCOPE = "Acusight organization b"


def stood(engine, *devices_, **where):
    """Devices of a site that were looked at once."""
    claim = begun(engine, *devices_, **where)
    for device in devices_:
        stand(engine, claim, device=device)
    return claim


def listed(engine, *names, is_whole_site=True, scope=SCOPE, connection="lem-north", site=SITE):
    """A roster of the site that names those devices, all by one connection."""
    Ledger(engine).devices.list_as_ordered(site, {(scope, connection): names}, is_whole_site)


def rostered(engine):
    return {
        each.device.name: (each.connection, each.is_listed)
        for each in Ledger(engine).devices.remembered()
    }


# What is remembered


def test_before_any_run_no_device_is_remembered(engine):
    assert Ledger(engine).devices.remembered() == []
    assert Ledger(engine).devices.of_site(SITE, SCOPE) == ()


def test_a_device_is_remembered_as_it_was_listed_and_as_it_stood(engine):
    device = Device(name="edge-1", host_id="H1", macs=(mac(2), mac(1)), zero_touch="lab")
    stood(engine, device)
    listed(engine, "edge-1")

    assert Ledger(engine).devices.remembered() == [
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


def test_a_device_that_was_seen_in_service_is_remembered_with_its_id(engine):
    claim = stood(engine, ONE)
    stand(engine, claim, state=State.IN_SERVICE, now=after(5))
    Ledger(engine).devices.confirm(claim, [Confirm(ONE, a_request(device_id="d1"))], after(9))

    (record,) = Ledger(engine).devices.remembered()

    assert (record.state, record.confirmed_as, record.changed_at) == (
        State.IN_SERVICE,
        "d1",
        after(9),
    )


def test_devices_are_remembered_by_site_and_name(engine):
    stood(engine, TWO, ONE)
    stood(engine, a_device("edge-0", macs=[mac(9)]), site="plant-8")

    assert [(each.site, each.device.name) for each in Ledger(engine).devices.remembered()] == [
        (SITE, "edge-1"),
        (SITE, "edge-2"),
        ("plant-8", "edge-0"),
    ]


def test_a_scope_knows_its_own_devices(engine):
    stood(engine, ONE)
    stood(engine, TWO, scope=OTHER_SCOPE)

    assert [each.device.name for each in Ledger(engine).devices.remembered(OTHER_SCOPE)] == [
        "edge-2"
    ]
    assert Ledger(engine).devices.of_site(SITE, SCOPE) == (ONE,)
    assert Ledger(engine).devices.of_site(SITE, OTHER_SCOPE) == (TWO,)
    assert Ledger(engine).devices.of_site("plant-8", SCOPE) == ()


def test_a_device_that_was_retired_is_remembered_as_that(engine):
    claim = stood(engine, ONE)
    listed(engine, "edge-1")

    stand(engine, claim, state=State.RETIRED, now=after(5))

    (record,) = Ledger(engine).devices.remembered()
    assert (record.state, record.is_listed, record.changed_at) == (State.RETIRED, True, after(5))


# Listing


def test_a_device_is_listed_by_no_known_connection_until_a_roster_says_by_which(engine):
    stood(engine, ONE)
    before = rostered(engine)

    listed(engine, "edge-1")

    assert before == {"edge-1": ("", False)}
    assert rostered(engine) == {"edge-1": ("lem-north", True)}


def test_what_a_whole_roster_does_not_name_is_on_none_and_keeps_its_connection(engine):
    stood(engine, ONE, TWO)
    listed(engine, "edge-1", "edge-2")

    listed(engine, "edge-1")

    assert rostered(engine) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", False)}


def test_a_roster_of_a_part_of_the_site_takes_nobody_off(engine):
    stood(engine, ONE, TWO)
    listed(engine, "edge-1", "edge-2")

    listed(engine, "edge-1", is_whole_site=False)

    assert rostered(engine) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", True)}


def test_who_was_taken_off_is_listed_again_by_any_roster_that_names_it(engine):
    stood(engine, ONE, TWO)
    listed(engine, "edge-1")

    listed(engine, "edge-2", is_whole_site=False, connection="lem-south")

    assert rostered(engine) == {"edge-1": ("lem-north", True), "edge-2": ("lem-south", True)}


def test_how_a_device_was_ordered_last_is_remembered(engine):
    stood(engine, ONE, TWO)
    by_people = {(SCOPE, "lem-north"): ["edge-1", "edge-2"]}
    Ledger(engine).devices.list_as_ordered(
        SITE, by_people, is_whole_site=True, is_by_people=True, activates_itself=True
    )

    listed(engine, "edge-2", is_whole_site=False)

    terms = {
        k.device.name: (k.is_by_people, k.activates_itself)
        for k in Ledger(engine).devices.remembered()
    }
    assert terms == {"edge-1": (True, True), "edge-2": (False, False)}


def test_an_empty_roster_takes_everybody_off(engine):
    stood(engine, ONE, TWO)

    Ledger(engine).devices.list_as_ordered(SITE, {}, is_whole_site=True)

    assert rostered(engine) == {"edge-1": ("", False), "edge-2": ("", False)}


def test_the_devices_of_one_roster_may_come_in_by_several_connections(engine):
    stood(engine, ONE)
    stood(engine, TWO, scope=OTHER_SCOPE)

    names = {(SCOPE, "lem-north"): ["edge-1"], (OTHER_SCOPE, "acusight"): ["edge-2"]}
    Ledger(engine).devices.list_as_ordered(SITE, names, is_whole_site=True)

    assert rostered(engine) == {"edge-1": ("lem-north", True), "edge-2": ("acusight", True)}


def test_a_device_that_moved_to_another_system_is_on_no_roster_in_its_old_one(engine):
    stood(engine, ONE)
    listed(engine, "edge-1")
    stood(engine, ONE, scope=OTHER_SCOPE, now=after(60))

    listed(engine, "edge-1", scope=OTHER_SCOPE, connection="acusight")

    assert {each.scope: each.is_listed for each in Ledger(engine).devices.remembered()} == {
        SCOPE: False,
        OTHER_SCOPE: True,
    }


def test_a_roster_says_nothing_of_other_sites(engine):
    stood(engine, ONE)
    stood(engine, TWO, site="plant-8")
    listed(engine, "edge-2", site="plant-8")

    listed(engine, "edge-1")

    assert rostered(engine) == {"edge-1": ("lem-north", True), "edge-2": ("lem-north", True)}


def test_a_roster_says_nothing_of_another_site_s_device_of_the_same_name(engine):
    stood(engine, ONE)
    stood(engine, a_device("edge-1", macs=[mac(3)]), site="plant-8")
    listed(engine, "edge-1")
    listed(engine, "edge-1", site="plant-8", connection="lem-south")

    listed(engine, site="plant-8")

    assert [
        (each.site, each.connection, each.is_listed) for each in Ledger(engine).devices.remembered()
    ] == [
        (SITE, "lem-north", True),
        ("plant-8", "lem-south", False),
    ]


def test_a_device_comes_in_by_the_connection_that_its_last_roster_named(engine):
    stood(engine, ONE)
    listed(engine, "edge-1")

    listed(engine, "edge-1", connection="lem-by-another-name")

    assert rostered(engine) == {"edge-1": ("lem-by-another-name", True)}


def test_who_was_never_observed_is_not_remembered_for_being_listed(engine):
    stood(engine, ONE)

    listed(engine, "edge-1", "edge-9")

    assert rostered(engine) == {"edge-1": ("lem-north", True)}


def test_to_list_again_changes_nothing_and_no_status(engine):
    stood(engine, ONE, TWO)
    listed(engine, "edge-1")
    before = Ledger(engine).devices.remembered()

    listed(engine, "edge-1")

    assert Ledger(engine).devices.remembered() == before
    assert {each.changed_at for each in before} == {NOW}


def test_another_observation_leaves_a_roster_as_it_is(engine):
    claim = stood(engine, ONE, TWO)
    listed(engine, "edge-1")

    stand(engine, claim, device=TWO, state=State.FAILED, now=after(9))

    assert rostered(engine)["edge-2"] == ("", False)
