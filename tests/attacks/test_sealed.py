"""Sealed secrets cannot be rolled back: a token that was rotated away is not handed out again."""

import pytest
from cryptography.fernet import Fernet
from sqlmodel import Session, select

from fleet.device.secret import SecretKind
from ledger.database.engine import LedgerUnusable, connect, writing
from ledger.database.tables import SecretRow
from ledger.keys.heads import HeadSettings, add
from ledger.keys.prepare import prepare
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claim
from tests.attacks.approvers import LATER, Desk
from tests.attacks.record import CLAIM, Owner
from tests.command.exit_code import exit_code
from tests.conftest import LEDGER_KEY
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.laws import one_in
from tests.ledger.running import SITE, after

OTHER = Claim(SITE, "LEM project b")
TOKEN = SecretKind.PROVISION_TOKEN


@pytest.fixture
def engine(history_url, tmp_path, monkeypatch):
    """A ledger in which the token of edge-1 was rotated once."""
    monkeypatch.setenv("MUSTER_LEDGER_URL", history_url)
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(tmp_path / "heads.jsonl"))
    engine = connect(history_url)
    for second, value in enumerate(("rotated away", "current")):
        secret = a_secret(TOKEN, value, device="edge-1")
        Ledger(engine).secrets.keep(CLAIM, [secret], after(second))
    yield engine
    engine.dispose()


@pytest.fixture
def owner(engine):
    return Owner(engine)


def handed_out(engine):
    latest = Ledger(engine).secrets.keyring(CLAIM).latest(TOKEN, "edge-1")
    return latest.value.get_secret_value()


def verified(capsys):
    code = exit_code("ledger", "verify")
    return code, "".join(capsys.readouterr())


ATTACKS = {
    "the newest is deleted": ["DELETE FROM secret WHERE version = 2"],
    "the newest gets an older date": [
        "UPDATE secret SET received_at = '2020-01-01 00:00:00.000000' WHERE version = 2"
    ],
    "the oldest gets a newer date": [
        "UPDATE secret SET received_at = '2099-01-01 00:00:00.000000' WHERE version = 1"
    ],
    "the newest is deleted, and the oldest takes its number": [
        "DELETE FROM secret WHERE version = 2",
        "UPDATE secret SET version = 2 WHERE version = 1",
    ],
    "the newest gets the seal of the oldest": [
        "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE version = 1)"
    ],
    "the newest has expired": [
        "UPDATE secret SET expires_at = '2020-01-01 00:00:00.000000' WHERE version = 2"
    ],
    "the newest is deleted, and what is noted of the site": [
        "DELETE FROM secret WHERE version = 2",
        "DELETE FROM keyed_fact WHERE name LIKE 'secrets of %'",
    ],
    "all are deleted, and what is noted of the site": [
        "DELETE FROM secret",
        "DELETE FROM keyed_fact WHERE name LIKE 'secrets of %'",
    ],
    "the newest is deleted, and what is noted is rewritten": [
        "DELETE FROM secret WHERE version = 2",
        "UPDATE keyed_fact SET facts = replace(facts, '2', '1') WHERE name LIKE 'secrets%'",
    ],
}


@pytest.mark.parametrize("name", one_in(4, ATTACKS))
def test_no_token_that_was_rotated_away_is_handed_out(owner, engine, capsys, name):
    assert handed_out(engine) == "current"
    owner.does(*ATTACKS[name])

    with pytest.raises(LedgerUnusable, match="does not hold"):
        handed_out(engine)
    with pytest.raises(LedgerUnusable, match="does not hold"):
        Ledger(engine).secrets.held(SITE)
    assert verified(capsys)[0] == 1


def test_what_was_noted_before_the_rotation_is_put_back(owner, engine, capsys):
    """Both rows of the site and of all together, from a copy: only the heads tell."""
    old = owner.copies()
    Ledger(engine).secrets.keep(CLAIM, [a_secret(TOKEN, "newest", device="edge-1")], after(9))
    _, line = Ledger(engine).decisions.sign_head(NOW)
    add(HeadSettings().heads, line)
    owner.does(
        f"ATTACH '{old}' AS old",
        "DELETE FROM secret WHERE version = 3",
        "UPDATE keyed_fact SET (facts, mac) = "
        "(SELECT facts, mac FROM old.keyed_fact o WHERE o.name = keyed_fact.name)",
    )

    code, said = verified(capsys)

    assert code == 1
    assert "counts 3 secrets, and the ledger 2: it was put back to an older state" in said


def test_an_expired_secret_that_was_forged_so_is_not_pruned(owner, engine):
    owner.does("UPDATE secret SET expires_at = '2020-01-01 00:00:00.000000' WHERE version = 2")

    with pytest.raises(LedgerUnusable, match="does not hold"):
        Ledger(engine).secrets.prune(NOW)


def test_what_was_pruned_is_not_missing(engine, capsys):
    assert Ledger(engine).secrets.prune(after(100)) == 1

    assert handed_out(engine) == "current"
    assert verified(capsys)[0] == 0


@pytest.fixture
def new_key(monkeypatch):
    """A key that was put before the one that is in use."""
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("MUSTER_LEDGER_KEY", f"{key},{LEDGER_KEY}")
    return key


def test_after_resealing_the_former_key_is_not_needed(engine, capsys, monkeypatch, new_key):
    _, line = Ledger(engine).decisions.sign_head(NOW)
    assert exit_code("ledger", "reseal") == 0
    add(HeadSettings().heads, line)
    monkeypatch.setenv("MUSTER_LEDGER_KEY", new_key)

    assert handed_out(engine) == "current"
    assert verified(capsys)[0] == 0
    assert Ledger(engine).memory.recall(CLAIM).decisions


def test_without_resealing_it_is_needed(engine, monkeypatch, new_key):
    monkeypatch.setenv("MUSTER_LEDGER_KEY", new_key)

    with pytest.raises(LedgerUnusable, match="another key"):
        Ledger(engine).memory.recall(CLAIM)


@pytest.mark.heavy
def test_resealing_that_ended_in_the_middle_goes_on(engine, capsys, monkeypatch, new_key, owner):
    owner.does("UPDATE secret SET version = 5 WHERE version = 2")  # it ends there
    with pytest.raises(LedgerUnusable, match="does not hold"):
        Ledger(engine).reseal(NOW)
    owner.does("UPDATE secret SET version = 2 WHERE version = 5")
    assert handed_out(engine) == "current"

    assert exit_code("ledger", "reseal") == 0
    monkeypatch.setenv("MUSTER_LEDGER_KEY", new_key)

    assert handed_out(engine) == "current"
    assert verified(capsys)[0] == 0


@pytest.mark.heavy
def test_resealing_again_changes_nothing(engine, new_key):
    first, _ = Ledger(engine).reseal(NOW)
    again, _ = Ledger(engine).reseal(NOW)

    assert first > 10
    assert again == 0


@pytest.mark.heavy
def test_both_public_keys_check_the_heads_of_both(engine, capsys, new_key, monkeypatch):
    exit_code("ledger", "public-key")
    new = capsys.readouterr().out.strip()
    monkeypatch.setenv("MUSTER_LEDGER_KEY", LEDGER_KEY)
    exit_code("ledger", "public-key")
    old = capsys.readouterr().out.strip()
    _, line = Ledger(engine).decisions.sign_head(NOW)
    add(HeadSettings().heads, line)
    monkeypatch.setenv("MUSTER_LEDGER_KEY", f"{new_key},{LEDGER_KEY}")
    Ledger(engine).reseal(NOW)
    monkeypatch.delenv("MUSTER_LEDGER_KEY")

    codes = [exit_code("ledger", "verify", "--public-key", key) for key in (old, new, "00" * 32)]

    assert codes == [0, 0, 1]


@pytest.mark.heavy
def test_after_resealing_an_approver_is_still_proved(engine, monkeypatch):
    desk = Desk(engine, Ledger(engine))
    desk.enroll("Anna")
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("MUSTER_LEDGER_KEY", f"{key},{LEDGER_KEY}")
    Ledger(engine).reseal(NOW)
    monkeypatch.setenv("MUSTER_LEDGER_KEY", key)

    with writing(engine) as session:
        proof = Ledger(engine).approvers.prove(session, SITE, "Anna", desk.digits("Anna"), LATER)

    assert proof is not None
    assert proof.approver.name == "Anna"


def test_no_row_that_was_written_without_the_key_replaces_one_when_secrets_are_pruned(
    owner, engine
):
    owner.does(
        "INSERT INTO secret (scope, site, device, kind, enrollment_id, endpoint, sealed, key_id, "
        "received_at, version) SELECT scope, site, device, kind, enrollment_id, endpoint, sealed, "
        "key_id, received_at, 9 FROM secret WHERE version = 2"
    )

    with pytest.raises(LedgerUnusable, match="does not hold"):
        Ledger(engine).secrets.prune(after(100))
    assert handed_out_count(engine) == 3


def test_which_secret_is_the_newest_is_not_decided_by_a_number_that_anybody_can_change(
    owner, engine
):
    owner.does(
        "UPDATE secret SET id = 99 WHERE version = 1", "UPDATE secret SET id = 1 WHERE version = 2"
    )

    assert Ledger(engine).secrets.prune(after(100)) == 1
    assert handed_out(engine) == "current"


def handed_out_count(engine):
    with Session(engine) as session:
        return len(session.exec(select(SecretRow)).all())


# A new key is put in use.


def test_after_resealing_a_machine_with_the_new_key_alone_prepares_and_works(
    engine, history_url, monkeypatch, new_key
):
    monkeypatch.setenv("MUSTER_LEDGER_KEY", LEDGER_KEY)
    Ledger(engine).secrets.register_key(CLAIM)
    monkeypatch.setenv("MUSTER_LEDGER_KEY", f"{new_key},{LEDGER_KEY}")
    Ledger(engine).reseal(NOW)
    monkeypatch.setenv("MUSTER_LEDGER_KEY", new_key)

    assert prepare(history_url) == 0
    Ledger(engine).secrets.register_key(CLAIM)
    with open_ledger() as ledger:
        assert [each.device.name for each in ledger.devices.remembered()] == ["edge-1"]


def test_an_approver_who_was_removed_and_put_back_is_named_and_not_resealed(
    engine, owner, capsys, monkeypatch
):
    desk = Desk(engine, Ledger(engine))
    desk.enroll("Anna")
    old = owner.copies()
    Ledger(engine).approvers.remove("Anna", "root", NOW, leaving_unproved=True)
    owner.does(f"ATTACH '{old}' AS old", "INSERT INTO approver SELECT * FROM old.approver")

    assert "who is not enrolled" in verified(capsys)[1]
    monkeypatch.setenv("MUSTER_LEDGER_KEY", f"{Fernet.generate_key().decode()},{LEDGER_KEY}")
    with pytest.raises(LedgerUnusable, match="who is not enrolled any more"):
        Ledger(engine).reseal(NOW)
