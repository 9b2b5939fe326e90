"""Unlisted: what a system has in service and no roster names, at whichever site."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from fleet.device.request import Progress, Request
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding, Key
from fleet.state.device_state import State
from fleet.state.observation import Observation
from fleet.state.record import DeviceRecord
from fleet.system.profile import SystemProfile


@dataclass(frozen=True)
class Listing:
    """All that one connection shows, and all that the ledger has of its sites' devices.

    `codes` say for which site each enrollment was made, `first_seen` when each finding was new,
    and `matched` which requests (by their keys) are those of devices on a roster.
    """

    connection: str
    system_profile: SystemProfile
    observed: Observation
    records: Sequence[DeviceRecord]
    codes: Mapping[str, str] = field(default_factory=dict)
    first_seen: Mapping[Key, datetime] = field(default_factory=dict)
    matched: frozenset[str] = frozenset()

    def unlisted(self, now: datetime) -> list[Finding]:
        """Everything in service that is on no roster; what was retired is reported elsewhere."""
        return [*self._machines(now), *self._ids(now)]

    @cached_property
    def _ours(self) -> list[DeviceRecord]:
        return [each for each in self.records if each.is_listed or each.state is State.RETIRED]

    @cached_property
    def _keys(self) -> set[str]:
        """By a request of ours is known: names in the system, ids, identities."""
        keys = {f"name {each.device.name}" for each in self._ours}
        keys |= {f"id {each.confirmed_as}" for each in self._ours if each.confirmed_as}
        return keys | {trait for each in self._ours for trait in each.device.identity.traits()}

    def _machines(self, now: datetime) -> Iterator[Finding]:
        once = {each.confirmed_as: each for each in self.records if each.confirmed_as}
        last = {request.device_id: request for request in self._serving if request.device_id}
        ours = {request.device_id for request in self._serving if self._is_ours(request)}
        names = {
            each: once[each].device.name if each in once else _called(last[each])
            for each in sorted(last.keys() - ours)
        }
        called = Counter(names.values())
        for device_id, name in names.items():
            request = last[device_id]
            apart = f"{name} (#{request.id})" if called[name] > 1 else name
            yield self._finding(request, apart, once.get(device_id), now)

    @cached_property
    def _serving(self) -> list[Request]:
        """The requests of devices in service, oldest first."""
        shown = [r for r in self.observed.requests if r.device_id in self.observed.present]
        # The others were not asked about, so none of them is listed as present.
        others = [r for r in self.observed.others if r.progress is Progress.PROVISIONED]
        serving = [each for each in (*shown, *others) if each.is_admitted]
        return sorted(serving, key=lambda each: (each.age, each.key))

    def _is_ours(self, request: Request) -> bool:
        keys = {f"id {request.device_id}", *request.identity.traits()}
        keys |= {f"name {request.device}"} if request.device else set()
        return request.key in self.matched or bool(keys & self._keys)

    def _finding(
        self, request: Request, called: str, past: DeviceRecord | None, now: datetime
    ) -> Finding:
        why = "no roster names it"
        site = request.site or self.codes.get(request.enrollment_id, "")
        if past:
            site, why = past.site, "it was taken off its roster"
        return Finding(
            kind=FindingKind.UNLISTED,
            site=site,
            connection=self.connection,
            subject=called,
            reason=f"{self.system_profile.system} has it in service, and {why}",
            since=self._since(site, called, now),
            device=past.device.name if past else None,
            request_key=request.key,
            version=request.version,
            hardware=request.hardware,
        )

    def _ids(self, now: datetime) -> Iterator[Finding]:
        """Devices in a list, that no request and no record matches to a device.

        One of ours that is being provisioned may be listed before its request shows its id: as
        many ids as there are such requests are explained by that.
        """
        known = {request.device_id for request in self.observed.requests}
        known |= {each.confirmed_as for each in self.records}
        unknown = sorted(self.observed.present - known)
        admitted = [r for r in self.observed.requests if r.is_admitted and not r.device_id]
        unborn = [request for request in admitted if self._is_ours(request)]
        if len(unknown) <= len(unborn):
            return
        for device_id in unknown:
            reason = (
                f"{self.system_profile.system} lists it, and no request shows which device it is"
            )
            since = self._since("", device_id, now)
            yield Finding(FindingKind.UNLISTED, "", self.connection, device_id, reason, since)

    def _since(self, site: str, subject: str, now: datetime) -> datetime:
        key = (site, self.connection, FindingKind.UNLISTED.value, subject)
        return min(self.first_seen.get(key, now), now)


def _called(request: Request) -> str:
    return request.device or request.hostname or str(request.identity)
