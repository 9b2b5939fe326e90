from datetime import timedelta

import pytest

from ledger.database.settings import LedgerSettings
from tests.command.exit_code import exit_code


@pytest.mark.parametrize("lease", ["x", "PT0S", "PT0.9S", "-PT5S"])
def test_muster_ledger_prepare_says_a_bad_setting_in_one_line(tmp_path, monkeypatch, capsys, lease):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_LEDGER_LEASE", lease)

    assert exit_code("ledger", "prepare") == 1
    message = capsys.readouterr().err
    assert message.startswith("MUSTER_LEDGER_LEASE: Input should be ")
    assert message.count("\n") == 1


@pytest.mark.parametrize(("given", "lease"), [("PT1S", 1), ("PT2S", 2), ("", 15)])
def test_a_lease_lasts_a_second_or_longer_and_an_empty_one_is_the_usual(monkeypatch, given, lease):
    monkeypatch.setenv("MUSTER_LEDGER_LEASE", given)

    assert LedgerSettings(_env_file=None).lease == timedelta(seconds=lease)
