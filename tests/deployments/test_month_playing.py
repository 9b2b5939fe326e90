"""A month is played day after day: what happens is told, and a night runs unless it is missed."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from deployments.month_plan import Event, Plan
from deployments.month_playing import NO_RUN, play
from deployments.month_scenario import What, read_scenario
from deployments.month_world import CannotHappen

SCENE = read_scenario()


@dataclass
class Ended:
    """How a flow run ended."""

    name: str = "Completed"
    message: str = "1 of 1 device in service.\nmore"
    good: bool = True

    def is_completed(self):
        return self.good


@dataclass
class World:
    """A world that notes what it is told, and in which some things cannot happen."""

    impossible: set = field(default_factory=set)
    noted: list = field(default_factory=list)

    def advance_to(self, moment):
        self.noted.append(moment)

    def happen(self, event):
        if event.what in self.impossible:
            raise CannotHappen(f"{event.device} has no request")
        self.noted.append(event.what)


def an_event(what, day=1, hour=9, **more):
    moment = SCENE.midnight(day) + timedelta(hours=hour)
    return Event(day, moment, what, more.pop("site", "plant-1"), **more)


def played(*events, count=1, world=None, ended=None):
    """The nights of a month of those events."""

    async def nightly():
        return ended or Ended()

    plan = Plan(SCENE, {}, events)
    return asyncio.run(play(plan, world or World(), count, nightly, lambda night: None))


def test_everything_happens_at_its_time_and_then_the_night_comes():
    world, event = World(), an_event(What.POWERED_ON, device="edge-1")

    played(event, world=world)

    assert world.noted == [event.moment, What.POWERED_ON, SCENE.night(1)]


def test_what_happened_is_reported_in_a_few_words():
    devices = [an_event(What.POWERED_ON, device=f"edge-{n}") for n in range(3)]
    repaired = [an_event(What.REPAIRED, device=f"edge-{n}") for n in range(2)]
    down = an_event(What.DOWN, system="lem")

    (night,) = played(*devices, *repaired, down)

    assert night.happened == ["3 powered on", "edge-0, edge-1 repaired", "lem went down"]


def test_many_of_a_kind_are_reported_by_their_number():
    (night,) = played(*(an_event(What.REPAIRED, device=f"edge-{n}") for n in range(9)))

    assert night.happened == ["9 repaired"]


def test_what_cannot_happen_is_reported_and_stops_nothing():
    world = World(impossible={What.REPAIRED})

    (night,) = played(an_event(What.REPAIRED, device="edge-1"), world=world)

    assert night.happened == ["not repaired: edge-1 has no request"]
    assert night.state == "Completed"


def test_a_night_is_reported_by_the_first_line_of_its_run():
    (night,) = played()

    assert (night.number, night.moment, night.is_good) == (1, SCENE.night(1), True)
    assert night.message == "1 of 1 device in service."


def test_a_night_that_failed_is_not_good():
    (night,) = played(ended=Ended("Failed", "Nothing could be observed.", good=False))

    assert (night.state, night.is_good) == ("Failed", False)


def test_a_missed_night_has_no_run_and_is_no_failure():
    first, second = played(an_event(What.MISSED, site=""), count=2)

    assert (first.state, first.is_good, first.happened) == (NO_RUN, True, ["no run at night"])
    assert second.state == "Completed"
