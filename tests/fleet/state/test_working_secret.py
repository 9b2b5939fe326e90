"""Whether a secret that is held can still be of use, by the state of its device."""

import pytest

from fleet.device.secret import SecretKind
from fleet.state.device_state import State
from fleet.state.working_secret import works

CODE = SecretKind.ACTIVATION_CODE
OUT_OF_SERVICE = {
    State.HELD,
    State.IDENTITY_MISMATCH,
    State.KEY_LOST,
    State.MISSING,
    State.REJECTED,
    State.RETIRED,
}


@pytest.mark.parametrize("state", State)
def test_a_code_works_only_until_its_device_was_activated(state: State) -> None:
    assert works(CODE, state) is (state in {State.NOT_ENROLLED, State.WAITING})


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", sorted({*SecretKind} - {CODE}))
def test_a_key_works_unless_its_device_is_out_of_service(kind: SecretKind, state: State) -> None:
    assert works(kind, state) is (state not in OUT_OF_SERVICE)
