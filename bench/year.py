"""A year of nights at a few sites: device states, findings, and what is stored of each night."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.state.device_state import State
from reports.nightly.facts import NightDevice, NightFacts, Past, QuotaUse, ReportedFinding

SITES = ("plant-1", "plant-2", "plant-3")
CONNECTION = "lem"
SCOPE = "LEM project bench"
START = datetime(2026, 1, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TROUBLED = 0.02  # of all devices, on any night
HEALED = 0.2  # of these, before the next one
KINDS = (
    FindingKind.PENDING,
    FindingKind.FAILED,
    FindingKind.STUCK,
    FindingKind.MISSING,
    FindingKind.HELD,
    FindingKind.UNLISTED,
)


def devices(site: str, count: int) -> list[Device]:
    """The devices of a site, each with a host id and a MAC address."""
    first = 1 + SITES.index(site) * count  # an identity of zeros proves nothing
    return [
        Device(
            name=f"edge-{number:05}",
            host_id=f"{number:012x}",
            macs=(f"02:00:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",),
        )
        for number in range(first, first + count)
    ]


def found(count: int, nights: int) -> Iterator[list[Finding]]:
    """What each night finds at sites of `count` devices: a few in trouble, always others."""
    draw = random.Random(7)
    names = [(site, device.name) for site in SITES for device in devices(site, count)]
    wanted = round(len(names) * TROUBLED)
    ill: dict[tuple[str, str], Finding] = {}
    for night in range(nights):
        ill = {key: each for key, each in ill.items() if draw.random() > HEALED}
        while len(ill) < wanted:
            key = draw.choice(names)
            ill.setdefault(key, _finding(*key, draw.choice(KINDS), began(night)))
        yield list(ill.values())


def began(night: int) -> datetime:
    """When the night of that number began."""
    return START + DAY * night


def _finding(site: str, name: str, kind: FindingKind, since: datetime) -> Finding:
    reason = "provisioning failed: Offline license generated: License server did not answer"
    return Finding(
        kind, site, CONNECTION, name, reason, since, name, f"{name}/key", "3.6.0", "n100"
    )


def past(count: int, night: int, findings: list[Finding]) -> Past:
    """What is stored of a night that found `findings`."""
    ill = Counter(each.site for each in findings)
    states = {(site, CONNECTION, "in_service"): count - ill[site] for site in SITES}
    states |= {(site, CONNECTION, "failed"): ill[site] for site in SITES}
    return Past(
        started_at=began(night),
        ended_at=began(night) + timedelta(minutes=2),
        states=states,
        kinds=Counter(each.kind.value for each in findings),
        not_checked={},
        stages=dict.fromkeys(("asked", "approved", "provisioned", "confirmed"), (60.0, 140.0)),
        actions=5,
        needs_attention=len(findings),
    )


def facts(count: int, night: int, findings: list[Finding], history: list[Past]) -> NightFacts:
    """All facts of the report of a night, for sites of `count` devices."""
    ill = {each.device: each for each in findings}
    return NightFacts(
        run_name="bench",
        started_at=began(night),
        ended_at=began(night) + timedelta(minutes=2),
        zone="Europe/Berlin",
        dry_run=False,
        devices=[
            _device(site, device.name, number, ill.get(device.name))
            for site in SITES
            for number, device in enumerate(devices(site, count))
        ],
        reported=[
            ReportedFinding(each, each.since, 0, True, each.kind.record.remedy, False)
            for each in findings
        ],
        done=(),
        not_checked={},
        history=history,
        quotas=[QuotaUse(CONNECTION, "none", 12, 120.0)],
    )


def _device(site: str, name: str, number: int, finding: Finding | None) -> NightDevice:
    enrolled = START - DAY
    asked = enrolled + timedelta(seconds=40 + number % 500)
    approved = asked + timedelta(seconds=3 + number % 5)
    provisioned = approved + timedelta(seconds=80 + number % 70)
    return NightDevice(
        site,
        CONNECTION,
        name,
        State.FAILED if finding else State.IN_SERVICE,
        finding.reason if finding else "in the list of devices",
        version="3.6.0" if finding or number % 5 == 0 else "3.5.4",
        hardware=("n100", "rpi5", "atom")[number % 3],
        enrolled=enrolled,
        asked=asked,
        approved=approved,
        provisioned=None if finding else provisioned,
        confirmed=None if finding else provisioned + timedelta(seconds=9),
    )
