"""By record: the requests that were admitted as a device's, whatever they show of themselves now.

Request 35 was approved as edge-042's. If it shows edge-043's host id one day, it is matched to
edge-043, or to nobody: only the record tells that it is in service as edge-042.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.match import Matching
from fleet.state.memory import Memory
from fleet.state.observation import Observation


@dataclass(frozen=True)
class ByRecord:
    """Where the record and what requests show of themselves differ.

    `strays` are admitted requests that are a device's by the record alone, by its name; `owners`
    name the device as which a request was admitted that shows another one's identity, by its key.
    """

    strays: Mapping[str, tuple[Request, ...]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)


def by_record(
    devices: Sequence[Device], observed: Observation, memory: Memory, matching: Matching
) -> ByRecord:
    """Compare what matching says with the record; a device that a request names is that device."""
    matched = {r.key: name for name, requests in matching.by_device.items() for r in requests}
    admitted = [r for r in observed.requests if r.is_admitted and r.device is None]
    strays: dict[str, list[Request]] = defaultdict(list)
    owners: dict[str, str] = {}
    for device, request in _recorded(devices, memory, admitted):
        other = matched.get(request.key, "")
        if other == device.name or (other and not _lasts(device, memory)):
            continue
        strays[device.name].append(request)
        if other:
            owners[request.key] = device.name
    return ByRecord({name: tuple(requests) for name, requests in strays.items()}, owners)


def _recorded(
    devices: Iterable[Device], memory: Memory, admitted: Sequence[Request]
) -> Iterable[tuple[Device, Request]]:
    """Each device with each request that was admitted as its own."""
    by_key: dict[str, list[Request]] = defaultdict(list)
    by_id: dict[str, list[Request]] = defaultdict(list)
    for request in admitted:
        by_key[request.key].append(request)
        if request.device_id:
            by_id[request.device_id].append(request)
    for device in devices:
        past = memory.of(device.name)
        found = [r for key in sorted(past.admitted_keys) for r in by_key.get(key, ())]
        found += [r for id_ in sorted(past.admitted_ids) for r in by_id.get(id_, ())]
        for request in dict.fromkeys(found):
            yield device, request


def _lasts(device: Device, memory: Memory) -> bool:
    """Whether it is known as whom the device was admitted, and its line says nothing else since."""
    admitted = memory.of(device.name).admitted
    return admitted is not None and not admitted.is_superseded(device.identity)
