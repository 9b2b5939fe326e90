"""The pages of the Prefect UI, as a person uses them; each is saved as a picture."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from playwright.sync_api import Browser, Error, Locator, expect, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

SCREENS = Path(__file__).parents[2] / "var" / "screens"
NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE = {"width": 1600, "height": 1650}  # so that a form is seen as a whole
WAIT_LIMIT = 30_000  # milliseconds
CLICKS = 4


class NoBrowser(Exception):
    """There is no Chromium, or it cannot start; the message says which."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, or the one that `playwright install chromium` brought."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, NAMES)), own)
        if not Path(path).exists():
            raise NoBrowser(f"no Chromium: none of {', '.join(NAMES)}, and not {own}")
        try:
            browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        except Error as error:
            raise NoBrowser(f"{path} cannot start: {error.message.splitlines()[0]}") from error
        with browser:
            yield browser


class PrefectPages:
    """One browser window on the Prefect UI, signed in."""

    def __init__(self, browser: Browser, address: str, auth: str) -> None:
        self._address = address
        self._page = browser.new_page(viewport=SIZE)
        self._page.set_default_timeout(WAIT_LIMIT)
        expect.set_options(timeout=WAIT_LIMIT)
        SCREENS.mkdir(parents=True, exist_ok=True)
        self._page.goto(f"{address}/v2/dashboard")
        self._page.get_by_placeholder("admin:pass").fill(auth)
        self.keep("00-sign-in")
        self._page.get_by_role("button", name="Login").click()
        expect(self._page.get_by_role("link", name="Deployments")).to_be_visible()

    def open_form(self, flow: str) -> "Form":
        """The form that starts a deployment, found as one finds it from the first page."""
        page = self._page
        page.goto(self._address)
        page.get_by_role("link", name="Deployments").first.click()
        row = page.get_by_role("row").filter(has_text=flow)
        row.get_by_role("link", name="on-demand").click()
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Custom run").click()
        expect(page.get_by_role("button", name="Submit")).to_be_visible()
        return Form(page.get_by_role("main"))

    def start(self, picture: str) -> UUID:
        """Submit the form; the id of the run that it makes."""
        self.keep(picture, whole=True)
        button = self._page.get_by_role("button", name="Submit")
        return UUID(self._send(button, "**/create_flow_run")["id"])

    def show_run(self, run_id: UUID, state: str) -> None:
        """The run's page, once it shows that state."""
        self._page.goto(f"{self._address}/v2/runs/flow-run/{run_id}")
        main = self._page.get_by_role("main")
        expect(main.get_by_text(state, exact=True).first).to_be_visible()
        self._page.wait_for_timeout(1000)  # its graph and log are drawn somewhat later

    def table(self, name: str) -> list[str]:
        """The rows of the run's table artifact, each as its text; its page stays open."""
        page = self._page
        page.get_by_role("tab", name="Artifacts").click()
        page.get_by_role("tabpanel").get_by_role("link", name=name).click()
        page.get_by_role("main").get_by_role("link", name=re.compile("^[0-9a-f]{8}$")).click()
        rows = page.get_by_role("tabpanel").get_by_role("row")
        expect(rows.nth(1)).to_be_visible()
        return [row.inner_text() for row in rows.all()]

    def open_question(self, run_id: UUID) -> "Form":
        """The form that a suspended run waits for."""
        page = self._page
        self.show_run(run_id, "Suspended")
        page.get_by_role("main").get_by_role("button", name="Open menu").first.click()
        page.get_by_role("menuitem", name="Resume").click()
        dialog = page.get_by_role("dialog", name="Resume Flow Run")
        expect(dialog.get_by_label("Your name")).to_be_visible()
        expect(dialog.get_by_text("Decide by")).to_be_visible()  # the text comes after the fields
        return Form(dialog)

    def resume(self, picture: str) -> None:
        """Send the answer."""
        self.keep(picture)
        dialog = self._page.get_by_role("dialog", name="Resume Flow Run")
        reply = self._send(dialog.get_by_role("button", name="Resume", exact=True), "**/resume")
        assert reply["status"] == "ACCEPT", reply
        expect(dialog).to_be_hidden()

    def _send(self, button: Locator, address: str) -> dict[str, Any]:
        """What is answered to a form, clicked as often as a person would.

        A click too soon after the last key sends nothing; a server whose SQLite is busy answers
        503 and changes nothing, and the form stays open.
        """
        answered = "nothing was sent"
        for _ in range(CLICKS):
            try:
                with self._page.expect_request(address, timeout=WAIT_LIMIT / CLICKS) as sent:
                    button.click()
            except NotInTime:
                continue
            response = sent.value.response()
            assert response, f"no answer to {address}"
            if response.ok:
                reply: dict[str, Any] = response.json()
                return reply
            answered = f"{response.status} {response.text()}"
            assert response.status == httpx.codes.SERVICE_UNAVAILABLE, f"{address}: {answered}"
        raise AssertionError(f"{CLICKS} clicks on {address}: {answered}")

    def keep(self, picture: str, whole: bool = False) -> None:
        """Save a picture of what is visible, or of the whole page, in `var/screens/`."""
        self._page.wait_for_timeout(500)  # until menus have faded
        self._page.screenshot(path=SCREENS / f"{picture}.png", full_page=whole)


class Form:
    """A form of the Prefect UI, by the titles of its fields."""

    def __init__(self, place: Locator) -> None:
        self._place = place

    @property
    def message(self) -> str:
        """All that it says."""
        return self._place.inner_text()

    def write(self, **fields: str) -> None:
        """Fill fields in; `_` stands for a space."""
        for title, text in fields.items():
            self._place.get_by_label(_titled(title)).fill(text)

    def choose(self, **fields: str) -> None:
        """Choose from lists; `_` stands for a space."""
        for title, option in fields.items():
            name = f"Select {title.replace('_', ' ')}"
            self._place.get_by_role("button", name=name, exact=True).click()
            self._place.page.get_by_role("option", name=option, exact=True).click()

    def add(self, text: str) -> None:
        """Add an item to its only list."""
        self._place.get_by_role("button", name="Add item").click()
        grip = self._place.get_by_role("button", name="Drag to reorder").last
        grip.locator("xpath=following::*[self::input or self::textarea][1]").fill(text)


def _titled(title: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(title.replace('_', ' '))}( \(.*\))*$")
