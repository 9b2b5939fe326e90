"""`muster demo`: a simulated plant from its roster to devices in service."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="For example: muster demo --fresh")
def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the last demo first.")] = False,
    folder: Annotated[Path, typer.Option(help="Where all its files are.")] = Path("var/demo"),
) -> None:
    """Bring the 60 devices of a simulated plant into service, in three simulated systems.

    Run it again: it continues where it was. Exits with 1 where it did not get to its end.
    """
    from deployments.demo import main

    raise typer.Exit(main([*(["--fresh"] if fresh else []), "--folder", str(folder)]))
