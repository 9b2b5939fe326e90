"""Who took what and when; and nobody takes at the same moment what another does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fleet.device.handover import Taking
from fleet.device.secret import SecretKind
from ledger.database.engine import connect
from ledger.database.tables import HandoverRow, SecretHandoverRow
from ledger.device.handovers import Handover, TakenMeanwhile
from ledger.device.secrets import Secrets
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.ledger.running import SCOPE, SITE, after, begun, rows
from tests.ledger.sealed import SEALER


@pytest.fixture
def secrets(engine):
    """Two secrets of the site, as they are held."""
    records = [a_secret(SecretKind.API_KEY, "key-1"), a_secret(SecretKind.EDGE_KEY, "key-2")]
    Secrets(engine, SEALER).keep(Claim(SITE, SCOPE), records, NOW)
    return Secrets(engine, SEALER).held(SITE)


def taken(by="Anna", **more):
    facts = {"recipient": "age1anna", "taken_at": after(5), "file_name": "f", "sha256": "00ff"}
    return Handover(**({"site": SITE, "taken_by": by} | facts | more))


def test_a_hand_over_is_recorded_with_every_secret_of_it(engine, ledger, secrets):
    ledger.handovers.record(taken(), secrets)

    (row,) = rows(engine, HandoverRow)
    assert (row.site, row.taken_by, row.recipient) == (SITE, "Anna", "age1anna")
    assert (row.taken_at, row.file_name, row.sha256, row.count) == (after(5), "f", "00ff", 2)
    assert {each.secret_id for each in rows(engine, SecretHandoverRow)} == {s.id for s in secrets}


def test_who_took_a_secret_is_known_of_it_from_then_on(engine, ledger, secrets):
    ledger.handovers.record(taken(), secrets[:1])
    ledger.handovers.record(taken("Bob", taken_at=after(9)), Secrets(engine, SEALER).held(SITE))

    assert [each.takings for each in Secrets(engine, SEALER).held(SITE)] == [
        (Taking("Anna", after(5)), Taking("Bob", after(9))),
        (Taking("Bob", after(9)),),
    ]


def test_what_was_taken_since_it_was_read_is_not_taken_again(engine, ledger, secrets):
    ledger.handovers.record(taken(), secrets[:1])

    with pytest.raises(TakenMeanwhile, match="secrets of plant-7 at the same moment"):
        ledger.handovers.record(taken("Bob"), secrets)

    assert [row.taken_by for row in rows(engine, HandoverRow)] == ["Anna"]


def test_of_two_who_take_at_once_one_is_reported_so(url, engine, secrets):
    together = Barrier(2)

    def take(by):
        own = connect(url)  # as in another process
        together.wait()
        try:
            Ledger(own).handovers.record(taken(by), secrets)
        except TakenMeanwhile:
            return None
        finally:
            own.dispose()
        return by

    with ThreadPoolExecutor(2) as pool:
        (winner,) = {*pool.map(take, ["Anna", "Bob"])} - {None}

    assert [row.taken_by for row in rows(engine, HandoverRow)] == [winner]


def test_a_hand_over_of_one_site_is_none_of_another(engine, ledger, secrets):
    ledger.handovers.record(taken(), secrets)

    assert Secrets(engine, SEALER).held("plant-8") == []


def test_a_site_is_known_by_a_run_over_it_or_a_secret_of_it(ledger, secrets):
    begun(ledger, site="plant-8")

    assert [ledger.handovers.knows(site) for site in (SITE, "plant-8", "plant-9")] == [
        True,
        True,
        False,
    ]
