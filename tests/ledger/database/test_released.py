"""What a released Muster wrote is read by this one: every row, through the ledger's own doors."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fleet.admission.policy import EXACT_MATCH
from fleet.admission.suspicion import SuspicionKind as Suspected
from fleet.device.identity import Identity
from fleet.device.secret import SecretKind
from fleet.nightly.catalog import FindingKind
from fleet.nightly.story import Decided, Enrolled, Held, Received, Reviewed, Tried
from fleet.state.admitted import Admitted
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from ledger.admission.chain import Head
from ledger.admission.decided import Decided as ToRecord
from ledger.admission.how import How
from ledger.database.engine import check_prepared, connect
from ledger.device.sealing import Sealer
from ledger.device.secrets import Secrets
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim, Claimed, Claims
from ledger.state.lease import Watch
from tests.fleet.builders import NOW, a_request
from tests.ledger.released_ledger import load_into_postgres, load_into_sqlite
from tests.ledger.running import Passing

LEM = "LEM project north"
ACUSIGHT = "Acusight organization acme"
TENANT = "provision_api tenant acme"
PLANT_7 = Claim("plant-7", LEM)
SEALER = Sealer(["YSBrZXkgb2Ygbm90aGluZywgZm9yIHRlc3RzIG9ubHk="])
MINUTE = timedelta(minutes=1)
DECIDED = "0194f000-0000-7000-8000-000000000001"  # the run of a review
UNDECIDED = "0194f000-0000-7000-8000-000000000002"
HEAD = "5c71f01f4df2507d19dd0669cf5d770a7f249b11ee1923965c87562f6a2600a9"


@pytest.fixture(scope="module")
def released_file(tmp_path_factory) -> Path:
    """The ledger of 0.1.0, brought up to date, to copy."""
    file = tmp_path_factory.mktemp("released") / "ledger.db"
    load_into_sqlite(f"sqlite:///{file}", "0.1.0")
    prepare(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path) -> Iterator[Engine]:
    """The ledger of 0.1.0, brought up to date."""
    if request.param == "sqlite":
        released = request.getfixturevalue("released_file")
        url = f"sqlite:///{shutil.copy(released, tmp_path / 'ledger.db')}"
    else:
        url = request.getfixturevalue("empty_postgres_url")
        load_into_postgres(url, "0.1.0", "0004")
        prepare(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def test_its_tables_are_those_of_today(engine):
    check_prepared(engine)


def test_no_row_is_lost(engine):
    with engine.connect() as connection:
        tables = {
            table: connection.scalar(text(f'SELECT count(*) FROM "{table}"'))
            for table in ("claim", "hold", "intent", "secret", "secret_handover", "handover")
        }
    assert tables == {
        "claim": 4,
        "hold": 2,
        "intent": 12,
        "secret": 6,
        "secret_handover": 8,
        "handover": 2,
    }


def test_every_device_stands_where_it_stood(ledger):
    records = ledger.devices.remembered()

    assert Counter(each.site for each in records) == {"plant-7": 11, "plant-8": 4}
    stand = {each.device.name: each.state for each in records}
    assert set(stand.values()) == set(State) - {
        State.IDENTITY_MISMATCH,
        State.MISSING,
        State.APPROVAL_NOT_SHOWN,
    }  # which came later
    assert stand["edge-005"] is State.FAILED
    assert stand["edge-021"] is State.KEY_LOST
    (two,) = (each for each in records if each.device.name == "edge-002")
    assert (two.device.host_id, two.device.macs) == ("HOST-2", ("02:00:00:00:00:02",))
    assert {each.connection for each in records if each.is_listed} == {
        "lem-north",
        "acusight-acme",
        "provision-acme",
    }
    assert [each.device.name for each in records if not each.is_listed] == ["edge-023"]
    assert {each.confirmed_as for each in records} == {None, "dev-8", "dev-9", "dev-11"}
    assert ledger.devices.names() == {
        "plant-7": [f"edge-{number:03}" for number in range(1, 12)],
        "plant-8": [f"edge-{number:03}" for number in range(20, 24)],
    }


def test_what_was_done_for_a_site_is_remembered(ledger):
    asking = [a_request(number, code="cfg-1") for number in ("2", "3", "10", "50", "51")]
    memory = ledger.memory.recall(PLANT_7, asking)

    assert memory.enrollment_ids == {"cfg-0", "cfg-1"}
    assert ledger.enrollments.sites_by_code(LEM) == {"cfg-0": "plant-7", "cfg-1": "plant-7"}
    ten = memory.of("edge-010")
    assert [record.enrollment_id for record in ten.enrollments] == ["cfg-1", None]
    assert [record.adopted for record in memory.of("edge-011").enrollments] == [False, True]
    assert memory.of("edge-004").approved == {"4/cfg-1"}
    assert memory.of("edge-006").rejected == {"6/cfg-1"}
    assert memory.of("edge-002").pending == {"2/cfg-1"}
    assert {key for key, _ in memory.held} == {"3/cfg-1", "50/cfg-1"}
    assert {key: it.decision for (key, _), it in memory.decisions.items()} == {
        "3/cfg-1": Decision.APPROVE,
        "50/cfg-1": Decision.REJECT,
    }
    assert memory.reviewed.keys() == {"2/cfg-1", "3/cfg-1", "10/cfg-1", "50/cfg-1"}
    assert ledger.holds.held_since(PLANT_7)["3/cfg-1"] == NOW + MINUTE
    eight = ledger.memory.times(PLANT_7)["edge-008"]
    assert (eight.enrolled, eight.approved) == (NOW, NOW + MINUTE)
    assert (eight.provisioned, eight.confirmed) == (NOW + 6 * MINUTE, NOW + 6 * MINUTE)


def test_what_is_held_has_a_code_and_its_newest_sentence_since_it_was_held_first(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    load_into_sqlite(url, "0.1.0")
    early = "it asked at 08:00, and its code expired at 07:00"
    sentences = [
        (3, "the device already asked as request 10"),
        (1, "the device already asked as request 9"),
        (2, early),
        (4, f"{early}; rule 'a': no"),
    ]
    with sqlite3.connect(tmp_path / "ledger.db") as file:
        for minute, sentence in sentences:
            at = f"{NOW + minute * MINUTE:%Y-%m-%d %H:%M:%S.%f}"
            row = (LEM, "plant-7", "12/cfg-1", sentence, "edge-001", "", "", at)
            file.execute("INSERT INTO hold VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    file.close()

    prepare(url)

    engine = connect(url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT code, reason, device FROM hold WHERE request_key = '12/cfg-1'")
        )
        assert {tuple(row) for row in rows} == {
            ("second_request", "the device already asked as request 10", "edge-001"),
            ("unknown", f"{early}; rule 'a': no", "edge-001"),
        }
    assert Ledger(engine).holds.held_since(PLANT_7)["12/cfg-1"] == NOW + MINUTE
    assert {
        code for key, code in Ledger(engine).memory.recall(PLANT_7).held if key == "12/cfg-1"
    } == {
        ReasonCode.SECOND,
        ReasonCode.UNKNOWN,
    }
    engine.dispose()


def test_an_outcome_that_nobody_knows_is_still_to_be_resolved(ledger):
    (intent,) = ledger.journal.open_intents(PLANT_7)

    assert (intent.device, intent.action, intent.detail) == (
        "edge-002",
        "approve",
        "no answer in 30 s",
    )


def test_a_run_that_was_at_work_still_holds_its_devices_for_a_lease(engine, ledger):
    records = [each.device for each in ledger.devices.remembered(TENANT)]
    clock = Passing()
    claims = Claims(engine, Watch(clock))

    for seconds in (0, 14):
        clock.seconds = seconds
        with pytest.raises(Claimed, match="swift-crane"):
            claims.open_claim("plant-8", TENANT, "next", records, NOW, MINUTE)

    clock.seconds = 15
    claims.open_claim("plant-8", TENANT, "next", records, NOW, MINUTE)


def test_the_chain_of_decisions_holds_and_grows(ledger):
    assert ledger.decisions.verify() is None
    assert ledger.decisions.head() == Head(11, HEAD)
    messages = ledger.decisions.between(0, 11)
    assert Counter(row.how for row in messages) == {"rule": 6, "shadow": 1, "run": 1, "person": 3}
    assert {row.by for row in ledger.decisions.by_people("plant-7")} == {
        "Anna",
        "Carl",
    }

    review = ledger.reviews.find_review(UNDECIDED)
    why = {"by": "policy exact-match", "reason": "it shows its host id", "how": How.RULE}
    decided = ToRecord(review.items[0].evidence, Decision.APPROVE, **why)
    ledger.decisions.record(PLANT_7, EXACT_MATCH, [decided], NOW + MINUTE)
    assert ledger.decisions.head().count == 12
    assert ledger.decisions.verify(HEAD) is None


def test_reviews_and_what_was_answered_stand(ledger):
    review = ledger.reviews.find_review(DECIDED)

    assert review is not None
    assert (review.terms.quorum, review.terms.requested_by) == (2, "Bob")
    assert {item.code for item in review.items} == {ReasonCode.UNKNOWN}
    copied, unknown_device = review.items
    assert [each.kind for each in copied.evidence.suspicions] == [Suspected.CLONE, Suspected.EARLY]
    assert unknown_device.evidence.suspected_of(Suspected.UNKNOWN_DEVICE)
    assert [(row.by, row.accepted) for row in ledger.reviews.answers(review)] == [
        ("", False),
        ("Anna", True),
        ("Carl", True),
    ]
    assert len(ledger.reviews.votes(review)) == 3
    (due,) = ledger.reviews.due(NOW + timedelta(days=2))
    assert (due.site, due.count, due.flow_run_id) == ("plant-7", 1, None)


def test_as_whom_a_device_was_admitted_is_what_was_approved(ledger):
    past = ledger.memory.recall(Claim("plant-7", LEM))

    mac = Identity(None, frozenset({"02:00:00:00:00:04"}))
    assert past.of("edge-004").admitted == Admitted("4/cfg-1", mac)
    assert past.of("edge-002").admitted is None  # a policy in shadow mode approved it


def test_findings_are_the_same_ones_the_night_after(ledger):
    known = ledger.findings.known()

    came_later = {
        FindingKind.APPROVAL_NOT_SHOWN,
        FindingKind.IDENTITY_MISMATCH,
        FindingKind.KEY_NOT_HELD,
        FindingKind.UNREADABLE,
    }
    assert {kind for _, _, kind, _ in known} == set(FindingKind) - came_later
    pending = known["plant-7", "lem-north", FindingKind.PENDING.value, "edge-001"]
    assert (pending.first_seen, pending.actions) == (NOW, 2)
    assert pending.last_action_at == NOW + timedelta(days=1)
    assert sum(each.reported_at == NOW for each in known.values()) == 10
    assert ledger.findings.prune(NOW + timedelta(days=400)) == 1


def test_nights_are_stored(ledger):
    records = ledger.nights.last(30)

    assert [night.report for night in records] == [f"reports/night-{n}.html" for n in (1, 2, 3)]
    assert [night.facts["recorded"] for night in records] == [12, 12, 12]
    kinds = {kind for night in records for kind in night.facts["kinds"]}
    assert kinds <= {kind.value for kind in FindingKind}
    assert FindingKind.PENDING.value in kinds
    states = {state for night in records for _, _, state, _ in night.facts["states"]}
    assert State.PROVISIONING.value in states
    assert states <= {*State}
    assert records[1].facts["not_checked"] == {"acusight-acme": "ConnectError: nothing answers"}


def test_secrets_unseal_and_who_took_them_is_known(engine, ledger):
    SEALER.check(engine)
    held = Secrets(engine, SEALER).held("plant-8")

    messages = {each.secret.kind: each.secret.value.get_secret_value() for each in held}
    assert messages == {
        SecretKind.PROVISIONING_TOKEN: "ptk-secret-1",
        SecretKind.API_KEY: "api-secret-20",
        SecretKind.EDGE_KEY: "edge-secret-20",
        SecretKind.ISSUED_TOKEN: "issued-secret-1",
        SecretKind.ACTIVATION_CODE: "CODE-22",
        SecretKind.PROVISION_TOKEN: "prov-secret-22",
    }
    assert Counter(len(each.takings) for each in held) == {2: 2, 1: 4}
    assert ledger.handovers.knows("plant-8")
    keyring = Secrets(engine, SEALER).keyring(Claim("plant-8", TENANT))
    assert keyring.opener("edge-022")


@pytest.mark.parametrize(
    ("device", "kinds"),
    [
        ("edge-003", {Held, Decided, Reviewed, Enrolled}),
        ("edge-009", {Tried, Decided, Enrolled}),
    ],
)
def test_the_story_of_a_device_is_reported_whole(ledger, device, kinds):
    message = ledger.stories.of_device("plant-7", device, NOW)

    assert kinds <= {type(event) for event in message.events}


def test_the_story_of_a_device_with_secrets_names_who_took_them(ledger):
    message = ledger.stories.of_device("plant-8", "edge-020", NOW)

    received = [event for event in message.events if isinstance(event, Received)]
    assert [[each.by for each in one.takings] for one in received] == [
        ["Fitter 1", "Fitter 2"],
        ["Fitter 1"],
    ]
