"""The month in a terminal: a short line or two for each night, and where to look next."""

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
    console: Console, nights: Sequence[Night], kept: Mapping[date, Facts], reports: Path
) -> None:
    """The nights as a table, and what to read; `kept` is by the date on which each ran."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", justify="right")
    table.add_column("night")
    for heading in NUMBERS:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("the day before", ratio=1)
    for night in nights:
        facts = kept.get(night.moment.date())
        numbers = _numbers(facts) if facts else ("", "", "")
        told = _told(night, facts or {})
        table.add_row(str(night.number), f"{night.moment:%b %d}", *numbers, told)
    console.print(table)
    _print_files(console, reports)


def _numbers(facts: Facts) -> tuple[str, str, str]:
    """How many of all devices are in service, what was found, and what was done."""
    total = sum(number for *_, number in facts["states"])
    serving = sum(n for _, _, state, n in facts["states"] if state == State.IN_SERVICE)
    return f"{serving} of {total}", str(sum(facts["kinds"].values())), str(facts["acts"])


def _told(night: Night, facts: Facts) -> Text:
    """What the day before had brought; and what is particular about the night itself."""
    told = Text("; ".join(night.happened))
    if night.state == NO_RUN:
        told.stylize("yellow")
    elif not night.is_good:
        told.append(f" → {night.state}: {night.told}", style="red")
    if facts.get("not_checked"):
        told.append(f" → not checked: {', '.join(facts['not_checked'])}", style="yellow")
    return told


def _print_files(console: Console, reports: Path) -> None:
    """Where the last night's report is, and what in it is worth a look."""
    pages = sorted(reports.glob("night-*.html"))
    if not pages:
        return
    page = pages[-1]
    told = f"""
found: what is not as it should be; done: what rules did about that, and all
that was let in and confirmed. Every night has its page and its workbook there.

The last night:  {page}
Its workbook:    {page.with_suffix(".xlsx")}
Look there at what needs a hand, what failures have in common, and the trend."""
    console.print(told, soft_wrap=True, highlight=False, markup=False)
