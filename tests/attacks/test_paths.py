"""Who may fill in a form names a file of the worker that was never meant for it.

The attacker may start flows, as anybody may who reaches the Prefect UI, and reads what comes back:
the run's message. Each story is an attack, and says what stands afterwards.
"""

import os

import pytest

from tests.attacks.given import GOOD, SECRET, backtested, integrated, onboarded, refused


class TestPaths:
    """The attacker names files of the worker."""

    def test_a_roster_in_its_folder_is_read(self, folder):
        (folder / "plant-7.csv").write_text(GOOD)

        assert onboarded(folder / "plant-7.csv") == ["edge-1"]

    def test_a_file_elsewhere_is_not_read_and_the_message_names_the_folder(self, folder, tmp_path):
        (tmp_path / "payroll.csv").write_text(GOOD)

        message = refused(onboarded, tmp_path / "payroll.csv")

        assert str(folder) in message
        assert "MUSTER_ROSTERS" in message

    def test_nobody_learns_which_files_there_are_elsewhere(self, folder, tmp_path):
        (tmp_path / "payroll, old.csv").write_text(GOOD)
        (tmp_path / "payroll.csv").write_text(GOOD)

        for name in ("payroll.csv", "payroll, old.csv"):
            found = refused(onboarded, tmp_path / name)
            missing = refused(onboarded, tmp_path / name.replace("payroll", "nothing"))

            assert found.replace("payroll", "nothing") == missing

    @pytest.mark.parametrize("way", ["{folder}/../payroll.csv", "{folder}/link.csv"])
    def test_no_way_leads_out_of_the_folder(self, folder, tmp_path, way):
        (tmp_path / "payroll.csv").write_text(GOOD)
        (folder / "link.csv").symlink_to(tmp_path / "payroll.csv")

        assert "MUSTER_ROSTERS" in refused(onboarded, way.format(folder=folder))

    def test_a_folder_beside_with_a_longer_name_is_another(self, folder):
        (beside := folder.with_name("rosters-of-others")).mkdir()
        (beside / "plant-7.csv").write_text(GOOD)

        assert "MUSTER_ROSTERS" in refused(onboarded, beside / "plant-7.csv")

    def test_a_folder_that_is_itself_a_link_may_be_named(self, folder, tmp_path, monkeypatch):
        (folder / "plant-7.csv").write_text(GOOD)
        (tmp_path / "link").symlink_to(folder)
        monkeypatch.setenv("MUSTER_ROSTERS", f"/nowhere{os.pathsep}{tmp_path / 'link'}")

        assert onboarded(tmp_path / "link" / "plant-7.csv") == ["edge-1"]
        assert onboarded(folder / "plant-7.csv") == ["edge-1"]

    def test_a_circle_of_links_is_no_file(self, folder):
        (folder / "a.csv").symlink_to(folder / "b.csv")
        (folder / "b.csv").symlink_to(folder / "a.csv")

        assert refused(onboarded, folder / "a.csv")

    def test_a_pipe_is_not_waited_for(self, folder):
        os.mkfifo(folder / "pipe.csv")

        assert "no regular file" in refused(onboarded, folder / "pipe.csv")

    def test_a_policy_may_also_lie_among_the_policies(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "policies"))
        (tmp_path / "policies").mkdir()
        (tmp_path / "policies" / "new.yaml").write_text("policy: human\n")
        (tmp_path / "policies" / "plant-7.csv").write_text(GOOD)

        assert backtested(tmp_path / "policies" / "new.yaml").basis == "human"
        assert refused(onboarded, tmp_path / "policies" / "plant-7.csv")
        assert refused(integrated, tmp_path / "policies" / "new.yaml")


class TestQuotes:
    """The attacker names what is no roster at all, and hopes that the refusal quotes it."""

    @pytest.mark.parametrize(
        "content",
        [
            SECRET,
            f"{SECRET},{SECRET}\nb,c",
            f"user,password\nroot,{SECRET}",
            f'device of {SECRET}\n"{SECRET}',
            f'"{SECRET}\n{SECRET}',
            f"[default]\npassword = {SECRET}\n",
            f"password: {SECRET}\nmac,mac\n",
        ],
    )
    def test_the_text_of_another_file_never_comes_back(self, folder, content):
        (folder / "token.txt").write_text(content)

        assert "hunter2" not in refused(onboarded, folder / "token.txt")

    @pytest.mark.parametrize(
        "content",
        [
            f"password: {SECRET}\n",
            f"policies: {SECRET}\nwebhook: {SECRET}",
            f"user: &{SECRET} a\nb: *{SECRET}\n",
            f"key: !{SECRET} a\n",
            f"a: b: {SECRET}",
            f"{SECRET}: [1, 2\n",
            f"2026-02-31\n---\n{SECRET}",
            SECRET,
        ],
    )
    @pytest.mark.parametrize("read", [backtested, integrated])
    def test_neither_do_values_of_another_yaml(self, folder, read, content):
        (folder / "secrets.yaml").write_text(content)

        assert "hunter2" not in refused(read, folder / "secrets.yaml")

    @pytest.mark.parametrize(
        ("read", "first"), [(backtested, "policy: human"), (integrated, "webhooks: []")]
    )
    def test_nor_does_what_no_policy_has_in_a_file_that_might_be_one(self, folder, read, first):
        (folder / "other.yaml").write_text(f"{first}\npassword: {SECRET}\n")

        assert "hunter2" not in refused(read, folder / "other.yaml")

    def test_the_answer_of_an_internal_service_does_not_come_back(self, allowed):
        url = allowed.answer("/latest/meta-data", f'{{"token": "{SECRET}"}}')

        assert "hunter2" not in refused(onboarded, url)

    def test_what_was_pasted_is_quoted_for_its_writer_has_it(self):
        assert "rack, room" in refused(onboarded, "rack,room\na,b")
