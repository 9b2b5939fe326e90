"""`muster ledger`: prepare, verify, back up and restore the ledger that MUSTER_LEDGER_URL names."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from fleet.text.expected import ExpectedError
from ledger.admission.verification import verify as verify_record
from ledger.backup.backup import back_up
from ledger.backup.restore import restore as restore_ledger
from ledger.database.engine import LedgerUnusable
from ledger.database.faults import fault_of
from ledger.database.settings import LedgerSettings
from ledger.keys.heads import HeadSettings
from ledger.keys.prepare import prepare as prepare_ledger
from ledger.keys.signing import Signer
from ledger.session import open_ledger

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Prepare, verify, back up and restore Muster's own record.",
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
    typer.echo(f"The ledger is ready.{_vouched(prepare_ledger(LedgerSettings().url))}")


def _vouched(count: int) -> str:
    """What is said of rows of an earlier release; "" where there are none."""
    if not count:
        return ""
    return (
        f" {count:,} rows that were written before are vouched for by its key from now on: whether "
        "they were changed until now, only the hashes of decisions tell."
    )


@app.command()
def verify(
    head: Annotated[
        str, typer.Option(help="The head that a report printed, which must be in the chain.")
    ] = "",
    public_key: Annotated[
        str,
        typer.Option(
            help="Check without any secret, by the key that `muster ledger public-key` prints."
        ),
    ] = "",
) -> None:
    """Check that every decision is as it was recorded, and all else that is acted upon.

    The heads in the file that MUSTER_DECISION_HEADS names must be in the record.
    """
    printed = head.strip().lower()
    if printed and not _HASH.fullmatch(printed):
        raise Refused(f"A head has 64 hex digits, as a report prints it. {head!r} has not.")
    try:
        with open_ledger(only_existing=True, is_acted_upon=False) as ledger:
            heads = HeadSettings().heads
            found = verify_record(ledger.decisions, heads, printed, public_key.strip().lower())
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be read: {fault_of(error)}") from error
    if not found.holds:
        raise Refused(found.message)
    typer.echo(found.message)


@app.command()
def reseal() -> None:
    """Seal and key all of the ledger anew by the first key of MUSTER_LEDGER_KEY.

    Afterwards the other keys may be removed. It may be interrupted, and run again.
    """
    with open_ledger(only_existing=True) as ledger:
        count, trouble = ledger.reseal(datetime.now(UTC))
    typer.echo(
        f"{count:,} rows are sealed and keyed anew. By the first key of MUSTER_LEDGER_KEY "
        "everything opens now: remove the others, on every machine."
    )
    if trouble:
        raise Refused(f"{trouble}. Then run this again before you remove them.")


@app.command()
def public_key() -> None:
    """Print the key by which others check signed heads. It is no secret.

    Keep it where who owns the ledger's database cannot change it.
    """
    typer.echo(Signer.load().public_keys[0])


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
        f"The chain of decisions holds: {done.head}.{_vouched(done.vouched)}{aside}{lacks}"
    )
    if done.trouble:
        typer.echo(f"{done.trouble}.", err=True)


@app.command()
def trust_keys() -> None:
    """Say that no device's key was replaced between the backup and its restoration.

    Nights then no longer report the keys that the backup holds as possibly replaced.
    """
    with open_ledger(only_existing=True) as ledger:
        count = ledger.restorations.trust(datetime.now(UTC))
    typer.echo("The keys are trusted." if count else "No key was in question.")
