"""Nothing acts on a ledger that was put back to an older state, or emptied: heads are outside."""

import sqlite3
from datetime import timedelta

import pytest

from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database.engine import LedgerUnusable, connect
from ledger.keys.heads import HeadSettings
from ledger.keys.prepare import prepare
from ledger.keys.signing import Signer
from ledger.session import Ledger, open_ledger
from tests.attacks.approvers import Desk
from tests.attacks.record import CLAIM, Owner
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.ledger.decided import recorded
from tests.ledger.released_ledger import load_into_sqlite
from tests.ledger.running import SITE, after

OLDER = "older than what was signed"


@pytest.fixture
def engine(history_url, tmp_path, monkeypatch):
    """A ledger with a history, whose heads are beside it."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", history_url)
    monkeypatch.delenv("MUSTER_DECISION_HEADS")
    monkeypatch.chdir(tmp_path)
    engine = connect(history_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(engine):
    return Owner(engine)


@pytest.fixture
def old(owner):
    """A copy of the ledger from before the last decisions."""
    return owner.copies()


def run_ends(engine):
    """A run decides on four other requests, and its report signs the head: of eleven decisions."""
    ledger = Ledger(engine)
    recorded(ledger, 9)
    assert ledger.decisions.publish_head(NOW)[2] == ""


def puts_back_the_end(owner, old):
    """The keyed facts and the last decisions are as in the copy, within the same database."""
    owner.does(
        f"ATTACH '{old}' AS old",
        "DELETE FROM decision WHERE id NOT IN (SELECT id FROM old.decision)",
        "DELETE FROM keyed_fact",
        "INSERT INTO keyed_fact SELECT * FROM old.keyed_fact",
    )


def counted():
    with open_ledger() as ledger:
        return ledger.decisions.head().count


def test_a_run_goes_by_a_ledger_that_is_ahead_of_its_heads(engine):
    run_ends(engine)
    recorded(Ledger(engine), 10)

    assert counted() == 12


def test_no_run_goes_by_a_record_whose_end_was_put_back(owner, old, engine):
    run_ends(engine)
    puts_back_the_end(owner, old)

    with pytest.raises(LedgerUnusable, match=rf"{OLDER}.*11 decisions, and now 7.*ledger restore"):
        counted()
    assert exit_code("approvers", "list") == 1


def test_nor_on_one_that_grew_again_since(owner, old, engine):
    run_ends(engine)
    puts_back_the_end(owner, old)
    recorded(Ledger(engine), 20, "Eve")

    with pytest.raises(LedgerUnusable, match=f"{OLDER}.*decision 11 is another one"):
        counted()


def test_nor_on_one_whose_last_decision_was_deleted(owner, old, engine):
    run_ends(engine)
    owner.does("DELETE FROM decision WHERE id = 11")

    with pytest.raises(LedgerUnusable, match="the end of the decisions"):
        counted()


def test_no_run_hands_out_what_was_sealed_before_a_rotation(owner, engine):
    ledger = Ledger(engine)
    ledger.secrets.keep(CLAIM, [a_secret(value="rotated away", device="edge-1")], after(1))
    old = owner.copies()
    ledger.secrets.keep(CLAIM, [a_secret(value="current", device="edge-1")], after(2))
    assert ledger.decisions.publish_head(NOW)[2] == ""
    owner.puts_back(old)

    with pytest.raises(LedgerUnusable, match=f"{OLDER}.*counted 2 secrets, and now 1"):
        counted()


def test_whoever_was_removed_is_not_enrolled_again_by_an_older_record(
    owner, engine, monkeypatch, capsys
):
    Desk(engine, Ledger(engine)).enroll("Anna")
    old = owner.copies()
    assert exit_code("approvers", "remove", "Anna", "--leave-unproved") == 0
    owner.puts_back(old)

    with pytest.raises(LedgerUnusable, match=OLDER):
        counted()


def test_what_is_only_shown_is_shown_all_the_same(owner, old, engine, capsys):
    run_ends(engine)
    puts_back_the_end(owner, old)

    assert exit_code("ledger", "verify") == 1
    assert "was put back to an older state" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_backup_that_is_restored_is_acted_upon_at_once(engine, history_url, tmp_path):
    back_up(history_url, tmp_path / "backup", NOW)
    run_ends(engine)
    engine.dispose()

    restore(history_url, tmp_path / "backup", NOW, wait=lambda _: None)

    assert counted() == 7
    recorded(Ledger(engine), 9)
    assert counted() == 11


@pytest.mark.heavy
def test_a_backup_that_lacks_what_was_signed_is_not_complete(engine, history_url, tmp_path):
    back_up(history_url, tmp_path / "backup", NOW)
    run_ends(engine)
    engine.dispose()

    with pytest.raises(LedgerUnusable, match=OLDER):
        restore(history_url, tmp_path / "backup", NOW, is_complete=True, wait=lambda _: None)

    assert counted() == 11


def test_a_ledger_from_before_it_was_restored_is_not_acted_upon(
    owner, engine, history_url, tmp_path
):
    back_up(history_url, tmp_path / "backup", NOW)
    run_ends(engine)
    engine.dispose()
    replaced = owner.copies()
    restore(history_url, tmp_path / "backup", NOW, wait=lambda _: None)
    owner.puts_back(replaced)

    with pytest.raises(LedgerUnusable, match="or of this one after it was restored"):
        counted()


def test_heads_of_years_are_read_as_fast(engine):
    run_ends(engine)
    file = HeadSettings().heads
    file.write_bytes(b"x" * 100_000 + b"\n" + file.read_bytes() * 100)

    assert counted() == 11


def test_lines_that_nobody_signed_stop_no_run(engine):
    run_ends(engine)
    with HeadSettings().heads.open("ab") as stream:
        stream.write(b"[]\n{}\nnonsense\n")

    assert counted() == 11


# The ledger is emptied, or made to look like one of an earlier release.


def test_a_ledger_that_was_emptied_does_not_begin_anew(owner, engine, history_url):
    run_ends(engine)
    engine.dispose()
    owner.file.unlink()

    with pytest.raises(LedgerUnusable, match=r"is empty, but.*ledger restore.*move that file away"):
        prepare(history_url)


def test_a_new_one_begins_where_the_operator_says_so(owner, engine, history_url):
    run_ends(engine)
    engine.dispose()
    owner.file.unlink()
    HeadSettings().heads.rename("heads-of-the-former-ledger")

    prepare(history_url)

    assert counted() == 0


@pytest.mark.heavy
def test_no_backup_of_one_that_feigns_to_be_of_an_earlier_release_is_vouched_for(
    engine, tmp_path, capsys
):
    """Whoever takes the MACs away and has it backed up and restored."""
    run_ends(engine)
    load_into_sqlite(f"sqlite:///{tmp_path}/feigned.db", "0.3.0")
    back_up(f"sqlite:///{tmp_path}/feigned.db", tmp_path / "backup", NOW)

    assert exit_code("ledger", "restore", str(tmp_path / "backup")) == 1

    assert "Somebody may have taken them away" in capsys.readouterr().err
    assert counted() == 11


def test_nobody_vouches_for_a_ledger_by_another_key_than_that_in_use(tmp_path):
    url = f"sqlite:///{tmp_path}/released.db"
    load_into_sqlite(url, "0.3.0")
    with sqlite3.connect(tmp_path / "released.db") as database:
        database.execute("REPLACE INTO sealing_key (id, key_id) VALUES (1, 'a1b2c3')")
    database.close()

    with pytest.raises(LedgerUnusable, match="has the fingerprint a1b2c3, and the key here"):
        prepare(url)


# Who has only the public key, and whose ledger says that it was restored.


def test_without_the_key_no_restoration_is_believed_that_nobody_signed(owner, old, engine):
    run_ends(engine)
    puts_back_the_end(owner, old)
    known = "json_extract(facts, '$.id')"
    owner.does(
        "UPDATE keyed_fact SET facts = json_set(facts, '$.id', 'feigned', '$.before', "
        f"json_object({known}, 0)) WHERE name = 'ledger'"
    )

    assert exit_code("ledger", "verify", "--public-key", Signer.load().public_keys[0]) == 1


@pytest.mark.heavy
def test_without_the_key_a_restoration_is_believed_that_was_signed(
    engine, history_url, tmp_path, capsys
):
    back_up(history_url, tmp_path / "backup", NOW)
    run_ends(engine)
    engine.dispose()
    restore(history_url, tmp_path / "backup", NOW, wait=lambda _: None)
    capsys.readouterr()

    assert exit_code("ledger", "verify", "--public-key", Signer.load().public_keys[0]) == 0
    assert "signed before a backup was restored" in capsys.readouterr().out


# While a run is at work.


def test_no_run_goes_by_what_is_put_back_while_it_is_at_work(owner, old, engine):
    run_ends(engine)
    with open_ledger() as ledger:
        puts_back_the_end(owner, old)

        for work in (
            lambda: ledger.memory.recall(CLAIM),
            ledger.devices.remembered,
            lambda: ledger.secrets.keyring(CLAIM),
            lambda: ledger.secrets.held(SITE),
        ):
            with pytest.raises(LedgerUnusable, match=OLDER):
                work()


def test_a_head_that_a_run_signs_over_a_ledger_that_was_put_back_hides_none_before(
    owner, old, engine
):
    run_ends(engine)
    puts_back_the_end(owner, old)
    recorded(Ledger(engine), 20, "Eve")
    Ledger(engine).decisions.publish_head(NOW)

    with pytest.raises(LedgerUnusable, match=f"{OLDER}.*decision 11 is another one"):
        counted()


# A decision is deleted from the middle.


def test_a_rejection_that_is_deleted_from_the_middle_is_missed(owner, engine):
    run_ends(engine)
    owner.does("DELETE FROM decision WHERE id = 6")

    with pytest.raises(LedgerUnusable, match="what people decided at plant-7"):
        Ledger(engine).memory.recall(CLAIM)


def test_what_people_decided_and_is_archived_is_not_missed(engine):
    run_ends(engine)
    later = NOW + timedelta(days=800)

    assert Ledger(engine).decisions.move_to_archive(later, later) == 10

    assert Ledger(engine).memory.recall(CLAIM).decisions == {}
    assert counted() == 11
    assert exit_code("ledger", "verify") == 0


def test_heads_that_are_away_for_a_moment_end_no_run_and_are_still_compared(owner, old, engine):
    run_ends(engine)
    ledger, file = Ledger(engine), HeadSettings().heads
    ledger.memory.recall(CLAIM)
    file.unlink()
    file.mkdir()

    ledger.memory.recall(CLAIM)
    puts_back_the_end(owner, old)
    with pytest.raises(LedgerUnusable, match=OLDER):
        ledger.memory.recall(CLAIM)
