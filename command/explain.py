"""`muster explain`: the story of one device in the terminal, without a Prefect server."""

import logging
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="For example: muster explain plant-7 edge-042")
def explain(
    site: Annotated[str, typer.Argument(metavar="SITE", show_default=False)],
    device: Annotated[str, typer.Argument(metavar="DEVICE", show_default=False)],
    connection: Annotated[
        str,
        typer.Option(
            help="Observe by this one alone; by default, by all by which the ledger knows it."
        ),
    ] = "",
) -> None:
    """Tell the story of one device: why it is in its state, what happens next, what happened.

    Exits with 1 where no such device is known, or the connection that was named does not answer.
    """
    from tasks.device.explain import main

    logging.getLogger("prefect").setLevel(logging.WARNING)  # not how its server starts
    options = ["--connection", connection] if connection else []
    raise typer.Exit(main([*options, "--", site, device]))
