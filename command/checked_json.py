"""What `muster check --json` prints: one object, line by line, so that it is never held whole."""

import json
from collections.abc import Collection, Iterable, Mapping

import typer

from fleet.roster.checked import CheckedLine


def show_json(
    lines: Iterable[CheckedLine],
    mapping: Mapping[str, str],
    unused: Collection[str],
    error: str = "",
) -> None:
    """Print it; `error` says why a file could not be read."""
    before = '{"devices": ['
    for line in lines:
        device = {name: getattr(line, name) for name in line.__slots__}
        typer.echo(f"{before}{json.dumps(device)}", nl=False)
        before = ", "
    said = {"mapping": dict(mapping), "unused": [*unused]} | ({"error": error} if error else {})
    begun = "" if before == ", " else before
    typer.echo(f"{begun}], {json.dumps(said)[1:]}")
