"""`python -m bench.history`: whether a ledger that holds a year of nights is as fast as a new one.

Both are written by the functions that nights use, and measured in turn in the same run. The
report is built from what one of these nights found, and compared with those of fewer devices and
of no history.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from bench import year
from fleet.nightly.finding import Finding
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.status.status import DeviceStatus
from ledger.database.engine import connect
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from reports.nightly.night_page import to_html
from reports.nightly.workbook import devices_csv, findings_csv, to_xlsx
from tasks.nightly.facts import SHOWN_NIGHTS
from tasks.nightly.publish import as_json

RESULT = Path("var/bench/history.json")
ROUNDS = 7
LEASE = timedelta(minutes=1)
Action = Callable[[Engine], object]


@dataclass(frozen=True)
class Measured:
    """A ledger that holds so many nights."""

    file: Path
    engine: Engine
    nights: int

    @property
    def size(self) -> int:
        """Its bytes: closing the last connection moves all of it into its one file."""
        self.engine.dispose()
        return self.file.stat().st_size


def main() -> int:
    """Measure, print tables, and write the same as JSON."""
    args = _parser().parse_args()
    count = args.devices // len(year.SITES)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = _measured(Path(folder), count, args.nights)
    facts["report"] = report = _reports(count, args.nights)
    _print_reports(report)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\nThe same as JSON: {RESULT}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.history", description=__doc__)
    parser.add_argument("--devices", type=int, default=5000, help="at three sites (5000)")
    parser.add_argument("--nights", type=int, default=365, help="of history (365)")
    return parser


def _measured(folder: Path, count: int, several: int) -> dict[str, object]:
    """One ledger with one night, and one with several, which began as a copy of the first."""
    _say(f"{count * len(year.SITES)} devices, 1 night and {several} nights")
    every = list(year.found(count, several + 1))
    young = _first_night(folder / "young.db", count, every[0])
    size_young = young.size
    old = _more_nights(young, folder / "old.db", count, every[1:several])
    size_old = old.size
    seconds = {
        name: {ledger.nights: _median(ledger, action) for ledger in (young, old)}
        for name, action in _reads(several).items()
    }
    seconds["write one night"] = {
        ledger.nights: _median(ledger, _writing(count, ledger.nights, every[ledger.nights]))
        for ledger in (young, old)
    }
    _print_ledgers(seconds, young.nights, old.nights)
    pruned = _pruned(old)
    a_night = (size_old - size_young) / (several - 1)
    print(
        f"\nsize: {size_young / 2**20:.2f} MiB after 1 night, {size_old / 2**20:.2f} MiB after "
        f"{several}: {a_night / 2**10:.1f} KiB a night\n"
        f"to forget {pruned['nights']} nights and {pruned['findings']} findings at once: "
        f"{pruned['seconds'] * 1000:.0f} ms"
    )
    for ledger in (young, old):
        ledger.engine.dispose()
    return {
        "devices": count * len(year.SITES),
        "seconds": seconds,
        "bytes": {young.nights: size_young, old.nights: size_old},
        "bytes_a_night": a_night,
        "pruned": pruned,
    }


def _first_night(file: Path, count: int, found: list[Finding]) -> Measured:
    """A ledger in which all devices came into service, before its first night."""
    url = f"sqlite:///{file}"
    prepare(url)
    engine = connect(url)
    ledger, now = Ledger(engine), year.START - year.DAY
    for site in year.SITES:
        devices = year.devices(site, count)
        claim = ledger.claims.open_claim(site, year.SCOPE, "onboard", devices, now, LEASE)
        statuses = (
            DeviceStatus(each, State.IN_SERVICE, ReasonCode.IN_SERVICE, "listed")
            for each in devices
        )
        ledger.devices.save(claim, Assessment(tuple(statuses), ()), now)
        ledger.claims.close_claim(claim, now)
        names = {(year.SCOPE, year.CONNECTION): [each.name for each in devices]}
        ledger.devices.list_as_ordered(site, names, True, relaxing=lambda _session, _relaxed: None)
    _write(engine, count, 0, found)
    return Measured(file, engine, 1)


def _more_nights(young: Measured, file: Path, count: int, found: list[list[Finding]]) -> Measured:
    """A copy of a ledger of one night, and then more nights."""
    _ = young.size  # so that all is in its one file
    engine = connect(f"sqlite:///{shutil.copy(young.file, file)}")
    began = time.perf_counter()
    for night, each in enumerate(found, 1):
        _write(engine, count, night, each)
    _say(f"wrote {len(found)} nights in {time.perf_counter() - began:.1f} s")
    return Measured(file, engine, 1 + len(found))


def _write(engine: Engine, count: int, night: int, found: list[Finding]) -> None:
    """All that a night writes about its findings and itself; it remedies every tenth."""
    ledger = Ledger(engine)
    past, now = year.past(count, night, found), year.began(night)
    ledger.findings.save(found, lambda _key: True, now)
    ledger.findings.acted(found[::10], now)
    ledger.findings.reported(ledger.findings.known().values(), past.ended_at)
    ledger.nights.keep(now, past.ended_at, as_json(past), f"night-{night}.html")
    ledger.nights.prune(now - 400 * year.DAY)
    ledger.findings.prune(now - 400 * year.DAY)


def _writing(count: int, night: int, found: list[Finding]) -> Action:
    """A night is written, then another, and so on: the ledger grows by a few."""
    later = iter(range(night, night + 2 * ROUNDS))

    def write(engine: Engine) -> None:
        _write(engine, count, next(later), found)

    return write


def _reads(several: int) -> Mapping[str, Action]:
    """What a night reads of the past."""
    return {
        f"read the last {SHOWN_NIGHTS} nights": lambda e: Ledger(e).nights.last(SHOWN_NIGHTS),
        "read all stored nights": lambda e: Ledger(e).nights.last(several),
        "read the known findings": lambda e: Ledger(e).findings.known(),
        "read the rosters": lambda e: Ledger(e).devices.remembered(),
    }


def _pruned(old: Measured) -> dict[str, float]:
    """Forget the whole year at once, and how long that takes."""
    limit, began = year.began(old.nights), time.perf_counter()
    forgotten = Ledger(old.engine).nights.prune(limit), Ledger(old.engine).findings.prune(limit)
    seconds = time.perf_counter() - began
    return {"nights": forgotten[0], "findings": forgotten[1], "seconds": seconds}


def _median(ledger: Measured, action: Action) -> float:
    """Seconds, after one call that does not count."""
    action(ledger.engine)
    return median(_seconds(lambda: action(ledger.engine)) for _ in range(ROUNDS))


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _reports(count: int, several: int) -> dict[str, dict[str, float]]:
    """Seconds that the page and the other files take: of all, of no history, of a tenth."""
    whole, first, tenth = (
        f"{n * len(year.SITES)} devices, {nights} nights"
        for n, nights in ((count, SHOWN_NIGHTS - 1), (count, 0), (count // 10, SHOWN_NIGHTS - 1))
    )
    return {
        whole: _report(count, several, SHOWN_NIGHTS - 1),
        first: _report(count, several, 0),
        tenth: _report(count // 10, several, SHOWN_NIGHTS - 1),
    }


def _report(count: int, night: int, history: int) -> dict[str, float]:
    *before, found = year.found(count, history + 1)
    past = [year.past(count, night - history + n, each) for n, each in enumerate(before)]
    facts = year.facts(count, night, found, past)
    to_html(facts)  # the first one reads the templates
    return {
        "page": median(_seconds(lambda: to_html(facts)) for _ in range(3)),
        "tables": _seconds(lambda: (findings_csv(facts), devices_csv(facts))),
        "workbook": _seconds(lambda: to_xlsx(facts)),
        "page_kib": len(to_html(facts).encode()) / 2**10,
    }


def _print_ledgers(seconds: Mapping[str, Mapping[int, float]], young: int, old: int) -> None:
    print(f"\n{'milliseconds':32}{'1 night':>10}{f'{old} nights':>12}{'ratio':>8}")
    for name, by_nights in seconds.items():
        one, many = by_nights[young], by_nights[old]
        print(f"{name:32}{one * 1000:>10.1f}{many * 1000:>12.1f}{many / one:>8.2f}")


def _print_reports(report: Mapping[str, Mapping[str, float]]) -> None:
    whole = next(iter(report.values()))["page"]
    headings = ("page s", "of the first", "CSV s", "xlsx s", "page KiB")
    print(f"\n{'the report':28}" + "".join(f"{heading:>13}" for heading in headings))
    for name, each in report.items():
        ratio = each["page"] / whole
        cells = (
            f"{each['page']:.2f}",
            f"{ratio:.2f}",
            f"{each['tables']:.2f}",
            f"{each['workbook']:.2f}",
            f"{each['page_kib']:.0f}",
        )
        print(f"{name:28}" + "".join(f"{cell:>13}" for cell in cells))


def _say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
