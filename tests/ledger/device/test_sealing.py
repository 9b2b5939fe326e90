"""The laws of sealing: what is sealed opens as it was, for whom it was sealed, and else never."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import SecretStr

from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings
from ledger.device.sealing import Label, Sealed, Sealer
from tests.fleet.builders import NOW

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SEALER = Sealer([NEW])
words = st.text(max_size=20)
labels = st.builds(Label, words, words, st.none() | words, words, words, words)
LABEL = Label("provision_api tenant a", "plant-7", "edge-1", "provision token", "e1")


def sealed(value="s3cret", label=LABEL, sealer=SEALER):
    return sealer.seal(label, SecretStr(value), NOW)


@given(labels, st.text())
def test_what_is_sealed_opens_as_it_was(label, value):
    assert SEALER.unseal(label, sealed(value, label)).get_secret_value() == value


@given(labels, labels)
def test_what_is_sealed_for_one_never_opens_for_another(label, other):
    assume(label != other)

    with pytest.raises(LedgerUnusable, match="has been changed since it was sealed"):
        SEALER.unseal(other, sealed(label=label))


@pytest.mark.parametrize("field", Label._fields)
def test_each_part_of_a_row_s_identity_is_bound(field):
    with pytest.raises(LedgerUnusable):
        SEALER.unseal(LABEL._replace(**{field: "another"}), sealed())


def test_no_device_is_not_a_device_without_a_name():
    with pytest.raises(LedgerUnusable):
        SEALER.unseal(LABEL._replace(device=""), sealed(label=LABEL._replace(device=None)))


@given(st.data())
def test_a_seal_that_was_tampered_with_never_opens(data):
    text = sealed().text
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 3)))
    tampered = text[:at] + data.draw(st.text(max_size=3)) + text[end:]
    assume(tampered != text)

    with pytest.raises(LedgerUnusable, match="has been changed"):
        SEALER.unseal(LABEL, Sealed(tampered, SEALER.key_id))


def test_the_same_secret_never_is_the_same():
    assert sealed().text != sealed().text


def test_the_first_key_seals_and_an_older_one_still_opens():
    before, both = sealed(sealer=Sealer([OLD])), Sealer([NEW, OLD])

    since = sealed(sealer=both)

    assert both.unseal(LABEL, before).get_secret_value() == "s3cret"
    assert SEALER.unseal(LABEL, since).get_secret_value() == "s3cret"
    assert (before.key_id, since.key_id) == (Sealer([OLD]).key_id, SEALER.key_id)


def test_what_another_key_sealed_is_reported_with_its_remedy():
    before = sealed(sealer=Sealer([OLD]))

    with pytest.raises(LedgerUnusable) as refused:
        SEALER.unseal(LABEL, before)

    message = str(refused.value)
    assert f"sealed with another key (fingerprint {before.key_id})" in message
    assert "set MUSTER_LEDGER_KEY here to its key" in message
    assert "or restore var/ledger.key" in message


@given(st.text(min_size=8))
def test_neither_a_seal_nor_a_refusal_says_the_secret_or_a_key(value):
    assume(value not in str(LABEL))
    seal = sealed(value)
    with pytest.raises(LedgerUnusable) as refused:
        SEALER.unseal(LABEL._replace(device="another"), seal)

    message = f"{seal} {SEALER!r} {SEALER} {refused.value!r}"
    assert value not in message
    assert NEW not in message
    assert NEW[:8] not in seal.key_id


def test_a_sealer_is_loaded_with_the_keys_of_its_settings(tmp_path):
    file = LedgerSettings(_env_file=None, key_file=tmp_path / "ledger.key")
    rotated = LedgerSettings(_env_file=None, key=f"{NEW} {OLD}")

    assert Sealer.load(file).key_id == Sealer.load(file).key_id
    assert Sealer.load(rotated).unseal(LABEL, sealed(sealer=Sealer([OLD])))
    assert Sealer.load(rotated).key_id == SEALER.key_id


def test_a_sealer_is_loaded_with_the_keys_of_the_environment_by_default(monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_KEY", NEW)

    assert Sealer.load().key_id == SEALER.key_id
