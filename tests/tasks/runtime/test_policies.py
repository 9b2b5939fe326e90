import pytest

from fleet.admission.policy import EXACT_MATCH, Basis
from fleet.admission.policy_file import UnusablePolicy
from fleet.state.verdict import Decision
from tasks.runtime.policies import policy_for


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path))
    for part in ("sites", "connections"):
        (tmp_path / part).mkdir()
    return tmp_path


def write(folder, name, text):
    (folder / name).write_text(text)


def test_without_a_file_the_policy_is_exact_match(folder):
    assert policy_for("plant-7", "lem") == EXACT_MATCH


def test_without_a_folder_the_policy_is_exact_match(tmp_path, monkeypatch):
    monkeypatch.delenv("MUSTER_POLICIES", raising=False)
    monkeypatch.chdir(tmp_path)

    assert policy_for("plant-7", "lem") == EXACT_MATCH


def test_a_folder_that_is_named_and_not_there_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "polices"))

    with pytest.raises(UnusablePolicy, match="polices, which is no folder"):
        policy_for("plant-7", "lem")


def test_a_site_s_file_comes_before_its_connection_s(folder):
    write(folder, "sites/plant-7.yaml", "policy: human")
    write(folder, "connections/lem.yaml", "policy: zero-touch")

    of_site, of_connection = policy_for("plant-7", "lem"), policy_for("plant-8", "lem")

    assert (of_site.basis, of_site.name) == (Basis.HUMAN, "sites/plant-7")
    assert (of_connection.basis, of_connection.name) == (Basis.ZERO_TOUCH, "connections/lem")
    assert policy_for("plant-8", "other") == EXACT_MATCH


def test_where_people_are_asked_no_rule_approves_and_denials_stay(folder):
    rules = "- {name: a, then: approve, reason: r}\n- {name: b, then: reject, reason: r}"
    write(folder, "sites/plant-7.yaml", f"policy: exact-match\nrules:\n{rules}")

    policy = policy_for("plant-7", "lem", asks_people=True)

    assert policy.basis is Basis.HUMAN
    assert [rule.then for rule in policy.rules] == [Decision.REJECT]


def test_a_file_that_cannot_be_used_admits_nobody_by_other_rules(folder):
    write(folder, "sites/plant-7.yaml", "policy: everybody")

    with pytest.raises(UnusablePolicy, match="sites/plant-7 has faults:\n- line 1: policy"):
        policy_for("plant-7", "lem")


def test_a_file_that_is_no_text_is_reported(folder):
    (folder / "sites/plant-7.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UnusablePolicy, match="cannot be read"):
        policy_for("plant-7", "lem")


def test_a_file_that_lies_beside_the_folders_is_not_silently_ignored(folder):
    write(folder, "plant-7.yaml", "policy: human")

    with pytest.raises(UnusablePolicy, match=r"plant-7\.yaml would not be read. Move it to"):
        policy_for("plant-7", "lem")


def test_a_file_with_another_ending_is_not_silently_ignored(folder):
    write(folder, "sites/plant-7.yml", "policy: human")

    with pytest.raises(UnusablePolicy, match=r"would not be read\. Name it plant-7\.yaml"):
        policy_for("plant-7", "lem")
