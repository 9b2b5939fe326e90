"""What people chose columns to be is there for the next run, as they said it, or not at all."""

import pytest
from sqlalchemy import select, update

from ledger.database.tables import SiteColumnsRow
from ledger.keys.record_keys import DoesNotHold
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


def test_the_same_again_changes_nothing(ledger, engine):
    ledger.site_columns.remember("plant-7", {"Foo": "mac"}, "first", NOW)
    ledger.site_columns.remember("plant-7", {"Foo": "mac"}, "second", NOW + HOUR)

    with engine.begin() as connection:
        assert connection.execute(select(SiteColumnsRow.run)).scalars().all() == ["first"]
