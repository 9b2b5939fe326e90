"""A ledger whose file was deleted or replaced is noticed at its next use, and not written to."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.database.engine import LedgerUnusable, connect
from ledger.session import Ledger
from tests.ledger.running import LEASE, after, approve, begun


def deleted(file: Path, _: Path) -> None:
    file.unlink()


def replaced(file: Path, by: Path) -> None:
    file.rename(file.with_suffix(".old"))
    shutil.copy(by, file)


@pytest.mark.parametrize("lost", [deleted, replaced])
@pytest.mark.parametrize(
    "use",
    [
        lambda ledger, claim: ledger.journal.intend(claim, [approve()], after(1)),
        lambda ledger, claim: ledger.claims.renew(claim, after(1), LEASE),
        lambda ledger, claim: ledger.claims.close_claim(claim, after(1)),
        lambda ledger, claim: ledger.memory.recall(claim),
    ],
)
@pytest.mark.parametrize("connections", ["the same", "new"])
def test_it_is_noticed_at_the_next_use(sqlite_url, prepared_file, lost, use, connections):
    engine = connect(sqlite_url)
    file = Path(str(make_url(sqlite_url).database))
    ledger = Ledger(engine)
    claim = begun(ledger)
    lost(file, prepared_file)
    if connections == "new":
        engine.dispose()
    is_there = file.exists()

    with pytest.raises(LedgerUnusable, match="was deleted or replaced"):
        use(ledger, claim)

    assert file.exists() == is_there
    engine.dispose()


def test_a_file_that_changes_is_the_same(sqlite_url):
    engine = connect(sqlite_url)
    claim = begun(Ledger(engine))
    engine.dispose()

    Ledger(engine).claims.renew(claim, after(1), LEASE)
    engine.dispose()
