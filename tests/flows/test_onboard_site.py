import threading
import time

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import SQLModel, func, select

from flows.onboard_site import onboard_site
from ledger.keys.prepare import prepare
from tests.flows.site import SITE, approvals, changes, device, devices, roster
from tests.sheets.books import xlsx


def test_a_site_comes_into_service_by_one_config_and_one_approval_each(lem, ended):
    booted = devices(5)
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)) == ("Completed", {"config": 1, "status": 5})
    assert set(approvals(lem).values()) == {1}
    assert state.message.startswith("plant-7: 5 in service. Report: ")


def test_running_a_converged_roster_again_changes_nothing(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, SITE, roster(booted))
    lem.clear("calls")

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)) == ("Completed", {})


def test_a_site_that_came_into_service_without_this_ledger_is_only_confirmed(
    lem, ended, tmp_path, monkeypatch
):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, SITE, roster(booted))
    lem.clear("calls")
    other = f"sqlite:///{tmp_path}/other.db"
    monkeypatch.setenv("MUSTER_LEDGER_URL", other)
    prepare(other)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)) == ("Completed", {})


def test_a_dry_run_changes_nothing_anywhere(lem, ended, engine):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted), dry_run=True)

    assert state.message.startswith("Dry run, nothing was changed: plant-7: 3 not enrolled")
    assert changes(lem) == {}
    assert ledger_rows(engine) == {}


def test_a_dry_run_observes_once_and_does_not_wait(lem, ended):
    booted = [device(1, "never"), device(2, "never")]
    ended(onboard_site, SITE, roster(booted), wait_minutes=0)
    lem.clear("calls")

    state = ended(onboard_site, SITE, roster(booted), dry_run=True)

    observations = [
        c["count"] for c in lem.control("calls")["calls"] if c["path"].endswith("/request")
    ]
    assert state.message.startswith("Dry run, nothing was changed: plant-7: 2 waiting")
    assert observations == [1]


def test_a_site_that_grows_gets_a_config_for_its_new_devices_alone(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, SITE, roster(booted))
    grown = [*booted, device(4), device(5)]
    lem.control("lem/boot", devices=grown)
    lem.clear("calls")

    state = ended(onboard_site, SITE, roster(grown))

    assert (state.name, changes(lem)) == ("Completed", {"config": 1, "status": 2})
    counts = sorted(config["device_count"] for config in lem.control("lem/state")["configs"])
    assert counts == [2, 3]


def test_a_device_without_identity_gets_a_config_of_its_own(lem, ended):
    booted = [device(1), device(2), device(3, own_code=True)]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)) == ("Completed", {"config": 2, "status": 3})


def test_a_zero_touch_device_is_neither_enrolled_nor_approved(lem, ended):
    lem.control("lem/zero-touch", name="line-3", device_count=5)
    booted = [device(1, "zero-touch", profile="line-3")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)) == ("Completed", {})


def test_an_unknown_device_that_uses_the_site_s_code_is_never_approved(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=[*booted, device(99, "unknown-device", host_id=None)])

    state = ended(onboard_site, SITE, roster(booted), device_count=9)
    again = ended(onboard_site, SITE, roster(booted))

    assert "1 unknown device" in again.message
    assert (state.name, len(approvals(lem))) == ("Completed", 3)


def test_a_device_that_never_boots_leaves_the_run_waiting_and_a_later_run_carries_on(lem, ended):
    booted = devices(2)
    lem.control("lem/boot", devices=booted[:1])

    first = ended(onboard_site, SITE, roster(booted), wait_minutes=0)
    lem.control("lem/boot", devices=booted)
    second = ended(onboard_site, SITE, roster(booted))

    assert (first.name, second.name) == ("Waiting", "Completed")
    assert changes(lem) == {"config": 1, "status": 2}


def test_a_failed_provisioning_is_retried(lem, ended):
    booted = [device(1), device(2, "fails-once")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)["request-retry-provision"]) == ("Completed", 1)


def test_a_device_that_fails_for_good_fails_the_run_and_stops_no_other(lem, ended):
    booted = [device(1), device(2, "fails-always")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.is_failed()
    assert state.message.startswith("plant-7: 1 in service, 1 failed.")
    assert changes(lem)["request-retry-provision"] == 3


@pytest.mark.parametrize(
    "words",
    [
        {"pending_status": "BRAND_NEW_WORD", "failed_status": "KAPUTT"},
        {"pending_status": "WAITING_FOR_APPROVAL", "failed_status": "STEP_ERROR"},
        {"processing_status": "PENDING", "rule_status": 409, "status_reply": "no-content"},
        {"expiry_stored_to": "second", "status_reply": "object", "device_visible": "ACTIVATED"},
    ],
)
def test_the_words_that_no_document_gives_do_not_matter(start_lem, ended, words):
    lem = start_lem(**words)
    booted = [device(1), device(2, "fails-once"), device(3, "late"), device(4, "extra-mac")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.message.startswith("plant-7: 4 in service")
    assert changes(lem)["config"] == 1


def test_a_lost_answer_makes_no_second_config(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path="/activation/config", kind="lost-reply", times=1)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, changes(lem)["config"]) == ("Completed", 1)


def test_a_config_whose_making_never_arrived_is_made_once_on_the_next_observation(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path="/activation/config", kind="reset", times=1)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.name == "Completed"
    assert lem.control("calls")["configs_added"] == 1


def test_a_lost_answer_makes_no_second_approval(lem, ended):
    booted = devices(4)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path="/request/status", kind="lost-reply", times=2)

    state = ended(onboard_site, SITE, roster(booted))

    assert (state.name, set(approvals(lem).values())) == ("Completed", {1})


def test_a_lem_that_is_away_for_a_while_is_waited_for(lem, ended):
    booted = [device(1), device(2, after=20)]
    lem.control("lem/boot", devices=booted)
    lem.control(
        "faults", method="GET", path="/activation/request", kind="status", status=503, times=3
    )

    state = ended(onboard_site, SITE, roster(booted))

    assert state.name == "Completed"


@pytest.mark.parametrize("kind", ["status", "lost-reply", "reset", "not-json"])
def test_with_faults_in_every_fifth_call_every_device_converges(lem, ended, kind):
    booted = [device(n, after=n) for n in range(1, 13)]
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, SITE, roster(booted), wait_minutes=0)
    lem.control("faults", path="/api/", kind=kind, status=502, share=0.2)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.message.startswith("plant-7: 12 in service")
    assert set(approvals(lem).values()) == {1}
    assert lem.control("calls")["configs_added"] == 1


@pytest.mark.parametrize("path", ["/activation/config$", "/request/status"])
def test_a_lem_that_works_on_after_we_gave_up_waiting_does_nothing_twice(
    lem, ended, monkeypatch, path
):
    monkeypatch.setenv("LEM_TIMEOUT_SECONDS", "0.4")
    monkeypatch.setenv("MUSTER_OUTCOME_TIMEOUT", "PT4S")
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path=path, kind="slow", seconds=1, times=3)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.message.startswith("plant-7: 3 in service")
    assert lem.control("calls")["configs_added"] == 1
    assert sorted(approvals(lem).values()) == [1, 1, 1]


def test_a_config_that_is_not_answered_then_refused_is_still_made_but_once(lem, ended):
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    for kind, status in [("reset", 503), ("status", 429)]:
        lem.control(
            "faults", method="POST", path="/activation/config$", kind=kind, status=status, times=1
        )

    state = ended(onboard_site, SITE, roster(booted))

    assert state.name == "Completed"
    assert lem.control("calls")["configs_added"] == 1


def test_actions_that_are_never_answered_are_not_repeated_without_pause(lem, ended, monkeypatch):
    monkeypatch.setenv("MUSTER_OUTCOME_TIMEOUT", "PT3S")
    booted = devices(3)
    lem.control("lem/boot", devices=booted)
    lem.control("faults", method="POST", path="/request/status", kind="status", status=503, times=6)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.name == "Completed"
    assert changes(lem)["status"] == 9


def test_a_config_that_is_refused_to_one_device_stops_no_other(lem, ended):
    booted = [device(1), device(2), device(3, own_code=True)]
    lem.control("lem/boot", devices=booted)
    ended(onboard_site, SITE, roster(booted[:2]), wait_minutes=0)
    lem.control("faults", method="POST", path="/activation/config$", kind="status", status=400)

    state = ended(onboard_site, SITE, roster(booted))

    assert state.is_failed()
    assert state.message.startswith("plant-7: 2 in service, 1 failed.")


def test_a_run_that_breaks_off_still_reports_what_it_saw(lem, ended, tmp_path):
    booted = [device(1), device(2, after=4000)]
    lem.control("lem/boot", devices=booted)

    def lock_out():
        while not approvals(lem):
            time.sleep(0.05)
        lem.control("faults", path="/activation/request", kind="status", status=401)

    thread = threading.Thread(target=lock_out)
    thread.start()
    state = ended(onboard_site, SITE, roster(booted))
    thread.join()

    assert state.is_failed()
    assert state.message.startswith("GET /api/v1/activation/request: 401 Unauthorized.")
    assert "As of the last observation: plant-7: " in state.message
    assert len(list((tmp_path / "reports").glob("*.html"))) == 1


def test_no_code_reaches_the_ledger_the_reports_or_the_messages(lem, ended, tmp_path):
    booted = [device(1), device(2, own_code=True), device(3, "fails-once")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted))

    codes = [config["code"] for config in lem.control("lem/state")["configs"]]
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(codes) == 2
    assert len(written) >= 3
    for code in codes:
        assert not any(code.encode() in content for content in written)
        assert code not in state.message


def test_every_line_of_the_roster_is_in_the_report(lem, ended, tmp_path):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    text = roster(booted) + "\nedge 3,zz,\n"

    ended(onboard_site, SITE, text)

    (table,) = (tmp_path / "reports").glob("*.csv")
    assert [line.split(",")[0] for line in table.read_text("utf-8-sig").splitlines()[1:]] == [
        "2",
        "3",
        "4",
    ]


def test_the_roster_comes_back_marked_where_it_came_as_a_file(lem, ended, tmp_path, monkeypatch):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    rows = [line.split(",") for line in (roster(booted) + "\nedge 3,zz,").splitlines()]
    (tmp_path / "plant-7.xlsx").write_bytes(xlsx({"Devices": rows}))
    monkeypatch.setenv("MUSTER_ROSTERS", str(tmp_path))

    ended(onboard_site, SITE, str(tmp_path / "plant-7.xlsx"))

    (copy,) = (tmp_path / "reports").glob("marked-onboarding-*.xlsx")
    lines = load_workbook(copy)["Devices"].iter_rows(min_row=2, values_only=True)
    added = [line[len(rows[0]) :] for line in lines]
    assert [(status, bool(device_id)) for status, *_, device_id in added] == [
        ("in service", True),
        ("in service", True),
        ("repair proposed", False),
    ]


def test_the_marked_roster_sent_again_changes_only_what_is_new(lem, ended, tmp_path, monkeypatch):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    monkeypatch.setenv("MUSTER_ROSTERS", str(tmp_path))
    (tmp_path / "plant-7.csv").write_text(roster(booted))
    ended(onboard_site, SITE, str(tmp_path / "plant-7.csv"))
    (copy,) = (tmp_path / "reports").glob("marked-onboarding-*.csv")
    lem.clear("calls")

    again = ended(onboard_site, SITE, str(copy))
    unchanged = changes(lem)
    copy.write_text(copy.read_text() + roster([device(3, "never")]).splitlines()[1] + "\n")
    ended(onboard_site, SITE, str(copy), wait_minutes=0)

    assert again.message.startswith("plant-7: 2 in service. Nothing had to be done.")
    assert unchanged == {}
    assert changes(lem) == {"config": 1}


def test_a_device_whose_line_waits_for_a_yes_comes_in_once_its_repair_is_accepted(
    lem, ended, tmp_path
):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    text = roster(booted).replace("000000000002", "\u200b000000000002")

    waiting = ended(onboard_site, SITE, text, dry_run=True)
    accepted = ended(onboard_site, SITE, text, accept_repairs="host_id: safe")

    assert "1 line with a repair proposed" in waiting.message
    assert accepted.name == "Completed"
    last = max((tmp_path / "reports").glob("*.csv"), key=lambda path: path.stat().st_mtime_ns)
    assert "used '000000000002', because" in last.read_text("utf-8-sig")


def test_what_columns_were_chosen_to_be_is_remembered_for_the_site_and_shown(lem, ended, tmp_path):
    booted = devices(2)
    lem.control("lem/boot", devices=booted)
    text = roster(booted).replace("device,", "what,").replace("host_id,", "which,")
    chosen = "what = device; which = host_id"

    refused = ended(onboard_site, SITE, text)
    dry = ended(onboard_site, SITE, text, columns=chosen, dry_run=True)
    still_refused = ended(onboard_site, SITE, text)
    first = ended(onboard_site, SITE, text, columns=chosen)
    again = ended(onboard_site, SITE, text)
    elsewhere = ended(onboard_site, "plant-8", text)

    assert "no column 'device'" in refused.message
    assert [dry.is_failed(), still_refused.is_failed()] == [False, True]
    assert [first.name, again.name, elsewhere.is_failed()] == ["Completed", "Completed", True]
    last = max((tmp_path / "reports").glob("*.html"), key=lambda path: path.stat().st_mtime_ns)
    assert "<td>remembered</td><td>chosen on an earlier run of this site</td>" in last.read_text()


def ledger_rows(engine: Engine):
    """How many rows each of the ledger's tables holds, those without any left out."""
    with engine.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in SQLModel.metadata.sorted_tables
            if table.name != "keyed_fact"  # which a prepared ledger has from the first
        }
    return {table: count for table, count in counts.items() if count}
