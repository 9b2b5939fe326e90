"""The trend: the counts that are stored of each night, and the table of the last nights."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from fleet.nightly.catalog import FindingKind
from fleet.state.device_state import State
from reports.nightly.columns import COUNT, NUMBER, TEXT, TIME, frame_of
from reports.nightly.facts import NightDevice, NightFacts, Past
from reports.nightly.stages import stages_frame
from reports.page.stages import WAITS

NOT_CHECKED = "not checked"
UNCHECKED = "not_checked"  # the same, as it is stored
OTHER_KINDS = "other kinds"
NIGHTS = 30
Place = tuple[str, str]
COLUMNS = {
    "night": TEXT,
    "started_at": TIME,
    "ended_at": TIME,
    **dict.fromkeys(("devices", "in_service", "not_in_service", "not_checked"), COUNT),
    **dict.fromkeys(("findings", "actions", "decisions"), COUNT),
    "needs_attention": NUMBER,
    **dict.fromkeys((*(kind.record.label for kind in FindingKind), OTHER_KINDS), COUNT),
    **{f"{q}_{wait.column}": NUMBER for wait in WAITS for q in ("p50", "p95")},
}


def why_unchecked(not_checked: Mapping[str, str], site: str, connection: str) -> str | None:
    """Why a site's devices at a connection were not checked; None when they were."""
    return not_checked.get(connection, not_checked.get(f"{site} by {connection}"))


def is_checked(facts: NightFacts, device: NightDevice) -> bool:
    """Whether the night checked that device."""
    return why_unchecked(facts.not_checked, device.site, device.connection) is None


def night_of(instant: datetime, zone: str) -> date:
    """The date of a night that began at `instant`, in the time zone `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def as_past(facts: NightFacts) -> Past:
    """The counts of this night to be stored; a wait is named by the stage that ends it."""
    until = {wait.label: wait.until for wait in WAITS}
    times = stages_frame(facts).to_dict("records")
    return Past(
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        states=Counter(
            (s.site, s.connection, s.state.value if is_checked(facts, s) else UNCHECKED)
            for s in facts.devices
        ),
        kinds=Counter(reported.finding.kind.value for reported in facts.reported),
        not_checked=dict(facts.not_checked),
        stages={
            until[row["name"]]: (row["p50_s"], row["p95_s"])
            for row in times
            if row["what"] == "stage"
        },
        actions=sum(done.is_done for done in facts.done),
        decisions=len(facts.decisions),
        needs_attention=sum(reported.needs_attention for reported in facts.reported),
        recorded=facts.recorded,
    )


def by_place(past: Past) -> dict[Place, Counter[str]]:
    """Its devices at each site and connection by their state's label; those not checked as that."""
    found: dict[Place, Counter[str]] = {}
    for (site, connection, state), number in past.states.items():
        unchecked = why_unchecked(past.not_checked, site, connection) is not None
        is_known = not unchecked and state != UNCHECKED
        shown = State(state).record.label if is_known else NOT_CHECKED
        found.setdefault((site, connection), Counter())[shown] += number
    return found


def trend_frame(facts: NightFacts) -> pd.DataFrame:
    """One row for each of the last nights, this one included, oldest first."""
    nights = [*facts.history, as_past(facts)][-NIGHTS:]
    return frame_of(COLUMNS, [tuple(_row(night, facts.zone)) for night in nights])


def _row(past: Past, zone: str) -> Iterator[object]:
    states = sum(by_place(past).values(), Counter[str]())
    total = sum(states.values())
    serving, unchecked = states[State.IN_SERVICE.record.label], states[NOT_CHECKED]
    yield from (night_of(past.started_at, zone).isoformat(), past.started_at, past.ended_at)
    yield from (total, serving, total - serving - unchecked, unchecked)
    findings = sum(past.kinds.values())
    yield from (findings, past.actions, past.decisions, past.needs_attention)
    kinds = [past.kinds.get(kind.value, 0) for kind in FindingKind]
    yield from (*kinds, findings - sum(kinds))
    for wait in WAITS:
        yield from past.stages.get(wait.until, (None, None))
