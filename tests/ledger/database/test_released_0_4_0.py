"""What release 0.4.0 wrote and keyed, into a ledger that 0.1.0 began, is read by this Muster."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from fleet.device.secret import SecretKind
from fleet.state.device_state import State
from ledger.admission.chain import Head
from ledger.database.engine import LedgerUnusable, check_prepared, connect
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import a_request
from tests.ledger.database.test_released import LEM
from tests.ledger.released_ledger import load_into_postgres, load_into_sqlite, row_counts

KEY = "YSBrZXkgb2Ygbm90aGluZywgZm9yIHRlc3RzIG9ubHk="  # by which it sealed and keyed
SITE, PROJECT = "plant-20", "LEM project 462j1mq70mph31wa100t1yuxa"
HEAD = "e8fd9cb727140bdb7f18a46451c2e8ef1bd3e183d1ba026a6ed02311fc88a155"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path, monkeypatch) -> Iterator[Engine]:
    """The ledger of 0.4.0, brought up to date with its own key."""
    monkeypatch.setenv("MUSTER_LEDGER_KEY", KEY)
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        load_into_sqlite(url, "0.4.0")
    else:
        url = request.getfixturevalue("empty_postgres_url")
        load_into_postgres(url, "0.4.0", "0020")
    prepare(url)
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine) -> Ledger:
    return Ledger(engine)


def test_its_tables_are_those_of_today_and_no_row_is_lost(engine):
    check_prepared(engine)

    then, now = row_counts("0.4.0", engine)

    assert len(then) == 19
    facts_then, facts_now = then.pop("keyed_fact"), now.pop("keyed_fact")
    assert facts_now >= facts_then  # what is noted of each place is new
    assert (then.pop("review_answer"), now.pop("review_answer")) == (4, 0)  # no MAC covered them
    assert now == then


def test_devices_stand_where_they_stood(ledger):
    stand = {each.device.name: each.state for each in ledger.devices.remembered(PROJECT)}

    assert stand["edge-051"] is State.IN_SERVICE
    assert stand["edge-043"] is State.HELD


def test_what_was_done_is_remembered(ledger):
    memory = ledger.memory.recall(Claim(SITE, PROJECT), [a_request("3", code="none")])

    assert memory.of("edge-051").approved
    assert memory.of("edge-041").approved


def test_the_record_of_decisions_holds_and_nothing_in_it_is_doubtful(ledger):
    assert ledger.decisions.head() == Head(14, HEAD)
    assert ledger.decisions.verify(HEAD) is None


def test_its_approver_is_enrolled(ledger):
    assert [each.approver.name for each in ledger.approvers.enrolled()] == ["platform team"]


def test_its_secrets_unseal(ledger):
    gateway = Claim(SITE, "provision_api tenant tenant-a")
    camera = Claim(SITE, "Acusight organization acusight")

    assert ledger.secrets.keyring(gateway).latest(SecretKind.PROVISION_TOKEN, "gw-050")
    assert ledger.secrets.keyring(camera).latest(SecretKind.API_KEY, "cam-050")


def test_it_was_one_ledger_since_0_1_0(ledger):
    assert ledger.devices.remembered(LEM)


def test_it_is_not_brought_up_to_date_with_another_key(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    load_into_sqlite(url, "0.4.0")
    monkeypatch.setenv("MUSTER_LEDGER_KEY", "YW5vdGhlciBrZXkgb2Ygbm90aGluZywgZm9yIHRlc3Q=")

    with pytest.raises(LedgerUnusable):
        prepare(url)
