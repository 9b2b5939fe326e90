"""Secrets that are of no use any more are deleted when they are too old, and no others."""

from pydantic import SecretStr

from fleet.device.secret import Secret, SecretKind
from ledger.device.handovers import Handover
from ledger.device.secrets import Secrets
from tests.ledger.running import SITE, after, begun
from tests.ledger.sealed import SEALER


def keep(secrets, claim, value, second, kind=SecretKind.PROVISION_TOKEN, device="edge-1", **more):
    secret = Secret(kind, SecretStr(value), device, **more)
    secrets.keep(claim, [secret], after(second))


def values(secrets):
    return {each.secret.value.get_secret_value() for each in secrets.held(SITE)}


def test_keys_that_were_replaced_and_codes_that_expired_are_deleted(engine, ledger):
    secrets, claim = Secrets(engine, SEALER), begun(ledger)
    code = SecretKind.ACTIVATION_CODE
    keep(secrets, claim, "first", 0)
    keep(secrets, claim, "second", 10)
    keep(secrets, claim, "third", 20)
    keep(secrets, claim, "another's", 0, device="edge-2")
    keep(secrets, claim, "a key", 0, kind=SecretKind.API_KEY)
    keep(secrets, claim, "expired", 0, kind=code, expires_at=after(5))
    keep(secrets, claim, "expired later", 0, kind=code, expires_at=after(50))
    keep(secrets, claim, "never expires", 0, kind=SecretKind.PROVISIONING_TOKEN, device=None)

    assert secrets.prune(after(15)) == 2

    left = {"second", "third", "another's", "a key", "expired later", "never expires"}
    assert values(secrets) == left
    assert secrets.prune(after(25)) == 1
    assert values(secrets) == left - {"second"}


def test_who_took_a_deleted_secret_is_deleted_with_it(engine, ledger):
    secrets, claim = Secrets(engine, SEALER), begun(ledger)
    keep(secrets, claim, "first", 0)
    taken = Handover(SITE, "Fitter", "age1", after(1), "a.age", "0" * 64)
    ledger.handovers.record(taken, secrets.held(SITE))
    keep(secrets, claim, "second", 10)

    assert secrets.prune(after(15)) == 1
    assert values(secrets) == {"second"}
