"""`muster policies`: which policy holds where, and what is refused."""

import pytest

from ledger.database.engine import connect
from ledger.session import Ledger
from tests.command.exit_code import exit_code
from tests.connections.answering import answering
from tests.fleet.builders import a_device
from tests.ledger.running import begun, stand

PLACE = "LEM project north"


@pytest.fixture
def folder(database_url, tmp_path, monkeypatch):
    """A policy folder, where the ledger knows plant-7 and plant-8."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEM_PROJECT", "north")
    monkeypatch.setenv("MUSTER_LEDGER_URL", database_url)
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path))
    engine = connect(database_url)
    for site in ("plant-7", "plant-8"):
        ledger, device = Ledger(engine), a_device(f"edge-{site}", macs=())
        stand(ledger, begun(ledger, device, site=site, scope=PLACE), device=device)
    engine.dispose()
    for part in ("sites", "connections"):
        (tmp_path / part).mkdir()
    return tmp_path


def listed(capsys):
    with answering(200, []):
        code = exit_code("policies")
    shown = capsys.readouterr()
    return code, shown.out.splitlines(), shown.err


def test_each_place_is_listed_with_the_policy_that_holds_there(folder, capsys):
    rule = "- {name: a, then: hold, reason: r}"
    (folder / "sites/plant-7.yaml").write_text(
        f"policy: exact-match\nquorum: 2\nmode: shadow\nrules:\n{rule}"
    )
    (folder / "connections/lem.yaml").write_text("policy: human\nrequester_may_approve: false")
    (folder / "sites/plant-9.yaml").write_text("policy: human")
    (folder / "sites/plant-8.yaml").write_text("policy: exact-match")

    assert listed(capsys) == (
        0,
        [
            f"plant-7 at {PLACE}: sites/plant-7, exact-match, 1 rule, in shadow mode, quorum 2",
            f"plant-8 at {PLACE}: sites/plant-8, exact-match",
            "plant-9: sites/plant-9 waits for its first roster",
        ],
        "",
    )
    for name in ("plant-8", "plant-9"):
        (folder / f"sites/{name}.yaml").unlink()
    _, places, _ = listed(capsys)
    assert places[1] == (
        f"plant-8 at {PLACE}: connections/lem, human, the requester may not approve"
    )


def test_what_is_refused_is_listed_with_its_reason_and_the_exit_code_is_1(folder, capsys):
    (folder / "sites/plant-7.yaml").write_text("policy: everybody")

    code, places, error = listed(capsys)

    assert code == 1
    assert places[0].startswith(f"plant-7 at {PLACE}: refused. The policy sites/plant-7 has faults")
    assert places[-1] == f"plant-8 at {PLACE}: exact-match"
    assert error == f"Nothing is approved at plant-7 at {PLACE} until that is mended.\n"


def test_a_file_that_would_not_be_read_is_one_line(folder, capsys):
    (folder / "sites/Plant-7.yaml").write_text("policy: human")

    code, places, error = listed(capsys)

    assert (code, places, error.count("\n")) == (1, [], 1)
    assert "Name it plant-7.yaml" in error
