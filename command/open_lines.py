"""The lines of a roster that are not in service after a run: why, and what to do next."""

import csv
from collections.abc import Collection
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from command.first_ledger import place
from fleet.state.device_state import DEVICE_STATES, State
from tasks.runtime.settings import RunSettings

_SHOWN = 50  # lines; the report has all of them
_STATES = {record.label: record for record in DEVICE_STATES.values()}
_Report = tuple[int, Path]


def reports(site: str) -> set[_Report]:
    """The tables that runs wrote of a site, each with the moment of that."""
    found = RunSettings().reports.glob(f"onboarding-{site}-2*.csv")
    return {(table.stat().st_mtime_ns, table) for table in found}


def show(written: Collection[_Report]) -> None:
    """What the last of these tables says of lines that are not in service, and what to do.

    Nothing where a run ended before it wrote one.
    """
    if not written:
        return
    with max(written)[1].open(encoding="utf-8-sig", newline="") as table:
        in_service = State.IN_SERVICE.record.label
        lines = [line for line in csv.DictReader(table) if line["state"] != in_service]
    if lines:
        _show_lines(lines)
    for sentence in _next(lines):
        typer.echo(sentence)


def _show_lines(lines: list[dict[str, str]]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("line", "device", "state", "reason", "what next"):
        table.add_column(column, overflow="fold")
    for line in lines[:_SHOWN]:
        shown = [line[name] for name in ("line", "device", "state", "reason")]
        table.add_row(*shown, what_next(line["state"]))
    Console(markup=False, highlight=False, emoji=False).print(table)
    if len(lines) > _SHOWN:
        typer.echo(f"… and {len(lines) - _SHOWN:,} more lines")


def what_next(state: str) -> str:
    """What a person does about a line in this state, as a report calls it."""
    record = _STATES.get(state)
    if record is None:  # faulty, to be repaired, or not checked: the reason says what to do
        return "mend what the reason says, run again"
    if record.is_on_its_way and not record.needs_attention:
        return "run again: it carries on"
    return record.remedy or "see the report"


def _next(lines: list[dict[str, str]]) -> list[str]:
    """What is said beneath the table of all its lines."""
    states = {line["state"] for line in lines}
    said = []
    if states & {label for label, each in _STATES.items() if each.is_on_its_way}:
        said.append("Some are still to come: run this again, it carries on.")
    if State.HELD.record.label in states:
        said.append(
            "A person decides what is held by review-requests in the Prefect UI: start muster up "
            f"with this ledger, {place()}."
        )
    return said
