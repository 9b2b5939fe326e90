"""Old decisions are moved to files, and the chain through the files and the ledger still holds."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.admission.chain import Broken, Head
from ledger.admission.decisions import Decisions
from ledger.backup.backup import back_up, chain_head
from ledger.backup.restore import restore
from ledger.database.engine import LedgerUnusable
from tests.fleet.builders import NOW
from tests.ledger.decided import recorded, tamper

LATER = NOW + timedelta(days=40)  # so that all of `recorded` are of an earlier month


@pytest.fixture
def heads(ledger):
    """Five decisions, and the head after each."""
    return recorded(ledger, 5)


@pytest.fixture
def decisions(engine, heads, tmp_path):
    return Decisions(engine, tmp_path / "archive")


@pytest.fixture
def moved(decisions):
    """The same, of which all but the last are in a file."""
    assert decisions.move_to_archive(LATER, LATER) == 4
    return decisions


@pytest.mark.heavy
def test_a_chain_of_which_a_part_was_archived_holds_with_every_head_that_was_printed(moved, heads):
    assert moved.head() == Head(5, heads[-1])
    assert [moved.verify(head) for head in ("", *heads)] == [None] * 6
    assert moved.verify("f" * 64).decision == 6


def test_an_archive_is_its_owner_s_alone(moved, tmp_path):
    (file,) = (tmp_path / "archive").iterdir()

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.name.startswith("decisions-1-4-")


def test_what_is_recorded_after_that_goes_on(moved, ledger, tmp_path, engine):
    later = recorded(ledger, 8)  # the last three are new, and so are those that were archived

    assert moved.verify(later[-1]) is None
    assert moved.head().count == len(moved.between(0, 99)) + 4
    assert [row.device for row in moved.between(4, 5)] == ["edge-5"]
    assert moved.between(1, 3) == []
    assert moved.move_to_archive(LATER, LATER) > 0
    assert moved.verify(later[-1]) is None
    assert len([*(tmp_path / "archive").iterdir()]) == 2


@pytest.mark.parametrize("before", [NOW, NOW + timedelta(days=2)])
def test_only_whole_months_are_archived(decisions, before):
    assert decisions.move_to_archive(before, LATER) == 0


def test_a_broken_chain_is_not_archived(decisions, engine):
    tamper(engine, "UPDATE decision SET reason = 'as you like' WHERE id = 2")

    with pytest.raises(LedgerUnusable, match="broken at decision 2"):
        decisions.move_to_archive(LATER, LATER)

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM decision")) == decisions.head().count


def test_an_archive_that_cannot_be_written_leaves_all_as_it_was(decisions, tmp_path):
    (tmp_path / "archive").touch()

    with pytest.raises(LedgerUnusable, match="cannot be written"):
        decisions.move_to_archive(LATER, LATER)

    assert decisions.verify() is None
    assert len(decisions.between(0, 9)) == 5


def test_an_archive_that_is_missing_is_named(moved, tmp_path):
    (file,) = (tmp_path / "archive").iterdir()
    file.unlink()

    assert moved.verify() == Broken(1, f"There is no archive of decisions at {file}")


def test_an_archive_that_is_another_is_named(moved, tmp_path):
    (file,) = (tmp_path / "archive").iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-20])

    assert moved.verify().decision == 1
    assert "or it was damaged" in moved.verify().reason


def test_a_decision_that_is_in_no_archive_cannot_be_deleted(moved, engine):
    for statement in ("DELETE FROM decision", "UPDATE decision SET reason = 'as you like'"):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))

    assert moved.verify() is None


@pytest.mark.heavy
def test_a_backup_of_a_ledger_with_an_archive_holds(moved, url, tmp_path, heads):
    done = back_up(url, tmp_path / "backup", LATER)

    assert done.head == Head(5, heads[-1])
    restored = restore(url, tmp_path / "backup", LATER + timedelta(seconds=1))
    assert restored.head == chain_head(tmp_path / "backup") == moved.head()
    assert moved.verify(heads[2]) is None


@pytest.mark.heavy
def test_what_was_archived_after_a_backup_is_archived_again(decisions, url, tmp_path, heads):
    back_up(url, tmp_path / "backup", LATER)
    decisions.move_to_archive(LATER, LATER)
    restore(url, tmp_path / "backup", LATER + timedelta(seconds=2))

    assert decisions.verify() is None
    assert decisions.move_to_archive(LATER, LATER) == 4
    assert decisions.verify(heads[0]) is None


@pytest.mark.heavy
def test_a_backup_finds_its_archive_also_when_that_was_written_again_since(
    decisions, url, tmp_path, heads
):
    back_up(url, tmp_path / "before", LATER)
    decisions.move_to_archive(LATER, LATER)
    back_up(url, tmp_path / "after", LATER)
    restore(url, tmp_path / "before", LATER + timedelta(seconds=2))
    decisions.move_to_archive(LATER, LATER + timedelta(days=1))
    restore(url, tmp_path / "after", LATER + timedelta(seconds=4))

    assert decisions.verify(heads[0]) is None
