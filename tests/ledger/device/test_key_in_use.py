"""One key seals a ledger: a second machine that has another one is refused before it begins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.fernet import Fernet

from fleet.device.secret import SecretKind
from ledger.database.engine import LedgerUnusable, connect
from ledger.database.tables import SealingKeyRow
from ledger.device.sealing import Sealer
from ledger.device.secrets import Secrets
from ledger.session import Ledger
from tests.fleet.builders import NOW
from tests.fleet.held import a_secret
from tests.ledger.running import ONE, TWO, begun, rows

KEYS = [Fernet.generate_key().decode() for _ in range(3)]


def sealer(*numbers):
    return Sealer([KEYS[number] for number in numbers])


def seal(engine, claim, by):
    Secrets(engine, by).keep(claim, [a_secret(SecretKind.API_KEY, "k")], NOW)


def in_use(engine):
    return [row.key_id for row in rows(engine, SealingKeyRow)]


def test_the_first_key_is_the_one_in_use_and_registers_as_often_as_it_likes(engine, ledger):
    claim = begun(ledger)

    for _ in range(3):
        Secrets(engine, sealer(0)).register_key(claim)

    assert in_use(engine) == [sealer(0).key_id]


@pytest.mark.parametrize("has_sealed", [True, False], ids=["sealed", "at work"])
def test_another_machine_s_key_is_refused_with_what_to_do(engine, ledger, has_sealed):
    first = begun(ledger)
    Secrets(engine, sealer(0)).register_key(first)
    second = Secrets(engine, sealer(1))
    second.check_key()  # before the first one seals anything
    if has_sealed:
        seal(engine, first, sealer(0))
        ledger.claims.close_claim(first, NOW)

    with pytest.raises(LedgerUnusable, match="Set MUSTER_LEDGER_KEY here") as no:
        second.register_key(begun(ledger, TWO, name="run 2"))

    assert sealer(0).key_id in str(no.value)
    assert KEYS[0] not in str(no.value)
    assert in_use(engine) == [sealer(0).key_id]


def test_of_two_machines_that_begin_at_once_one_is_refused(url):
    together = Barrier(2)

    def begins(number):
        engine = connect(url)
        claim = begun(Ledger(engine), (ONE, TWO)[number], name=f"run {number}")
        together.wait()
        try:
            Secrets(engine, sealer(number)).register_key(claim)
        except LedgerUnusable as error:
            return str(error)
        finally:
            engine.dispose()
        return ""

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(begins, range(2)))

    assert ended[0] == ""
    assert "MUSTER_LEDGER_KEY" in ended[1]


def test_a_new_key_put_first_takes_the_place_of_the_former_one(engine, ledger):
    claim = begun(ledger)
    Secrets(engine, sealer(0)).register_key(claim)
    seal(engine, claim, sealer(0))

    Secrets(engine, sealer(1, 0)).register_key(claim)

    assert in_use(engine) == [sealer(1).key_id]


def test_a_key_that_was_lost_before_anything_was_sealed_gives_way(engine, ledger):
    first = begun(ledger)
    Secrets(engine, sealer(0)).register_key(first)
    ledger.claims.close_claim(first, NOW)

    Secrets(engine, sealer(1)).register_key(begun(ledger))

    assert in_use(engine) == [sealer(1).key_id]
