"""The night in short: complete, and nothing from outside is markup."""

import re
from dataclasses import replace

from hypothesis import given, settings

from fleet.state.action_kind import ActionKind
from reports.nightly.facts import Planned
from reports.nightly.markdown import to_markdown
from tests.laws import met, share_of
from tests.reports.nights import PLACES, a_finding, a_night, a_report, nights, quiet, rich

UNESCAPED = r"(?<!\\)(?:\\\\)*"


def test_what_matters_is_reported_in_order():
    markdown = to_markdown(rich(), "file:///var/night.html")

    assert re.findall("^#+ .*", markdown, re.MULTILINE) == [
        "# Night of 2026-03-20",
        "## Needs attention",
        "## What they have in common",
        "## Actions taken",
        "## Not checked",
    ]
    assert "reconcile sites · 02:00:00 to 02:04:11 CET (Europe/Berlin)" in markdown
    assert "[Full report](file:///var/night.html)" in markdown
    assert "1 run whose worker had died was ended." in markdown
    assert "| end runs whose worker had died | onboard plant-8 | 1 |" in markdown
    assert "1 night missed: 2026-03-11." in markdown
    assert markdown.endswith("Head of the decision record: 4711:9f2c61d07ab3c1e8\n")


def test_each_that_needs_attention_is_a_row_with_reason_age_and_remedy():
    assert (
        "| key lost | edge-100, plant-8 | its key was given once and is lost | 9 d | "
        "Revoke it at the site and enroll it anew. |"
    ) in to_markdown(rich())


def test_more_than_twenty_are_counted():
    many = [a_report(a_finding(subject=f"edge-{n}")) for n in range(23)]

    assert "… and 3 more in the full report." in to_markdown(a_night(reported=many))


def test_a_dry_run_says_what_a_real_one_would_do():
    planned = [Planned(*PLACES[0], "edge-1", ActionKind.APPROVE)]

    markdown = to_markdown(replace(quiet(), dry_run=True, planned=planned))

    assert "# Night of 2026-03-20 (dry run)" in markdown
    assert "Dry run: nothing was changed. A real run would: 1 × approve." in markdown


def test_a_quiet_and_an_empty_night_have_no_tables():
    assert "|" not in to_markdown(quiet()) + to_markdown(a_night())


@settings(max_examples=share_of(8))
@given(facts=nights())
def test_every_row_of_a_table_has_as_many_cells_as_its_head(facts):
    width = 0
    for line in met(to_markdown(facts).splitlines()):
        cells = len(re.findall(UNESCAPED + r"\|", line)) if line.startswith("|") else 0
        assert not (width and cells) or cells == width
        width = cells
