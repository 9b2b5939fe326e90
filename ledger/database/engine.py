"""The connection to the ledger's database, and the explicit step that prepares its tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeout,
)
from sqlalchemy.sql.dml import Insert
from sqlmodel import Session, SQLModel

from fleet.text.expected import ExpectedError
from ledger.database.faults import DatabaseFault, fault_of
from ledger.database.same_file import SameFile
from ledger.database.statements import STATEMENTS

Also = Callable[[Session], None]  # what is to be written in the same transaction

_SHARED = {"compiled_cache": STATEMENTS}
_PREPARING = int.from_bytes(b"muster", "big")  # PostgreSQL's advisory locks are numbers
# What a database refuses that can be used; it does so again. Anything else may pass.
_REFUSALS = (DataError, NotSupportedError, ProgrammingError)


class LedgerUnusable(ExpectedError):
    """The ledger cannot be used; the message says why and what to do."""


class LedgerAway(LedgerUnusable):
    """The ledger's database cannot be read or written now; that may pass.

    `lost` are secrets that were received and could not be sealed, such as "API key of cam-1".
    """

    def __init__(self, fault: DatabaseFault, lost: Sequence[str] = ()) -> None:
        self.fault = fault
        losses = (
            f" Lost by that: {', '.join(lost)}. Run this again once the ledger is back: then each "
            "device says what helps"
        )
        super().__init__(f"The ledger cannot be used now: {fault}{losses if lost else ''}")


def connect(url: str) -> Engine:
    """An engine for `url`. SQLite gets WAL and durable commits, and waits 30 s for a writer.

    That is, unless `url` ends in another wait, as `?timeout=5` does.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True, execution_options=_SHARED)
        path = "" if "uri" in parsed.query else parsed.database  # a URI is no path
        if path:
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        wait = {} if "timeout" in parsed.query else {"timeout": 30}
        engine = create_engine(parsed, connect_args=wait, execution_options=_SHARED)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, OSError) as error:
        raise LedgerUnusable(f"The ledger's address cannot be used: {error}") from error
    except ValueError:  # whose text may quote a part of the password
        raise LedgerUnusable(
            "The ledger's address cannot be used: its port is not a number"
        ) from None
    if path:
        _watch(engine, SameFile(Path(path)))
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads, so that no writer waits for it, nor it for any.

    This and `writing` raise LedgerAway when the database cannot be used now, and LedgerUnusable
    when it refuses what it was asked, as where its tables are not there.
    """
    with _noticing_absence(), Session(engine.execution_options(only_reads=True)) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose writes are committed together at the end of its `with`, or not at all."""
    with _noticing_absence(), Session(engine) as session, session.begin():
        yield session


def one_moment(engine: Engine) -> Engine:
    """The engine, for a session whose every read sees the ledger as it is at the first one."""
    if engine.dialect.name == "sqlite":
        return engine  # where all that `reading` reads is of one moment
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def changed(session: Session, statement: Executable) -> int:
    """How many rows `statement` changes or deletes."""
    return int(getattr(session.execute(statement), "rowcount", 0))


def nothing_else(_session: Session) -> None:
    """The `Also` that writes nothing."""


def insert_new(engine: Engine | Connection, table: type[SQLModel]) -> Insert:
    """An INSERT that leaves a row alone that is there already, by whichever run."""
    if engine.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the ledger's tables to a revision, within the connection's transaction.

    Of several that do so at once, the others wait for the first, and find its tables.
    """
    if connection.dialect.name == "postgresql":  # in SQLite, the transaction itself does that
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PREPARING})
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """The revision of the ledger's tables; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether that revision is this Muster's, or of one before it."""
    revisions = ScriptDirectory.from_config(_alembic()).walk_revisions()
    return revision in {each.revision for each in revisions}


def check_there(url: str) -> None:
    """Raise LedgerUnusable when the ledger is a file that is not there; to open it would make it.

    `make demo` and `make month` have ledgers of their own, in folders beside it.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return  # `connect` says what is wrong with it
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    file = Path(parsed.database)
    if file.exists():
        return
    others = sorted(file.parent.glob(f"*/{file.name}"))
    named = " or ".join(f"MUSTER_LEDGER_URL=sqlite:///{each}" for each in others)
    remedy = f"Set {named}." if others else "Set MUSTER_LEDGER_URL, or onboard a site first."
    raise LedgerUnusable(f"There is no ledger at {file}. {remedy}")


def check_prepared(engine: Engine) -> None:
    """Raise LedgerUnusable unless the ledger's tables are those that this code knows."""
    try:
        with reading(engine) as session:
            found = revision_of(session.connection())
    except LedgerAway as error:
        raise LedgerUnusable(f"The ledger cannot be opened: {error.fault}") from error
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be opened: {fault_of(error)}") from error
    if found != _head():
        raise LedgerUnusable(
            "The ledger's tables are missing or of another version. Run: muster ledger prepare"
        )


@cache
def _head() -> str | None:
    """The revision that this code knows; to find it, all migrations are read."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def _watch(engine: Engine, file: SameFile) -> None:
    """Refuse to go on when the ledger's file is deleted, although the system lets us write to it.

    A new connection would even make another, empty one.
    """

    def check(*_: object) -> None:
        if not file.is_there():
            raise LedgerUnusable(
                f"The ledger's file {file.path} was deleted or replaced while this was at work, so "
                "what was written last may be lost. Restore the ledger from its backup, then run "
                "this again: what the systems show is taken from there."
            )

    def make_private(*_: object) -> None:
        with suppress(OSError):  # which SQLite will tell in its own words
            file.path.touch(mode=0o600)  # what SQLite writes beside it has the same mode

    for moment in ("do_connect", "connect", "begin"):
        event.listen(engine, moment, check)
    event.listen(engine, "do_connect", make_private)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy's own recipe: take transactions out of the driver's hands, then begin them below.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    # A transaction that reads first and writes later fails at once when another wrote meanwhile;
    # one that announces itself as a writer waits its turn.
    only_reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN DEFERRED" if only_reads else "BEGIN IMMEDIATE")


@contextmanager
def _noticing_absence() -> Iterator[None]:
    try:
        yield
    except IntegrityError:  # another run was first, which its writer knows how to meet
        raise
    except _REFUSALS as error:
        raise LedgerUnusable(f"The ledger cannot be used: {fault_of(error)}") from error
    except (DBAPIError, PoolTimeout) as error:
        raise LedgerAway(fault_of(error)) from error
