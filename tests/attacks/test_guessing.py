"""Somebody has the database and a form that can be answered, and guesses an approver's digits."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from fleet.admission.approver import TRIES
from ledger.database.engine import LedgerUnusable, connect
from ledger.database.tables import ApproverRow
from ledger.keys.record_keys import DoesNotHold
from ledger.session import Ledger, open_ledger
from tests.attacks.approvers import LATER, STEP, Desk
from tests.attacks.record import Owner
from tests.command.exit_code import exit_code
from tests.ledger.decided import recorded


@pytest.fixture
def anna(sqlite_url, tmp_path, monkeypatch):
    """A desk at which only Anna decides, with heads outside."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", sqlite_url)
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(tmp_path / "heads.jsonl"))
    engine = connect(sqlite_url)
    desk = Desk(engine, Ledger(engine))
    desk.enroll("Anna")
    yield desk
    engine.dispose()


def wrong(desk, at=LATER):
    """Digits that Anna's app does not show near that time."""
    near = {desk.digits("Anna", at + drift * STEP) for drift in (-1, 0, 1)}
    return next(f"{n:06}" for n in range(4) if f"{n:06}" not in near)


def row(desk):
    with Session(desk.engine) as session:
        return session.exec(select(ApproverRow)).one().model_dump()


def put_back(desk, values):
    with Session(desk.engine) as session:
        session.merge(ApproverRow(**values))
        session.commit()


@pytest.mark.heavy
def test_putting_back_the_row_of_an_approver_undoes_no_lock(anna):
    before, review = row(anna), anna.review()
    for _ in range(TRIES):
        assert "are not the digits" in anna.answer(review, "Anna", wrong(anna)).message
        put_back(anna, before)

    noted = anna.answer(review, "Anna", anna.digits("Anna"))

    assert "Anna is locked until" in noted.message
    assert anna.ledger.approvers.enrolled()[0].locked_until is not None


def test_wrong_digits_are_in_the_record_and_right_ones_begin_anew(anna):
    review = anna.review()
    for _ in range(2):
        anna.answer(review, "Anna", wrong(anna))
    assert anna.answer(review, "Anna", anna.digits("Anna"), to="reject").accepted

    said = [each.decision for each in anna.ledger.decisions.between(1, 99)]

    assert said == ["wrong digits", "wrong digits", "right digits", "reject"]
    assert anna.ledger.decisions.verify() is None
    later = LATER + timedelta(hours=1)
    (text_,) = {anna.answer(anna.review(), "Anna", wrong(anna, later), later).message}
    assert f"{TRIES - 1} more wrong answers" in text_


def test_wrong_digits_that_are_taken_out_of_the_record_end_it(anna):
    review = anna.review()
    anna.answer(review, "Anna", wrong(anna))
    Owner(anna.engine).does("DELETE FROM decision WHERE how = 'digits'")

    with pytest.raises(DoesNotHold, match="the end of the decisions"):
        anna.answer(review, "Anna", anna.digits("Anna"))


def test_a_ledger_that_is_put_back_after_each_guess_takes_no_more_of_them(anna):
    review, owner = anna.review(), Owner(anna.engine)
    old = owner.copies()
    anna.answer(review, "Anna", wrong(anna))
    owner.puts_back(old)

    with pytest.raises(LedgerUnusable, match="older than what was signed"):
        anna.answer(review, "Anna", wrong(anna))


# The database itself undoes what is written.


def opened():
    with open_ledger() as ledger:
        return ledger.decisions.head().count


FOREIGN = {
    "a trigger": [
        "CREATE TRIGGER forget AFTER UPDATE ON approver BEGIN UPDATE approver SET failures = 0; END"
    ],
    "a trigger in place of one of ours": [
        "DROP TRIGGER IF EXISTS decision_no_update",
        "CREATE TRIGGER decision_no_update BEFORE INSERT ON decision BEGIN DELETE FROM device; END",
    ],
    "a view in place of a table": [
        "ALTER TABLE approver RENAME TO theirs",
        "CREATE VIEW approver AS SELECT * FROM theirs",
    ],
    "a table that leaves out what contradicts": [
        "DROP TABLE approver",
        "CREATE TABLE approver (id TEXT PRIMARY KEY, failures INTEGER UNIQUE ON CONFLICT IGNORE)",
    ],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_nobody_works_with_a_database_that_undoes_what_is_written(anna, name, capsys):
    assert opened() == 1
    Owner(anna.engine).does(*FOREIGN[name])

    with pytest.raises(LedgerUnusable, match="what Muster did not put there"):
        opened()
    assert exit_code("ledger", "verify") == 1


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "CREATE TRIGGER forget BEFORE UPDATE ON approver FOR EACH ROW "
            "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger forget on approver",
        ),
        (
            "CREATE OR REPLACE FUNCTION decision_only_grows() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NULL; END $$",
            "trigger decision_only_grows on decision",
        ),
        ("CREATE RULE forget AS ON UPDATE TO approver DO INSTEAD NOTHING", "rule forget"),
        ("ALTER TABLE decision ENABLE ROW LEVEL SECURITY", "row security"),
    ],
)
def test_nor_with_a_postgresql_that_does(postgres_url, monkeypatch, statement, named):
    monkeypatch.setenv("MUSTER_LEDGER_URL", postgres_url)
    assert opened() == 0
    engine = connect(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()

    with pytest.raises(LedgerUnusable, match=named):
        opened()


def test_what_muster_makes_is_not_foreign_to_it(anna):
    assert opened() == 1
    assert "approver" in SQLModel.metadata.tables


def test_wrong_digits_are_counted_also_when_they_are_deleted_from_the_middle(anna, monkeypatch):
    monkeypatch.setenv("MUSTER_DECISION_HEADS", "/dev/null")
    before, review = row(anna), anna.review()
    for _ in range(TRIES):
        anna.answer(review, "Anna", wrong(anna))
    recorded(anna.ledger, 1)
    Owner(anna.engine).does("DELETE FROM decision WHERE how = 'digits'")
    put_back(anna, before)

    with pytest.raises(DoesNotHold, match="decision 6, which is missing"):
        anna.answer(review, "Anna", wrong(anna))


def test_an_approver_whose_wrong_digits_were_archived_is_believed_again(anna):
    review = anna.review()
    anna.answer(review, "Anna", wrong(anna))
    recorded(anna.ledger, 1)
    later = LATER + timedelta(days=800)

    assert anna.ledger.decisions.move_to_archive(later, later) == 2

    assert anna.answer(anna.review(), "Anna", anna.digits("Anna")).accepted
