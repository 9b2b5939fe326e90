"""A backup is the whole ledger at one moment, for either kind of database, and nothing else."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import SQLModel

from fleet.device.secret import Secret, SecretKind
from ledger.admission.chain import Head
from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database import row_file
from ledger.database.engine import LedgerUnusable, check_prepared, connect, one_moment
from ledger.database.tables import IntentRow
from ledger.device.secrets import Secrets
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from tests.fleet.builders import NOW
from tests.ledger.decided import recorded, tamper
from tests.ledger.released_ledger import load_into_postgres, load_into_sqlite
from tests.ledger.running import LEASE, ONE, SITE, TWO, after, approve, begun, rows, stand
from tests.ledger.sealed import SEALER

LATER = NOW + timedelta(days=400)  # no run of the released ledger is at work any more
RELEASED_HEAD = "5c71f01f4df2507d19dd0669cf5d770a7f249b11ee1923965c87562f6a2600a9"


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "backups" / "ledger.backup"


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    engine = connect(url)
    with engine.connect() as connection:
        found = {
            name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for name, table in SQLModel.metadata.tables.items()
            if name != "keyed_fact"  # which each ledger has of its own
        }
    engine.dispose()
    return found


def released(kind: str, request, tmp_path) -> str:
    """The address of a ledger of 0.1.0, as that left it."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'released.db'}"
        load_into_sqlite(url, "0.1.0")
        return url
    url = str(request.getfixturevalue("empty_postgres_url"))
    load_into_postgres(url, "0.1.0", "0004")
    return url


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite", "sqlite"),
        pytest.param("sqlite", "postgres", marks=pytest.mark.postgres),
        pytest.param("postgres", "sqlite", marks=pytest.mark.postgres),
    ],
)
def test_a_ledger_of_an_older_release_is_restored_whole_and_brought_up_to_date(
    source, target, request, tmp_path, file
):
    url, other = released(source, request, tmp_path), f"sqlite:///{tmp_path / 'other.db'}"
    if target == "postgres":
        other = request.getfixturevalue("postgres_url")

    done = back_up(url, file, NOW)
    restored = restore(other, file, LATER, is_complete=True)
    prepare(url)

    assert done.contents.revision == "0004"
    assert done.head == restored.head == Head(11, RELEASED_HEAD)
    assert everything(other) == everything(url)
    engine = connect(other)
    check_prepared(engine)
    assert Ledger(engine).decisions.verify(RELEASED_HEAD) is None
    begun(Ledger(engine), now=LATER)
    assert approve_one(engine) > 12  # new rows are numbered after the old ones
    engine.dispose()


def approve_one(engine) -> int:
    claim = begun(Ledger(engine), now=LATER, scope="another")
    return Ledger(engine).journal.intend(claim, [approve()], LATER)[0]


@pytest.mark.heavy
def test_a_backup_is_its_owner_s_alone_and_never_written_over(url, file):
    back_up(url, file, NOW)

    assert file.stat().st_mode & 0o777 == 0o600
    assert [*file.parent.iterdir()] == [file]
    with pytest.raises(LedgerUnusable, match="is there already"):
        back_up(url, file, NOW)


def test_what_is_written_while_a_backup_reads_is_not_in_it(engine, ledger):
    claim = begun(ledger)
    count = sa.select(sa.func.count()).select_from(IntentRow)

    with one_moment(engine).execution_options(only_reads=True).connect() as connection:
        before = connection.scalar(count)
        ledger.journal.intend(claim, [approve()], NOW)
        meanwhile = connection.scalar(count)

    assert (before, meanwhile, len(rows(engine, IntentRow))) == (0, 0, 1)


@pytest.mark.heavy
def test_secrets_stay_sealed_in_a_backup_and_open_after_it(url, engine, ledger, file):
    claim = begun(ledger)
    secret = Secret(SecretKind.API_KEY, SecretStr("canary-7731"), ONE.name)
    Secrets(engine, SEALER).keep(claim, [secret], NOW)
    ledger.claims.close_claim(claim, NOW)

    back_up(url, file, NOW)
    restore(url, file, NOW)

    assert b"canary-7731" not in gzip.decompress(file.read_bytes())
    (held,) = Secrets(engine, SEALER).held(SITE)
    assert held.secret.value.get_secret_value() == "canary-7731"


def test_a_backup_of_a_changed_decision_says_which(url, engine, ledger, file):
    recorded(ledger, 3)
    tamper(engine, "UPDATE decision SET reason = 'as you like' WHERE id = 2")

    with pytest.raises(LedgerUnusable, match="broken at decision 2"):
        back_up(url, file, NOW)


def test_no_ledger_is_made_by_backing_it_up(tmp_path, file):
    with pytest.raises(LedgerUnusable, match="There is no ledger"):
        back_up(f"sqlite:///{tmp_path / 'new.db'}", file, NOW)

    assert not (tmp_path / "new.db").exists()
    assert not file.exists()


@pytest.mark.heavy
def test_what_a_restore_replaces_is_set_aside(url, engine, ledger, file):
    back_up(url, file, NOW)
    claim = begun(ledger)
    stand(ledger, claim)
    ledger.claims.close_claim(claim, NOW)
    before = everything(url)
    engine.dispose()

    restored = restore(url, file, after(3600), is_complete=True)

    assert not any(everything(url).values())
    if url.startswith("sqlite"):
        assert Path(restored.aside).stat().st_mode & 0o777 == 0o600
        assert everything(f"sqlite:///{restored.aside}") == before
        return
    schema = restored.aside.split()[2]
    with engine.begin() as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {schema}.device")) == 1
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def test_what_cannot_be_set_aside_is_named_and_nothing_is_restored(sqlite_url, tmp_path, file):
    back_up(sqlite_url, file, NOW)
    before = everything(sqlite_url)
    taken = tmp_path / f"ledger.db.replaced-{LATER:%Y%m%dt%H%M%Sz}"
    taken.mkdir()

    with pytest.raises(LedgerUnusable, match=f"Nothing was restored.*{taken.name}"):
        restore(sqlite_url, file, LATER)

    assert everything(sqlite_url) == before


def test_a_damaged_ledger_that_cannot_be_set_aside_is_left_there(sqlite_url, tmp_path, file):
    back_up(sqlite_url, file, NOW)
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes(b"no ledger" * 1000)
    taken = tmp_path / f"ledger.db.damaged-{LATER:%Y%m%dt%H%M%Sz}"
    taken.mkdir()

    with pytest.raises(LedgerUnusable, match=f"Nothing was restored.*{taken.name}"):
        restore(sqlite_url, file, LATER)

    assert ledger.read_bytes() == b"no ledger" * 1000


def test_a_ledger_with_a_run_at_work_is_left_alone(url, ledger, file):
    back_up(url, file, NOW)
    claim = begun(ledger, name="swift-crane")
    before = everything(url)
    waited = []

    def renew(seconds):
        waited.append(seconds)
        ledger.claims.renew(claim, NOW - timedelta(hours=1), LEASE)  # by a clock that is slow

    with pytest.raises(LedgerUnusable, match="swift-crane"):
        restore(url, file, LATER, wait=renew)

    assert waited == [LEASE.total_seconds()]
    assert [len(each) for each in everything(url).values()] == [len(e) for e in before.values()]


@pytest.mark.heavy
def test_a_run_that_begins_while_another_is_watched_is_left_alone(url, ledger, file):
    back_up(url, file, NOW)
    begun(ledger, name="dead")

    with pytest.raises(LedgerUnusable, match="swift-crane"):
        restore(url, file, NOW, wait=lambda _: begun(ledger, TWO, name="swift-crane"))


@pytest.mark.heavy
def test_a_run_that_renews_no_more_is_dead(url, ledger, file):
    back_up(url, file, NOW)
    begun(ledger)

    restore(url, file, after(10), is_complete=True, wait=nothing_happens)

    assert not any(everything(url).values())


@pytest.mark.heavy
def test_a_ledger_without_a_run_is_not_waited_for(url, ledger, file):
    back_up(url, file, NOW)
    ledger.claims.close_claim(begun(ledger), NOW)

    restore(url, file, after(20), wait=refuse_to_wait)


def nothing_happens(seconds):
    """The time passes, and nothing happens."""


def refuse_to_wait(seconds):
    raise AssertionError(f"{seconds} s")


def test_a_backup_of_a_newer_muster_is_refused(url, ledger, file):
    stand(ledger, begun(ledger))
    before = everything(url)
    row_file.write(file, row_file.Kind.BACKUP, "9999", [], NOW)

    with pytest.raises(LedgerUnusable, match="A newer Muster"):
        restore(url, file, LATER)

    assert everything(url) == before


@pytest.fixture(scope="module")
def backed_up(request, tmp_path_factory) -> tuple[str, list[bytes]]:
    """A ledger that was brought up to date after its backup, and the lines of that."""
    folder = tmp_path_factory.mktemp("backed-up")
    url, file = released("sqlite", request, folder), folder / "ledger.backup"
    back_up(url, file, NOW)
    prepare(url)
    return url, gzip.decompress(file.read_bytes()).splitlines(keepends=True)


@pytest.mark.heavy
def test_a_ledger_that_a_newer_muster_made_is_replaced_whole(sqlite_url, file):
    back_up(sqlite_url, file, NOW)
    engine = connect(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))

    restored = restore(sqlite_url, file, NOW)

    assert not sa.inspect(engine).has_table("later")
    check_prepared(engine)
    engine.dispose()
    aside = connect(f"sqlite:///{restored.aside}")
    assert sa.inspect(aside).has_table("later")
    aside.dispose()


@pytest.mark.postgres
def test_on_postgres_a_newer_muster_s_ledger_is_left_alone(postgres_url, file):
    back_up(postgres_url, file, NOW)
    engine = connect(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
    before = everything(postgres_url)

    with pytest.raises(LedgerUnusable, match="A newer Muster"):
        restore(postgres_url, file, NOW)

    assert everything(postgres_url) == before
    assert sa.inspect(engine).has_table("later")
    engine.dispose()


@pytest.mark.heavy
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"no ledger at all" * 100,
        pytest.param(
            lambda content: content[:4096] + b"\xff" * 40_000 + content[44_096:],
            marks=pytest.mark.heavy,
        ),
        pytest.param(lambda content: content[: len(content) // 2], marks=pytest.mark.heavy),
    ],
    ids=["no database", "overwritten", "cut off"],
)
def test_a_ledger_whose_file_is_damaged_is_set_aside_and_restored(sqlite_url, file, damage):
    back_up(sqlite_url, file, NOW)
    path = Path(str(sa.make_url(sqlite_url).database))
    content = damage(path.read_bytes())
    path.write_bytes(content)

    restored = restore(sqlite_url, file, NOW, is_complete=True)

    assert restored.aside.startswith(f"{path}.damaged-")
    assert Path(restored.aside).read_bytes() == content
    assert not any(everything(sqlite_url).values())


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:-2] + lines[-1:],
        lambda lines: [lines[0].replace(b"0004", b"0003"), *lines[1:]],
        lambda lines: [line.replace(b"edge-005", b"edge-006") for line in lines],
        lambda lines: [b"{}\n", *lines],
        lambda lines: [b"no JSON"],
        lambda lines: [],
        lambda lines: [b"[]\n"],
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(damage, backed_up, file):
    url, lines = backed_up
    file.parent.mkdir()
    file.write_bytes(gzip.compress(b"".join(damage(lines))))
    before = everything(url)

    with pytest.raises(LedgerUnusable, match="is no backup of a ledger"):
        restore(url, file, LATER)

    assert everything(url) == before


@pytest.mark.parametrize("cut", [0, 10, 500])
def test_a_file_that_was_cut_off_is_refused(sqlite_url, file, cut):
    back_up(sqlite_url, file, NOW)
    file.write_bytes(file.read_bytes()[:cut])

    with pytest.raises(LedgerUnusable, match="is no backup of a ledger"):
        restore(sqlite_url, file, NOW)


def test_a_backup_that_is_not_there_is_named(sqlite_url, file):
    with pytest.raises(LedgerUnusable, match=f"There is no backup of a ledger at {file}"):
        restore(sqlite_url, file, NOW)
