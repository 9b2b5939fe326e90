"""What is read in several statements is of one moment, whatever others write between them."""

import pytest
from sqlalchemy import event

from ledger.database.engine import connect
from ledger.device.secrets import Secrets
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.attacks.approvers import Desk
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.ledger.running import SCOPE, SITE
from tests.ledger.sealed import SEALER

pytestmark = pytest.mark.postgres
CLAIM = Claim(SITE, SCOPE)


@pytest.fixture
def other(postgres_url):
    """The engine of another machine."""
    engine = connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(postgres_url):
    """Where Anna is enrolled, a review waits, and a key of plant-7 is sealed."""
    engine = connect(postgres_url)
    desk = Desk(engine, Ledger(engine))
    desk.enroll("Anna")
    Secrets(engine, SEALER).keep(CLAIM, [a_secret()], NOW)
    yield desk
    engine.dispose()


def meanwhile(engine, change):
    """Let `change` happen once: after the first statement that reads what the ledger notes."""
    left = [change]

    def after(_connection, _cursor, statement, *_):
        if left and "FROM keyed_fact" in statement:
            left.pop()()

    event.listen(engine, "after_cursor_execute", after)
    return left


@pytest.mark.parametrize("read", ["keyring", "held"])
def test_a_secret_of_another_site_may_be_sealed_while_secrets_are_read(desk, other, read):
    elsewhere = Secrets(other, SEALER)
    left = meanwhile(
        desk.engine, lambda: elsewhere.keep(Claim("plant-8", SCOPE), [a_secret()], NOW)
    )
    secrets = Secrets(desk.engine, SEALER)

    found = secrets.keyring(CLAIM).secrets if read == "keyring" else secrets.held(SITE)

    assert (len(found), left) == (1, [])


READS = {
    "recall": lambda desk, review: desk.ledger.memory.recall(CLAIM),
    "votes": lambda desk, review: desk.ledger.reviews.votes(review),
    "enrolled": lambda desk, review: desk.ledger.approvers.enrolled(),
    "are demanded": lambda desk, review: desk.ledger.approvers.are_demanded(SITE),
    "check new": lambda desk, review: desk.ledger.approvers.check_new("Carla"),
}


@pytest.mark.parametrize("name", READS)
def test_somebody_may_be_enrolled_while_it_is_read_who_is(desk, other, name):
    review = desk.review()
    left = meanwhile(desk.engine, lambda: Desk(other, Ledger(other)).enroll("Bernd"))

    READS[name](desk, review)

    assert left == []
