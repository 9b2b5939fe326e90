"""Nobody has forged rows vouched for by way of a backup."""

import pytest

from ledger.backup.backup import back_up
from ledger.backup.restore import restore
from ledger.database.engine import LedgerUnusable, connect
from tests.attacks.record import Owner
from tests.command.exit_code import exit_code
from tests.fleet.builders import NOW
from tests.laws import one_in
from tests.ledger.released_ledger import load_into_sqlite

FORGED = {
    "a device's host id, and all that the ledger notes of itself": [
        "DELETE FROM keyed_fact",
        "UPDATE device SET host_id = 'deadbeefdead'",
    ],
    "a device's host id": ["UPDATE device SET host_id = 'deadbeefdead'"],
    "a device's MAC taken away": ["UPDATE device SET mac = NULL"],
}


@pytest.fixture
def engine(history_url, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_URL", history_url)
    engine = connect(history_url)
    yield engine
    engine.dispose()


@pytest.mark.heavy
@pytest.mark.parametrize("name", one_in(3, FORGED))
def test_a_backup_of_a_forged_ledger_is_not_restored(engine, history_url, tmp_path, name):
    Owner(engine).does(*FORGED[name])
    back_up(history_url, tmp_path / "backup", NOW)

    with pytest.raises(LedgerUnusable, match=r"must of its ledger|Nothing was restored.*of edge-1"):
        restore(history_url, tmp_path / "backup", NOW)

    assert exit_code("ledger", "verify") == 1


@pytest.mark.heavy
def test_a_restored_ledger_of_an_earlier_release_says_how_many_rows_got_their_macs(
    tmp_path, monkeypatch, capsys
):
    old, new = (f"sqlite:///{tmp_path / name}" for name in ("old.db", "new.db"))
    load_into_sqlite(old, "0.3.0")
    back_up(old, tmp_path / "backup", NOW)
    monkeypatch.setenv("MUSTER_LEDGER_URL", new)

    assert exit_code("ledger", "restore", str(tmp_path / "backup"), "--complete") == 0
    assert "57 rows that were written before are vouched for" in capsys.readouterr().out
