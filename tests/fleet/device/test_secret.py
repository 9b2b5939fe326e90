"""Secrets: which admit a device, which it is known by, and which of them a keyring finds."""

from typing import Any

import pytest
from pydantic import SecretStr

from fleet.device.secret import KEYS, OPENING, REPLACEABLE, Keyring, Secret, SecretKind

CODE, TOKEN = SecretKind.ACTIVATION_CODE, SecretKind.PROVISION_TOKEN


def secret(kind: SecretKind, value: str, device: str | None = "edge-1", **more: Any) -> Secret:
    return Secret(kind, SecretStr(value), device, **more)


OLD = secret(CODE, "old", enrollment_id="a")
NEW = secret(CODE, "new", enrollment_id="b")
OTHERS = secret(CODE, "others", "edge-2", enrollment_id="c")
SHARED = secret(SecretKind.PROVISIONING_TOKEN, "shared", None, enrollment_id="d")
KEY = secret(TOKEN, "key", enrollment_id="b")


def keyring() -> Keyring:
    return Keyring(iter([OLD, OTHERS, NEW, SHARED, KEY]))


def test_what_a_secret_is_for_is_pinned() -> None:
    assert {CODE, SecretKind.PROVISIONING_TOKEN} == OPENING
    assert {TOKEN, SecretKind.API_KEY} == KEYS
    assert {TOKEN} == REPLACEABLE


@pytest.mark.parametrize(
    ("kind", "device", "found"),
    [
        (CODE, "edge-1", NEW),
        (CODE, "edge-2", OTHERS),
        (SecretKind.PROVISIONING_TOKEN, None, SHARED),
        (TOKEN, "edge-2", None),
        (CODE, None, None),
    ],
)
def test_a_keyring_finds_the_latest_of_a_kind_and_a_device(
    kind: SecretKind, device: str | None, found: Secret | None
) -> None:
    assert keyring().latest(kind, device) is found


@pytest.mark.parametrize(
    ("enrollment_id", "found"), [("a", OLD), ("b", NEW), ("d", SHARED), ("e", None)]
)
def test_a_keyring_finds_what_opens_an_enrollment(enrollment_id: str, found: Secret | None) -> None:
    assert keyring().opener(enrollment_id) is found


def test_a_keyring_holds_all_that_it_was_given_and_may_hold_nothing() -> None:
    assert keyring().secrets == (OLD, OTHERS, NEW, SHARED, KEY)
    assert Keyring().secrets == ()
