"""Drawing the plan of a month: which devices the troubles and incidents happen to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from deployments.month_plan import Event, Plan, PlannedDevice
from deployments.month_scenario import Incident, Scenario, Site, System, What
from simulator.draw import fraction, word
from simulator.lem.booted_device import HEX, Behavior, mac

CONNECTIONS = {"acusight": "acusight", "provision_api": "provision-api"}
PREFIXES = {"lem": "edge", "acusight": "cam", "provision_api": "gw"}
BEHAVIORS = {
    "sound": "prompt",
    "stuck": "stuck-approved",
    "failing": "fails-always",
    "never": "never",
    "unknown-device": "unknown-device",
}
MISSING_FROM_ROSTER = {What.DROPPED, What.RETIRED}
CONVERGED = 6  # days after which a sound device is in service


def make_plan(scenario: Scenario, seed: int) -> Plan:
    """The plan of `scenario` for `seed`; the same for the same seed."""
    devices = [each for site in scenario.sites for each in _with_troubles(scenario, seed, site)]
    drawn = _Drawn(scenario, seed, {device.name: device for device in devices})
    events = [event for incident in scenario.incidents for event in drawn.events(incident)]
    events += [drawn.arrival(device) for device in devices if device.arrives]
    return Plan(scenario, drawn.devices, tuple(sorted(events, key=lambda event: event.moment)))


def _of(seed: int, site: Site) -> Iterator[PlannedDevice]:
    """The devices of a site, those that are late last."""
    counts: tuple[tuple[System, int, int], ...] = (
        ("lem", site.lem, site.late.lem),
        ("acusight", site.acusight, site.late.acusight),
        ("provision_api", site.provision_api, site.late.provision_api),
    )
    for system, count, late in counts:
        for number in range(1, count + 1):
            name = f"{PREFIXES[system]}-{_place(site.name)}{number:02}"
            listed = site.late.day if number > count - late else site.day
            yield _device(seed, site, name, system, listed)


def _place(site: str) -> str:
    """The part of a site's name that is in the names of its devices, such as 7 of plant-7."""
    return site.rpartition("-")[2]


def _device(seed: int, site: Site, name: str, system: System, listed: int) -> PlannedDevice:
    connection = CONNECTIONS.get(system, site.connection)
    device = PlannedDevice(name, site.name, system, connection, listed=listed)
    if system == "lem":
        macs = (mac(seed, name, "first"), mac(seed, name, "second"))
        return replace(device, host_id=word(HEX, 12, seed, name, "host"), macs=macs)
    if system == "acusight":
        return replace(device, host_id=str(UUID(word(HEX, 32, seed, name, "docker"), version=4)))
    return device


def _with_troubles(scenario: Scenario, seed: int, site: Site) -> list[PlannedDevice]:
    """A site's devices, some with the newer version or with trouble, and the day they arrive.

    The newer version is on the devices that are last on the roster: they were made last.
    """
    devices = [*_of(seed, site)]
    edges = _shuffled(seed, "trouble", (each for each in devices if each.system == "lem"))
    edges.sort(key=lambda device: -device.listed)
    newer = site.newer.devices
    behaviors = _behaviors({"fails-always": site.newer.failing}, newer)
    behaviors += _behaviors(site.troubles, len(edges) - newer)
    changed = {
        device.name: replace(
            device,
            behavior=behavior,
            version=scenario.newer if number < newer else device.version,
            arrives=0 if behavior == "never" else _arrival_day(scenario, seed, device),
        )
        for number, (device, behavior) in enumerate(zip(edges, behaviors, strict=True))
    }
    return [changed.get(device.name, device) for device in devices]


def _behaviors(counts: Mapping[Behavior, int], devices: int) -> list[Behavior]:
    """The behavior of each of so many devices; those that `counts` leaves over are prompt."""
    behaviors: list[Behavior] = [each for each, count in counts.items() for _ in range(count)]
    behaviors += ["prompt"] * (devices - len(behaviors))
    return behaviors


def _arrival_day(scenario: Scenario, seed: int, device: PlannedDevice) -> int:
    """A day not before its roster lists it; early days are more likely."""
    drawn: float = fraction(seed, device.name, "day") ** 1.7
    return device.listed + int(scenario.arrival_days * drawn)


def _shuffled(seed: int, why: str, devices: Iterable[PlannedDevice]) -> list[PlannedDevice]:
    return sorted(devices, key=lambda device: fraction(seed, why, device.name))


class _Drawn:
    """The devices that incidents happen to; only unknown and retired ones are drawn twice."""

    def __init__(self, scenario: Scenario, seed: int, devices: dict[str, PlannedDevice]) -> None:
        self._scenario, self._seed, self.devices = scenario, seed, devices
        self._taken: set[str] = set()
        self._retired: list[str] = []
        self._unknown_devices = Counter[str]()

    def arrival(self, device: PlannedDevice) -> Event:
        """A device of LEM is powered on, in working hours."""
        hours = 8 + 10 * fraction(self._seed, device.name, "hour")
        moment = self._scenario.midnight(device.arrives) + timedelta(hours=hours)
        return Event(device.arrives, moment, What.POWERED_ON, device.site, device.name)

    def events(self, incident: Incident) -> list[Event]:
        """The events of an incident: one for each device that was drawn, or a single one."""
        at = timedelta(hours=incident.at.hour, minutes=incident.at.minute)
        event = Event(
            incident.day,
            self._scenario.midnight(incident.day) + at,
            incident.what,
            incident.site,
            system=incident.system,
            code_days=incident.code_days,
            register_again=incident.register_again,
        )
        if incident.what is What.UNKNOWN_DEVICE:
            return [replace(event, device=self._unknown_device(incident.site))]
        if not incident.who:
            return [event]
        devices = self._who(incident)
        if incident.what in MISSING_FROM_ROSTER:
            self.devices |= {d.name: replace(d, dropped=incident.day) for d in devices}
        return [replace(event, device=d.name, site=d.site, system=d.system) for d in devices]

    def _unknown_device(self, site: str) -> str:
        self._unknown_devices[site] += 1
        name = f"unknown-{_place(site)}{self._unknown_devices[site]:02}"
        connection = next(s.connection for s in self._scenario.sites if s.name == site)
        self.devices[name] = PlannedDevice(name, site, "lem", connection, behavior="unknown-device")
        return name

    def _who(self, incident: Incident) -> list[PlannedDevice]:
        """The devices that it happens to: one, or all that fail."""
        if incident.who == "retired":
            return [self.devices[name] for name in self._retired[-1:]]
        fitting = [
            device
            for device in self.devices.values()
            if incident.site in {"", device.site}
            and device.name not in self._taken
            and _fits(device, incident)
        ]
        if incident.who == "unknown-device":
            return fitting[-1:]
        if incident.who != "failing":
            fitting = _shuffled(self._seed, incident.what, fitting)[:1]
        names = [device.name for device in fitting]
        self._taken.update(names)
        if incident.what is What.RETIRED:
            self._retired += names
        return fitting


def _fits(device: PlannedDevice, incident: Incident) -> bool:
    """Whether an incident may happen to a device on its day."""
    if incident.who in CONNECTIONS:
        return device.system == incident.who and device.listed + CONVERGED <= incident.day
    if device.behavior != BEHAVIORS[incident.who]:
        return False
    if incident.who == "unknown-device":
        return True
    if incident.who == "never":
        return 0 < device.listed <= incident.day
    return 0 < device.arrives <= incident.day - (1 if incident.who == "failing" else CONVERGED)
