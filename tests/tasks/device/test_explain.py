"""A story on the terminal: what a user reads who has no ledger, or names no device."""

import pytest

from ledger.keys.prepare import prepare
from tasks.device.explain import artifact_key, main


def test_a_ledger_that_is_not_there_is_reported_and_none_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")

    assert main(["plant-7", "edge-001"]) == 1

    assert capsys.readouterr().err == (
        f"There is no ledger at {tmp_path}/ledger.db. Set MUSTER_LEDGER_URL, or onboard a site "
        "first.\n"
    )
    assert [*tmp_path.iterdir()] == []


def test_a_ledger_beside_it_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "demo").mkdir()
    prepare(f"sqlite:///{tmp_path}/demo/ledger.db")
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")

    assert main(["plant-7", "edge-001"]) == 1
    assert f"MUSTER_LEDGER_URL=sqlite:///{tmp_path}/demo/ledger.db." in capsys.readouterr().err


def test_a_ledger_without_tables_is_reported(tmp_path, monkeypatch, capsys):
    (tmp_path / "ledger.db").touch()
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path}/ledger.db")

    assert main(["plant-7", "edge-001"]) == 1
    assert capsys.readouterr().err.endswith("Run: muster ledger prepare\n")


def test_an_empty_ledger_knows_no_site(database_url, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)

    assert main(["plant-7", "edge-001"]) == 1
    assert capsys.readouterr().err.startswith("The ledger knows no site 'plant-7'. ")


@pytest.mark.parametrize("arguments", [["", ""], ["plant-7", ""]])
def test_a_user_who_names_no_device_reads_how_to(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "muster explain plant-7 edge-042" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["nonsense", "postgresql://u:s3cret@h:port/db"])
def test_an_address_that_cannot_be_used_is_reported(url, monkeypatch, capsys):
    monkeypatch.setenv("MUSTER_LEDGER_URL", url)

    assert main(["plant-7", "edge-001"]) == 1
    assert "The ledger's address cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("device", "key"),
    [("edge-001", "device-plant-7-edge-001"), ("Edge_1.b", "device-plant-7-edge-1-b")],
)
def test_the_artifact_s_key_is_one_that_prefect_takes(device, key):
    assert artifact_key("plant-7", device) == key
