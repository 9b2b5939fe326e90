"""Which of the secrets that are held an installer is given, and which nobody is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.device.handover import Taking, to_hand_over
from fleet.device.secret import SecretKind
from tests.fleet.builders import EXPIRY, HOUR, NOW
from tests.fleet.held import a_held

SECOND = timedelta(seconds=1)
CODE, TOKEN = SecretKind.ACTIVATION_CODE, SecretKind.PROVISION_TOKEN


def ids(*held, now=NOW):
    """The numbers of those that are to be handed over, when they were received in this order."""
    numbered = [replace(each, id=number) for number, each in enumerate(held, 1)]
    return [each.id for each in to_hand_over(numbered, now)]


@pytest.mark.parametrize("kind", sorted({*SecretKind} - {SecretKind.PROVISIONING_TOKEN}))
def test_what_a_device_s_installer_needs_is_handed_over(kind):
    assert ids(a_held(kind)) == [1]


@pytest.mark.parametrize("device", ["edge-1", None])
def test_a_token_for_our_own_use_never_is_but_one_made_to_be_handed_out(device):
    own, issued = SecretKind.PROVISIONING_TOKEN, SecretKind.ISSUED_TOKEN

    assert ids(a_held(own, device=device), a_held(issued, device=device)) == [2]


def test_of_each_kind_the_latest_is_handed_over():
    held = [a_held(kind) for kind in (SecretKind.API_KEY, SecretKind.EDGE_KEY, SecretKind.API_KEY)]

    assert ids(*held) == [2, 3]


def test_each_device_and_each_system_has_its_own():
    assert ids(a_held(), a_held(device="edge-2"), a_held(scope="another")) == [1, 2, 3]


def test_what_several_devices_share_is_distinguished_by_its_enrollment():
    issued = [
        a_held(SecretKind.ISSUED_TOKEN, device=None, enrollment_id=e) for e in ("a", "b", "a")
    ]

    assert ids(*issued) == [2, 3]


def test_a_new_enrollment_of_one_device_replaces_the_one_before():
    assert ids(a_held(CODE, enrollment_id="a"), a_held(CODE, enrollment_id="b")) == [2]


@pytest.mark.parametrize("kinds", [(CODE, TOKEN), (TOKEN, CODE)])
def test_an_activation_code_is_of_no_use_once_there_is_a_provision_token(kinds):
    handed = ids(*map(a_held, kinds))

    assert handed == [kinds.index(TOKEN) + 1]


def test_the_token_of_another_device_or_system_leaves_a_code_of_use():
    others = [a_held(TOKEN, device="edge-2"), a_held(TOKEN, scope="another")]

    assert ids(a_held(CODE), *others) == [1, 2, 3]


@pytest.mark.parametrize("kind", [CODE, SecretKind.ISSUED_TOKEN])
@pytest.mark.parametrize(("now", "handed"), [(EXPIRY - SECOND, [1]), (EXPIRY, [])])
def test_what_has_expired_is_not_handed_over(kind, now, handed):
    assert ids(a_held(kind, expires_at=EXPIRY), now=now) == handed


def test_an_expired_code_does_not_bring_an_older_one_back():
    assert ids(a_held(CODE), a_held(CODE, expires_at=NOW)) == []


def test_what_was_taken_before_is_still_there_to_be_handed_over():
    assert ids(a_held(takings=(Taking("Anna", NOW),))) == [1]


helds = st.lists(
    st.builds(
        a_held,
        st.sampled_from(SecretKind),
        scope=st.sampled_from("ab"),
        device=st.sampled_from(["edge-1", "edge-2", None]),
        enrollment_id=st.sampled_from("ef"),
        expires_at=st.sampled_from([None, NOW - HOUR, NOW + HOUR]),
    ),
    max_size=12,
)


@given(helds)
def test_what_is_chosen_stays_chosen_when_nothing_else_is_held(held):
    numbered = [replace(each, id=number) for number, each in enumerate(held)]

    chosen = to_hand_over(numbered, NOW)

    assert to_hand_over(chosen, NOW) == chosen


@given(helds)
def test_no_device_gets_two_of_a_kind_from_one_system(held):
    chosen = to_hand_over(held, NOW)

    own = [(h.scope, h.secret.device, h.secret.kind) for h in chosen if h.secret.device]
    assert len(own) == len({*own})
