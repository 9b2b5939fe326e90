"""The canary: what is planted as a secret is found by those who may, and by nobody else."""

import logging
import traceback
from itertools import count

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlmodel import Session, col

from fleet.device.secret import SecretKind
from ledger.database.engine import LedgerUnusable, connect
from ledger.database.tables import SecretRow
from ledger.device.handovers import Handover
from ledger.device.sealing import Sealer
from ledger.device.secrets import Secrets
from ledger.state.claims import Claim
from tests.fleet.builders import EXPIRY, NOW
from tests.fleet.held import a_secret
from tests.laws import SAME_FIXTURES, share_of
from tests.ledger.running import SCOPE, SITE, after, begun, rows
from tests.ledger.sealed import SEALER, everything

CANARY = "canary-3f9c"
CLAIM = Claim(SITE, SCOPE)


def record(engine, *secrets, claim=CLAIM, sealer=SEALER, now=NOW):
    Secrets(engine, sealer).keep(claim, secrets, now)


def values(secrets):
    return [secret.value.get_secret_value() for secret in secrets]


def a_canary(kind):
    return a_secret(kind, f"{CANARY}-{kind}", enrollment_id="e1", endpoint="https://a.example")


def test_no_secret_is_anywhere_in_the_ledger_though_all_of_them_open(url, engine, ledger):
    claim = begun(ledger)
    record(engine, *map(a_canary, SecretKind), claim=claim)
    handover = Handover(SITE, "Anna", "age1anna", NOW, "file", "00ff")
    ledger.handovers.record(handover, Secrets(engine, SEALER).held(SITE))

    written = everything(url, engine)

    assert CANARY.encode() not in written
    assert b"age1anna" in written
    assert rows(engine, SecretRow)[0].sealed.encode() in written
    assert values(Secrets(engine, SEALER).keyring(claim).secrets) == [
        f"{CANARY}-{kind}" for kind in SecretKind
    ]


def test_nothing_of_it_shows_a_secret(engine, caplog):
    caplog.set_level(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, "sqlalchemy.engine"):
        record(engine, *map(a_canary, SecretKind))
        ring = Secrets(engine, SEALER).keyring(CLAIM)

    found = [
        *ring.secrets,
        *Secrets(engine, SEALER).held(SITE),
        *rows(engine, SecretRow),
        ring,
        SEALER,
    ]

    shown = [f"{each!r} {each}" for each in found]
    assert "INSERT INTO secret" in caplog.text
    assert not [text for text in (caplog.text, *shown) if CANARY in text]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda connection: connection.execute(text("DROP TABLE secret_handover")),
        lambda connection: connection.execute(update(SecretRow).values(sealed="x")),
        lambda connection: connection.execute(
            update(SecretRow).values(endpoint="https://b.example")
        ),
        lambda connection: connection.execute(update(SecretRow).values(key_id="another")),
    ],
)
def test_no_error_says_a_secret(sqlite_url, spoil):
    engine = connect(sqlite_url)
    record(engine, a_canary(SecretKind.API_KEY))
    with engine.begin() as connection:
        spoil(connection)

    with pytest.raises((LedgerUnusable, SQLAlchemyError)) as error:
        Secrets(engine, SEALER).held(SITE)
    engine.dispose()

    assert CANARY not in "".join(traceback.format_exception(error.value))


def test_an_error_while_keeping_says_no_secret(engine):
    secret = a_secret(SecretKind.API_KEY, CANARY, expires_at=NOW.replace(tzinfo=None))

    with pytest.raises(StatementError) as error:
        record(engine, secret)

    assert CANARY not in "".join(traceback.format_exception(error.value))


def test_a_secret_comes_back_as_it_was_received(engine):
    secret = a_secret(
        SecretKind.ACTIVATION_CODE,
        "-1=code",
        enrollment_id="e1",
        expires_at=EXPIRY,
        endpoint="https://a.example",
    )

    record(engine, secret)

    (found,) = Secrets(engine, SEALER).keyring(CLAIM).secrets
    (row,) = rows(engine, SecretRow)
    assert found == secret
    assert (row.received_at, row.key_id, row.run_id) == (NOW, SEALER.key_id, None)


def test_what_a_run_received_carries_its_id(engine, ledger):
    claim = begun(ledger)

    record(engine, a_secret(), claim=claim)

    assert [row.run_id for row in rows(engine, SecretRow)] == [claim.id]


def test_a_keyring_holds_one_site_and_scope_oldest_first(engine):
    record(engine, a_secret(value="new"), now=after(5))
    record(engine, a_secret(value="old"), now=NOW)
    record(engine, a_secret(value="elsewhere"), claim=Claim("plant-8", SCOPE))
    record(engine, a_secret(value="other"), claim=Claim(SITE, "LEM project b"))

    ring = Secrets(engine, SEALER).keyring(CLAIM)

    assert values(ring.secrets) == ["old", "new"]
    assert values([ring.latest(SecretKind.API_KEY, "edge-1")]) == ["new"]


def test_what_is_held_of_a_site_is_that_of_all_its_scopes(engine):
    record(engine, a_secret(value="here"))
    record(engine, a_secret(value="there"), claim=Claim(SITE, "LEM project b"), now=after(5))
    record(engine, a_secret(value="elsewhere"), claim=Claim("plant-8", SCOPE))

    found = Secrets(engine, SEALER).held(SITE)

    assert values(each.secret for each in found) == ["here", "there"]
    assert [each.scope for each in found] == [SCOPE, "LEM project b"]
    assert [each.received_at for each in found] == [NOW, after(5)]
    assert [each.takings for each in found] == [(), ()]


def test_a_secret_is_stored_together_with_what_else_is_recorded_or_not_at_all(engine):
    with Session(engine) as session, session.begin():
        Secrets(engine, SEALER).sealing(CLAIM, [a_secret()], NOW)(session)
        session.rollback()  # as when what the caller records with it fails

    assert rows(engine, SecretRow) == []


def test_no_secrets_are_no_work(engine):
    record(engine)

    assert rows(engine, SecretRow) == []


def test_a_row_that_was_moved_to_another_device_does_not_open(engine):
    record(engine, a_secret(device="edge-1"))
    with engine.begin() as connection:
        connection.execute(update(SecretRow).values(device="edge-2"))

    with pytest.raises(LedgerUnusable, match=r"the API key of edge-2 .* does not hold"):
        Secrets(engine, SEALER).keyring(CLAIM)


def test_seals_that_were_swapped_between_two_rows_do_not_open(engine):
    record(engine, a_secret(device="edge-1"), a_secret(device="edge-2"))
    one, two = (row.sealed for row in rows(engine, SecretRow))
    with engine.begin() as connection:
        for device, sealed in (("edge-1", two), ("edge-2", one)):
            mine = update(SecretRow).where(col(SecretRow.device) == device)
            connection.execute(mine.values(sealed=sealed))

    with pytest.raises(LedgerUnusable, match="does not hold"):
        Secrets(engine, SEALER).keyring(CLAIM)


def test_a_ledger_sealed_with_keys_that_are_here_passes_the_check(engine):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    SEALER.check(engine)
    record(engine, a_secret(), sealer=Sealer([old]))
    record(engine, a_secret(), sealer=Sealer([new, old]))

    Sealer([new, old]).check(engine)

    assert len({row.key_id for row in rows(engine, SecretRow)}) == 2


def test_a_ledger_sealed_with_another_key_fails_the_check_early(engine):
    record(engine, a_secret(), a_secret())

    with pytest.raises(LedgerUnusable, match=f"another key .fingerprint {SEALER.key_id}. than"):
        Sealer([Fernet.generate_key().decode()]).check(engine)


SCOPES = (f"LEM project {number}" for number in count())
FRESH_SCOPES = settings(SAME_FIXTURES, max_examples=share_of(25))  # every example has its own scope
secrets = st.builds(
    a_secret,
    st.sampled_from(SecretKind),
    st.text(),
    device=st.none() | st.text("abc", max_size=3),
    enrollment_id=st.text("abc", max_size=3),
    expires_at=st.none() | st.datetimes(timezones=st.just(NOW.tzinfo)),
)


@FRESH_SCOPES
@given(st.lists(secrets, max_size=5))
def test_whatever_was_stored_is_on_the_keyring_in_its_order(engine, received):
    claim = Claim(SITE, next(SCOPES))

    record(engine, *received, claim=claim)

    assert Secrets(engine, SEALER).keyring(claim).secrets == tuple(received)
