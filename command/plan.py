"""`muster plan`: what onboarding a site would do, line by line, without doing it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from command.site_run import FAILED, OPEN, AcceptRepairs, Connection, Site, ended

if TYPE_CHECKING:
    from fleet.planning.site_plan import SitePlan

app = typer.Typer(add_completion=False)
_SHOWN = 50  # lines; the page and the table have all of them


@app.command(epilog="For example: muster plan rosters/plant-7.xlsx --site plant-7")
def plan(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    site: Site,
    connection: Connection = "lem",
    accept_repairs: AcceptRepairs = "none",
    register_again: Annotated[
        bool, typer.Option("--register-again", help="Take over what was revoked, too.")
    ] = False,
) -> None:
    """Say what onboarding a site would do, line by line, and keep that plan to be applied.

    Exits with 0 where nothing is to be done, with 1 where it failed, and with 2 where there is
    something to apply, or a line to correct.
    """
    from flows.plan_site import plan_site
    from ledger.session import open_ledger

    state = ended(
        plan_site,
        file,
        site=site,
        connection=connection,
        accept_repairs=accept_repairs,
        register_again=register_again,
    )
    if state.is_failed():
        typer.echo(state.message, err=True)
        raise typer.Exit(FAILED)
    with open_ledger() as ledger:
        made = ledger.site_plans.latest(site)
    _show(made)
    typer.echo(state.message)
    if made.has_changes:
        typer.echo(f"Or here: muster onboard --site {site} --plan {made.id}")
    raise typer.Exit(0 if made.is_clean and not made.has_changes else OPEN)


def _show(made: "SitePlan") -> None:
    """The lines as a table, those that need a person first."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("line", "device", "change", "planned", "why"):
        table.add_column(column, overflow="fold")
    for line in made.worst_first[:_SHOWN]:
        table.add_row(line.where, line.device, line.change.record.label, line.planned, line.reason)
    Console(markup=False, highlight=False, emoji=False).print(table)
    if len(made.lines) > _SHOWN:
        typer.echo(f"… and {len(made.lines) - _SHOWN:,} more lines")
