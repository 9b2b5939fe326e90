"""`python -m bench.five_years`: what nights add to the ledger and to the disk, in five years.

Each night tries something with the devices in trouble, records decisions, replaces keys, and writes
its findings, its counts and its report. One ledger keeps all of it; the other prunes what is older
than so many nights, and must stop growing.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine

from bench import year
from fleet.action.action import Retry
from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import EXACT_MATCH
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.device.request import Progress, Request
from fleet.device.secret import Secret, SecretKind
from fleet.nightly.finding import Finding
from fleet.state.verdict import Decision
from ledger.admission.decided import Decided
from ledger.admission.decisions import Decisions
from ledger.admission.how import How
from ledger.database.engine import connect
from ledger.device.sealing import Sealer
from ledger.device.secrets import Secrets
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.journal import Outcome, Result
from reports.nightly.night_page import to_html
from reports.nightly.workbook import devices_csv, findings_csv, to_xlsx
from tasks.nightly.publish import as_json

RESULT = Path("var/bench/five_years.json")
NIGHTS = 5 * 365 + 1
DECIDED, ROTATED = 20, 5  # a night
LEASE = timedelta(minutes=1)
SITE = year.SITES[0]


@dataclass
class Grown:
    """A ledger over the nights: its engine, its files, and its size after each night."""

    folder: Path
    sealer: Sealer
    engine: Engine = field(init=False)
    sizes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.folder / 'ledger.db'}"
        prepare(url)
        self.engine = connect(url)

    def measure(self) -> None:
        """Note how large it is: closing the last connection moves all of it into its file."""
        self.engine.dispose()
        self.sizes.append((self.folder / "ledger.db").stat().st_size)

    @property
    def decisions(self) -> Decisions:
        """Its decisions, of which the oldest are in files beside it."""
        return Decisions(self.engine, self.folder / "decisions")

    @property
    def archived(self) -> int:
        """The bytes of these files."""
        return sum(file.stat().st_size for file in (self.folder / "decisions").glob("*"))


def main() -> int:
    """Measure, print tables, and write the same as JSON."""
    args = _parser().parse_args()
    count = args.devices // len(year.SITES)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        facts = _measured(Path(name), count, args.nights, args.stored)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\nThe same as JSON: {RESULT}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.five_years", description=__doc__)
    parser.add_argument("--devices", type=int, default=5000, help="at three sites (5000)")
    parser.add_argument("--nights", type=int, default=180, help="that are played (180)")
    parser.add_argument("--stored", type=int, default=31, help="nights that are not pruned (31)")
    return parser


def _measured(folder: Path, count: int, nights: int, stored: int) -> dict[str, float]:
    sealer = Sealer([Fernet.generate_key().decode()])
    whole, pruned = (Grown(_made(folder / name), sealer) for name in ("whole", "pruned"))
    found = list(year.found(count, nights))
    seconds = 0.0
    for night, each in enumerate(found):
        for ledger in (whole, pruned):
            _play(ledger, count, night, each)
        seconds = _prune(pruned, night, stored)
        for ledger in (whole, pruned):
            ledger.measure()
    report = _report_bytes(count, nights - 1, found[-1])
    half = nights // 2
    a_night = (whole.sizes[-1] - whole.sizes[half]) / (nights - 1 - half)
    ratio = pruned.sizes[-1] / pruned.sizes[half]
    holds = "is broken" if pruned.decisions.verify() else "holds"
    _print(whole, pruned, half, a_night, report)
    print(
        f"\npruned: {ratio:.2f} of the size at half time; the last night pruned in "
        f"{seconds * 1000:.0f} ms; the chain of decisions through "
        f"{pruned.archived / 2**10:.0f} KiB of archives {holds}"
    )
    for ledger in (whole, pruned):
        ledger.engine.dispose()
    return {
        "ledger_bytes_a_night": a_night,
        "report_bytes_a_night": report,
        "five_years_bytes": (a_night + report) * NIGHTS,
        "pruned_ratio": ratio,
        "pruned_bytes": pruned.sizes[-1],
        "prune_seconds": seconds,
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _play(grown: Grown, count: int, night: int, found: list[Finding]) -> None:
    """All that a night of three sites does and writes."""
    ledger, now = Ledger(grown.engine), year.began(night)
    devices = [Device(name=each.device or "") for each in found]
    claim = ledger.claims.open_claim(SITE, year.SCOPE, f"night {night}", devices, now, LEASE)
    actions = [Retry(each, _request(each, night), "it failed") for each in devices]
    ids = ledger.journal.intend(claim, actions, now)
    ledger.journal.resolve({each: Result(Outcome.DONE, "") for each in ids}, now)
    grown.decisions.record(claim, EXACT_MATCH, list(_decided(devices, night)), now)
    tokens = [_token(each, night) for each in devices[:ROTATED]]
    Secrets(grown.engine, grown.sealer).keep(claim, tokens, now)
    ledger.claims.close_claim(claim, now)
    past = year.past(count, night, found)
    ledger.findings.save(found, lambda _key: True, now)
    ledger.nights.keep(now, past.ended_at, as_json(past), f"night-{night}.html")


def _prune(grown: Grown, night: int, stored: int) -> float:
    """What a night prunes, and the seconds that it takes."""
    ledger, now = Ledger(grown.engine), year.began(night)
    before, began = now - stored * year.DAY, time.perf_counter()
    ledger.nights.prune(before)
    ledger.findings.prune(before)
    ledger.journal.prune(before)
    ledger.holds.prune(before)
    Secrets(grown.engine, grown.sealer).prune(before)
    ledger.claims.prune(before)
    grown.decisions.move_to_archive(before, now)
    return time.perf_counter() - began


def _request(device: Device, night: int) -> Request:
    return Request(f"{night}", f"config-{device.name}", Identity(), Progress.FAILED)


def _decided(devices: list[Device], night: int) -> Iterator[Decided]:
    nobody = Identity()
    for device in devices[:DECIDED]:
        key = f"{night}/config-{device.name}"
        evidence = Evidence(SITE, key, f"{night}", device.name, Code.OWN, "", nobody, nobody)
        yield Decided(evidence, Decision.APPROVE, "policy exact-match", "it shows it", How.RULE)


def _token(device: Device, night: int) -> Secret:
    value = SecretStr(f"tok-{night:032}")
    return Secret(SecretKind.PROVISION_TOKEN, value, device.name)


def _report_bytes(count: int, night: int, found: list[Finding]) -> int:
    """The bytes of a night's report: page, workbook and tables."""
    facts = year.facts(count, night, found, [])
    texts = (to_html(facts), findings_csv(facts), devices_csv(facts))
    return sum(len(text.encode()) for text in texts) + len(to_xlsx(facts))


def _print(whole: Grown, pruned: Grown, half: int, a_night: float, report: int) -> None:
    nights = len(whole.sizes)
    print(f"\n{'MiB':20}{f'{half} nights':>12}{f'{nights} nights':>12}")
    for name, ledger in (("ledger, whole", whole), ("ledger, pruned", pruned)):
        print(f"{name:20}{ledger.sizes[half] / 2**20:>12.1f}{ledger.sizes[-1] / 2**20:>12.1f}")
    print(f"\n{'unpruned':20}{'KiB a night':>12}{'GiB in five years':>20}")
    for name, size in (("ledger", a_night), ("reports", float(report))):
        print(f"{name:20}{size / 2**10:>12.1f}{size * NIGHTS / 2**30:>20.2f}")


if __name__ == "__main__":
    sys.exit(main())
