"""The ledger of a command that begins something: made where there is none, else looked at first."""

from pathlib import Path

import typer
from sqlalchemy import URL, inspect, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ledger.database.engine import connect
from ledger.database.settings import LedgerSettings
from ledger.keys.prepare import prepare
from ledger.session import open_ledger


def ready() -> None:
    """Make the ledger where it is a file that is not there; raise LedgerUnusable if it is no good.

    One that was prepared before is left as it is: to bring it up to date is for a person to say.
    """
    settings = LedgerSettings.current()
    if _is_new(settings.url):
        prepare(settings.url)
        typer.echo(f"A new ledger was made: {place()}. Back it up, and its key.", err=True)
    with open_ledger():
        pass


def place() -> str:
    """Where the ledger is, for people: a file's whole path, or an address without its password."""
    url = LedgerSettings.current().url
    file = _file(url)
    if file:
        return str(file.absolute())
    return make_url(url).render_as_string(hide_password=True)


def _is_new(url: str) -> bool:
    """Whether it is a file that is not there yet, or has nothing in it."""
    file = _file(url)
    if file is None:
        return False
    try:
        return not file.exists() or not _has_tables(url)
    except OSError:
        return False  # whoever opens it says that it may not be read


def _has_tables(url: str) -> bool:
    engine = connect(url)
    try:
        return bool(inspect(engine).get_table_names())
    except SQLAlchemyError:
        return True  # whoever opens it says what is wrong with it
    finally:
        engine.dispose()


def _file(url: str) -> Path | None:
    """The file that a ledger is; None for a database elsewhere, or an address that is none."""
    try:
        parsed: URL = make_url(url)
    except (ArgumentError, ValueError):
        return None  # whoever opens it says so
    is_file = parsed.get_backend_name() == "sqlite" and "uri" not in parsed.query
    return Path(parsed.database) if is_file and parsed.database else None
