"""Evidence collection: the evidence for every pending request of a site."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from fleet.admission.desired import Desired
from fleet.admission.evidence import WINDOWS, Code, Evidence
from fleet.admission.suspicion import Suspicion, SuspicionKind
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.state.admitted import Admitted
from fleet.state.match import Matching
from fleet.state.memory import EnrollmentRecord, Memory
from fleet.state.observation import Observation

UNKNOWN_DEVICE = "it shows this site's code but is no device of its roster"
CLOCKS = timedelta(minutes=5)  # by which clocks may differ that seem to agree

_ENDED = {Progress.REJECTED, Progress.DEACTIVATED}


class EvidenceCollection:
    """The requests of one observation, and what they show about one another.

    `decided` are those that belong to none of the desired devices and that a person decided as
    such. Requests that were decided as another device's are left to a run for that device.
    """

    def __init__(
        self, desired: Desired, observed: Observation, memory: Memory, matching: Matching
    ) -> None:
        self._desired, self._observed = desired, observed
        self._memory, self._matching = memory, matching
        owned = (r for requests in matching.by_device.values() for r in requests)
        disputed = (request for request, _ in matching.disputed)
        self._of_site = [*owned, *disputed, *matching.unknown_devices]
        ours, decided = {r.key for r in self._of_site}, {key for key, _ in memory.decisions}
        self.decided = [
            request
            for request in observed.distinct_requests
            if request.key in decided - ours
            and request.progress is Progress.WAITING
            and (request.key, self._unowned(request).fingerprint) in memory.decisions
        ]

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """The evidence for each request that waits, by its key."""
        devices = {device.name: device for device in self._desired.devices}
        found = {
            request.key: self._of_device(request, devices[name])
            for name, requests in self._matching.by_device.items()
            for request in requests
            if request.progress is Progress.WAITING
        }
        for request, names in self._matching.disputed:
            reason = f"it shows the identity of {' and '.join(names)}"
            disputed = Suspicion(SuspicionKind.DISPUTED, reason)
            found[request.key] = self._of_unknown(request, disputed)
        for request in [*self._matching.unknown_devices, *self.decided]:
            unknown = Suspicion(SuspicionKind.UNKNOWN_DEVICE, UNKNOWN_DEVICE)
            found[request.key] = self._of_unknown(request, unknown)
        return found

    def _of_device(self, request: Request, device: Device) -> Evidence:
        past = self._memory.for_device(device)
        given = past.enrollment_ids
        if device.zero_touch:
            profile = self._observed.profile(device.zero_touch)
            given = frozenset({profile.id} if profile else ())
        code = Code.OWN if request.enrollment_id in given else Code.OTHER
        evidence = self._facts(request, device, code)
        suspicions = [
            *_other_machine(past.admitted, request),
            *self._machines_alike(request),
            *_other_macs(device.identity, request.identity),
            *self._known_by_another_name(request, device),
            *self._on_another_roster(request, device),
            *self._code_of_another_site(request),
            *self._ordered_by_people(request, device),
            *self._too_many(request, evidence),
            *_early(request, past.enrollments, self._observed.skew),
            *self._late(request),
        ]
        return self._reviewed(evidence, suspicions)

    def _of_unknown(self, request: Request, first: Suspicion) -> Evidence:
        evidence = self._unowned(request)
        suspicions = [
            first,
            *self._known_elsewhere(request),
            *self._machines_alike(request),
            *self._too_many(request, evidence),
            *self._late(request),
        ]
        return self._reviewed(evidence, suspicions)

    def _unowned(self, request: Request) -> Evidence:
        return self._facts(request, None, Code.OTHER)

    def _facts(self, request: Request, device: Device | None, code: Code) -> Evidence:
        other = self._memory.elsewhere.get(request.enrollment_id)
        return Evidence(
            site=self._desired.site,
            request_key=request.key,
            request_id=request.id,
            device=device.name if device else None,
            code=code,
            code_of=f", but to {other}" if other and code is Code.OTHER else "",
            expected=device.identity if device else Identity(),
            observed=request.identity,
            hostname=request.hostname,
            hardware=request.hardware,
            version=request.version,
            asked_at=request.asked_at,
            machines=self._machines,
            listed=len(self._desired.devices),
            arrivals=self._arrivals(request),
        )

    def _reviewed(self, evidence: Evidence, suspicions: list[Suspicion]) -> Evidence:
        """`evidence` with its suspicions, also that it changed after people reviewed it."""
        reviewed = self._memory.reviewed.get(evidence.request_key, frozenset())
        if reviewed and evidence.said not in reviewed:
            reason = (
                f"what it says of itself changed after it was reviewed: now {evidence.observed}"
            )
            suspicions = [Suspicion(SuspicionKind.CHANGED, reason), *suspicions]
        return replace(evidence, suspicions=tuple(suspicions))

    @cached_property
    def _machines(self) -> int:
        """How many different machines ask or asked by the site's codes."""
        return _different(self._of_site)

    @cached_property
    def _by_code(self) -> dict[str, int]:
        """How many different machines show each code."""
        showing: dict[str, list[Request]] = defaultdict(list)
        for request in self._of_site:
            showing[request.enrollment_id].append(request)
        return {code: _different(requests) for code, requests in showing.items()}

    @cached_property
    def _by_trait(self) -> dict[str, list[Request]]:
        """Every request of the observation by each host id and MAC that it shows."""
        found: dict[str, list[Request]] = defaultdict(list)
        for request in self._observed.distinct_requests:
            for trait in request.identity.traits():
                found[trait].append(request)
        return found

    @cached_property
    def _times(self) -> list[float]:
        return sorted(r.asked_at.timestamp() for r in self._of_site if r.asked_at)

    def _arrivals(self, request: Request) -> Mapping[str, int] | None:
        if request.asked_at is None:
            return None
        at, times = request.asked_at.timestamp(), self._times
        return {
            window: bisect_right(times, at + length) - bisect_left(times, at - length)
            for window, length in WINDOWS.items()
        }

    def _machines_alike(self, request: Request) -> Iterator[Suspicion]:
        """Others that show a MAC of this one, or its host id with none of its MACs."""
        seen = {request.key}
        for trait in sorted(request.identity.traits()):
            for other in self._by_trait.get(trait, ()):
                if other.key in seen:
                    continue
                kind = _likeness(request.identity, other.identity)
                if kind is None:
                    continue
                seen.add(other.key)
                how = (
                    "with other MACs"
                    if kind is SuspicionKind.NEW_MACS
                    else "but is another machine"
                )
                whose = f"request {other.id} ({other.progress.value})"
                yield Suspicion(kind, f"{whose} shows the same {trait}, {how}")

    def _known_elsewhere(self, request: Request) -> list[Suspicion]:
        """Of another site, by what it shows of itself."""
        traits = sorted(request.identity.traits() & self._memory.elsewhere.keys())
        return [
            Suspicion(
                SuspicionKind.WRONG_SITE, f"by its {trait} it is {self._memory.elsewhere[trait]}"
            )
            for trait in traits[:1]
        ]

    def _on_another_roster(self, request: Request, device: Device) -> Iterator[Suspicion]:
        """Its line says who it is, and so does a line of another site, which enrolled it first."""
        if not device.identity:
            return
        enrolled = [record.made_at for record in self._memory.for_device(device).enrollments]
        since = min(enrolled, default=None)
        for trait in sorted(request.identity.traits() & self._memory.on_rosters.keys()):
            before = self._memory.on_rosters[trait]
            if since is None or before is None or before <= since:
                reason = f"by its {trait} it is {self._memory.elsewhere[trait]}, too"
                yield Suspicion(
                    SuspicionKind.WRONG_SITE, f"{reason}; take it off one of the two rosters"
                )
                return

    def _ordered_by_people(self, request: Request, device: Device) -> Iterator[Suspicion]:
        """People must approve it, as was ordered under another name, or for another site."""
        if device.name in self._desired.by_people:
            return
        shown = request.identity.traits() | device.identity.traits() | {request.enrollment_id}
        own, ordered = (self._desired.site, device.name), self._memory.by_people
        others = {it for key in shown & ordered.keys() for it in ordered[key]} - {own}
        for site, name in sorted(others)[:1]:
            reason = f"people must approve it: so it was ordered for {name} of site {site}"
            yield Suspicion(SuspicionKind.BY_PEOPLE, reason)

    def _known_by_another_name(self, request: Request, device: Device) -> Iterator[Suspicion]:
        """It shows the code of a line without identity, and is a device that the ledger knows."""
        if device.identity:
            return
        yield from self._known_elsewhere(request)
        for trait in sorted(request.identity.traits() & self._memory.known)[:1]:
            reason = (
                f"its {trait} is that of another device of this site, or of one that was retired"
            )
            yield Suspicion(SuspicionKind.DISPUTED, reason)

    def _code_of_another_site(self, request: Request) -> Iterator[Suspicion]:
        """Also one that its device was given here: it was another site's before."""
        if other := self._memory.elsewhere.get(request.enrollment_id):
            yield Suspicion(
                SuspicionKind.WRONG_SITE, f"it asks by a code that was made for {other}"
            )

    def _too_many(self, request: Request, evidence: Evidence) -> Iterator[Suspicion]:
        """More machines than expected; a request that shows its identity is not suspected."""
        enrollment = self._observed.enrollment_by_id.get(request.enrollment_id)
        showing = self._by_code.get(request.enrollment_id, 0)
        if enrollment and showing > enrollment.capacity and not evidence.shared:
            reason = f"{showing} machines ask by a code that is good for {enrollment.capacity}"
            yield Suspicion(SuspicionKind.TOO_MANY, reason)
        is_crowd = self._desired.is_whole_site and self._machines > evidence.listed
        if is_crowd and evidence.misfit:
            reason = f"{self._machines} machines ask, and the roster lists {evidence.listed}"
            yield Suspicion(SuspicionKind.TOO_MANY, reason)

    def _late(self, request: Request) -> Iterator[Suspicion]:
        enrollment = self._observed.enrollment_by_id.get(request.enrollment_id)
        if enrollment and request.asked_at and request.asked_at >= enrollment.expires_at:
            asked, expired = _at(request.asked_at), _at(enrollment.expires_at)
            reason = f"it asked at {asked}, and its code expired at {expired}"
            yield Suspicion(SuspicionKind.EXPIRED, reason)


def _early(
    request: Request, enrollments: Sequence[EnrollmentRecord], skew: timedelta
) -> Iterator[Suspicion]:
    """It asked before its device was enrolled, by our clock; its system's may be off by `skew`."""
    if any(g.adopted and g.enrollment_id == request.enrollment_id for g in enrollments):
        return  # somebody else made its code: since when it is there is not known
    enrolled = [record.made_at for record in enrollments if not record.adopted]
    asked_at = request.asked_at and request.asked_at - skew
    if asked_at and enrolled and asked_at < min(enrolled) - CLOCKS:
        asked, since = _at(asked_at), _at(min(enrolled))
        reason = f"it asked at {asked}, before the device was enrolled at {since}"
        yield Suspicion(SuspicionKind.EARLY, reason)


def _other_machine(decided: Admitted | None, request: Request) -> Iterator[Suspicion]:
    """It was decided to admit it by what it showed, and it shows another machine now."""
    if decided is None or decided.request_key != request.key:
        return
    if other := decided.identity.contradiction(request.identity, "when that was decided it showed"):
        yield Suspicion(SuspicionKind.CHANGED, f"it changed while it was being approved: {other}")


def _other_macs(expected: Identity, observed: Identity) -> Iterator[Suspicion]:
    """The expected host id, but with none of the MACs that belong to it."""
    same = expected.host_id is not None and expected.host_id == observed.host_id
    if same and expected.macs and observed.macs and not expected.macs & observed.macs:
        reason = "it shows this device's host id with none of its MACs"
        yield Suspicion(SuspicionKind.NEW_MACS, reason)


def _likeness(one: Identity, other: Identity) -> SuspicionKind | None:
    """What two requests that share a trait are suspected of; None when they are one machine."""
    if one.host_id and one.host_id == other.host_id:
        disjoint = one.macs and other.macs and not one.macs & other.macs
        return SuspicionKind.NEW_MACS if disjoint else None
    if one.host_id and other.host_id:
        return SuspicionKind.CLONE
    return None if one.macs == other.macs else SuspicionKind.CLONE


def _different(requests: Iterable[Request]) -> int:
    """How many different machines the requests come from; rejected ones do not count."""
    return len({r.identity or r.key for r in requests if r.progress not in _ENDED})


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
