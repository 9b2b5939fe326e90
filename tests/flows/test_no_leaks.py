"""Canaries: what a system shows once is nowhere but sealed in the ledger; a leak would be found."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from prefect.settings import get_current_settings
from prefect.states import Failed
from sqlalchemy import make_url, text

from flows.explain_device import explain_device
from flows.issue_tokens import issue_tokens
from flows.onboard_site import onboard_site
from flows.reconcile_sites import reconcile_sites
from flows.retire_device import retire_device
from flows.rotate_token import rotate_token
from tests.flows.site import SCOPES, SITE, mixed, secrets_of, without_wait_limit

pytestmark = pytest.mark.sqlite  # all files are searched, the ledger's among them

LOGGED = 3  # seconds: Prefect's client sends its logs every two


def places(tmp_path):
    """All that is written anywhere, by where: each file, and Prefect's database."""
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    return files | {"Prefect": stored_by_prefect()}


def stored_by_prefect() -> bytes:
    """Everything in the database of Prefect's server, its log of writes included."""
    url = get_current_settings().server.database.connection_url
    assert url is not None
    database = Path(make_url(url.get_secret_value()).database or "")
    return b"".join(file.read_bytes() for file in database.parent.glob(f"{database.name}*"))


def leaks(canaries, tmp_path, printed=""):
    """Where any of the canaries is in plain text."""
    time.sleep(LOGGED)
    found = places(tmp_path) | {"the terminal": printed.encode()}
    return {
        (canary, place)
        for canary in canaries
        for place, written in found.items()
        if canary.encode() in written
    }


def test_no_secret_is_anywhere_but_sealed_in_the_ledger(lem, ended, tmp_path, capfd, caplog):
    caplog.set_level("DEBUG")
    for kind, share in (("status", 0.1), ("lost-reply", 0.1), ("not-json", 0.1)):
        lem.control("faults", kind=kind, share=share)
    ended(onboard_site, SITE, mixed(cameras=6, gateways=6))
    lem.clear("faults")
    ended(onboard_site, SITE, mixed(cameras=6, gateways=6))
    without_wait_limit(rotate_token, SITE, "gw-1")
    without_wait_limit(issue_tokens, action="create", site=SITE, name="line 7", number=3)
    without_wait_limit(reconcile_sites)
    without_wait_limit(explain_device, SITE, "cam-1")
    without_wait_limit(retire_device, SITE, "gw-2", "provision-api", watch_minutes=0)

    secrets = [s for scope in SCOPES for s in secrets_of(scope).secrets]
    canaries = [each.value.get_secret_value() for each in secrets]
    printed = f"{capfd.readouterr()}{caplog.text}"
    assert len(canaries) >= 10  # a key whose reply is lost is no canary
    assert leaks(canaries, tmp_path, printed) == set()
    assert {place for _, place in leaks([SITE], tmp_path, printed)} > {"Prefect", "ledger.db"}


def leak_by_artifact(canary, **_):
    @flow
    def leaking():
        create_markdown_artifact(canary, key="canary")

    leaking()


def leak_by_log(canary, **_):
    @flow
    def leaking():
        get_run_logger().critical("received %s", canary)

    leaking()


def leak_by_parameter(canary, **_):
    @flow
    def leaking(given):
        return bool(given)

    leaking(canary)


def leak_by_state(canary, **_):
    @flow
    def leaking():
        return Failed(message=canary)

    leaking(return_state=True)


def leak_by_report(canary, tmp_path, **_):
    (tmp_path / "night.html").write_text(f"<p>{canary}</p>")


def leak_by_ledger(canary, engine, **_):
    with engine.begin() as connection:
        connection.execute(text("UPDATE device SET reason = :canary"), {"canary": canary})


@pytest.mark.parametrize(
    ("leak", "where"),
    [
        (leak_by_artifact, {"Prefect"}),
        (leak_by_log, {"Prefect"}),
        (leak_by_parameter, {"Prefect"}),
        (leak_by_state, {"Prefect"}),
        (leak_by_report, {"night.html"}),
        (leak_by_ledger, {"ledger.db", "ledger.db-wal"}),
    ],
)
def test_a_leak_that_is_put_in_is_found(lem, ended, engine, tmp_path, leak, where):
    ended(onboard_site, SITE, mixed(gateways=1), wait_minutes=0)
    canary = f"canary-{uuid4().hex}"

    leak(canary, tmp_path=tmp_path, engine=engine)

    found = leaks([canary], tmp_path)
    assert found
    assert {place for _, place in found} <= where
