"""Runs that are cut short from outside: cancelled, or with Prefect's server killed beneath them."""

import pytest

from tests.ui.product import eventually
from tests.ui.site import approvals, codes, machine, roster

pytestmark = pytest.mark.server


class Waiting:
    """A run that waits for the devices of a site of its own, until they are switched on."""

    def __init__(self, up, site, number):
        self.up, self.site = up, site
        self.machines = [machine(f"{site}-{n}", f"0a1b2c3d{number:02}{n:02}") for n in range(1, 4)]
        known = codes(up.simulator)
        self.run = self.start()
        self.code = eventually(lambda: codes(up.simulator) - known, "a new code").pop()

    def start(self):
        given = {"site": self.site, "roster": roster(self.machines), "wait_minutes": 5}
        return self.up.run("onboard-site/on-demand", **given)

    def boot(self):
        devices = [each | {"code": self.code} for each in self.machines]
        self.up.simulator.control("lem/boot", devices=devices)

    @property
    def claims(self):
        claimed = "SELECT 1 FROM claim JOIN connection_run ON run_id = connection_run.id"
        return self.up.rows(f"{claimed} WHERE site = :site", site=self.site)

    def comes_into_service(self, run):
        state = self.up.run_in(run, "Completed").state
        assert f"{self.site}: 3 in service" in state.message
        assert approvals(self.up.simulator, self.machines) == [1, 1, 1]


def test_a_run_that_is_cancelled_in_the_ui_leaves_nothing_claimed(up):
    waiting = Waiting(up, "plant-41", 41)
    assert waiting.claims

    up.cancel(waiting.run)

    up.run_in(waiting.run, "Cancelled")
    eventually(lambda: not waiting.claims, "that all is released", 30)
    waiting.boot()
    waiting.comes_into_service(waiting.start())


def test_a_run_goes_on_when_the_server_was_killed_beneath_it_and_started_again(up):
    waiting = Waiting(up, "plant-42", 42)
    up.kill("prefect server start")

    up.start_server_alone()
    waiting.boot()

    waiting.comes_into_service(waiting.run)
    assert not waiting.claims
