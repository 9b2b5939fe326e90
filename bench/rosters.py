"""`python -m bench.rosters`: how long it takes to check a roster, and how much memory.

Beside it, in the same run and in a process of its own, what most would write first: pandas.read_csv
and a pydantic model of each row, which is our own device.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from openpyxl import Workbook

from bench.measured import Measured, Spent, Stopwatch, read_report, report

RESULT = Path("var/bench/rosters.json")
ROUNDS = 3
HEADER = ("device", "host_id", "mac", "zero_touch", "connection", "owner")
# What is wrong with every line, where that is to be measured.
DAMAGED = ("edge {0:06d}", "{0}", "02:00:zz:00:00:{1:02x}")


@dataclass(frozen=True)
class Case:
    """A contender, and the file that it reads."""

    name: str
    contender: str
    file: Path
    lines: int


def main() -> int:
    """Measure, print a table, and write the same as JSON."""
    args = _parser().parse_args()
    if args.contender:
        return _contend(args.contender, args.file)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = {case.name: _measured(case) for case in _cases(Path(folder), args.lines)}
    _show(facts)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\nThe same as JSON: {RESULT}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.rosters", description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="of the largest (100,000)")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser


def _cases(folder: Path, most: int) -> list[Case]:
    large = _written(folder / "large.csv", _rows(most))
    workbook = folder / "large.xlsx"
    _write_workbook(workbook, _rows(most))
    damaged = _written(folder / "damaged.csv", _rows(most, is_damaged=True))
    small = _written(folder / "small.csv", _rows(1000))
    middle = _written(folder / "middle.csv", _rows(most // 10))
    return [
        Case("pandas and pydantic", "pandas", large, most),
        Case("check a CSV", "check", large, most),
        Case("check an XLSX", "check", workbook, most),
        Case("check a CSV, every cell damaged", "check", damaged, most),
        Case("check and plan a CSV", "plan", middle, most // 10),
        Case("the whole command", "command", small, 1000),
    ]


def _rows(count: int, is_damaged: bool = False) -> Iterator[tuple[str, ...]]:
    """One after the other: what this process holds would count as its contenders' peak."""
    yield HEADER
    yield from (_row(number, is_damaged) for number in range(1, count + 1))


def _row(number: int, is_damaged: bool) -> tuple[str, ...]:
    rest = ("", "lem", f"team {number % 17}")
    if is_damaged:
        return *(each.format(number, number % 256) for each in DAMAGED), *rest
    pairs = ":".join(f"{number >> shift & 255:02x}" for shift in (24, 16, 8, 0))
    return f"edge-{number:06d}", f"{number * 7919:012x}", f"02:aa:{pairs}", *rest


def _written(file: Path, rows: Iterable[tuple[str, ...]]) -> Path:
    with file.open("w", encoding="utf-8") as text:
        text.writelines(",".join(row) + "\n" for row in rows)
    return file


def _write_workbook(file: Path, rows: Iterable[tuple[str, ...]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Devices")
    for row in rows:
        sheet.append(row)
    book.save(file)


def _measured(case: Case) -> dict[str, float]:
    """The middle of some rounds, each in a process of its own."""
    rounds = [_round(case) for _ in range(ROUNDS)]
    return {
        "lines": case.lines,
        "seconds": median(each.seconds for each in rounds),
        "cpu_seconds": median(each.cpu_seconds for each in rounds),
        "peak_mib": max(each.peak_mib for each in rounds),
    }


def _round(case: Case) -> Measured:
    command = [sys.executable, "-m", "bench.rosters", "--contender", case.contender]
    done = subprocess.run(
        [*command, "--file", str(case.file)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    return read_report(done.stdout.splitlines()[-1])


def _show(facts: dict[str, dict[str, float]]) -> None:
    base = facts["pandas and pydantic"]
    print(f"\n{'':34}{'lines':>10}{'seconds':>10}{'ratio':>8}{'peak MiB':>10}")
    for name, fact in facts.items():
        ratio = fact["cpu_seconds"] / base["cpu_seconds"]
        shown = f"{ratio:.2f}" if fact["lines"] == base["lines"] else ""
        print(
            f"{name:34}{fact['lines']:>10,}{fact['cpu_seconds']:>10.2f}{shown:>8}"
            f"{fact['peak_mib']:>10.0f}"
        )
    print("Seconds are those of a processor, and those of the reader of workbooks are among them.")


def _contend(contender: str, file: Path) -> int:
    CONTENDERS[contender](file)
    return 0


def _pandas(file: Path) -> None:
    import pandas as pd

    from fleet.device.device import Device

    watch = Stopwatch()
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    columns = (frame[name] for name in HEADER[:4])
    devices = [
        Device(name=name, host_id=host_id, macs=tuple(macs.split()), zero_touch=profile)
        for name, host_id, macs, profile in zip(*columns, strict=True)
    ]
    report(watch.spent())
    assert devices


def _check(file: Path) -> None:
    from fleet.roster.reading import reading_of
    from sheets.read import read

    watch = Stopwatch()
    reading = reading_of(read(file.read_bytes()))
    _report(watch)
    assert reading.lines


def _plan(file: Path) -> None:
    from fleet.admission.desired import Order
    from fleet.admission.policy import EXACT_MATCH
    from fleet.planning.assess import assess
    from fleet.planning.plan import plan
    from fleet.state.memory import Memory
    from fleet.state.observation import Observation
    from fleet.status.limits import Limits
    from fleet.system.profile import SystemProfile
    from sheets.read import read_roster

    watch = Stopwatch()
    now = datetime.now(UTC)
    order = Order(read_roster(file.read_bytes(), "plant-1", "lem"), now + timedelta(days=7))
    lines = order.roster.by_connection["lem"]
    profile = SystemProfile("LEM", "config", "create config for", "create config", "approve")
    desired = order.desired(lines, profile, EXACT_MATCH, activated_before=(), by_people_before=())
    assessment = assess(desired, Observation(), Memory(), Limits(), now)
    actions = plan(desired, Observation(), Memory(), assessment)
    report(watch.spent())
    assert actions


def _command(file: Path) -> None:
    """As a user starts it, imports included."""
    watch = Stopwatch()
    command = [sys.executable, "-m", "command", "check", str(file), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    _report(watch)


def _report(watch: Stopwatch) -> None:
    """What was spent, also by the processes that this one started; the peak of the largest."""
    spent, used = watch.spent(), resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = spent.cpu_seconds + used.ru_utime + used.ru_stime
    report(Spent(spent.seconds, busy), children=True)


CONTENDERS = {"pandas": _pandas, "check": _check, "plan": _plan, "command": _command}

if __name__ == "__main__":
    sys.exit(main())
