"""The night's page: what it says first, what it escapes, and that it needs nothing else."""

import re
from dataclasses import replace
from datetime import date
from functools import cache
from html import unescape
from html.parser import HTMLParser

from hypothesis import given, settings

from fleet.nightly.catalog import FindingKind
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State
from reports.nightly.charts import charts
from reports.nightly.facts import Planned
from reports.nightly.frames import NOT_CHECKED, findings_frame
from reports.nightly.night_page import KIND_TONES, TONES, reach, to_html
from tests.laws import share_of
from tests.reports.nights import (
    PLACES,
    SCRIPT,
    a_device,
    a_finding,
    a_night,
    a_past,
    a_report,
    before,
    nights,
    quiet,
    rich,
)

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "ul", "li"),
    *("div", "span", "b", "i", "small", "code", "section", "footer", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
    *("svg", "rect", "line", "path", "circle", "polyline", "g", "text", "desc"),
}
VOID = {"meta"}


class Page(HTMLParser):
    """A page as a browser reads it: its tags, attributes and text, and whether they nest."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []
        self.feed(html)
        self.close()
        self.text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", _without_style(html))))

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _without_style(html):
    return re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


@cache
def rich_text():
    return Page(to_html(rich())).text


def text(facts):
    return Page(to_html(facts)).text


@settings(max_examples=share_of(12))
@given(facts=nights())
def test_whatever_the_night_held_the_page_nests_and_holds_no_markup_from_outside(facts):
    html = to_html(facts)

    page = Page(html)
    assert page.tags <= TAGS
    assert page.open == []
    assert not {each for each in page.attributes if each.startswith("on")}
    assert "nan" not in page.text.split()
    assert html.encode("utf-8")


@settings(max_examples=share_of(5))
@given(facts=nights())
def test_the_page_asks_nothing_of_any_network(facts):
    html = _without_style(to_html(facts))

    assert not {"src", "href", "srcset", "action", "style", "xlink:href"} & Page(html).attributes


def test_the_styles_and_the_policy_let_nothing_be_loaded():
    html = to_html(rich())

    assert not re.search(r"url\(|@import|@font-face|https?://", html)
    assert "default-src 'none'" in html


def test_a_script_in_every_text_stays_text():
    evil = a_night(
        run_name=SCRIPT,
        devices=[a_device(SCRIPT, place=(SCRIPT, SCRIPT), reason=SCRIPT, version=SCRIPT)],
        reported=[
            a_report(
                a_finding(subject=SCRIPT, reason=SCRIPT, place=(SCRIPT, SCRIPT)), remedy=SCRIPT
            )
        ],
        not_checked={SCRIPT: SCRIPT},
        ended_runs=[SCRIPT],
        decisions_head=SCRIPT,
    )

    html = to_html(evil)

    assert "<script" not in html
    assert html.count("&lt;script") >= 7


def test_the_page_begins_with_the_counts_and_what_needs_attention():
    reported_first = rich_text().partition("Needs attention")[0]

    assert "Night of Friday 20 March 2026" in reported_first
    assert "reconcile sites · 02:00:00 to 02:04:11 CET, Europe/Berlin" in reported_first
    assert "145 of 160 checked devices are in service, down 3 since last night" in reported_first
    assert "lem-9 was not checked. GET /dm/api/projects: no connection" in reported_first
    assert "Its 40 devices, as last known: 40 in service." in reported_first
    assert "1 night missed: 2026-03-11." in reported_first
    assert "11 need attention" in reported_first
    assert "11 failed +3 since last night" in reported_first
    assert "40 not checked +40 since last night" in reported_first


def test_each_that_needs_attention_has_its_reason_age_and_remedy():
    page = rich_text()

    assert (
        "key lost 1 Revoke it at the site and enroll it anew. "
        "edge-100 plant-8 · acusight its key was given once and is lost 9 d since 11 Mar"
    ) in page
    assert (
        "edge-073 new plant-7 · lem-7 provisioning failed: Install runtime: no space left on "
        "device 3 actions so far. 3 d since 16 Mar"
    ) in page


@settings(max_examples=share_of(5))
@given(facts=nights())
def test_every_finding_is_one_row_of_the_page(facts):
    html = to_html(facts)

    assert html.count('class="n age"') == len(findings_frame(facts)) == len(facts.reported)


def test_a_long_list_is_cut_and_says_so():
    many = [a_report(a_finding(subject=f"edge-{n}")) for n in range(300)]

    page = to_html(a_night(reported=many))

    assert page.count('class="n age"') == 200
    assert "The first 200 of 300." in page


def test_the_page_says_what_was_done_and_which_dead_runs_were_ended():
    page = rich_text()

    assert "retry POST /activation/retry: 503 plant-7 · lem-7 1 edge-009" in page
    assert "retry done plant-7 · lem-7 3 edge-001, edge-017, edge-025" in page
    assert "end runs whose worker had died done Prefect 1 onboard plant-8" in page


def test_the_page_says_causes_quotas_stages_and_decisions_with_their_head():
    page = rich_text()

    assert "10 of 11 failures share version 3.5.4, as do 26 of the 159 devices whose" in page
    assert "acusight 10 calls in 60 s 36 90 % of 40 in 3 min 58 s" in page
    assert "Install runtime slowest 185 times 2 min 5 s 3 min 10 s longest 3 min 10 s" in page
    assert "2026-03-19 17:00:00 approve edge-044 plant-7 Ada Example form seen at" in page
    assert "4711:9f2c61d07ab3c1e8 . To check that the record still contains it, run" in page


def test_a_night_without_decisions_still_shows_the_head():
    page = text(replace(rich(), decisions=()))

    assert "Decisions 0 No decisions were made." in page
    assert "4711:9f2c61d07ab3c1e8" in page


def test_a_dry_run_says_at_once_that_it_is_dry_and_what_a_real_run_would_do():
    planned = [Planned(*PLACES[0], f"edge-{n}", ActionKind.RETRY) for n in range(9)]

    page = text(replace(rich(), dry_run=True, done=(), planned=planned))

    assert page.index("20 March 2026: dry run") < page.index("nothing was changed")
    assert "What a real run would do is listed first." in page
    assert "A real run would: 9 × retry." in page
    assert page.index("What a real run would do Action") < page.index("key lost 1 Revoke")
    assert "edge-7 and 1 more" in page


def test_a_dry_run_that_would_do_nothing_says_so_and_a_real_one_is_not_called_dry():
    assert "A real run would change nothing either." in text(replace(quiet(), dry_run=True))
    assert "dry" not in rich_text().lower()


def test_an_empty_first_night_is_a_page():
    page = text(a_night())

    assert "No roster lists a device yet. Nothing needs attention." in page
    assert "since last night" not in page
    assert "The last" not in page


def test_a_night_that_could_check_nothing_says_so_of_each():
    page = text(replace(quiet(), not_checked={by: "down" for _, by in PLACES}))

    assert "None of 200 devices could be checked." in page
    assert page.count("was not checked. down") == 3
    assert "200 not checked +200 since last night" in page


def test_times_of_a_day_are_reported_shortly_and_others_with_their_date():
    facts = a_night(
        reported=[
            a_report(a_finding(subject="new", since=before(minutes=30))),
            a_report(a_finding(subject="old", since=before(days=400))),
        ]
    )

    page = text(facts)

    assert "34 min 11 s since 01:30" in page
    assert "400 d since 13 Feb 2025" in page


def test_what_a_reason_names_is_set_apart():
    html = to_html(a_night(reported=[a_report(a_finding(reason="*Register again* <b> 2 * 3 * 4"))]))

    assert "<i>Register again</i> &lt;b&gt; 2 * 3 * 4" in html


def test_every_state_and_kind_has_a_tone():
    assert {*(state.record.label for state in State), NOT_CHECKED} == {*TONES}
    assert {kind.record.label for kind in FindingKind} == {*KIND_TONES}


def test_a_scale_begins_at_nothing_and_ends_at_the_longest():
    assert (reach(0, 60), reach(60, 60), reach(0, 0)) == (0, 100, 0)
    assert reach(1, 60) < reach(10, 60) < reach(59, 60)


def test_a_chart_shows_the_last_thirty_nights_and_a_gap_for_each_missed_one():
    chart = {chart.name: chart for chart in charts(rich())}["not_in_service"]

    missed = [slot.label for slot in chart.slots if slot.is_missed]
    assert len(chart.slots) == 30
    assert missed == ["2026-03-11: missed"]
    assert (chart.latest, chart.slots[-1].label) == ("15", "2026-03-20: 15")


def test_a_gap_stays_in_the_charts_of_later_nights():
    facts = replace(quiet(), missed=(), history=[a_past(ago) for ago in (5, 4, 2, 1)])

    chart = charts(facts)[0]

    assert [slot.is_missed for slot in chart.slots] == [False, False, True, False, False, False]
    assert len(chart.strokes) == 2


def test_there_is_no_chart_of_a_single_night_nor_of_what_was_always_zero():
    assert charts(a_night(devices=[a_device()])) == []
    assert {chart.name for chart in charts(quiet())} == {"share", "needs_attention"} - {
        "needs_attention"
    }


def test_the_missed_are_all_counted_and_the_last_of_them_named():
    page = text(a_night(missed=[date(2026, 3, day) for day in range(1, 20)]))

    assert "19 nights missed:" in page
    assert "2026-03-19 and 9 earlier." in page
