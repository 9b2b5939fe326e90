"""`muster plan`: what onboarding a site would do, line by line, without doing it."""

from pathlib import Path
from typing import Annotated

import typer

from command.given import check, columns_of
from command.site_run import (
    FAILED,
    OPEN,
    AcceptRepairs,
    ActivatedBy,
    Approval,
    Column,
    Connection,
    ExistingCode,
    RegisterAgain,
    Site,
    ended,
)

app = typer.Typer(add_completion=False)


@app.command(epilog="For example: muster plan rosters/plant-7.xlsx --site plant-7")
def plan(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    site: Site,
    connection: Connection = "lem",
    accept_repairs: AcceptRepairs = "none",
    column: Column = None,
    approval: Approval = "as before",
    existing_code: ExistingCode = "",
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Say what onboarding a site would do, line by line, and keep that plan to be applied.

    Exits with 0 where nothing is to be done, with 1 where it failed, and with 2 where there is
    something to apply, or a line to correct.
    """
    form = {
        "connection": connection,
        "accept_repairs": accept_repairs,
        "columns": columns_of(column),
        "approval": approval,
        "existing_code": existing_code,
        "activated_by": activated_by,
        "register_again": register_again,
    }
    check(site, file, form)
    from command.first_ledger import ready

    ready()
    from command.shown_plan import show, show_json
    from flows.plan_site import plan_site
    from ledger.session import open_ledger

    state = ended(plan_site, file, site=site, **form)
    if state.is_failed():
        typer.echo(state.message, err=True)
        raise typer.Exit(FAILED)
    with open_ledger() as ledger:
        made = ledger.site_plans.latest(site)
    show_json(made) if as_json else show(made, state.message)
    raise typer.Exit(0 if made.is_clean and not made.has_changes else OPEN)
