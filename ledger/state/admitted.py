"""As whom a device was admitted, in the columns of its row: `admitted_host_id` and others."""

from fleet.device.identity import Identity
from fleet.state.admitted import Admitted

ADMITTED = ("admitted_key", "admitted_host_id", "admitted_macs", "admitted_id")


def admitted_of(
    key: str | None, host_id: str | None, macs: str | None, device_id: str | None
) -> Admitted | None:
    """What those columns say; None where nothing is known."""
    if key is None:
        return None
    return Admitted(key, Identity(host_id, frozenset((macs or "").split())), device_id)


def facts_of(admitted: Admitted | None) -> dict[str, object]:
    """What those columns are to say."""
    if admitted is None:
        return dict.fromkeys(ADMITTED)
    identity = admitted.identity
    macs = " ".join(sorted(identity.macs)) or None
    values = (admitted.request_key, identity.host_id, macs, admitted.device_id)
    return dict(zip(ADMITTED, values, strict=True))
