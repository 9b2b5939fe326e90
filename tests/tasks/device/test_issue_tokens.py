"""A token that cannot be sealed is revoked: nobody would hold it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.logging import disable_run_logger
from pydantic import SecretStr
from sqlalchemy import event

from fleet.device.secret import Secret, SecretKind
from fleet.system.system import IssuedToken
from ledger.database.engine import LedgerAway, LedgerUnusable, connect
from ledger.session import Ledger
from tasks.device.issue_tokens import TokenDesk, TokenOrder, issue

ORDER = TokenOrder("plant-7", "for plant-7", 1, None, True)


class Issuer:
    """A system that issues tokens, and lists those that were not revoked."""

    def __init__(self) -> None:
        self.tokens: list[IssuedToken] = []

    async def issue(self, name: str, *_: object) -> tuple[IssuedToken, Secret]:
        self.tokens.append(IssuedToken(f"t-{len(self.tokens)}", name, True, 0))
        return self.tokens[-1], Secret(SecretKind.ISSUED_TOKEN, SecretStr("t" * 9000))

    async def issued(self) -> list[IssuedToken]:
        return list(self.tokens)

    async def revoke_token(self, token_id: str) -> None:
        self.tokens = [each for each in self.tokens if each.id != token_id]


def fill(connection: Any, *_: object) -> None:
    """The disk has no further page for the ledger."""
    connection.execute("PRAGMA max_page_count = 1")


def lose(connection: Any, *_: object) -> None:
    """Somebody deletes the ledger's file."""
    Path(connection.execute("PRAGMA database_list").fetchone()[2]).unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("trouble", "failure", "left"),
    [(fill, LedgerAway, 0), (lose, LedgerUnusable, 0), (None, None, 1)],
)
def test_a_token_that_cannot_be_sealed_is_revoked(
    sqlite_url: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Any,
    failure: type[LedgerUnusable] | None,
    left: int,
) -> None:
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(tmp_path / "ledger.key"))
    monkeypatch.setenv("MUSTER_LEDGER_WAIT_LIMIT", "PT0S")
    engine, system = connect(sqlite_url), Issuer()
    desk = TokenDesk("acusight", "Acusight organization a", system, Ledger(engine))  # type: ignore[arg-type]

    if trouble:
        event.listen(engine, "checkout", trouble)
    with disable_run_logger():
        ended: Any = asyncio.run(issue.fn(desk, ORDER))
    engine.dispose()

    assert (type(ended.data) if isinstance(ended, State) else None) is failure
    assert len(system.tokens) == left
