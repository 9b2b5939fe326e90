"""What `muster check` shows to a person: how the columns are read, what is wrong, what to do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleet.roster.checked import LineStatus, status_of
from fleet.roster.listed import Shared, places, repairs_by_cause
from fleet.roster.reading import Reading
from fleet.roster.repair import Repair
from fleet.text.fault import Fault

_CAUSES = 40  # that are shown; the others are counted


def show(file: str, reading: Reading) -> None:
    """Print all of it; the last line says what to do next."""
    console = Console(highlight=False, emoji=False, markup=False)
    console.print(_columns(reading))
    for note in reading.notes:
        console.print(note, soft_wrap=True)
    causes = _causes(fault for line in reading.lines for fault in line.faults)
    if causes:
        console.print(_faults([*islice(causes, _CAUSES)]))
    if len(causes) > _CAUSES:
        console.print(f"… and {len(causes) - _CAUSES:,} more causes")
    repairs = repairs_by_cause(repair for line in reading.lines for repair in line.proposed)
    if repairs:
        console.print(_repairs(repairs[:_CAUSES]))
    if len(repairs) > _CAUSES:
        console.print(f"… and {len(repairs) - _CAUSES:,} more kinds of repairs")
    used = repairs_by_cause((each for line in reading.lines for each in line.repaired), "used")
    if used:
        console.print(_repairs(used[:_CAUSES], "used"))
    if len(used) > _CAUSES:
        console.print(f"… and {len(used) - _CAUSES:,} more kinds that were accepted")
    console.print(_next(file, reading), soft_wrap=True)


def _columns(reading: Reading) -> Table:
    table = Table("column", "is read as", "how sure", "why", box=SIMPLE_HEAD)
    for each in sorted(reading.columns.columns, key=lambda each: not each.field):
        field = each.field or (f"nothing; perhaps {each.proposed}" if each.proposed else "nothing")
        table.add_row(Text(each.title), field, each.sureness.value, Text(each.reason))
    return table


def _causes(faults: Iterable[Fault]) -> list[list[Fault]]:
    """The faults that one remedy mends in one column, together."""
    found: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        found.setdefault((fault.column, fault.remedy), []).append(fault)
    return [*found.values()]


def _faults(causes: Iterable[Sequence[Fault]]) -> Table:
    table = Table("where", "column", "what is wrong", "what to do", box=SIMPLE_HEAD)
    for faults in causes:
        first = faults[0]
        more = f" (and {len(faults) - 1:,} more like it)" if len(faults) > 1 else ""
        table.add_row(
            Text(places([*dict.fromkeys(each.line.cell(each.letters) for each in faults)])),
            first.column,
            Text(f"{first.problem}{more}"),
            Text(first.remedy),
        )
    return table


def _repairs(causes: Iterable[Shared[Repair]], verb: str = "would use") -> Table:
    table = Table("where", "column", "read", verb, "because", "safe", box=SIMPLE_HEAD)
    for each in causes:
        first = each.first
        table.add_row(
            Text(each.places),
            first.column,
            Text(first.read),
            Text(first.use or "nothing"),
            Text(first.because),
            "yes" if first.is_safe else "a guess",
        )
    return table


def _next(file: str, reading: Reading) -> Text:
    """The last line: how many can be used, and what to do about the others."""
    lines = reading.lines
    count = Counter(map(status_of, lines))
    counted = f"{len(lines):,} line{'s' if len(lines) > 1 else ''}"
    if count[LineStatus.OK] == len(lines):
        name = "FILE" if file == "-" else file
        said = f"{counted}, and nothing is wrong. What would be done: muster plan {name} --site …"
        return Text(said, style="green")
    said = f"{counted}: {count[LineStatus.OK]:,} can be used as they are"
    if faulty := count[LineStatus.FAULTY]:
        said += f", {faulty:,} to be corrected as said above"
    if repairs := count[LineStatus.REPAIR]:
        said += f", {repairs:,} would be repaired if you say --accept-repairs safe (or all)"
    again = "." if file == "-" else f". Then check again: muster check {file}"
    return Text(f"{said}{again}", style="yellow")
