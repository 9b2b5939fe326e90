"""`muster onboard`: bring a site into service, by a plan or by a roster."""

from pathlib import Path
from typing import Annotated

import typer

from command.site_run import FAILED, OPEN, AcceptRepairs, Connection, Site, ended

app = typer.Typer(add_completion=False)


@app.command(epilog="For example: muster onboard --site plant-7 --plan 3f9a61c07be2d514")
def onboard(
    site: Site,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", show_default=False)] = None,
    plan: Annotated[
        str, typer.Option(help="The plan to apply, as muster plan named it; without FILE then.")
    ] = "",
    connection: Connection = "lem",
    accept_repairs: AcceptRepairs = "none",
    wait_minutes: Annotated[int, typer.Option(help="How long to wait for devices.")] = 30,
) -> None:
    """Bring every device of a site into service, exactly as a plan says or as a roster lists them.

    Exits with 0 where all are in service, with 1 where it failed or was refused, and with 2 where
    some are still to come, or need a person.
    """
    from flows.onboard_site import onboard_site

    more = {"plan": plan} if plan else {"connection": connection, "accept_repairs": accept_repairs}
    state = ended(onboard_site, file, site=site, wait_minutes=wait_minutes, **more)
    typer.echo(state.message, err=state.is_failed())
    if state.is_failed():
        raise typer.Exit(FAILED)
    raise typer.Exit(0 if state.name == "Completed" else OPEN)
