"""What release 0.2.0 wrote, into a ledger that 0.1.0 began, is read by this Muster."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fleet.device.secret import SecretKind
from fleet.nightly.catalog import FindingKind
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from ledger.admission.chain import Head
from ledger.database.engine import check_prepared, connect
from ledger.device.secrets import Secrets
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import NOW, a_request
from tests.ledger.database.test_released import HEAD as FORMER_HEAD
from tests.ledger.database.test_released import LEM, SEALER, TENANT
from tests.ledger.released_ledger import load_into_postgres, load_into_sqlite, row_counts

HEAD = "9476d3db8af129712c716f0e6ca1b4b515dc5c6cd2c27c0a99304a09f00b47b9"
PLANT_9, THEN = Claim("plant-9", LEM), NOW + timedelta(days=10)


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.heavy),
        pytest.param("postgres", marks=pytest.mark.postgres),
    ]
)
def engine(request, tmp_path) -> Iterator[Engine]:
    """The ledger of 0.2.0, brought up to date."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        load_into_sqlite(url, "0.2.0")
    else:
        url = request.getfixturevalue("empty_postgres_url")
        load_into_postgres(url, "0.2.0", "0009")
    prepare(url)
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine) -> Ledger:
    return Ledger(engine)


def test_its_tables_are_those_of_today_and_no_row_is_lost(engine):
    check_prepared(engine)

    then, now = row_counts("0.2.0", engine)

    assert len(then) == 16
    assert now == then


def test_devices_stand_where_they_stood(ledger):
    stand = {each.device.name: each.state for each in ledger.devices.remembered(LEM)}

    assert (stand["edge-031"], stand["edge-032"], stand["edge-033"]) == (
        State.MISSING,
        State.APPROVAL_NOT_SHOWN,
        State.HELD,
    )


def test_what_was_done_is_remembered(ledger):
    asking = a_request("93", code="cfg-9")

    memory = ledger.memory.recall(PLANT_9, [asking])

    assert memory.enrollment_ids == {"cfg-9"}
    assert memory.of("edge-031").approved == {"91/cfg-9"}
    assert memory.of("").pending == {"99/cfg-9"}
    assert memory.held == {("93/cfg-9", ReasonCode.NEW_MACS)}
    assert {key: it.decision for (key, _), it in memory.decisions.items()} == {
        "93/cfg-9": Decision.APPROVE
    }
    assert memory.reviewed.keys() == {"93/cfg-9"}
    (intent,) = ledger.journal.open_intents(PLANT_9)
    assert (intent.device, intent.action) == ("", ActionKind.APPROVE)


def test_the_chain_of_decisions_holds_with_the_heads_of_both_releases(ledger):
    assert ledger.decisions.head() == Head(13, HEAD)
    assert [ledger.decisions.verify(head) for head in (HEAD, FORMER_HEAD)] == [None, None]


def test_findings_are_the_same_ones_the_night_after(ledger):
    known = ledger.findings.known()

    unknown = known["plant-9", "lem-north", FindingKind.UNKNOWN.value, "an unknown device"]
    shown = known["plant-9", "lem-north", FindingKind.APPROVAL_NOT_SHOWN.value, "edge-032"]
    assert unknown.first_seen == shown.first_seen == THEN


def test_its_secrets_unseal(engine):
    keyring = Secrets(engine, SEALER).keyring(Claim("plant-9", TENANT))

    token = keyring.latest(SecretKind.PROVISION_TOKEN, "gw-030")
    assert token.value.get_secret_value() == "prov-secret-30"
    assert not token.may_be_replaced


def test_its_nights_are_stored(ledger):
    last = ledger.nights.last(1)[0]

    assert (last.started_at, last.facts["recorded"]) == (THEN, 13)
