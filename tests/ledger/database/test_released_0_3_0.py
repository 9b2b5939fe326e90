"""What release 0.3.0 wrote, into a ledger that 0.1.0 began, is read by this Muster."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from fleet.device.secret import SecretKind
from fleet.state.device_state import State
from ledger.admission.chain import Head
from ledger.database.engine import LedgerUnusable, check_prepared, connect
from ledger.device.secrets import Secrets
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import a_request
from tests.ledger.database.test_released import LEM, SEALER
from tests.ledger.database.test_released_0_2_0 import HEAD
from tests.ledger.released_ledger import load_into_postgres, load_into_sqlite, row_counts

SITE, PROJECT = "plant-20", "LEM project 462j1mq70mph31wa100t1yuxa"


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.heavy),
        pytest.param("postgres", marks=pytest.mark.postgres),
    ]
)
def engine(request, tmp_path) -> Iterator[Engine]:
    """The ledger of 0.3.0, brought up to date."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        load_into_sqlite(url, "0.3.0")
    else:
        url = request.getfixturevalue("empty_postgres_url")
        load_into_postgres(url, "0.3.0", "0016")
    prepare(url)
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine) -> Ledger:
    return Ledger(engine)


def test_its_tables_are_those_of_today_and_no_row_is_lost(engine):
    check_prepared(engine)

    then, now = row_counts("0.3.0", engine)

    assert len(then) == 16
    assert now == then


def test_devices_stand_where_they_stood(ledger):
    stand = {each.device.name: each.state for each in ledger.devices.remembered(PROJECT)}

    assert stand["edge-041"] is State.IN_SERVICE
    assert stand["edge-043"] is State.HELD


def test_what_was_done_is_remembered(ledger):
    memory = ledger.memory.recall(Claim(SITE, PROJECT), [a_request("3", code="none")])

    assert memory.of("edge-041").approved
    assert memory.of("edge-042").approved


def test_the_chain_of_decisions_holds(ledger):
    assert ledger.decisions.head() == Head(13, HEAD)
    assert ledger.decisions.verify(HEAD) is None


def test_its_secrets_unseal(engine):
    gateway = Claim(SITE, "provision_api tenant tenant-a")
    camera = Claim(SITE, "Acusight organization acusight")

    held = Secrets(engine, SEALER)

    assert held.keyring(gateway).latest(SecretKind.PROVISION_TOKEN, "gw-040")
    assert held.keyring(camera).latest(SecretKind.API_KEY, "cam-040")


def test_it_was_one_ledger_since_0_1_0(ledger):
    assert ledger.devices.remembered(LEM)


def test_it_is_not_vouched_for_by_a_new_key(tmp_path, monkeypatch):
    url, key = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "ledger.key"
    load_into_sqlite(url, "0.3.0")
    monkeypatch.delenv("MUSTER_LEDGER_KEY")
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(key))

    with pytest.raises(LedgerUnusable, match=key.name):
        prepare(url)

    assert not key.exists()
