"""Migrations lose nothing on their way forward and back, and their indexes are used."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event, inspect

from ledger.database.engine import check_prepared, connect
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import a_request, shown
from tests.laws import one_in
from tests.ledger.released_ledger import (
    downgrade,
    load_into_postgres,
    load_into_sqlite,
    upgrade,
)
from tests.ledger.running import ONE, after, approve, begun

BEFORE_THE_NEW_WORDS = "0007"
RENAMED = {"batch": "connection_run", "grant": "enrollment", "device_grant": "device_enrollment"}
PLANT_7 = Claim("plant-7", "LEM project north")
INDEXES = {
    "ix_connection_run_site": ("connection_run", "site"),
    "ix_claim_run_id": ("claim", "run_id"),
    "ix_intent_run_id": ("intent", "run_id"),
    "ix_secret_run_id": ("secret", "run_id"),
    "ix_enrollment_site": ("enrollment", "site"),
    "ix_enrollment_enrollment_id": ("enrollment", "enrollment_id"),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def released(request, tmp_path) -> Iterator[Engine]:
    """A ledger as 0.1.0 left it, with the tables of that day."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        load_into_sqlite(url, "0.1.0")
    else:
        url = request.getfixturevalue("empty_postgres_url")
        load_into_postgres(url, "0.1.0", "0004")
    engine = connect(url)
    yield engine
    engine.dispose()


def moved(engine: Engine, step, revision: str) -> None:
    with engine.begin() as connection:
        step(connection, revision)


def contents(engine: Engine) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, by the names that tables and columns have now."""
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (dict(row._mapping) for row in connection.execute(table.select())), key=str
            )
            for table in tables.sorted_tables
        }


def indexes(engine: Engine) -> set[tuple[str, str, tuple[str | None, ...]]]:
    found = inspect(engine)
    return {
        (table, str(index["name"]), tuple(index["column_names"]))
        for table in found.get_table_names()
        for index in found.get_indexes(table)
    }


@pytest.mark.heavy
def test_a_released_ledger_goes_forward_back_and_forward_again_with_every_row(released):
    moved(released, upgrade, BEFORE_THE_NEW_WORDS)
    old, old_indexes = contents(released), indexes(released)
    moved(released, upgrade, "head")
    new, new_indexes = contents(released), indexes(released)

    moved(released, downgrade, BEFORE_THE_NEW_WORDS)
    assert contents(released) == old
    assert indexes(released) == old_indexes

    moved(released, upgrade, "head")
    assert contents(released) == new
    assert indexes(released) == new_indexes
    check_prepared(released)


@pytest.mark.heavy
def test_a_released_ledger_has_rows_in_every_table_whose_name_changed(released):
    moved(released, upgrade, BEFORE_THE_NEW_WORDS)
    old = contents(released)
    moved(released, upgrade, "head")
    new = contents(released)

    renamed = {
        "batch": "connection_run",
        "grant": "enrollment",
        "device_grant": "device_enrollment",
    }
    assert all(old[before] for before in renamed)
    assert {before: len(old[before]) for before in renamed} == {
        before: len(new[name]) for before, name in renamed.items()
    }
    assert not renamed.keys() & new.keys()


def plans(engine: Engine, statement: str, parameters: object = ()) -> list[str]:
    """How SQLite would run a statement, such as "SEARCH intent USING INDEX ix_intent_site"."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[-1] for row in rows]


@pytest.mark.parametrize("name", one_in(6, sorted(INDEXES)))
def test_an_index_is_found_by_its_column_in_a_new_ledger_and_in_a_migrated_one(
    sqlite_url, tmp_path, name
):
    old = f"sqlite:///{tmp_path / 'old.db'}"
    load_into_sqlite(old, "0.1.0")
    prepare(old)
    table, column = INDEXES[name]

    for url in (sqlite_url, old):
        engine = connect(url)
        (plan,) = plans(engine, f"SELECT * FROM {table} WHERE {column} = 'x'")
        engine.dispose()
        assert plan == f"SEARCH {table} USING INDEX {name} ({column}=?)"


def recalled(ledger: Ledger) -> None:
    ledger.memory.recall(PLANT_7, shown(a_request("1")).requests)


def run_to_its_end(ledger: Ledger) -> None:
    claim = begun(ledger, ONE)
    ledger.journal.intend(claim, [approve()], after(1))
    ledger.journal.done(claim)
    ledger.claims.close_claim(claim, after(2))


@pytest.mark.parametrize(
    ("operation", "used"),
    [
        (recalled, {"ix_enrollment_site", "ix_intent_outcome"}),
        (lambda ledger: ledger.memory.times(PLANT_7), {"ix_intent_outcome"}),
        (lambda ledger: ledger.journal.open_intents(PLANT_7), {"ix_intent_outcome"}),
        (lambda ledger: ledger.enrollments.asked_since(PLANT_7, after(0)), {"ix_enrollment_site"}),
        (lambda ledger: ledger.handovers.knows("plant-7"), {"ix_connection_run_site"}),
        (run_to_its_end, {"ix_claim_run_id", "ix_intent_run_id"}),
    ],
    ids=["recall", "times", "open intents", "asked since", "knows", "a run"],
)
def test_what_runs_ask_for_most_is_searched_by_an_index(sqlite_url, operation, used):
    engine = connect(sqlite_url)
    asked: list[tuple[str, object]] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, parameters, _context, _many: asked.append(
            (statement, parameters)
        ),
    )
    operation(Ledger(engine))
    found = [
        plan
        for statement, parameters in list(asked)
        if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        for plan in plans(engine, statement, parameters)
    ]
    engine.dispose()

    assert {name for name in used if any(f" {name} " in plan for plan in found)} == used
    assert not [plan for plan in found if plan.startswith(("SCAN intent", "SCAN enrollment"))]


def test_a_finding_about_unknown_devices_stays_the_same_finding(released):
    subject = sa.text("SELECT subject FROM finding WHERE id = 1")
    with released.begin() as connection:
        connection.execute(sa.text("UPDATE finding SET subject = 'a stranger' WHERE id = 1"))

    moved(released, upgrade, "head")
    with released.connect() as connection:
        now = connection.scalar(subject)
    moved(released, downgrade, "0008")

    with released.connect() as connection:
        assert (now, connection.scalar(subject)) == ("an unknown device", "a stranger")


def test_a_rotation_that_was_assumed_not_to_have_happened_is_unknown_again(released):
    moved(released, upgrade, "0013")
    intent = sa.table("intent", *map(sa.column, ("id", "action", "outcome", "detail")))
    with released.begin() as connection:
        (first, second, *_) = connection.scalars(sa.select(intent.c.id).order_by(intent.c.id))
        for id_, action in ((first, "rotate"), (second, "approve")):
            assumed = {"outcome": "not done", "detail": "not answered, and did not happen"}
            changed = intent.update().where(intent.c.id == id_)
            connection.execute(changed.values(action=action, **assumed))

    moved(released, upgrade, "head")

    with released.begin() as connection:
        found = dict(connection.execute(sa.select(intent.c.id, intent.c.outcome)).tuples().all())
    assert (found[first], found[second]) == (None, "not done")


@pytest.mark.parametrize("evidence", ["no JSON", "{}", "[]", '{"observed": {"host_id": []}}'])
def test_evidence_that_cannot_be_read_says_not_as_whom_a_device_was_admitted(tmp_path, evidence):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    load_into_sqlite(url, "0.3.0")
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER decision_no_update")
        connection.exec_driver_sql("UPDATE decision SET evidence = ?", (evidence,))
        connection.exec_driver_sql(
            "CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision BEGIN SELECT 1; END"
        )

    moved(engine, upgrade, "0018")

    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT DISTINCT admitted_host_id FROM device").all()
    engine.dispose()
    assert found == [(None,)]
