"""Drawing the plan of a month: whom the scenario's troubles and incidents happen to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from deployments.month_plan import Event, Plan, PlannedDevice
from deployments.month_scenario import Incident, Scenario, Site, System, What
from simulator.draw import fraction, word
from simulator.lem.booted_device import HEX, Behaviour, mac

CONNECTIONS = {"acusight": "acusight", "provision_api": "provision-api"}
PREFIXES = {"lem": "edge", "acusight": "cam", "provision_api": "gw"}
BEHAVIOURS = {"sound": "prompt", "stuck": "stuck-approved", "failing": "fails-always"}
SETTLED = 6  # days after which a sound device is in service


def make_plan(scenario: Scenario, seed: int) -> Plan:
    """The plan of `scenario` for `seed`; the same for the same."""
    devices = _with_troubles(scenario, seed, [d for s in scenario.sites for d in _of(seed, s)])
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
            listed = site.late.day if number > count - late else 1
            yield _device(seed, site, name, system, listed)


def _place(site: str) -> str:
    """What the names of a site's devices have of its own."""
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


def _with_troubles(
    scenario: Scenario, seed: int, devices: list[PlannedDevice]
) -> list[PlannedDevice]:
    """The devices, some of which now have the newer version or a behaviour; and when they come."""
    edges = _shuffled(seed, "trouble", (d for d in devices if d.system == "lem"))
    newer = scenario.newer
    behaviours = _behaviours({"fails-always": newer.failing}, newer.devices)
    behaviours += _behaviours(scenario.troubles, len(edges) - newer.devices)
    changed = {
        device.name: replace(
            device,
            behaviour=behaviour,
            version=newer.version if number < newer.devices else device.version,
            arrives=0 if behaviour == "never" else _arrival_day(scenario, seed, device),
        )
        for number, (device, behaviour) in enumerate(zip(edges, behaviours, strict=True))
    }
    return [changed.get(device.name, device) for device in devices]


def _behaviours(counts: Mapping[Behaviour, int], devices: int) -> list[Behaviour]:
    """The behaviour of each of so many devices; those of whom nothing is said are prompt."""
    told: list[Behaviour] = [each for each, count in counts.items() for _ in range(count)]
    told += ["prompt"] * (devices - len(told))
    return told


def _arrival_day(scenario: Scenario, seed: int, device: PlannedDevice) -> int:
    """Sooner rather than later, but not before its roster lists it."""
    span = scenario.arrivals_end - device.listed + 1
    return device.listed + int(span * fraction(seed, device.name, "day") ** 1.7)


def _shuffled(seed: int, why: str, devices: Iterable[PlannedDevice]) -> list[PlannedDevice]:
    return sorted(devices, key=lambda device: fraction(seed, why, device.name))


class _Drawn:
    """The devices that incidents happen to; none is drawn for two, but strangers."""

    def __init__(self, scenario: Scenario, seed: int, devices: dict[str, PlannedDevice]) -> None:
        self._scenario, self._seed, self.devices = scenario, seed, devices
        self._taken: set[str] = set()
        self._strangers = Counter[str]()

    def arrival(self, device: PlannedDevice) -> Event:
        """A device of LEM is powered on, in working hours."""
        hours = 8 + 10 * fraction(self._seed, device.name, "hour")
        moment = self._scenario.midnight(device.arrives) + timedelta(hours=hours)
        return Event(device.arrives, moment, What.POWERED_ON, device.site, device.name)

    def events(self, incident: Incident) -> list[Event]:
        """What an incident comes to: an event for each device that was drawn, or a single one."""
        at = timedelta(hours=incident.at.hour, minutes=incident.at.minute)
        event = Event(
            incident.day,
            self._scenario.midnight(incident.day) + at,
            incident.what,
            incident.site,
            system=incident.system,
            code_days=incident.code_days,
        )
        if incident.what is What.STRANGER:
            return [replace(event, device=self._stranger(incident.site))]
        if not incident.who:
            return [event]
        devices = self._who(incident)
        if incident.what is What.DROPPED:
            self.devices |= {d.name: replace(d, dropped=incident.day) for d in devices}
        return [replace(event, device=d.name, site=d.site, system=d.system) for d in devices]

    def _stranger(self, site: str) -> str:
        self._strangers[site] += 1
        name = f"stranger-{_place(site)}{self._strangers[site]:02}"
        connection = next(s.connection for s in self._scenario.sites if s.name == site)
        self.devices[name] = PlannedDevice(name, site, "lem", connection, behaviour="stranger")
        return name

    def _who(self, incident: Incident) -> list[PlannedDevice]:
        """Whoever it happens to: one, or all that fail."""
        fitting = [
            device
            for device in self.devices.values()
            if incident.site in {"", device.site}
            and device.name not in self._taken
            and _fits(device, incident)
        ]
        if incident.who == "stranger":
            return fitting[-1:]
        if incident.who != "failing":
            fitting = _shuffled(self._seed, incident.what, fitting)[:1]
        self._taken |= {device.name for device in fitting}
        return fitting


def _fits(device: PlannedDevice, incident: Incident) -> bool:
    """Whether a device is of those that an incident happens to, when it does."""
    if incident.who in CONNECTIONS:
        return device.system == incident.who and device.listed + SETTLED <= incident.day
    if incident.who == "stranger":
        return device.behaviour == "stranger"
    if device.behaviour != BEHAVIOURS[incident.who]:
        return False
    return 0 < device.arrives <= incident.day - (1 if incident.who == "failing" else SETTLED)
