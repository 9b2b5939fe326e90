"""Conclude: the state in which a night's run ends, and its sentence."""

from collections import Counter
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from fleet.state.device_state import State
from reports.page.wording import counted
from tasks.nightly.night import Night
from tasks.pipeline.plan import warnings
from tasks.runtime.report_links import where_is


def conclude(night: Night, page: Path | None) -> RunState[Any]:
    """Failed when nothing could be observed; *Needs attention* when the report asks for a person.

    *Not checked* when a connection or a site could not be observed. That another run works at a
    site is no failure: that run observes the site. `page` is the report's, if there is one.
    """
    message = " ".join([_sentence(night, with_report=page is not None), *_warnings(night)])
    if page:
        message += f" Report: {where_is(page)}"
    if night.not_checked.keys() - night.busy and not night.places:
        reasons = "\n".join(f"{name}: {why}" for name, why in night.not_checked.items())
        return Failed(message=f"Nothing could be observed. {reasons}\n{message}")
    if night.is_dry:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {message}")
    if page and night.needs_attention:
        return Completed(name="Needs attention", message=message)
    if night.not_checked.keys() - night.busy:
        return Completed(name="Not checked", message=message)
    return Completed(message=message)


def _warnings(night: Night) -> list[str]:
    """What is wrong with what systems show, such as their clocks; once, however many its sites."""
    observed = {place.run.connection: place for place in night.places}
    return [each for place in observed.values() for each in warnings(place.run, place.plan)]


def _sentence(night: Night, with_report: bool) -> str:
    states = Counter(s.state for p in night.places for s in p.plan.assessment.statuses)
    checked, unchecked = states.total(), _unchecked(night, with_report)
    parts = [f"{states[State.IN_SERVICE]:,} of {counted(checked, 'device')} in service"]
    if unchecked:
        parts = [*(parts if checked else ()), unchecked]
    if night.findings:
        parts.append(counted(len(night.findings), "finding"))
    if night.done:
        parts.append(f"{counted(len(night.done), 'action')} done")
    if night.ended_runs:
        parts.append(f"{counted(len(night.ended_runs), 'dead run')} ended")
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _unchecked(night: Night, with_report: bool) -> str:
    """What was not checked, of which nothing is claimed; "" when everything was.

    A run without a report observes only sites where a device is on its way, and does not count.
    """
    seen = sum(len(place.plan.assessment.statuses) for place in night.places)
    number = sum(each.is_managed for each in night.records) - seen if with_report else 0
    names = f": {', '.join(sorted(night.not_checked))}" if night.not_checked else ""
    count = f"{counted(number, 'device')} " if number > 0 else ""
    return f"{count}not checked{names}" if count or names else ""
