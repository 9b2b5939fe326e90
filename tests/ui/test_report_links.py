"""A run's plan is reached by a link in both of Prefect's UIs, and shows itself."""

import pytest
from playwright.sync_api import expect

from tests.ui.pages import SCREENS, SIZE, NoBrowser, chromium
from tests.ui.site import machine, roster

pytestmark = pytest.mark.browser

SITE = "plant-9"
MACHINE = machine("edge-901", "0a1b2c3d0901")
LINK = "The whole plan"


@pytest.fixture
def page(up):
    """A window that knows what to show to the server of reports, where a person would type it."""
    user, _, password = up.auth.partition(":")
    shown = {"username": user, "password": password, "origin": up.reports_address}
    try:
        with chromium() as browser:
            made = browser.new_page(viewport=SIZE, http_credentials=shown)
            made.goto(f"{up.address}/v2/dashboard")
            made.get_by_placeholder("admin:pass").fill(up.auth)
            made.get_by_role("button", name="Login").click()
            expect(made.get_by_role("link", name="Deployments")).to_be_visible()
            yield made
    except NoBrowser as error:
        pytest.skip(str(error))


def test_a_plan_opens_by_its_link_in_both_uis(page, up):
    run = up.run("plan-site/on-demand", site=SITE, roster=roster([MACHINE]))
    assert f"Page: {up.reports_address}/plan-{SITE}-" in up.run_in(run, "Completed").state.message

    page.goto(f"{up.address}/v2/runs/flow-run/{run}")
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_role("tabpanel").get_by_role("link").first.click()
    page.get_by_role("link", name=LINK, exact=True).click()
    shows_the_plan(page, up, "30-the-plan-from-v2")
    page.goto(f"{up.address}/v2/dashboard")
    page.get_by_text("Switch to V1 UI").click()
    page.wait_for_timeout(2000)
    page.goto(f"{up.address}/artifacts/key/site-plan-{SITE}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=LINK, exact=True).click()
    shows_the_plan(opened.value, up, "31-the-plan-from-v1")


def shows_the_plan(page, up, picture):
    expect(page).to_have_title(f"Plan for {SITE}")
    assert page.url.startswith(f"{up.reports_address}/plan-{SITE}-")
    assert MACHINE["name"] in page.content()
    page.screenshot(path=SCREENS / f"{picture}.png")
