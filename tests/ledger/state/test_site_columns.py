"""What people chose columns to be is there for the next run, as they said it, or not at all."""

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from ledger.database.engine import writing
from ledger.database.tables import KeyedFactRow, SiteColumnsRow
from ledger.keys import facts, places
from ledger.keys.record_keys import DoesNotHold, RecordKeys
from tests.fleet.builders import HOUR, NOW


def test_what_was_chosen_last_for_a_site_is_remembered_for_it_alone(ledger):
    ledger.site_columns.remember("plant-7", {"Größe": "", "Asset tag": "device"}, "first", NOW)
    ledger.site_columns.remember("plant-8", {"Foo": "mac"}, "other", NOW)
    ledger.site_columns.remember("plant-7", {"Asset tag": "label"}, "second", NOW + HOUR)

    assert ledger.site_columns.remembered("plant-7") == {"Asset tag": "label"}
    assert ledger.site_columns.remembered("plant-8") == {"Foo": "mac"}
    assert ledger.site_columns.remembered("plant-9") == {}


@pytest.mark.parametrize(
    "change", [{"columns": '{"Serial": "host_id"}'}, {"site": "plant-8"}, {"mac": None}]
)
def test_what_was_changed_in_the_ledger_is_not_used(ledger, engine, change):
    ledger.site_columns.remember("plant-7", {"Serial": "serial"}, "first", NOW)
    with engine.begin() as connection:
        connection.execute(update(SiteColumnsRow).values(change))

    with pytest.raises(DoesNotHold):
        ledger.site_columns.remembered(change.get("site", "plant-7"))


@pytest.mark.parametrize("is_deleted", [True, False])
def test_what_was_deleted_or_put_back_in_the_ledger_is_missed(ledger, engine, is_deleted):
    ledger.site_columns.remember("plant-7", {"MAC": "mac"}, "first", NOW)
    with engine.begin() as connection:
        (before,) = connection.execute(select(SiteColumnsRow.__table__)).mappings().all()
    ledger.site_columns.remember("plant-7", {"MAC": ""}, "second", NOW + HOUR)
    with engine.begin() as connection:
        if is_deleted:
            connection.execute(delete(SiteColumnsRow))
        else:
            connection.execute(update(SiteColumnsRow).values(**before))

    for call in (
        lambda: ledger.site_columns.remembered("plant-7"),
        lambda: ledger.site_columns.remember("plant-7", {"Foo": "mac"}, "third", NOW + HOUR),
    ):
        with pytest.raises(DoesNotHold):
            call()
    assert ledger.site_columns.remembered("plant-8") == {}


def test_what_was_chosen_before_the_ledger_noted_it_is_noted_once(ledger, engine):
    ledger.site_columns.remember("plant-7", {"MAC": "mac"}, "first", NOW)
    keys = RecordKeys.load()
    with writing(engine) as session:
        session.exec(delete(KeyedFactRow).where(col(KeyedFactRow.name).startswith("columns of")))
        facts.note(session, keys, facts.PLACES, {})
        known = facts.required(session, keys, facts.LEDGER)
        facts.note(session, keys, facts.LEDGER, known | {"notes_places": True})

    for _ in range(2):
        with writing(engine) as session:
            places.note_all(session, keys)
            assert [*places.faults(session, keys)] == []

    assert ledger.site_columns.remembered("plant-7") == {"MAC": "mac"}
    ledger.site_columns.remember("plant-7", {"MAC": ""}, "second", NOW)


def test_the_same_again_changes_nothing(ledger, engine):
    ledger.site_columns.remember("plant-7", {"Foo": "mac"}, "first", NOW)
    ledger.site_columns.remember("plant-7", {"Foo": "mac"}, "second", NOW + HOUR)

    with engine.begin() as connection:
        assert connection.execute(select(SiteColumnsRow.run)).scalars().all() == ["first"]
