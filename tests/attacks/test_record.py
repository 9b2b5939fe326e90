"""What the owner of the ledger's database tries, who does not have its key: each is found."""

import pytest

from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database.engine import LedgerUnusable, connect
from ledger.keys.heads import HeadSettings, add
from ledger.keys.prepare import prepare
from ledger.keys.signing import Signer
from ledger.session import Ledger
from tests.attacks.record import CLAIM, Owner
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.laws import one_in
from tests.ledger.decided import recorded

COPIED = (
    "decided_at, decided_by, how, decision, reason, scope, site, device, request_key, fingerprint, "
    "evidence, evidence_hash, policy, policy_version, quorum, review_id"
)
F = "'" + "f" * 64 + "'"

# What is done to decisions 1 to 5 of a run and 6, 7 of Anna and Bernd; and what verify names.
ATTACKS = {
    "a ruling is rewritten": (
        ["UPDATE decision SET decision = 'reject' WHERE id = 6"],
        "decision 6",
    ),
    "whose ruling it is": (["UPDATE decision SET decided_by = 'Carl' WHERE id = 7"], "decision 7"),
    "a quorum is lowered": (["UPDATE decision SET quorum = 1 WHERE id = 6"], "decision 6"),
    "a ruling is moved to another site": (
        ["UPDATE decision SET site = 'plant-8' WHERE id = 6"],
        "decision 6",
    ),
    "a ruling is meant for another request": (
        ["UPDATE decision SET request_key = '10/config-1' WHERE id = 6"],
        "decision 6",
    ),
    "a ruling is backdated": (
        ["UPDATE decision SET decided_at = '2020-01-01 00:00:00.000000' WHERE id = 6"],
        "decision 6",
    ),
    "a run's decision becomes a person's": (
        ["UPDATE decision SET how = 'person' WHERE id = 5"],
        "decision 5",
    ),
    "the evidence is exchanged": (
        ["UPDATE decision SET evidence = '{}' WHERE id = 3"],
        "decision 3",
    ),
    "a ruling is copied to the end": (
        [
            f"INSERT INTO decision ({COPIED}, previous_hash, hash) SELECT {COPIED}, hash, {F} "
            "FROM decision WHERE id = 7"
        ],
        "decision 8",
    ),
    "a ruling is copied to the end, with its MAC": (
        [
            f"INSERT INTO decision ({COPIED}, previous_hash, hash, mac) SELECT {COPIED}, hash, "
            f"{F}, mac FROM decision WHERE id = 7"
        ],
        "decision 8",
    ),
    "a ruling is put before all others": (
        [
            f"INSERT INTO decision (id, {COPIED}, previous_hash, hash, mac) SELECT 0, {COPIED}, "
            f"{F}, {F}, mac FROM decision WHERE id = 7"
        ],
        "decision 0",
    ),
    "the last ruling is cut off": (["DELETE FROM decision WHERE id = 7"], "decision 7"),
    "all rulings are cut off": (["DELETE FROM decision WHERE id > 5"], "decision 6"),
    "all decisions are deleted": (["DELETE FROM decision"], "decision 1"),
    "one in the middle is deleted": (["DELETE FROM decision WHERE id = 3"], "decision 4"),
    "the last is cut off, and the note of the end with it": (
        ["DELETE FROM decision WHERE id = 7", "DELETE FROM keyed_fact WHERE name = 'decisions'"],
        "of its decisions",
    ),
    "the note of the end is rewritten": (
        [
            "DELETE FROM decision WHERE id = 7",
            "UPDATE keyed_fact SET facts = replace(facts, '7', '6') WHERE name = 'decisions'",
        ],
        "of its decisions",
    ),
    "all are given other numbers": (["UPDATE decision SET id = id + 100"], "decision 101"),
    "two change places": (
        [
            "UPDATE decision SET id = 99 WHERE id = 6",
            "UPDATE decision SET id = 6 WHERE id = 7",
            "UPDATE decision SET id = 7 WHERE id = 99",
        ],
        "decision 6",
    ),
    "two change places, and their hashes too": (
        [
            "UPDATE decision SET id = 99, hash = 'x', previous_hash = 'x' WHERE id = 6",
            "UPDATE decision SET id = 6 WHERE id = 7",
            "UPDATE decision SET id = 7 WHERE id = 99",
        ],
        "decision 6",
    ),
    "a MAC is deleted": (["UPDATE decision SET mac = NULL WHERE id = 6"], "decision 6"),
    "all MACs of decisions are deleted": (["UPDATE decision SET mac = NULL"], "decision 1"),
    "a MAC names a key of the attacker's": (
        ["UPDATE decision SET mac = 'deadbeef:00' WHERE id = 6"],
        "decision 6",
    ),
    "what was never archived counts as archived": (
        [
            "INSERT INTO decision_archive (last_id, count, hash, file_name, sha256, archived_at) "
            "SELECT 5, 5, hash, 'x', 'x', decided_at FROM decision WHERE id = 5",
            "DELETE FROM decision WHERE id <= 5",
        ],
        "archive x",
    ),
    "somebody's answer is written before it is given": (
        [
            "UPDATE review SET answers = "
            '\'[[3, "2026-03-02T09:00:00+00:00", "Anna", "approved edge-1", true]]\''
        ],
        "the review r-1",
    ),
    "an order with approval by people forgets a MAC": (
        ["UPDATE device SET ordered_as = '[]'"],
        "device record of edge-1",
    ),
    "a device gets another host id": (
        ["UPDATE device SET host_id = 'deadbeefdead'"],
        "device record of edge-1",
    ),
    "a device gets another MAC": (["UPDATE device SET macs = '02:66:00:00:00:01'"], "of edge-1"),
    "an order by people becomes one by rule": (
        ["UPDATE device SET is_by_people = 0"],
        "device record of edge-1",
    ),
    "a device is taken off its order": (["UPDATE device SET is_listed = 0"], "of edge-1"),
    "a device is added": (
        [
            "INSERT INTO device (scope, site, name, macs, state, reason, changed_at, connection) "
            "SELECT scope, site, 'edge-2', macs, state, reason, changed_at, connection FROM device"
        ],
        "device record of edge-2",
    ),
    "a device record is given to another site": (
        ["UPDATE device SET site = 'plant-8'"],
        "device record of edge-1 (plant-8",
    ),
    "a review's quorum is lowered": (["UPDATE review SET quorum = 1"], "the review r-1"),
    "a review is opened again": (
        ["UPDATE review SET closed_at = NULL, closed_as = ''"],
        "the review r-1",
    ),
    "a request is put into a review": (
        ["UPDATE review_item SET request_key = '10/config-1'"],
        "request 1 of the review r-1",
    ),
    "what the ledger notes of itself is deleted": (["DELETE FROM keyed_fact"], "of its decisions"),
}


@pytest.fixture
def engine(history_url, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", history_url)
    engine = connect(history_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(engine):
    return Owner(engine)


@pytest.fixture
def verified(capsys):
    """`muster ledger verify`: its exit code, and what it says."""

    def verified(*arguments):
        code = exit_code("ledger", "verify", *arguments)
        return code, "".join(capsys.readouterr())

    return verified


def test_a_ledger_that_nobody_touched_holds(verified, engine):
    code, said = verified()

    assert (code, said[:44]) == (0, "The chain of decisions holds: 7 in all, head")


@pytest.mark.parametrize("name", one_in(5, ATTACKS))
def test_what_the_owner_of_the_database_does_is_named(verified, owner, name):
    statements, named = ATTACKS[name]
    owner.does(*statements)

    code, said = verified()

    assert code == 1
    assert named in said


def test_the_head_of_an_empty_record_proves_nothing(verified, engine):
    code, said = verified("--head", "0" * 64)

    assert code == 1
    assert "It proves nothing" in said


ACTED_UPON = {
    "a ruling": ["UPDATE decision SET quorum = 1 WHERE id = 6"],
    "a ruling without MAC": ["UPDATE decision SET mac = NULL WHERE id = 6"],
    "a device's host id": ["UPDATE device SET host_id = 'deadbeefdead'"],
    "an order": ["UPDATE device SET is_by_people = 0"],
}


@pytest.mark.parametrize("name", ACTED_UPON)
def test_no_run_goes_by_it(owner, engine, name):
    owner.does(*ACTED_UPON[name])

    with pytest.raises(LedgerUnusable, match=r"does not hold.* Run: muster ledger verify"):
        Ledger(engine).memory.recall(CLAIM)


def test_nothing_is_added_to_a_record_whose_end_was_cut_off(owner, engine):
    owner.does("DELETE FROM decision WHERE id = 7")

    with pytest.raises(LedgerUnusable, match="the end of the decisions"):
        recorded(Ledger(engine), 6)


def test_an_answer_to_a_review_that_was_changed_decides_nothing(owner, engine):
    ledger = Ledger(engine)
    review = ledger.reviews.find_review
    owner.does("UPDATE review SET flow_run_id = 'f-1', quorum = 1, closed_at = NULL")

    with pytest.raises(LedgerUnusable, match="the review r-1"):
        review("f-1")
    with pytest.raises(LedgerUnusable, match="the review r-1"):
        ledger.reviews.close("r-1", NOW, "over")


@pytest.fixture
def heads(tmp_path, monkeypatch, engine):
    """The file of signed heads, to which one was added after all that happened."""
    file = tmp_path / "elsewhere" / "heads.jsonl"
    file.parent.mkdir()
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(file))
    signed_now(engine)
    return file


def signed_now(engine):
    _, line = Ledger(engine).decisions.sign_head(NOW)
    assert add(HeadSettings().heads, line) == ""


def test_signed_heads_confirm_the_record(verified, heads):
    assert verified()[1].endswith("as 1 signed head confirms.\n")


def test_an_older_file_that_is_put_back_is_older_than_its_heads(verified, owner, engine, heads):
    old = owner.copies()
    recorded(Ledger(engine), 9)
    signed_now(engine)
    owner.puts_back(old)

    code, said = verified()

    assert code == 1
    assert "was put back to an older state" in said
    assert "muster ledger restore" in said


@pytest.mark.heavy
def test_an_older_file_that_grew_again_has_another_hash_than_its_heads(
    verified, owner, engine, heads
):
    old = owner.copies()
    recorded(Ledger(engine), 9)
    signed_now(engine)
    owner.puts_back(old)
    recorded(Ledger(engine), 20, "Eve")

    code, said = verified()

    assert code == 1
    assert "a head that was signed on" in said


@pytest.mark.heavy
def test_without_heads_outside_it_is_said_that_a_whole_rollback_cannot_be_seen(
    verified, owner, engine, heads
):
    old = owner.copies()
    recorded(Ledger(engine), 9)
    owner.puts_back(old)
    heads.unlink()

    code, said = verified()

    assert code == 0
    assert "whether the whole ledger was put back to an older state cannot be told" in said


@pytest.mark.parametrize(
    "forged", [b'{"count": 99}\n', b"\xff\n", b"[[[\n"], ids=["no head", "no text", "no JSON"]
)
def test_a_line_that_nobody_signed_is_named(verified, heads, forged):
    heads.write_bytes(heads.read_bytes() + forged)

    assert f"line 2 of {heads} is not signed by this ledger's key" in verified()[1]


def test_a_head_that_was_changed_is_named(verified, heads):
    heads.write_text(heads.read_text().replace('"count":7', '"count":6'))

    assert f"line 1 of {heads} is not signed" in verified()[1]


@pytest.mark.heavy
def test_who_has_no_secret_checks_the_heads_by_the_public_key(
    verified, heads, engine, monkeypatch, owner
):
    public = Signer.load().public_keys[0]
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(heads.parent / "none"))
    monkeypatch.delenv("MUSTER_LEDGER_KEY")

    assert verified("--public-key", public)[0] == 0
    assert not (heads.parent / "none").exists()
    assert verified("--public-key", "00" * 32)[0] == 1
    owner.does("UPDATE decision SET quorum = 1 WHERE id = 6")
    assert verified("--public-key", public)[0] == 1


FEIGNED = {
    "without what the ledger notes of itself": ["DELETE FROM keyed_fact"],
    "without any MAC": [
        "DELETE FROM keyed_fact",
        *(
            f"UPDATE {table} SET mac = NULL"
            for table in ("decision", "device", "review", "review_item")
        ),
        "UPDATE decision SET quorum = 1 WHERE id = 6",
    ],
}


@pytest.mark.parametrize("name", FEIGNED)
def test_a_ledger_that_feigns_to_be_of_an_earlier_release_gets_no_macs(
    owner, history_url, heads, name
):
    owner.does(*FEIGNED[name])

    with pytest.raises(LedgerUnusable, match=r"looks like one of an earlier release.*may have"):
        prepare(history_url)


@pytest.mark.heavy
def test_a_restored_backup_is_reported_and_not_blamed(
    verified, engine, history_url, heads, tmp_path
):
    back_up(history_url, tmp_path / "backup", NOW)
    recorded(Ledger(engine), 9)
    signed_now(engine)
    engine.dispose()

    restore(history_url, tmp_path / "backup", NOW, wait=lambda _: None)
    code, said = verified()

    assert code == 0
    assert f"1 head in {heads} was signed before a backup was restored" in said
    recorded(Ledger(engine), 12)
    signed_now(engine)
    assert verified()[0] == 0
