"""Decisions: a chain that only grows, and in which every change afterwards shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from threading import Barrier

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from fleet.admission.evidence import Code, Evidence, digest
from fleet.admission.policy import EXACT_MATCH, Policy
from fleet.device.identity import Identity
from fleet.state.verdict import Decision
from ledger.admission import decisions
from ledger.admission.chain import GENESIS, Broken, Head
from ledger.admission.decided import Decided
from ledger.admission.how import How
from ledger.admission.recorded import votes
from ledger.database.engine import connect
from ledger.database.tables import DecisionRow
from ledger.keys.record_keys import DoesNotHold, RecordKeys
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import NOW, a_request, mac
from tests.laws import SAME_FIXTURES, share_of
from tests.ledger.running import SCOPE, SITE, after, rows

CLAIM = Claim(SITE, SCOPE)
POLICY = "policy exact-match"
CHANGED = "it was changed after it was recorded"
UNFOLLOWED = "the decision before it is not the one that it was added to"
UNKEYED = "it was written, or given another number, without the ledger's key"
UNGUARDED = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS decision_no_update",
        "DROP TRIGGER IF EXISTS decision_no_delete",
    ],
    "postgresql": ["ALTER TABLE decision DISABLE TRIGGER USER"],
}
GUARDED = {"sqlite": [], "postgresql": ["ALTER TABLE decision ENABLE TRIGGER USER"]}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
FACTS = {
    name: TEXTS for name in DecisionRow.model_fields if name not in {"id", "decided_at", "quorum"}
}
FACTS |= {name: TEXTS | st.none() for name in ("device", "review_id", "proof")}
FACTS |= {"quorum": st.integers(-(2**31), 2**31 - 1)}
FACTS |= {"decided_at": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))}
SAME_LEDGER = settings(SAME_FIXTURES, max_examples=share_of(100))  # every change is taken back


def a_decision(number: int = 1, decision: Decision = Decision.APPROVE, **more) -> Decided:
    request = a_request(str(number), macs=[mac(number)])
    evidence = Evidence(
        site=SITE,
        request_key=request.key,
        request_id=request.id,
        device=f"edge-{number}",
        code=Code.OWN,
        code_of="",
        expected=Identity(None, frozenset([mac(number)])),
        observed=request.identity,
        hostname=f"gerät-{number}",
        asked_at=NOW,
        arrivals={"minute": number, "10 minutes": 7, "hour": 7},
    )
    facts = {"by": POLICY, "reason": f"it shows MAC {mac(number)}", "how": How.RULE}
    return Decided(**({"evidence": evidence, "decision": decision} | facts | more))


def record(ledger, *decided, claim=CLAIM, policy=EXACT_MATCH, now=NOW):
    ledger.decisions.record(claim, policy, decided, now)


def chain_of(engine):
    return sorted(rows(engine, DecisionRow), key=lambda row: row.id)


def one_by_one(ledger, count=4):
    """A chain of so many decisions, of one second each."""
    for number in range(1, count + 1):
        record(ledger, a_decision(number), now=after(number))


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """The database, for somebody who may do everything in it."""
    with engine.begin() as connection:
        for statement in UNGUARDED[engine.dialect.name]:
            connection.execute(text(statement))
        yield connection
        for statement in GUARDED[engine.dialect.name]:
            connection.execute(text(statement))


def change(engine, number, **facts):
    table = SQLModel.metadata.tables["decision"]
    with tampering(engine) as connection:
        connection.execute(table.update().where(table.c.id == number).values(**facts))


def delete(engine, condition):
    with tampering(engine) as connection:
        connection.execute(text(f"DELETE FROM decision WHERE {condition}"))


def broken(number, message, second=None):
    return Broken(number, message, POLICY, after(number if second is None else second))


def test_an_empty_chain_holds(ledger):
    assert ledger.decisions.verify() is None
    assert ledger.decisions.head() == Head(0, GENESIS)


def test_the_chain_grows_by_what_is_recorded_and_holds(engine, ledger):
    record(ledger, a_decision(1), a_decision(2))
    record(ledger, a_decision(3), now=after(1))

    chain = chain_of(engine)
    assert [row.id for row in chain] == [1, 2, 3]
    assert [row.previous_hash for row in chain] == [GENESIS, chain[0].hash, chain[1].hash]
    assert ledger.decisions.verify() is None


def test_a_decision_says_who_what_when_and_on_which_evidence_and_policy(engine, ledger):
    policy = Policy(name="plant", version="0815")
    decided = a_decision(7, Decision.REJECT, by="Anna", how=How.PERSON, quorum=2, review_id="r-1")

    record(ledger, decided, policy=policy, now=after(5))

    (row,) = chain_of(engine)
    assert (row.decided_by, row.how, row.decision) == ("Anna", "person", "reject")
    assert (row.decided_at, row.reason, row.quorum) == (after(5), decided.reason, 2)
    assert (row.scope, row.site, row.device) == (SCOPE, SITE, "edge-7")
    assert (row.request_key, row.fingerprint) == ("7/config-1", decided.evidence.fingerprint)
    assert row.evidence_hash == digest(decided.evidence.facts())
    assert (row.policy, row.policy_version, row.review_id) == ("plant", "0815", "r-1")


def test_nothing_to_record_adds_nothing(ledger):
    record(ledger)

    assert ledger.decisions.head().count == 0


def test_the_head_is_the_count_and_the_hash_of_the_last_decision(engine, ledger):
    one_by_one(ledger, 3)

    last = chain_of(engine)[-1].hash
    assert ledger.decisions.head() == Head(3, last)
    assert str(ledger.decisions.head()) == f"3 in all, head {last}"


def test_an_older_head_is_in_the_chain_that_grew_from_it(ledger):
    one_by_one(ledger, 2)
    printed = ledger.decisions.head().hash

    record(ledger, a_decision(3))

    assert ledger.decisions.verify(printed) is None


def test_a_decision_of_a_rule_is_recorded_once_however_often_it_is_tried(engine, ledger):
    for second in range(3):
        record(ledger, a_decision(1), a_decision(1), a_decision(2), now=after(second))

    assert [(row.device, row.decided_at) for row in chain_of(engine)] == [
        ("edge-1", NOW),
        ("edge-2", NOW),
    ]


@pytest.mark.parametrize(
    "other",
    [
        a_decision(1, Decision.REJECT),
        a_decision(1, how=How.SHADOW),
        a_decision(1, by="policy plant"),
        replace(a_decision(1), evidence=replace(a_decision(1).evidence, hostname="renamed")),
        a_decision(2),
    ],
    ids=["decision", "how", "by", "fingerprint", "request"],
)
def test_another_decision_is_recorded_beside_it(ledger, other):
    record(ledger, a_decision(1))

    record(ledger, other)

    assert ledger.decisions.head().count == 2
    assert ledger.decisions.verify() is None


def test_what_was_decided_of_another_site_or_scope_counts_for_itself(ledger):
    record(ledger, a_decision(1))

    record(ledger, a_decision(1), claim=Claim("plant-8", SCOPE))
    record(ledger, a_decision(1), claim=Claim(SITE, "LEM project b"))

    assert ledger.decisions.head().count == 3
    assert ledger.decisions.verify() is None


def test_votes_are_what_people_said_of_the_site_in_their_order(engine, ledger):
    person = {"how": How.PERSON, "quorum": 2}
    record(ledger, a_decision(1), a_decision(2, by="Bob", **person))
    record(ledger, a_decision(1, by="Anna", **person))
    record(ledger, a_decision(3, by="Eve", **person), claim=Claim("plant-8", SCOPE))
    record(ledger, a_decision(4, by="Eve", **person), claim=Claim(SITE, "LEM project b"))

    with Session(engine) as session:
        cast = votes(session, RecordKeys.load(), SITE, SCOPE)

    assert [(vote.by, vote.key[0], vote.quorum) for vote in cast] == [
        ("Bob", "2/config-1", 2),
        ("Anna", "1/config-1", 2),
    ]
    of_site = ledger.decisions.by_people(SITE)
    assert [row.by for row in of_site] == ["Bob", "Anna", "Eve"]
    assert len(ledger.decisions.by_people(None)) == 4


def test_who_records_at_once_makes_one_chain_without_a_fork(url, engine, ledger):
    together = Barrier(4)

    def recorded(first):
        own = connect(url)  # as in another process
        together.wait()
        for number in range(first, first + 8):
            record(Ledger(own), a_decision(number), a_decision(200))
        own.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(recorded, [1, 11, 21, 31]))

    chain = chain_of(engine)
    assert len(chain) == 4 * 8 + 1
    assert all(one.hash == other.previous_hash for one, other in pairwise(chain))
    assert ledger.decisions.verify() is None


def test_what_is_rolled_back_leaves_the_chain_whole(engine, ledger):
    record(ledger, a_decision(1))
    with Session(engine) as session, session.begin() as transaction:
        keys = RecordKeys.load()
        decisions.append(session, keys, CLAIM, EXACT_MATCH, [a_decision(2)], NOW)
        transaction.rollback()

    record(ledger, a_decision(3))

    assert [row.device for row in chain_of(engine)] == ["edge-1", "edge-3"]
    assert ledger.decisions.verify() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision SET reason = 'as you like'",
        "UPDATE decision SET proof = 'as you like'",
        "UPDATE decision SET id = id + 10",
        "DELETE FROM decision",
        "DELETE FROM decision WHERE id = 2",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_decision(engine, ledger, statement):
    one_by_one(ledger, 3)
    before = chain_of(engine)

    with pytest.raises(DBAPIError, match="decisions can only be added"), engine.begin() as raw:
        raw.execute(text(statement))

    assert chain_of(engine) == before


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_table(postgres_url):
    engine = connect(postgres_url)
    one_by_one(Ledger(engine), 3)

    with pytest.raises(DBAPIError, match="decisions can only be added"), engine.begin() as raw:
        raw.execute(text("TRUNCATE decision"))

    assert Ledger(engine).decisions.head().count == 3
    engine.dispose()


@pytest.mark.parametrize("record", ["id", "hash", "previous_hash"])
def test_sqlite_refuses_to_replace_a_decision(sqlite_url, record):
    engine = connect(sqlite_url)
    one_by_one(Ledger(engine), 3)
    before = chain_of(engine)
    forged = before[1].model_dump() | {"reason": "as you like"}
    forged |= {"id": 9, "hash": "0f" * 32, "previous_hash": "f0" * 32} | {
        record: getattr(before[1], record)
    }

    with pytest.raises(DBAPIError, match="decisions can only be added"), engine.begin() as raw:
        raw.execute(insert(DecisionRow).prefix_with("OR REPLACE"), forged)

    assert chain_of(engine) == before
    engine.dispose()


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"reason": "it shows nothing"}, CHANGED),
        ({"decision": "reject"}, CHANGED),
        ({"decided_by": "Anna"}, CHANGED),
        ({"device": None}, CHANGED),
        ({"hash": "0f" * 32}, CHANGED),
        ({"evidence": "{}"}, "its evidence was changed"),
        ({"evidence": "{"}, "its evidence was changed"),
        ({"evidence": "[" * 100_000}, "its evidence was changed"),
        ({"evidence_hash": digest({})}, "its evidence was changed"),
        ({"evidence": "{}", "evidence_hash": digest({})}, CHANGED),
        ({"previous_hash": "0f" * 32}, UNFOLLOWED),
    ],
)
def test_a_changed_decision_is_the_first_broken_link(engine, ledger, facts, message):
    one_by_one(ledger)

    change(engine, 2, **facts)

    by = facts.get("decided_by", POLICY)
    assert ledger.decisions.verify() == replace(broken(2, message), by=by)


def test_of_several_broken_links_the_first_is_named(engine, ledger):
    one_by_one(ledger)

    change(engine, 4, reason="as you like")
    change(engine, 3, reason="as you like")

    assert ledger.decisions.verify() == broken(3, CHANGED)


def test_a_change_whose_hash_was_made_to_fit_has_no_mac(engine, ledger):
    one_by_one(ledger)
    before = chain_of(engine)[1].model_dump(exclude={"id", "hash", "proof"})
    forged = before | {"reason": "as you like"}

    forged.pop("mac")
    fitting = digest(forged | {"decided_at": before["decided_at"].isoformat()})
    change(engine, 2, reason="as you like", hash=fitting)

    assert ledger.decisions.verify() == broken(2, UNKEYED)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_deleted_decision_shows_at_the_next(engine, ledger, number):
    one_by_one(ledger)

    delete(engine, f"id = {number}")

    assert ledger.decisions.verify() == broken(number + 1, UNFOLLOWED)


@pytest.mark.parametrize("number", [0, 5])
def test_an_inserted_decision_does_not_follow_from_the_one_before(engine, ledger, number):
    one_by_one(ledger)
    copied = chain_of(engine)[1].model_dump()
    forged = copied | {"id": number, "hash": "0f" * 32, "previous_hash": "f0" * 32}

    with engine.begin() as connection:  # that needs no leave
        connection.execute(insert(DecisionRow), forged)

    assert ledger.decisions.verify() == broken(number, UNFOLLOWED, second=2)


def test_decisions_that_changed_places_do_not_follow_from_each_other(engine, ledger):
    one_by_one(ledger)

    for number, place in ((2, 9), (3, 2), (9, 3)):
        change(engine, number, id=place)

    assert ledger.decisions.verify() == broken(2, UNFOLLOWED, second=3)


def test_a_cut_off_end_is_not_the_end_that_the_ledger_notes(engine, ledger):
    one_by_one(ledger)
    noted = ledger.decisions.head()

    delete(engine, "id > 2")

    found = ledger.decisions.verify()
    assert found is not None
    assert found.decision == 3
    assert found.reason.startswith(f"the ledger notes {noted}, and the chain has 2 in all")
    with pytest.raises(DoesNotHold):
        record(ledger, a_decision(9))


def test_a_broken_link_is_reported_with_its_number_and_whose_it_is(engine, ledger):
    one_by_one(ledger)

    change(engine, 2, reason="as you like")

    assert (
        str(ledger.decisions.verify())
        == f"decision 2 ({POLICY}, 2026-03-02 09:00:02 UTC): {CHANGED}"
    )


@pytest.mark.parametrize(
    "made",
    ["decided_at = 'yesterday'", "decided_at = 5", "quorum = x'ff00'", "evidence = x'ff00'"],
)
def test_a_decision_that_was_made_unreadable_is_a_broken_link(sqlite_url, made):
    engine = connect(sqlite_url)
    one_by_one(Ledger(engine))

    with tampering(engine) as connection:
        connection.execute(text(f"UPDATE decision SET {made} WHERE id = 3"))

    found = Ledger(engine).decisions.verify()
    assert found is not None
    assert found.decision == 3
    engine.dispose()


@pytest.fixture
def chain(engine, ledger):
    """A ledger of four decisions."""
    one_by_one(ledger)
    return engine


@SAME_LEDGER
@given(st.data())
def test_a_changed_fact_of_any_decision_is_found(chain, data):
    number = data.draw(st.integers(1, 4))
    name = data.draw(st.sampled_from(sorted(FACTS)))
    value = data.draw(FACTS[name])
    if name == "decided_at":
        value = value.replace(tzinfo=NOW.tzinfo)
    before = getattr(chain_of(chain)[number - 1], name)
    assume(value != before)

    change(chain, number, **{name: value})
    found = Ledger(chain).decisions.verify()
    change(chain, number, **{name: before})

    assert found is not None
    assert found.decision == number
    assert Ledger(chain).decisions.verify() is None
