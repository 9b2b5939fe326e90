"""`muster verify`: short for `muster ledger verify`."""

import typer

from command.ledger import verify

app = typer.Typer(add_completion=False)
app.command(epilog="For example: muster verify --head 5a0e… (the head that a report printed)")(
    verify
)
