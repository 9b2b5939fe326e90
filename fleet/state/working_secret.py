"""Whether a secret that is held can still be of use, by the state of its device."""

from fleet.device.secret import SecretKind
from fleet.state.device_state import State

_CODE_IS_OPEN = frozenset({State.NOT_ENROLLED, State.WAITING})
_OUT_OF_SERVICE = frozenset(
    {
        State.HELD,
        State.IDENTITY_MISMATCH,
        State.KEY_LOST,
        State.MISSING,
        State.REJECTED,
        State.RETIRED,
    }
)


def works(kind: SecretKind, state: State) -> bool:
    """Whether a secret of that kind works, and may be used, for a device in that state.

    The code of a device that was retired, or that its system took out of service, would revive it;
    that of a device in service is spent. A device whose key was lost has a key that is not held.
    Nobody is given the key of a device in whose name another machine is in service.
    """
    if kind is SecretKind.ACTIVATION_CODE:
        return state in _CODE_IS_OPEN
    return state not in _OUT_OF_SERVICE
