"""`muster onboard`: bring a site into service, by a plan or by a roster."""

from pathlib import Path
from typing import Annotated

import typer

from command.given import check, check_one, columns_of
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


@app.command(epilog="For example: muster onboard --site plant-7 --plan 3f9a61c07be2d514")
def onboard(
    site: Site,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", show_default=False)] = None,
    plan: Annotated[
        str,
        typer.Option(
            help="The plan to apply, as muster plan named it; without FILE then, and all else but "
            "--wait-minutes is the plan's."
        ),
    ] = "",
    connection: Connection = "lem",
    accept_repairs: AcceptRepairs = "none",
    column: Column = None,
    approval: Approval = "as before",
    existing_code: ExistingCode = "",
    activated_by: ActivatedBy = "as before",
    register_again: RegisterAgain = False,
    wait_minutes: Annotated[int, typer.Option(help="How long to wait for devices.")] = 30,
) -> None:
    """Bring every device of a site into service, exactly as a plan says or as a roster lists them.

    Exits with 0 where all are in service, with 1 where it failed or was refused, and with 2 where
    some are still to come, or need a person.
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
    check(site, file, {**form, "plan": plan, "wait_minutes": wait_minutes})
    check_one(site, file, plan)
    from command.first_ledger import ready

    ready()
    from command.open_lines import reports, show
    from flows.onboard_site import onboard_site

    before = reports(site)
    given = {"plan": plan} if plan.strip() else form
    state = ended(onboard_site, file, site=site, wait_minutes=wait_minutes, **given)
    show(reports(site) - before)
    typer.echo(state.message, err=state.is_failed())
    if state.is_failed():
        raise typer.Exit(FAILED)
    raise typer.Exit(0 if state.name == "Completed" else OPEN)
