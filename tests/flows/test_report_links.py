"""What a run published is linked from its artifacts and its message, where its folder is served."""

import asyncio
import re
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from flows.onboard_site import onboard_site
from flows.plan_site import plan_site
from flows.reconcile_sites import reconcile_sites
from tests.flows.site import SITE, devices, roster, without_wait_limit

BASE = "https://muster.plant.test/reports"
LINK = re.compile(rf"\]\({BASE}/([^)]+)\)")


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_REPORTS_URL", BASE)
    return tmp_path / "reports"


@pytest.fixture
def sent(tmp_path, monkeypatch):
    """A roster that came as a file, so that it comes back marked."""
    monkeypatch.setenv("MUSTER_ROSTERS", str(tmp_path))
    (file := tmp_path / "plant-7.csv").write_text(roster(devices(1)))
    return str(file)


def linked(key, part):
    """The endings of the files of the folder to which an artifact links."""
    made = asyncio.run(Artifact.aget(key))
    return LINK.findall(getattr(made, part))


def are_there(names, folder):
    return bool(names) and all((folder / name).is_file() for name in names)


def test_a_plan_a_report_and_the_marked_roster_are_linked(lem, ended, served, sent):
    planned = asyncio.run(plan_site(SITE, sent, return_state=True))
    applied = ended(onboard_site, SITE, sent, dry_run=True)
    plan, report = (
        linked(f"site-plan-{SITE}", "description"),
        linked(f"report-onboarding-{SITE}", "description"),
    )

    for names, state in ((plan, planned), (report, applied)):
        assert are_there(names, served)
        assert [Path(name).suffix for name in names] == [".html", ".csv", ".csv"]
        assert names[2].startswith("marked-")
        assert f"{BASE}/{names[0]}" in state.message


def test_the_page_of_the_night_is_linked(lem, ended, served):
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)))

    state = without_wait_limit(reconcile_sites)

    (page,) = linked("night", "data")
    assert are_there([page], served)
    assert f"{BASE}/{page}" in state.message
    assert asyncio.run(Artifact.aget("night-report")).data == f"[{page}]({BASE}/{page})"
