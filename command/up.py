"""`muster up`: the whole of Muster on one machine."""

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="For example: LEM_URL=https://lem.example.com muster up")
def up() -> None:
    """Start a Prefect server, a worker and its deployments, until Ctrl-C.

    Simulated systems, too, unless LEM_URL, ACUSIGHT_URL or PROVISION_API_URL names a real one.
    Run it where Muster's files are to be: they go to the folder var.
    """
    from deployments.up import main

    raise typer.Exit(main())
