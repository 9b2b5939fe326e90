"""Playing a month: each day its events happen, and each night the nightly run follows."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deployments.month_plan import Event, Plan
from deployments.month_scenario import What
from deployments.month_world import CannotHappen, World

Nightly = Callable[[], Awaitable[Any]]  # ends in a flow run's state
NO_RUN = "(no run)"
COUNTED = {What.POWERED_ON}  # shown by their number, for there are many
FEW = 2  # shown by their names


@dataclass
class Night:
    """One night: what happened on the day before it, and how the nightly run ended."""

    number: int
    moment: datetime
    happened: list[str] = field(default_factory=list)
    state: str = NO_RUN
    is_good: bool = True
    message: str = ""
    seconds: float = 0.0


async def play(
    plan: Plan, world: World, count: int, nightly: Nightly, shown: Callable[[Night], None]
) -> list[Night]:
    """Play the first `count` nights; `shown` is called with each before it begins."""
    nights = []
    for day in range(1, count + 1):
        night = Night(day, plan.scenario.night(day))
        shown(night)
        await _live(plan, world, day, night)
        world.advance_to(night.moment)
        if not any(event.what is What.MISSED for event in plan.on(day)):
            await _run(nightly, night)
        nights.append(night)
    return nights


async def reconcile() -> Any:
    """The nightly run; the state in which it ended."""
    from flows.reconcile_sites import reconcile_sites  # brings Prefect, which reads settings once

    run: Any = reconcile_sites(return_state=True)
    return await run


async def _live(plan: Plan, world: World, day: int, night: Night) -> None:
    """Let everything of the day happen, each at its time."""
    happened, notes = [], []
    for event in plan.on(day):
        world.advance_to(event.moment)
        try:
            world.happen(event)
        except CannotHappen as error:
            notes.append(f"not {event.what}: {error}")
            continue
        happened.append(event)
        if event.what is What.ONBOARDED:
            notes += await _onboard(plan, event)
        if event.what is What.RETIRED:
            notes += await _retire(plan, event)
    night.happened = _summary(happened) + notes


async def _onboard(plan: Plan, event: Event) -> list[str]:
    """Onboard a site by its roster of the day; returns why that failed, if it did.

    The month goes on: an onboarding fails when one of its devices does.
    """
    from flows.onboard_site import onboard_site  # as above

    site = next(site for site in plan.scenario.sites if site.name == event.site)
    run: Any = onboard_site(
        site.name,
        plan.roster(site.name, event.day),
        connection=site.connection,
        wait_minutes=0,
        code_expires=event.moment + timedelta(days=event.code_days),
        register_again=event.register_again,
        return_state=True,
    )
    state = await run
    return [] if state.is_completed() else [f"{event.site}: {_ended(state)}"]


async def _retire(plan: Plan, event: Event) -> list[str]:
    """Take a device out of service, by its flow; returns why that failed, if it did."""
    from flows.retire_device import retire_device  # as above

    connection = plan.devices[event.device].connection
    run: Any = retire_device(
        event.site, event.device, connection=connection, watch_minutes=0, return_state=True
    )
    state = await run
    return [] if state.is_completed() else [f"{event.device}: {_ended(state)}"]


def _ended(state: Any) -> str:
    """How a run of a day ended, in a few words."""
    return f"{state.name.lower()}: {_first_line(state.message)}"


def _first_line(message: str | None) -> str:
    return message.splitlines()[0] if message else ""


async def _run(nightly: Nightly, night: Night) -> None:
    began = time.perf_counter()
    state = await nightly()
    night.seconds = time.perf_counter() - began
    night.state, night.is_good = state.name, state.is_completed()
    night.message = _first_line(state.message)


def _summary(events: Sequence[Event]) -> list[str]:
    """What happened, in a few words for each kind, such as "12 powered on"."""
    names: dict[What, dict[str, None]] = {}
    for event in events:
        names.setdefault(event.what, {})[event.device or event.system or event.site] = None
    return [_sentence(what, [*each]) for what, each in names.items()]


def _sentence(what: What, names: Sequence[str]) -> str:
    many = what in COUNTED or len(names) > FEW
    return f"{len(names) if many else ', '.join(names)} {what}".strip()
