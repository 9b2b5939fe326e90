"""What people do in the Prefect UI, from a pasted roster to a device turned away."""

import pytest

from tests.ui.pages import NoBrowser, PrefectPages, chromium
from tests.ui.site import approvals, boot, codes, decisions, machine, number, requests, roster

pytestmark = pytest.mark.browser

SITE = "plant-ui"
LISTED = [machine(f"edge-00{n}", f"0a1b2c3d000{n}") for n in (1, 2, 3)]
FOURTH = machine("edge-104", "0a1b2c3d0104", macs=["02:1a:2b:3c:4d:5e"])
UNKNOWN_DEVICES = [machine(f"unlisted-{n}", f"0a1b2c3d099{n}", "unknown-device") for n in (1, 2)]


@pytest.fixture
def browser():
    try:
        with chromium() as opened:
            yield opened
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture
def pages(browser, up):
    return PrefectPages(browser, up.address, up.auth)


def test_people_admit_what_they_have_seen_and_turn_away_what_they_distrust(pages, up):
    lem = up.simulator

    onboard(pages, up)
    decide_on_what_is_held(pages, up)
    turn_the_fourth_away(pages, up)

    known = requests(lem)
    assert [known[each["host_id"]] for each in LISTED] == ["activated"] * 3
    assert known[FOURTH["host_id"]] == "rejected"
    assert [known[each["host_id"]] for each in UNKNOWN_DEVICES] == ["rejected", "pending"]
    assert approvals(lem, LISTED) == [1, 1, 1]
    ada, bo = ("Ada Example", "person", "seen on the shelf"), ("Bo Example", "person", "wrong box")
    assert [(d, v, (by, how, why)) for d, v, by, how, why in decisions(up, SITE)] == [
        *((each["name"], "approve", ada) for each in LISTED),
        (None, "reject", ada),
        (FOURTH["name"], "reject", bo),
    ]


def onboard(pages, up):
    form = pages.open_form("onboard-site")
    pages.keep("01-onboard-site-form-empty", whole=True)
    form.write(Site=SITE, Roster=roster(LISTED), Wait_limit="1")
    form.choose(Approval="human")
    known = codes(up.simulator)
    run = pages.start("02-onboard-site-form-filled")
    boot(up.simulator, [*LISTED, *UNKNOWN_DEVICES], known)
    state = up.run_in(run, "Waiting").state
    pages.show_run(run, "Waiting")
    pages.keep("03-onboard-site-waiting")

    assert "3 held for a person, 2 unknown devices" in state.message


def decide_on_what_is_held(pages, up):
    form = pages.open_form("review-requests")
    form.write(Site=SITE)
    run = pages.start("04-review-requests-form")
    up.run_in(run, "Suspended")
    pages.show_run(run, "Suspended")
    pages.keep("05-review-requests-suspended")
    table = "\n".join(pages.table(f"review-{SITE}"))
    pages.keep("06-review-requests-table")
    form = pages.open_question(run)
    question = form.message
    pages.keep("07-review-requests-resume-empty")
    form.choose(Exact_matches="approve them")
    unknown_device = number(up.simulator, UNKNOWN_DEVICES[0])
    form.write(Reject_these=unknown_device, Your_name="Ada Example", Why="seen on the shelf")
    pages.resume("08-review-requests-resume-filled")
    state = up.run_in(run, "Completed").state
    pages.show_run(run, "Completed")
    pages.keep("09-review-requests-completed")

    for message in (table, question):
        assert all(each["name"] in message for each in LISTED)
        assert "it shows this site's code but is no device of its roster" in message
    assert "3 exact matches, 2 unknown devices" in question
    assert "After that, everything stays held." in question
    decided = f"approved edge-001, edge-002, edge-003; rejected {unknown_device}; left 1 held"
    assert f"Ada Example: {decided}." in state.message


def turn_the_fourth_away(pages, up):
    form = pages.open_form("provision-device")
    form.write(Site=SITE, Name=FOURTH["name"], Host_id="0a1b2c3dffff", Wait_limit="1")
    form.add(FOURTH["macs"][0])
    form.choose(Approval="human")
    known = codes(up.simulator)
    run = pages.start("10-provision-device-form")
    boot(up.simulator, [FOURTH], known)
    up.run_in(run, "Suspended")
    pages.show_run(run, "Suspended")
    pages.keep("11-provision-device-suspended")
    form = pages.open_question(run)
    question = form.message
    pages.keep("12-provision-device-expected-against-observed")
    form.choose(Decision="reject")
    form.write(Your_name="Bo Example", Why="wrong box")
    pages.resume("13-provision-device-rejected")
    ended = up.run_in(run, "Completed").state
    pages.show_run(run, ended.name)
    pages.keep("14-provision-device-ended")

    assert "is this edge-104 of plant-ui?" in question
    assert "0a1b2c3dffff\t0a1b2c3d0104\t✗" in question
    assert "deleted in LEM" in question
    assert "Bo Example: rejected edge-104." in ended.message
