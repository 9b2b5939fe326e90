"""`muster ledger`: prepare, verify, back up and restore the ledger that MUSTER_LEDGER_URL names."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from fleet.text.expected import ExpectedError
from ledger.backup.backup import back_up
from ledger.backup.restore import restore as restore_ledger
from ledger.database.engine import LedgerUnusable
from ledger.database.faults import fault_of
from ledger.database.settings import LedgerSettings
from ledger.keys.prepare import prepare as prepare_ledger
from ledger.keys.vouch import do_not_hold
from ledger.session import open_ledger

app = typer.Typer(
    no_args_is_help=True, help="Prepare, verify, back up and restore Muster's own record."
)
_HASH = re.compile(r"[0-9a-f]{64}")
_LACKS = (
    "\nWhat was done since the backup is not in it. Run onboard-site with every roster again: what "
    "the systems show is taken from there. Keys that may have been replaced meanwhile are reported "
    "every night, until rotate-token has replaced them. If none was, run: muster ledger trust-keys."
)


def _wait(seconds: float) -> None:
    typer.echo(f"A run has not ended. Watching it for {seconds:.0f} s …", err=True)
    time.sleep(seconds)


class Refused(ExpectedError):
    """What was asked cannot be done, or does not hold; the message says why."""


def _named(file: Path) -> Path:
    if file.is_dir():  # also when nothing is named, as by `make backup` without FILE
        raise Refused(
            f"Name the backup's file, such as ledger-2026-11-30.backup; {file} is a folder."
        )
    return file


_File = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, callback=_named)]


@app.command()
def prepare() -> None:
    """Create the ledger's tables, or bring them up to date."""
    count = prepare_ledger(LedgerSettings().url)
    vouched = (
        f" {count:,} rows that were written before are vouched for by its key from now on: whether "
        "they were changed until now, only the hashes of decisions tell."
    )
    typer.echo(f"The ledger is ready.{vouched if count else ''}")


@app.command()
def verify(
    head: Annotated[
        str, typer.Option(help="The head that a report printed, which must be in the chain.")
    ] = "",
) -> None:
    """Check that every decision is as it was recorded."""
    printed = head.strip().lower()
    if printed and not _HASH.fullmatch(printed):
        raise Refused(f"A head has 64 hex digits, as a report prints it. {head!r} has not.")
    try:
        with open_ledger(only_existing=True) as ledger:
            end = ledger.decisions.head()  # first: what is added meanwhile does not count
            broken = ledger.decisions.verify(printed)
            others = ledger.decisions.others_not_holding()
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be read: {fault_of(error)}") from error
    if broken:
        raise Refused(f"The chain of decisions is broken at {broken}.")
    if others:
        raise Refused(do_not_hold(others))
    typer.echo(f"The chain of decisions holds: {end}.")


@app.command()
def backup(file: _File) -> None:
    """Write all of the ledger to a new FILE, as it is at one moment. Runs may go on meanwhile.

    Secrets stay sealed in it. Store the key that opens them apart: MUSTER_LEDGER_KEY, or the file
    that MUSTER_LEDGER_KEY_FILE names.
    """
    done = back_up(LedgerSettings().url, file, datetime.now(UTC))
    typer.echo(
        f"Backed up to {file}: {done.contents}. The chain of decisions holds: {done.head}.\n"
        "Secrets stay sealed in it. Store the ledger's key as well, and apart from it."
    )


@app.command()
def restore(
    file: _File,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="Nothing was done since the backup, as when a ledger is moved."
        ),
    ] = False,
) -> None:
    """Make the ledger what the backup in FILE holds; what is there now is set aside.

    The backup may be of the other kind of database. No run may be at work.
    """
    url, now = LedgerSettings().url, datetime.now(UTC)
    done = restore_ledger(url, file, now, is_complete=complete, wait=_wait)
    lacks = "" if complete else _LACKS
    aside = f"\nWhat was there before is now {done.aside}." if done.aside else ""
    typer.echo(
        f"Restored as of {done.contents.taken_at:%Y-%m-%d %H:%M:%S} UTC: {done.contents}. "
        f"The chain of decisions holds: {done.head}.{aside}{lacks}"
    )


@app.command()
def trust_keys() -> None:
    """Say that no device's key was replaced between the backup and its restoration.

    Nights then no longer report the keys that the backup holds as possibly replaced.
    """
    with open_ledger(only_existing=True) as ledger:
        count = ledger.restorations.trust(datetime.now(UTC))
    typer.echo("The keys are trusted." if count else "No key was in question.")
