"""A report is linked where its folder is served, and else its path is said."""

from pathlib import Path

import pytest

from fleet.text.settings import UnusableSettings
from tasks.runtime.report_links import LinkSettings, link_to, linked, where_is

PAGE = Path("var/reports/night-20261130T010000Z.html")


@pytest.mark.parametrize("base", ["https://m.test/reports", "https://m.test/reports/"])
def test_a_report_has_the_address_at_which_its_folder_is_served(monkeypatch, base):
    monkeypatch.setenv("MUSTER_REPORTS_URL", base)

    url = f"https://m.test/reports/{PAGE.name}"
    assert (link_to(PAGE), where_is(PAGE)) == (url, url)
    assert linked("The night", PAGE) == f"[The night]({url})"


def test_a_name_cannot_end_a_link(monkeypatch):
    monkeypatch.setenv("MUSTER_REPORTS_URL", "https://m.test")

    assert link_to(Path("a) b?#.html")) == "https://m.test/a%29%20b%3F%23.html"


def test_a_report_has_its_path_where_nobody_serves_its_folder(monkeypatch):
    monkeypatch.setenv("MUSTER_REPORTS_URL", "")

    assert (link_to(PAGE), where_is(PAGE)) == (None, str(PAGE))
    assert str(PAGE.resolve()) in linked("The night", PAGE)


@pytest.mark.parametrize(
    "base",
    ["https://me:secret@m.test", "https://m.test?a=1", "https://m.test#a", "file:///x", "//m.test"],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(monkeypatch, base):
    monkeypatch.setenv("MUSTER_REPORTS_URL", base)

    with pytest.raises(UnusableSettings, match="MUSTER_REPORTS_URL") as refused:
        LinkSettings()

    assert "secret" not in str(refused.value)
