"""The audit: what must be so whatever went wrong, checked by the systems' own records."""

from collections.abc import Iterable, Iterator, Mapping

from fleet.device.secret import Secret
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.session import open_ledger
from ledger.state.claims import Claim
from tests.reliability.machine import Ended
from tests.reliability.plant import SITE, TENANT, Record, digest
from tests.reliability.scenes import REVOKED

SCOPES = {
    "acusight": "Acusight organization acusight",
    "lem": "LEM project 462j1mq70mph31wa100t1yuxa",
    "provision-api": f"provision_api tenant {TENANT}",
}
DONE = {State.IN_SERVICE, State.KEY_LOST}
UNANSWERED = {ReasonCode.DECISION_UNANSWERED, ReasonCode.ENROLLMENT_UNANSWERED}


def violations(record: Record, ended: Ended) -> list[str]:
    """What is not as it must be at the end of a run; [] when all is.

    Of a connection that the run had to leave, the last status is one of the past: it is not judged.
    """
    statuses = {
        name: status
        for name, status in ended.statuses.items()
        if ended.connections[name] not in ended.troubles
    }
    # A token whose making was not answered is revoked before the next one is made.
    busy = set(ended.troubles) | {
        ended.connections[name] for name, each in statuses.items() if each.state not in DONE
    }
    return [
        *_done_once(record, 0 if "lem" in ended.troubles else 1),
        *_secrets(record, statuses),
        *(() if "acusight" in busy else _tokens(record)),
        *_revived(record),
        *_left_over(
            statuses, (scope for name, scope in SCOPES.items() if name not in ended.troubles)
        ),
    ]


def unfinished(ended: Ended) -> list[str]:
    """The devices that are neither in service nor named with a reason that lasts."""
    return [
        f"{name} ended {status.state.value}: {status.reason}"
        for name, status in ended.statuses.items()
        if status.state not in ({State.HELD} if name == REVOKED else DONE) or not status.reason
    ]


def sealed() -> list[Secret]:
    """Every secret of the site that the ledger holds."""
    with open_ledger() as ledger:
        return [
            secret
            for scope in SCOPES.values()
            for secret in ledger.secrets.keyring(Claim(SITE, scope)).secrets
        ]


def _done_once(record: Record, least: int) -> Iterator[str]:
    """One config per need, and one approval, key and activation per device."""
    if not least <= record.calls["configs_added"] <= 1:
        yield f"{record.calls['configs_added']} activation configs, 1 needed"
    for what in ("approvals", "provisions", "activations"):
        for who, times in record.calls[what].items():
            if times != 1:
                yield f"{what} of {who}: {times}"


def _secrets(record: Record, statuses: Mapping[str, DeviceStatus]) -> Iterator[str]:
    """A key that a device has in its system is sealed here, or told as lost."""
    digests = {digest(secret.value.get_secret_value()) for secret in sealed()}
    names = {each.device.host_id or name: name for name, each in statuses.items()}
    for device_id, key in record.keys.items():
        if device_id not in names:
            continue
        status = statuses[names[device_id]]
        if (status.state is State.KEY_LOST) is (key in digests):
            yield f"{status.device.name}: {status.state.value}, its key held: {key in digests}"


def _tokens(record: Record) -> Iterator[str]:
    """A provisioning token is sealed here, or was revoked."""
    digests = {digest(secret.value.get_secret_value()) for secret in sealed()}
    for token in record.acusight["tokens"]:
        if token["revoked_at"] is None and token["token_hash"] not in digests:
            yield f"a provisioning token that nobody holds is live: {token['name']}"


def _revived(record: Record) -> Iterator[str]:
    """A device that somebody revoked stays revoked, and is not registered again."""
    for each in record.api["devices"]:
        if each["device_id"] == REVOKED and each["status"] != "REVOKED":
            yield f"{each['device_id']} was revived"


def _left_over(statuses: Mapping[str, DeviceStatus], scopes: Iterable[str]) -> Iterator[str]:
    """No intent stays without an outcome, unless its device says that it was not answered."""
    named = {name for name, each in statuses.items() if each.code in UNANSWERED}
    with open_ledger() as ledger:
        for scope in scopes:
            open_intents = ledger.journal.open_intents(Claim(SITE, scope))
            for intent in (each for each in open_intents if each.device not in named):
                yield f"{intent.action} of {intent.device} has no outcome"
