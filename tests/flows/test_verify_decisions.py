import pytest

from flows.onboard_site import onboard_site
from flows.verify_decisions import verify_decisions
from ledger.database.engine import connect
from ledger.session import Ledger
from tests.flows.site import SITE, devices, roster, without_wait_limit
from tests.ledger.decided import tamper


@pytest.fixture
def engine(lem, ended, database_url):
    """A ledger with two decisions."""
    lem.control("lem/boot", devices=devices(2))
    ended(onboard_site, SITE, roster(devices(2)))
    engine = connect(database_url)
    yield engine
    engine.dispose()


def test_a_record_that_nobody_touched_holds(engine):
    end = Ledger(engine).decisions.head()

    state = without_wait_limit(verify_decisions, end.hash)

    assert state.message.startswith(f"The chain of decisions holds: {end}.")


def test_a_decision_that_was_changed_is_named(engine):
    tamper(engine, "UPDATE decision SET reason = 'looked fine' WHERE id = 2")

    state = without_wait_limit(verify_decisions)

    assert state.is_failed()
    assert state.message.startswith("The chain of decisions is broken at decision 2")
    assert "it was changed after it was recorded" in state.message


def test_a_cut_off_end_shows_with_the_head_that_was_printed_and_without(engine):
    printed = Ledger(engine).decisions.head().hash
    tamper(engine, "DELETE FROM decision WHERE id = 2")

    alone, compared = (without_wait_limit(verify_decisions, h) for h in ("", printed))

    assert alone.is_failed()
    assert compared.is_failed()
