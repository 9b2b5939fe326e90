"""What is dropped into the inbox is planned and comes back marked; nothing is applied unasked."""

import asyncio
import os
from pathlib import Path

import openpyxl
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter

from flows.onboard_site import onboard_site
from flows.watch_inbox import watch_inbox
from ledger.session import open_ledger
from tasks.text.text_kind import ROSTER
from tests.flows.site import SITE, changes, devices, roster


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    folder = tmp_path / "inbox"
    (folder / SITE).mkdir(parents=True)
    monkeypatch.setenv("MUSTER_INBOX", str(folder))
    return folder


@pytest.fixture
def outbox(tmp_path):
    return tmp_path / "outbox"


def watched():
    return asyncio.run(watch_inbox(return_state=True))


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def latest(site=SITE):
    with open_ledger() as ledger:
        return ledger.site_plans.latest(site)


def test_without_an_inbox_nothing_happens(lem):
    assert watched().name == "No inbox"


def test_a_file_is_planned_and_comes_back_marked_and_is_applied_on_a_word(
    lem, ended, inbox, outbox
):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    (inbox / SITE / "plant-7.csv").write_text(roster(booted) + "\nedge-003,no host id,")

    state = watched()

    plan = latest()
    assert state.message == f"plant-7.csv: plant-7, 1 faulty, 2 create (plan {plan.id})."
    assert (state.name, names(inbox), changes(lem)) == ("Completed", [], {})
    [folder] = outbox.iterdir()
    assert [path.suffix for path in sorted(folder.iterdir())] == [".csv", ".csv", ".html", ".csv"]
    marked = next(path for path in folder.iterdir() if path.name.startswith("marked-"))
    assert "faulty" in marked.read_text()
    assert (folder / "plant-7.csv").read_text().startswith("device,host_id")
    assert watched().name == "Nothing new"

    assert ended(onboard_site, SITE, plan=plan.id).name == "Completed"
    assert changes(lem) == {"config": 1, "status": 2}


def test_a_workbook_of_two_sites_is_planned_for_each(lem, inbox, outbox):
    book = openpyxl.Workbook()
    for row in (
        ("site", "device", "host_id"),
        ("plant-7", "edge-1", "43e210471948"),
        ("plant-8", "edge-1", "43e210471949"),
    ):
        book.active.append(row)
    book.save(inbox / "july.xlsx")

    state = watched()

    assert state.name == "Completed"
    assert [len(latest(site).lines) for site in ("plant-7", "plant-8")] == [1, 1]
    assert len([name for name in names(outbox) if name.startswith("marked-")]) == 2


def test_a_folder_of_the_inbox_names_the_site(lem, inbox):
    (inbox / "plant-9").mkdir()
    (inbox / "plant-9" / "july.csv").write_text("device,host_id\nedge-1,43e210471948\n")

    watched()

    assert latest("plant-9").counts == {"create": 1}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (f"{SITE}/plant-7.csv", b"a secret\nof another file\n", "is no roster"),
        ("inventory.csv", b"device,host_id\nedge-1,43e210471948\n", "cannot be told"),
        (f"{SITE}/plant-7.xlsx", b"PK\x03\x04 and no more", "cannot be read"),
    ],
)
def test_what_cannot_be_planned_comes_back_with_the_reason(lem, inbox, outbox, name, content, said):
    (inbox / name).write_bytes(content)

    state = watched()

    assert state.name == "Failed"
    assert (said in state.message, b"a secret" in state.message.encode()) == (True, False)
    assert names(inbox) == []
    [folder] = outbox.iterdir()
    assert said in (folder / "problem.txt").read_text()
    assert (folder / Path(name).name).read_bytes() == content


@pytest.fixture
def deployed(lem):
    """The deployment by which plans are applied, for as long as the test."""
    found = onboard_site.to_deployment("on-demand").apply()
    yield found
    asyncio.run(deleted(found))


async def deleted(deployment_id):
    async with get_client() as client:
        await client.delete_deployment(deployment_id)


async def started_runs(deployment_id):
    """What the runs of a deployment that were started are for."""
    mine = DeploymentFilter(id={"any_": [deployment_id]})
    async with get_client() as client:
        return [run.parameters for run in await client.read_flow_runs(deployment_filter=mine)]


def test_a_plan_that_needs_no_person_is_applied_by_itself_where_that_is_set(
    inbox, deployed, monkeypatch
):
    monkeypatch.setenv("MUSTER_INBOX_APPLY", "clean")
    (inbox / SITE / "plant-7.csv").write_text(roster(devices(2)))
    (inbox / "plant-8").mkdir()
    (inbox / "plant-8" / "plant-8.csv").write_text(roster(devices(1)) + "\nedge-9,no host id,")
    (inbox / "plant-9").mkdir()
    guessed = "device,\nedge-11,02:00:00:00:00:11\n"
    (inbox / "plant-9" / "plant-9.csv").write_text(guessed)

    assert watched().name == "Completed"

    assert asyncio.run(started_runs(deployed)) == [{"site": SITE, "plan": latest().id}]


def test_where_a_plan_cannot_be_applied_it_is_said(lem, inbox, monkeypatch):
    monkeypatch.setenv("MUSTER_INBOX_APPLY", "clean")
    (inbox / SITE / "plant-7.csv").write_text(roster(devices(1)))

    state = watched()

    assert (state.name, "there is no deployment" in state.message) == ("Failed", True)


def test_a_file_whose_system_does_not_answer_stays(lem, inbox, outbox, monkeypatch):
    (inbox / SITE / "plant-7.csv").write_text(roster(devices(1)))
    monkeypatch.setenv("LEM_URL", "http://127.0.0.1:9")

    state = watched()

    assert state.name == "Failed"
    assert names(inbox) == ["plant-7.csv"]
    assert not outbox.exists()


def test_a_file_stays_while_the_ledger_cannot_be_used(lem, inbox, outbox, tmp_path, monkeypatch):
    (inbox / SITE / "plant-7.csv").write_text(roster(devices(1)))
    monkeypatch.setenv("MUSTER_LEDGER_URL", f"sqlite:///{tmp_path / 'never-prepared.db'}")

    assert watched().name == "Failed"
    assert names(inbox) == ["plant-7.csv"]
    assert not outbox.exists()


def test_a_file_that_cannot_come_back_stays_and_stops_no_other(lem, inbox, outbox):
    outbox.mkdir()
    large, long = inbox / "plant-6.csv", inbox / ("j" * 251 + ".csv")
    with large.open("wb") as file:
        file.truncate(ROSTER.limit + 1)
    long.write_text(roster(devices(1)))
    (inbox / os.fsdecode(b"j\xfcly.csv")).write_text(roster(devices(1)))
    (inbox / SITE / "plant-7.csv").write_text(roster(devices(1)))

    state = watched()

    assert state.name == "Failed"
    assert latest().counts == {"create": 1}
    assert large.stat().st_size == ROSTER.limit + 1
    assert names(inbox) == ["plant-6.csv"]
    assert names(outbox).count("problem.txt") == 2


def test_what_lies_beside_a_file_and_links_are_left_alone(lem, inbox, tmp_path):
    (tmp_path / "secret.csv").write_text("device,host_id\nedge-1,43e210471948\n")
    (inbox / SITE / "plant-7.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "~$plant-7.xlsx").write_bytes(b"x")
    (inbox / ".plant-7.csv.part").write_bytes(b"x")

    assert watched().name == "Nothing new"
    assert len(names(inbox)) == 3
