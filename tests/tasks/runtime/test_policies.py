"""Which policy holds where, and what is refused because it may be meant to narrow."""

import asyncio

import pytest

from fleet.admission.policy import EXACT_MATCH, Basis, Policy
from fleet.admission.policy_file import UnusablePolicy
from fleet.state.verdict import Decision
from ledger.database.engine import connect
from ledger.session import Ledger
from tasks.runtime.policies import policy_of
from tests.connections.answering import answering
from tests.fleet.builders import a_device
from tests.ledger.running import begun, stand

LEM, OTHER = "LEM project north", "LEM project south"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "policies"
    monkeypatch.setenv("MUSTER_POLICIES", str(folder))
    for part in ("sites", "connections"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.fixture
def ledger(database_url, tmp_path, monkeypatch):
    """A ledger that knows plant-7, where one connection is set up, named lem."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEM_PROJECT", "north")
    engine = connect(database_url)
    found = Ledger(engine)
    stand(found, begun(found, a_device(), site="plant-7"))
    yield found
    engine.dispose()


@pytest.fixture
def policy(ledger):
    def of(site: str, scope: str = LEM, asks_people: bool = False) -> Policy:
        with answering(200, []):  # no connection is stored as a block
            return asyncio.run(policy_of(site, scope, ledger, asks_people))

    return of


def write(folder, name, text):
    (folder / name).write_text(text)


# Which one holds


def test_without_a_file_the_policy_is_exact_match(folder, policy):
    assert policy("plant-7") == EXACT_MATCH


def test_without_a_folder_the_policy_is_exact_match(policy, monkeypatch):
    monkeypatch.delenv("MUSTER_POLICIES", raising=False)

    assert policy("plant-7") == EXACT_MATCH


def test_a_site_s_file_comes_before_its_connection_s(folder, policy):
    write(folder, "sites/plant-7.yaml", "policy: human")
    write(folder, "connections/lem.yaml", "policy: zero-touch")

    of_site, of_connection = policy("plant-7"), policy("plant-8")

    assert (of_site.basis, of_site.name) == (Basis.HUMAN, "sites/plant-7")
    assert (of_connection.basis, of_connection.name) == (Basis.ZERO_TOUCH, "connections/lem")


def test_a_connection_s_file_holds_at_the_place_it_leads_to_and_nowhere_else(folder, policy):
    write(folder, "connections/lem.yaml", "policy: human")

    assert policy("plant-8", LEM).basis is Basis.HUMAN  # by whichever connection it is reached
    assert policy("plant-8", OTHER) == EXACT_MATCH


def test_where_people_are_asked_no_rule_approves_and_denials_stay(folder, policy):
    rules = "- {name: a, then: approve, reason: r}\n- {name: b, then: reject, reason: r}"
    write(folder, "sites/plant-7.yaml", f"policy: exact-match\nrules:\n{rules}")

    found = policy("plant-7", asks_people=True)

    assert found.basis is Basis.HUMAN
    assert [rule.then for rule in found.rules] == [Decision.REJECT]


def test_hidden_files_and_what_editors_leave_behind_are_no_policies(folder, policy):
    write(folder, "sites/.plant-7.yaml.swp", "policy: human")
    write(folder, "sites/plant-7.yaml~", "policy: human")
    write(folder, "README.md", "Policies of the north.")

    assert policy("plant-7") == EXACT_MATCH


# What is refused


def test_a_folder_that_is_named_and_not_there_is_reported(policy, tmp_path, monkeypatch):
    for named in (str(tmp_path / "polices"), "policies"):
        monkeypatch.setenv("MUSTER_POLICIES", named)

        with pytest.raises(UnusablePolicy, match="which is no folder"):
            policy("plant-7")


def test_a_file_that_cannot_be_used_admits_nobody_by_other_rules(folder, policy):
    write(folder, "sites/plant-7.yaml", "policy: everybody")

    with pytest.raises(UnusablePolicy, match="sites/plant-7 has faults:\n- line 1: policy"):
        policy("plant-7")


def test_a_file_that_is_no_text_is_reported(folder, policy):
    (folder / "sites/plant-7.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UnusablePolicy, match="cannot be read"):
        policy("plant-7")


@pytest.mark.parametrize(
    "name",
    [
        "plant-7.yaml",
        "site/plant-7.yaml",
        "Sites/plant-7.yaml",
        "sites/Plant-7.yaml",
        "sites/plant-7.yml",
        "sites/plant-7.YAML",
        "sites/plant-7.yaml.txt",
        "sites/plant-7",
        "sites/old/plant-7.yaml",
        "connections/LEM.yaml",
    ],
)
def test_a_file_that_would_not_be_read_is_refused(folder, policy, name):
    (folder / name).parent.mkdir(exist_ok=True)
    write(folder, name, "policy: human")

    with pytest.raises(UnusablePolicy, match="would not be read"):
        policy("plant-7")


def test_the_remedy_is_the_name_by_which_it_is_read(folder, policy):
    write(folder, "sites/Plant-7.YAML", "policy: human")

    with pytest.raises(UnusablePolicy, match=r"Name it plant-7\.yaml, or move it out"):
        policy("plant-7")


def test_a_folder_with_another_name_is_to_be_renamed(folder, policy):
    (folder / "site").mkdir()

    with pytest.raises(UnusablePolicy, match=r"would not be read\. Rename it to sites"):
        policy("plant-7")


@pytest.mark.parametrize("target", ["nowhere.yaml", "plant-7.yaml"], ids=["dangling", "a loop"])
def test_a_link_that_leads_nowhere_is_refused(folder, policy, target):
    (folder / "sites" / "plant-7.yaml").symlink_to(target)

    with pytest.raises(UnusablePolicy, match=r"plant-7\.yaml cannot be read"):
        policy("plant-7")


@pytest.mark.parametrize("target", ["nowhere", "sites"], ids=["dangling", "a loop"])
def test_a_folder_that_leads_nowhere_is_refused(folder, policy, target):
    (folder / "sites").rmdir()
    (folder / "sites").symlink_to(target)

    with pytest.raises(UnusablePolicy, match="cannot be read"):
        policy("plant-7")


def test_a_file_for_a_site_that_nobody_knows_may_be_meant_for_this_one(folder, policy):
    write(folder, "sites/plnat-8.yaml", "policy: human")

    with pytest.raises(UnusablePolicy, match=r"If it is meant for plant-8, rename it to plant-8"):
        policy("plant-8")

    write(folder, "sites/plant-8.yaml", "policy: exact-match")
    assert policy("plant-8").basis is Basis.EXACT_MATCH


def test_a_file_for_another_site_that_is_known_says_nothing_of_this_one(folder, policy):
    write(folder, "sites/plant-7.yaml", "policy: human")

    assert policy("plant-8") == EXACT_MATCH


def test_a_file_for_a_connection_that_nobody_knows_is_refused(folder, policy):
    write(folder, "connections/lme.yaml", "policy: human")

    with pytest.raises(UnusablePolicy, match="connections/lme holds nowhere: There is no conn"):
        policy("plant-7")


def test_a_connection_that_cannot_be_opened_hides_where_its_policy_holds(
    folder, policy, monkeypatch
):
    write(folder, "connections/lem.yaml", "policy: human")
    monkeypatch.setenv("LEM_PROJECT", "no spaces")

    with pytest.raises(UnusablePolicy, match="It is not known where the policy connections/lem"):
        policy("plant-7")
