"""A plan as `muster plan` shows it: a table and what holds here, or one JSON object."""

import json
from collections.abc import Iterator

import typer
from rich.console import Console
from rich.table import Table

from command.first_ledger import place
from fleet.planning.site_plan import SitePlan
from tasks.runtime.policies import PolicySettings

_SHOWN = 50  # lines; the page and the table have all of them


def show(made: SitePlan, message: str) -> None:
    """The lines that need a person first, the run's `message`, what to do next, and what holds."""
    _show_lines(made)
    typer.echo(message)
    if made.has_changes:
        typer.echo(f"Or here: muster onboard --site {made.site} --plan {made.id}")
    typer.echo(f"Ledger: {place()}")
    for line in _policies(made):
        typer.echo(line)


def show_json(made: SitePlan) -> None:
    """The plan's facts: what it is for, its name, every line, and what holds here."""
    facts = {
        "site": made.site,
        "plan": made.id,
        "has_changes": made.has_changes,
        "is_clean": made.is_clean,
        "ledger": place(),
        "policies": dict(made.policies),
        "lines": [
            {
                "line": line.where,
                "device": line.device,
                "connection": line.connection,
                "change": line.change.record.label,
                "planned": line.planned,
                "reason": line.reason,
            }
            for line in made.lines
        ],
    }
    typer.echo(json.dumps(facts))


def _policies(made: SitePlan) -> Iterator[str]:
    """Which policy holds for each connection, and its file; all of them lie in one folder."""
    folder = PolicySettings().policies.absolute()
    for connection, policy in made.policies.items():
        name = policy.split(" ")[0]
        where = folder / f"{name}.yaml" if "/" in name else f"as no file in {folder} says else"
        yield f"Policy for {connection}: {name} ({where})"


def _show_lines(made: SitePlan) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("line", "device", "change", "planned", "why"):
        table.add_column(column, overflow="fold")
    for line in made.worst_first[:_SHOWN]:
        table.add_row(line.where, line.device, line.change.record.label, line.planned, line.reason)
    Console(markup=False, highlight=False, emoji=False).print(table)
    if len(made.lines) > _SHOWN:
        typer.echo(f"… and {len(made.lines) - _SHOWN:,} more lines")
