"""Inspect: from what was observed of a site, to everything that is not as it should be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fleet.action.action import Approve, Hold
from fleet.device.request import Progress, Request
from fleet.device.secret import Keyring, SecretKind
from fleet.device.times import Times
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding, Key
from fleet.nightly.rules import NightRules
from fleet.planning.resolve import leaves_no_trace
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.state.reason_code import ReasonCode
from fleet.state.record import DeviceRecord
from fleet.status.admission_model import model_of
from fleet.status.status import DeviceStatus
from fleet.system.profile import SystemProfile

_SHOWN = 3  # of the entries that could not be read
_KEY_NOT_HELD = {ReasonCode.KEY_NOT_HELD, ReasonCode.KEY_MAY_BE_REPLACED}


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """An action that was tried, and whose outcome is unknown."""

    device: str
    action: ActionKind
    at: datetime


@dataclass(frozen=True)
class Inspected:
    """What there is to know of one site by one connection, after one observation.

    `statuses` are of the devices that its roster lists; `retired` those that were taken out of
    service here. `held_since` goes by request key, `first_seen` by what makes a finding the same,
    `times` by device name. `elsewhere` says whose other sites' codes are.
    `lost_codes` says until when a code may work that was lost with its answer, by device name.
    """

    site: str
    connection: str
    system_profile: SystemProfile
    observed: Observation
    statuses: Sequence[DeviceStatus]
    holds: Sequence[Hold]
    records: Mapping[str, DeviceRecord]
    retired: Sequence[DeviceRecord] = ()
    times: Mapping[str, Times] = field(default_factory=dict)
    held_since: Mapping[str, datetime] = field(default_factory=dict)
    first_seen: Mapping[Key, datetime] = field(default_factory=dict)
    open_intents: Sequence[OpenIntent] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    lost_codes: Mapping[str, datetime] = field(default_factory=dict)
    keyring: Keyring = field(default_factory=Keyring)


def inspect(seen: Inspected, rules: NightRules, now: datetime) -> list[Finding]:
    """Every finding that is old enough, each device's own first; none twice."""
    found: dict[Key, Finding] = {}
    for finding in (
        *_of_devices(seen, now),
        *_of_unknown_devices(seen, now),
        *_of_retired(seen, now),
        *_of_intents(seen, now),
        *_of_list(seen, now),
    ):
        found.setdefault(finding.key, finding)
    return [f for f in found.values() if now - f.since >= rules.rule(f).after]


def _of_devices(seen: Inspected, now: datetime) -> Iterator[Finding]:
    for status in seen.statuses:
        found = _of_device(seen, status, now)
        if found:
            yield found


def _of_device(seen: Inspected, status: DeviceStatus, now: datetime) -> Finding | None:
    """What is wrong with one device of the roster: one thing, the one that explains the others."""
    if status.state is State.IDENTITY_MISMATCH:
        return _finding(seen, FindingKind.IDENTITY_MISMATCH, status, status.reason, now)
    other = _wrong_site(seen, status)
    if other:
        return _finding(seen, FindingKind.WRONG_SITE, status, other, now)
    if status.code in _KEY_NOT_HELD and status.state is State.IN_SERVICE:
        return _finding(seen, FindingKind.KEY_NOT_HELD, status, status.reason, now)
    is_admitted_now = status.state is State.WAITING and isinstance(status.action, Approve)
    if status.state is State.IN_SERVICE or is_admitted_now or _is_cut_off(seen, status):
        return None
    records = seen.records.get(status.device.name)
    if records and records.confirmed_as and _is_missing(seen, status):
        return _finding(seen, FindingKind.MISSING, status, _missing(seen, status), now)
    is_held = status.state is State.HELD  # whoever asks in its name comes first
    if status.unanswered and not is_held:
        made_at = status.unanswered.made_at
        return _finding(seen, FindingKind.UNKNOWN, status, status.reason, now, made_at)
    if status.needs_enrollment and not is_held:
        return _finding(seen, FindingKind.ENDED, status, status.reason, now)
    kind, since = _unresolved(seen, status)
    hint = model_of(seen.system_profile).stuck_hint if kind is FindingKind.STUCK else ""
    reason = f"{status.reason}; {hint}" if hint else status.reason
    return _finding(seen, kind, status, reason, now, since)


def _unresolved(seen: Inspected, status: DeviceStatus) -> tuple[FindingKind, datetime | None]:
    """What to call a device that is not in service, and since when it is so."""
    times = seen.times.get(status.device.name, Times())
    key = status.request.key if status.request else ""
    kinds: dict[State, tuple[FindingKind, datetime | None]] = {
        State.FAILED: (FindingKind.FAILED, None),
        State.KEY_LOST: (FindingKind.LOST, None),
        State.REJECTED: (FindingKind.REJECTED, None),
        State.HELD: (FindingKind.HELD, seen.held_since.get(key)),
        State.APPROVAL_NOT_SHOWN: (
            FindingKind.APPROVAL_NOT_SHOWN,
            times.approved or times.asked,
        ),
        State.PROVISIONING: (FindingKind.STUCK, times.approved or times.asked),
    }
    return kinds.get(status.state, (FindingKind.PENDING, times.asked or times.enrolled))


def _missing(seen: Inspected, status: DeviceStatus) -> str:
    """That a device is missing; and why, if its system says anything of it."""
    request = status.request
    is_listed_anew = status.code is ReasonCode.CODE_USED_BEFORE
    if is_listed_anew or (request is not None and request.progress is not Progress.PROVISIONED):
        return f"it was in service, and is not any more: {status.reason}"
    return f"it was in service, and {seen.system_profile.system} does not show it any more"


def _is_cut_off(seen: Inspected, status: DeviceStatus) -> bool:
    """Whether a device may be behind the end of a list, so that nothing can be said of it.

    Where the whole site is shown, only one that was never here may be: at another site.
    """
    if not seen.observed.may_hide or status.request is not None:
        return False
    if not seen.observed.shows_whole_site:
        return status.state not in {State.FAILED, State.KEY_LOST}
    record = seen.records.get(status.device.name)
    return status.state is State.HELD and not (record and record.confirmed_as)


def _is_missing(seen: Inspected, status: DeviceStatus) -> bool:
    """Whether a device that was in service is not shown any more; never by a list cut off."""
    request = status.request
    is_shown = request is not None and request.device_id in seen.observed.present
    is_out = request is not None and request.progress is Progress.DEACTIVATED
    is_held = status.state is State.HELD and request is not None and not is_out
    is_failing = status.state in {State.FAILED, State.KEY_LOST, State.REJECTED}
    is_hidden = seen.observed.may_hide and not (is_out or seen.observed.shows_whole_site)
    return not (is_shown or is_held or is_failing or is_hidden)


def _wrong_site(seen: Inspected, status: DeviceStatus) -> str:
    """At which other site its system has the device; "" when at none."""
    request = status.request
    if request is None:
        return ""
    if request.site is not None and request.site != seen.site:
        return f"{seen.system_profile.system} has it under the site {request.site!r}"
    whose = seen.elsewhere.get(request.enrollment_id)
    if request.progress is Progress.PROVISIONED and whose:
        return f"it came in by a code that was made for {whose}"
    return ""


def _of_unknown_devices(seen: Inspected, now: datetime) -> Iterator[Finding]:
    """Requests that are held and belong to no device, or to one with nothing else to report."""
    held = {s.request.key for s in seen.statuses if s.request and s.state is State.HELD}
    for hold in seen.holds:
        if hold.request.key in held:
            continue
        since = seen.held_since.get(hold.request.key) or hold.request.asked_at
        yield _made(
            seen,
            FindingKind.HELD,
            f"#{hold.request.id}",
            f"{_called(hold.request)}: {hold.reason}",
            since,
            now,
            device=hold.device.name if hold.device else None,
            request=hold.request,
            is_reviewable=hold.evidence is not None,
        )


def _of_retired(seen: Inspected, now: datetime) -> Iterator[Finding]:
    listed = {s.request.device_id for s in seen.statuses if s.request}
    for records in seen.retired:
        if (_own_ids(seen, records) & seen.observed.present) - listed:
            reason = (
                f"retired here, and {seen.system_profile.system} has it in service. Retire it again"
            )
            yield _retired(seen, FindingKind.RETIRED_IN_SERVICE, records, reason, None, now)
        elif ending := _living_code(seen, records, now + seen.observed.skew):
            reason = f"retired, and {ending} would admit it again"
            yield _retired(seen, FindingKind.REVIVABLE, records, reason, records.changed_at, now)


def _own_ids(seen: Inspected, records: DeviceRecord) -> set[str | None]:
    """By which ids its system may have a device in service."""
    name, traits = records.device.name, records.device.identity.traits()
    own = (r for r in seen.observed.requests if r.device == name or r.identity.traits() & traits)
    return {records.confirmed_as, *(r.device_id for r in own if r.is_admitted)}


def _living_code(seen: Inspected, records: DeviceRecord, now: datetime) -> str:
    """A code of its own that is not used and not expired, held or lost; "" when there is none."""
    code = seen.keyring.latest(SecretKind.ACTIVATION_CODE, records.device.name)
    if code and code.expires_at and code.expires_at <= now:
        code = None
    enrollment = seen.observed.enrollment_by_id.get(code.enrollment_id) if code else None
    if enrollment and enrollment.is_usable(now):
        return f"its unused code (good until {enrollment.expires_at:%Y-%m-%d %H:%M} UTC)"
    if until := seen.lost_codes.get(records.device.name):
        return f"a code that was lost with its answer (good until {until:%Y-%m-%d %H:%M} UTC)"
    return ""


def _of_intents(seen: Inspected, now: datetime) -> Iterator[Finding]:
    """One finding for each device, and one for all unknown devices together, since the first.

    A device's status says what a rotation means for it; of one that was retired, nothing depends
    on it.
    """
    of_whom: dict[str, list[OpenIntent]] = {}
    named = {s.device.name for s in seen.statuses} | {each.device.name for each in seen.retired}
    for intent in sorted(seen.open_intents, key=lambda each: (each.at, each.action)):
        if leaves_no_trace(intent.action) and intent.device in named:
            continue
        of_whom.setdefault(intent.device, []).append(intent)
    for device, intents in of_whom.items():
        asked = (
            f"{each.action.record.phrase} was asked at {each.at:%Y-%m-%d %H:%M} UTC"
            for each in intents
        )
        reason = f"{', '.join(dict.fromkeys(asked))} and never answered"
        who, since = device or "an unknown device", intents[0].at
        yield _made(seen, FindingKind.UNKNOWN, who, reason, since, now, device=device or None)


def _of_list(seen: Inspected, now: datetime) -> Iterator[Finding]:
    if seen.observed.truncated:
        reason = "its list ended at its limit, so that devices may be there that it does not show"
        yield _made(seen, FindingKind.TRUNCATED, seen.system_profile.system, reason, None, now)
    if seen.observed.unreadable:
        system = seen.system_profile.system
        entries = "; ".join(seen.observed.unreadable[:_SHOWN])
        reason = f"{entries}; a device that is not shown may be there, so that none is missing"
        yield _made(seen, FindingKind.UNREADABLE, system, reason, None, now)


def _finding(
    seen: Inspected,
    kind: FindingKind,
    status: DeviceStatus,
    reason: str,
    now: datetime,
    since: datetime | None = None,
) -> Finding:
    """A finding about a device that has stood like this at least since our record says so."""
    name = status.device.name
    records = seen.records.get(name)
    since = since or (records.changed_at if records and records.state is status.state else None)
    found = _made(
        seen,
        kind,
        name,
        reason,
        since,
        now,
        device=name,
        request=status.request,
        is_reviewable=not kind.record.is_reviewed or any(hold.evidence for hold in status.holds),
    )
    # No rule may do the opposite of what planning approves or rejects at the same time.
    is_planned = status.action is not None and status.action.request == status.request
    return replace(found, request_key=None) if is_planned else found


def _retired(
    seen: Inspected,
    kind: FindingKind,
    records: DeviceRecord,
    reason: str,
    since: datetime | None,
    now: datetime,
) -> Finding:
    name = records.device.name
    return _made(seen, kind, name, reason, since, now, device=name)


def _made(
    seen: Inspected,
    kind: FindingKind,
    subject: str,
    reason: str,
    since: datetime | None,
    now: datetime,
    *,
    device: str | None = None,
    request: Request | None = None,
    is_reviewable: bool = True,
) -> Finding:
    """A finding that began at `since`, if that is known, and before it was first seen."""
    first = seen.first_seen.get((seen.site, seen.connection, kind.value, subject), now)
    return Finding(
        kind=kind,
        site=seen.site,
        connection=seen.connection,
        subject=subject,
        reason=reason,
        since=min(since or first, first, now),
        device=device,
        request_key=request.key if request else None,
        version=request.version if request else "",
        hardware=request.hardware if request else "",
        is_reviewable=is_reviewable,
    )


def _called(request: Request) -> str:
    return request.hostname or str(request.identity)
