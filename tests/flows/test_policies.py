"""What a site's policy file does to a run, and what is recorded of it."""

import pytest
from sqlalchemy import text

from flows.onboard_site import onboard_site
from ledger.session import Ledger
from tests.flows.site import SITE, approvals, device, devices, roster, without_wait_limit


@pytest.fixture
def policy(tmp_path, monkeypatch):
    """Writes the site's policy."""
    folder = tmp_path / "policies/sites"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MUSTER_POLICIES", str(folder.parent))
    return (folder / f"{SITE}.yaml").write_text


def decided(engine):
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT device, decision, how, policy, length(policy_version) FROM decision")
        )
        return sorted((tuple(row) for row in rows), key=str)


def test_what_rules_decide_is_recorded_once_and_the_report_prints_the_chain_s_head(
    lem, ended, engine, tmp_path
):
    lem.control("lem/boot", devices=[*devices(2), device(3, "fails-once")])
    wanted = roster([*devices(2), device(3)])

    ended(onboard_site, SITE, wanted)
    state = ended(onboard_site, SITE, wanted)

    names = ["edge-001", "edge-002", "edge-003"]
    assert decided(engine) == [(n, "approve", "rule", "exact-match", 0) for n in names]
    assert Ledger(engine).decisions.verify() is None
    page = next(word for word in state.message.split() if word.endswith(".html"))
    assert (
        str(Ledger(engine).decisions.head())
        in (tmp_path / "reports" / page.rpartition("/")[2]).read_text()
    )


def test_in_shadow_everything_is_decided_and_recorded_and_nothing_done(lem, ended, engine, policy):
    policy("policy: exact-match\nmode: shadow")
    lem.control("lem/boot", devices=devices(2))

    first = ended(onboard_site, SITE, roster(devices(2)))
    ended(onboard_site, SITE, roster(devices(2)))

    assert "2 held for a person" in first.message
    assert approvals(lem) == {}
    message = [("approve", "shadow", f"sites/{SITE}", 12)] * 2
    assert [row[1:] for row in decided(engine)] == message


def test_a_rule_that_denies_turns_away_a_device_and_an_unknown_device(lem, ended, engine, policy):
    policy(
        "policy: exact-match\n"
        "rules:\n"
        "  - {name: too old, then: reject, reason: patch it first, when: {version_below: '3.5'}}\n"
        "  - {name: nobody, then: reject, reason: who is it, when: {suspicion: unknown device}}\n"
    )
    booted = [device(1), device(2, version="3.4.9"), device(3, "unknown-device")]
    lem.control("lem/boot", devices=booted)

    state = ended(onboard_site, SITE, roster(booted[:2]))

    states = {r["host_id"]: r["state"] for r in lem.control("lem/state")["requests"]}
    assert states[f"{1:012x}"] == "activated"
    assert states[f"{2:012x}"] == "rejected"
    assert sorted(states.values()) == ["activated", "rejected", "rejected"]
    assert state.is_failed()
    assert [row[:3] for row in decided(engine) if row[0]] == [
        ("edge-001", "approve", "rule"),
        ("edge-002", "reject", "rule"),
    ]


def test_zero_touch_never_approves(lem, ended, engine, policy):
    policy("policy: zero-touch")
    lem.control("lem/boot", devices=devices(1))

    state = ended(onboard_site, SITE, roster(devices(1)), wait_minutes=0)

    assert (state.name, approvals(lem), decided(engine)) == ("Waiting", {}, [])


def test_a_policy_with_a_fault_admits_no_device(lem, policy):
    policy("policy: exact-match\nrules:\n  - name: a\n    then: allow\n    reason: r\n")
    lem.control("lem/boot", devices=devices(1))

    state = without_wait_limit(onboard_site, SITE, roster(devices(1)))

    assert state.is_failed()
    assert "The policy sites/plant-7 has faults:\n- line 4: rules.0.then" in state.message
    assert lem.control("lem/state")["configs"] == []
