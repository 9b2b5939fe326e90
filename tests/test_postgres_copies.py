"""Each test on PostgreSQL has a ledger in which no other test has written."""

import pytest
from sqlalchemy import text

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.ledger.decided import recorded
from tests.postgres import address_of
from tests.postgres_copies import Copies

pytestmark = pytest.mark.postgres


@pytest.fixture
def copies(prepared_postgres):
    copies = Copies(prepared_postgres)
    yield copies
    copies.drop()


def contents(engine):
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT name, facts FROM keyed_fact ORDER BY name")).all()
        return rows, connection.execute(text("SELECT id FROM decision ORDER BY id")).scalars().all()


def test_what_one_wrote_is_not_there_for_the_next(copies):
    seen = []

    for _ in (1, 2):
        with copies.one() as url:
            engine = connect(address_of(url))
            before = contents(engine)
            recorded(Ledger(engine), 2)
            seen.append((url.database, before, contents(engine)))
            engine.dispose()

    assert seen[0] == seen[1]
    assert (seen[0][1][1], seen[0][2][1]) == ([], [1, 2])


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER decision_only_grows ON decision",
        "ALTER TABLE decision DISABLE TRIGGER decision_only_grows",
        "ALTER TABLE decision ENABLE ROW LEVEL SECURITY",
        "CREATE RULE forget AS ON INSERT TO approver DO INSTEAD NOTHING",
        "CREATE VIEW more AS SELECT name FROM device",
        "ALTER TABLE device ADD COLUMN more INTEGER",
        "CREATE TABLE more (id INTEGER)",
        "CREATE INDEX more ON device (name)",
    ],
)
def test_a_database_of_another_form_is_not_used_again(copies, change):
    with copies.one() as first:
        engine = connect(address_of(first))
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()

    with copies.one() as second:
        assert second.database != first.database
