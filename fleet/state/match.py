"""Match: whose each request is, by identity or by a code made for one device alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fleet.device.device import Device
from fleet.device.request import Request
from fleet.state.memory import Memory
from fleet.state.observation import Observation


@dataclass(frozen=True)
class Matching:
    """Requests by device name (oldest first), those that several devices share, and the others.

    `unknown_devices` are requests by this site's codes that belong to none of its devices.
    """

    by_device: dict[str, tuple[Request, ...]]
    disputed: tuple[tuple[Request, tuple[str, ...]], ...]
    unknown_devices: tuple[Request, ...]


def match(devices: Sequence[Device], observed: Observation, memory: Memory) -> Matching:
    """Whose each request is.

    A device with an identity owns the requests that share it; one without owns the requests that
    show its own code; a request that names its device is that device's. An unknown device shows
    one of these devices' codes and is no device of the site.
    """
    owners = _owners(devices, memory)
    codes = {code for d in devices for code in memory.for_device(d).enrollment_ids}
    by_device: dict[str, list[Request]] = defaultdict(list)
    disputed: list[tuple[Request, tuple[str, ...]]] = []
    unknown_devices: list[Request] = []
    for request in observed.distinct_requests:
        shown = request.identity.traits() | {request.enrollment_id}
        keys = {_named(request.device)} if request.device is not None else shown
        names = tuple(sorted({name for key in keys for name in owners.get(key, ())}))
        if len(names) > 1:
            disputed.append((request, names))
        elif names:
            by_device[names[0]].append(request)
        elif request.device is None and request.enrollment_id in codes and not shown & memory.known:
            unknown_devices.append(request)
    found = {name: tuple(requests) for name, requests in by_device.items()}
    return Matching(found, tuple(disputed), tuple(unknown_devices))


def _owners(devices: Iterable[Device], memory: Memory) -> dict[str, list[str]]:
    """Device names by each key that a request of theirs may show: host id, MAC, code or name."""
    owners: dict[str, list[str]] = defaultdict(list)
    for device in devices:
        keys = device.identity.traits() or memory.for_device(device).enrollment_ids
        for key in keys | {_named(device.name)}:
            owners[key].append(device.name)
    return owners


def _named(name: str) -> str:
    """The key of a request that names its device; no code and no identity is equal to it."""
    return f"device {name}"
