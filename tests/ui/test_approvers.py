"""People who are enrolled decide in the Prefect UI, proved by the digits of their apps."""

from datetime import UTC, datetime

import pytest

from tests.command.enrolling import enroll
from tests.ui.pages import NoBrowser, PrefectPages, chromium
from tests.ui.site import approvals, boot, codes, decisions, machine, roster

pytestmark = pytest.mark.browser

SITE = "plant-4"
MACHINE = machine("edge-401", "0a1b2c3d0401")


@pytest.fixture
def pages(up):
    try:
        with chromium() as browser:
            yield PrefectPages(browser, up.address, up.auth)
    except NoBrowser as error:
        pytest.skip(str(error))


def test_a_form_is_answered_with_digits_once_somebody_is_enrolled(pages, up):
    known = codes(up.simulator)
    given = {"site": SITE, "roster": roster([MACHINE]), "wait_minutes": 1}
    run = up.run("onboard-site/on-demand", approval="human", **given)
    boot(up.simulator, [MACHINE], known)
    up.run_in(run, "Waiting")
    review = up.run("review-requests/on-demand", site=SITE, wait_minutes=2)
    up.run_in(review, "Suspended")
    form = pages.open_question(review)
    pages.keep("20-names-are-not-proved")
    assert "Names are not proved here" in form.message
    assert "Six digits" not in form.message

    enrolled = enroll(up.environment, "Ada Example", "--site", SITE)
    assert enrolled.code == 0, enrolled.shown
    answer(form, pages, "21-a-typed-name")
    form = asked_again(pages, up, review)
    pages.keep("22-digits-are-asked-for")
    assert "Only enrolled approvers decide here." in form.message
    assert "Write the six digits" in form.message
    answer(form, pages, "23-wrong-digits", Six_digits="000 000")
    form = asked_again(pages, up, review)
    pages.keep("24-wrong-digits-are-reported")
    assert "These are not the digits that the app of Ada Example showed then" in form.message
    recorded = [(decision, by) for _, decision, by, *_ in decisions(up, SITE)]
    assert recorded == [("wrong digits", "Ada Example")]
    assert approvals(up.simulator, [MACHINE]) == [0]
    answer(form, pages, "25-right-digits", Six_digits=next_digits(enrolled.app))
    state = up.run_in(review, "Completed").state
    pages.show_run(review, "Completed")
    pages.keep("26-decided")

    assert "Ada Example: approved edge-401." in state.message
    assert approvals(up.simulator, [MACHINE]) == [1]
    about = "SELECT proof FROM decision WHERE site = :site AND device IS NOT NULL"
    ((proof,),) = up.rows(about, site=SITE)
    assert '"name":"Ada Example"' in proof


def asked_again(pages, up, review):
    """The form, once the run has refused the last answer and waits for another."""
    up.run_in(review, "Suspended")
    return pages.open_question(review)


def answer(form, pages, picture, **more):
    form.choose(Decision="approve")
    form.write(Your_name="ada example", Why="seen on the shelf", **more)
    pages.resume(picture)


def next_digits(app):
    """Digits that were not used for the enrollment: those of the step to come, which hold now."""
    return app.at(0, counter_offset=app.timecode(datetime.now(UTC)) + 1)
