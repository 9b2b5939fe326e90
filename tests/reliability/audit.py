"""The audit: what must be so whatever went wrong, checked by the systems' own records."""

from collections.abc import Iterator, Mapping

from fleet.device.secret import Secret
from fleet.state.device_state import State
from fleet.status.status import DeviceStatus
from ledger.session import open_ledger
from ledger.state.claims import Claim
from tests.reliability.plant import SITE, TENANT, Record, digest

SCOPES = {
    "acusight": "Acusight organization acusight",
    "lem": "LEM project 462j1mq70mph31wa100t1yuxa",
    "provision-api": f"provision_api tenant {TENANT}",
}
# Where a device may stand at the end: only those say that all is done, or why it is not.
NAMED = {State.IN_SERVICE, State.KEY_LOST, State.FAILED, State.HELD}


def violations(record: Record, statuses: Mapping[str, DeviceStatus], configs: int = 1) -> list[str]:
    """What is not as it must be once a run has come to its end; [] when all is."""
    return [
        *_done_once(record, configs),
        *_secrets(record, statuses),
        *_ends(statuses),
        *_revived(record),
        *_left_over(),
    ]


def sealed() -> list[Secret]:
    """Every secret of the site that the ledger holds."""
    with open_ledger() as ledger:
        return [
            secret
            for scope in SCOPES.values()
            for secret in ledger.secrets.keyring(Claim(SITE, scope)).secrets
        ]


def _done_once(record: Record, configs: int) -> Iterator[str]:
    """One config per need, and one approval, key and activation per device."""
    if record.calls["configs_added"] != configs:
        yield f"{record.calls['configs_added']} activation configs, {configs} needed"
    for what in ("approvals", "provisions", "activations"):
        for who, times in record.calls[what].items():
            if times != 1:
                yield f"{what} of {who}: {times}"


def _secrets(record: Record, statuses: Mapping[str, DeviceStatus]) -> Iterator[str]:
    """A key that a device has in its system is sealed here, or told as lost; nothing else is."""
    held = sealed()
    digests = {digest(secret.value.get_secret_value()) for secret in held}
    names = {each.device.host_id or name: name for name, each in statuses.items()}
    for device_id, key in record.keys.items():
        if device_id not in names:
            continue
        status = statuses[names[device_id]]
        if (status.state is State.KEY_LOST) is (key in digests):
            yield f"{status.device.name}: {status.state.value}, its key held: {key in digests}"
    for token in record.acusight["tokens"]:
        if token["revoked_at"] is None and token["token_hash"] not in digests:
            yield f"a provisioning token that nobody holds is live: {token['name']}"


def _ends(statuses: Mapping[str, DeviceStatus]) -> Iterator[str]:
    """Every device is in service, or named with its reason."""
    for name, status in statuses.items():
        if status.state not in NAMED or not status.reason:
            yield f"{name} ended {status.state.value}: {status.reason}"


def _revived(record: Record) -> Iterator[str]:
    """A device that somebody revoked stays revoked, and is not registered again."""
    for each in record.api["devices"]:
        if each["device_id"].startswith("gw-old") and each["status"] != "REVOKED":
            yield f"{each['device_id']} was revived"


def _left_over() -> Iterator[str]:
    """No intent stays without an outcome."""
    with open_ledger() as ledger:
        for scope in SCOPES.values():
            for intent in ledger.journal.open_intents(Claim(SITE, scope)):
                yield f"{intent.action} of {intent.device} has no outcome"
