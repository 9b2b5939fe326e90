"""Somebody deletes device records and reviews, or puts older states of them back: it is missed."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from fleet.admission.policy import EXACT_MATCH
from fleet.admission.review import Review, Terms
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database.engine import LedgerUnusable, connect
from ledger.keys import facts
from ledger.keys.prepare import prepare
from ledger.keys.record_keys import RecordKeys
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claim
from tests.attacks.record import CLAIM, EDGE, Owner
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.ledger.admission.test_reviews import an_item
from tests.ledger.relaxed import none_relaxed
from tests.ledger.running import LEASE, SCOPE, SITE, a_request


@pytest.fixture
def engine(history_url, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", history_url)
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(tmp_path / "heads.jsonl"))
    engine = connect(history_url)
    Ledger(engine).decisions.publish_head(NOW)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(engine):
    return Owner(engine)


def relaxed(_session, _devices):
    """A run that lets a policy approve from now on, whose record does not matter here."""


DELETED = {
    "a device record": (["DELETE FROM device"], "device records of plant-7"),
    "a review": (
        ["DELETE FROM review_item", "DELETE FROM review"],
        "reviews of plant-7",
    ),
    "a request of a review": (["DELETE FROM review_item"], "reviews of plant-7"),
    "a device record, and what is noted": (
        ["DELETE FROM device", "DELETE FROM keyed_fact WHERE name LIKE 'devices of %'"],
        "counts 5 changes of device records",
    ),
    "a device record, and what is noted is that of reviews": (
        [
            "DELETE FROM device",
            "UPDATE keyed_fact SET (facts, mac) = (SELECT facts, mac FROM keyed_fact k "
            "WHERE k.name LIKE 'reviews of %') WHERE name LIKE 'devices of %'",
        ],
        "devices of",
    ),
}


@pytest.mark.parametrize("name", DELETED)
def test_what_was_deleted_is_missed(owner, capsys, name):
    statements, named = DELETED[name]
    owner.does(*statements)

    assert exit_code("ledger", "verify") == 1
    assert named in capsys.readouterr().err


def test_no_run_goes_on_without_a_device_record_that_was_deleted(owner, engine):
    owner.does("DELETE FROM device")
    ledger = Ledger(engine)
    status = DeviceStatus(EDGE, State.WAITING, ReasonCode.UNKNOWN, "has not asked yet")

    for work in (
        lambda: ledger.memory.recall(CLAIM),
        ledger.devices.remembered,
        lambda: ledger.devices.save(CLAIM, Assessment((status,), ()), NOW),
        lambda: ledger.devices.list_as_ordered(
            SITE, {(SCOPE, "lem"): [EDGE.name]}, True, relaxing=none_relaxed
        ),
    ):
        with pytest.raises(LedgerUnusable, match="device records of plant-7"):
            work()


def test_an_order_by_people_is_not_put_back_to_before_people_were_asked(owner, engine):
    ledger, listed = Ledger(engine), {(SCOPE, "lem"): [EDGE.name]}
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=False, relaxing=relaxed)
    old = owner.copies()
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=True, relaxing=none_relaxed)
    owner.does(
        f"ATTACH '{old}' AS old",
        "DELETE FROM device",
        "INSERT INTO device SELECT * FROM old.device",
    )

    with pytest.raises(LedgerUnusable, match="put back to an older state"):
        ledger.memory.recall(CLAIM)


def test_nor_together_with_what_is_noted_once_a_head_was_signed(owner, engine, capsys):
    ledger, listed = Ledger(engine), {(SCOPE, "lem"): [EDGE.name]}
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=False, relaxing=relaxed)
    old = owner.copies()
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=True, relaxing=none_relaxed)
    ledger.decisions.publish_head(NOW)
    owner.does(
        f"ATTACH '{old}' AS old",
        *(f"DELETE FROM {table}" for table in ("device", "keyed_fact")),
        *(f"INSERT INTO {table} SELECT * FROM old.{table}" for table in ("device", "keyed_fact")),
    )

    with (
        pytest.raises(LedgerUnusable, match="changes of device records and reviews, and now"),
        open_ledger(),
    ):
        pass
    assert exit_code("ledger", "verify") == 1
    assert "changes of device records" in capsys.readouterr().err


@pytest.mark.parametrize("with_all", ["", " OR name = 'places'"])
def test_nor_while_another_site_goes_on_so_that_no_head_counts_less(owner, engine, with_all):
    ledger, listed = Ledger(engine), {(SCOPE, "lem"): [EDGE.name]}
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=False, relaxing=relaxed)
    old = owner.copies()
    ledger.devices.list_as_ordered(SITE, listed, True, is_by_people=True, relaxing=none_relaxed)
    status = DeviceStatus(EDGE, State.WAITING, ReasonCode.UNKNOWN, "has not asked yet")
    ledger.decisions.publish_head(NOW)
    for state in (State.WAITING, State.HELD):
        found = Assessment((replace(status, state=state),), ())
        ledger.devices.save(Claim("plant-8", SCOPE), found, NOW)
    which = f"name LIKE 'devices of [\"plant-7%'{with_all}"
    owner.does(
        f"ATTACH '{old}' AS old",
        "DELETE FROM device WHERE site = 'plant-7'",
        "INSERT INTO device SELECT * FROM old.device",
        f"DELETE FROM keyed_fact WHERE {which}",
        f"INSERT INTO keyed_fact SELECT * FROM old.keyed_fact WHERE {which}",
    )

    with pytest.raises(LedgerUnusable, match="all sites together"):
        ledger.memory.recall(CLAIM)


def test_no_review_that_was_deleted_is_taken_for_one_that_never_was(owner, engine):
    ledger = Ledger(engine)
    owner.does("DELETE FROM review_item", "DELETE FROM review")

    for work in (
        lambda: ledger.reviews.find_review("f-1"),
        lambda: ledger.reviews.due(NOW),
        lambda: ledger.reviews.close("r-1", NOW, "over"),
        lambda: ledger.reviews.open_review(
            Review("r-2", SITE, "lem", (an_item(),), Terms(NOW + LEASE), NOW),
            SCOPE,
            EXACT_MATCH,
            None,
        ),
        lambda: ledger.memory.recall(CLAIM, [a_request("9", code="config-1")]),
    ):
        with pytest.raises(LedgerUnusable, match=r"reviews of plant-7|review r-1, which was del"):
            work()


def test_what_muster_deletes_itself_is_not_missed(engine):
    ledger = Ledger(engine)
    later = NOW + 9 * LEASE

    assert ledger.reviews.prune(later) == 1

    assert ledger.reviews.due(later) == []
    assert exit_code("ledger", "verify") == 0


@pytest.mark.heavy
def test_a_ledger_of_0_4_0_notes_what_it_has_when_it_is_prepared(
    engine, history_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("MUSTER_DECISION_HEADS", str(tmp_path / "heads-of-0.4.0"))
    as_0_4_0_left_it(engine)
    back_up(history_url, tmp_path / "backup", NOW)
    engine.dispose()

    assert prepare(history_url) == 0
    assert [each.device for each in Ledger(engine).devices.remembered()] == [EDGE]
    restore(history_url, tmp_path / "backup", NOW, wait=lambda _: None)
    assert [each.device for each in Ledger(engine).devices.remembered()] == [EDGE]
    assert exit_code("ledger", "verify") == 0


def as_0_4_0_left_it(engine):
    keys = RecordKeys.load()
    Owner(engine).does(
        "DELETE FROM keyed_fact WHERE name LIKE 'devices of %' OR name LIKE 'reviews of %' "
        "OR name = 'places'"
    )
    with Session(engine) as session:
        ledger = facts.required(session, keys, facts.LEDGER)
        facts.note(
            session, keys, facts.LEDGER, {n: v for n, v in ledger.items() if n != "notes_places"}
        )
        end = facts.required(session, keys, facts.DECISIONS)
        facts.note(
            session, keys, facts.DECISIONS, {n: v for n, v in end.items() if n != facts.PEOPLE}
        )
        session.commit()


# What no row can be.

UNREADABLE = {
    "bytes for a host id": ("UPDATE device SET host_id = x'00ff'", "device record of edge-1"),
    "no time": ("UPDATE device SET changed_at = 'soon'", "device record of edge-1"),
    "a number for a time": ("UPDATE review SET deadline = 7", "the review r-1"),
    "bytes for a MAC": ("UPDATE device SET mac = x'00ff'", "device record of edge-1"),
    "bytes for what is noted": ("UPDATE keyed_fact SET facts = x'00ff'", "notes of its decisions"),
    "an approver who never was": (
        "INSERT INTO approver (id, sealed, key_id, used_step, failures, locked_until) "
        "VALUES ('eve', 'x', 'x', 0, 0, 'soon')",
        "the app of the approver eve",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named(owner, capsys, name):
    statement, named = UNREADABLE[name]
    owner.does(statement)

    assert exit_code("ledger", "verify") == 1
    assert named in capsys.readouterr().err
