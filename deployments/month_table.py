"""The month in a terminal: a line or two for each night, and which files to read next."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deployments.month_playing import NO_RUN, Night
from fleet.state.device_state import State

Facts = Mapping[str, Any]  # what the ledger keeps of a night
NUMBERS = ("in service", "found", "done")


def print_month(
    console: Console, nights: Sequence[Night], records: Mapping[date, Facts], reports: Path
) -> None:
    """The nights as a table, and which files to read; `records` are by the date of each run."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", justify="right")
    table.add_column("night")
    for heading in NUMBERS:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("the day before", ratio=1)
    for night in nights:
        facts = records.get(night.moment.date())
        numbers = _numbers(facts) if facts else ("", "", "")
        day = _day_before(night, facts or {})
        table.add_row(str(night.number), f"{night.moment:%b %d}", *numbers, day)
    console.print(table)
    _print_files(console, reports)


def _numbers(facts: Facts) -> tuple[str, str, str]:
    """How many of all devices are in service, what was found, and what was done."""
    total = sum(number for *_, number in facts["states"])
    serving = sum(n for _, _, state, n in facts["states"] if state == State.IN_SERVICE)
    return f"{serving} of {total}", str(sum(facts["kinds"].values())), str(facts["actions"])


def _day_before(night: Night, facts: Facts) -> Text:
    """What happened on the day before, and what was wrong with the night itself."""
    text = Text("; ".join(night.happened))
    if night.state == NO_RUN:
        text.stylize("yellow")
    elif not night.is_good:
        text.append(f" → {night.state}: {night.message}", style="red")
    if facts.get("not_checked"):
        text.append(f" → not checked: {', '.join(facts['not_checked'])}", style="yellow")
    return text


def _print_files(console: Console, reports: Path) -> None:
    """Where the last night's report is, and what to read in it."""
    pages = sorted(reports.glob("night-*.html"))
    if not pages:
        return
    page = pages[-1]
    message = f"""
found: what is not as it should be. done: what the night rules did about it, and
the devices that were admitted and confirmed. Each night has a page and a workbook.

The last night:  {page}
Its workbook:    {page.with_suffix(".xlsx")}
Read there what needs attention, what failures have in common, and the trend."""
    console.print(message, soft_wrap=True, highlight=False, markup=False)
