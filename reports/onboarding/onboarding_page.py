"""The report's page: one self-contained HTML file that needs no network and no script."""

import base64
import hashlib
from datetime import UTC
from functools import cache

import pandas as pd
from jinja2 import Environment

from fleet.roster.listed import repairs_by_cause
from fleet.state.device_state import STATE_TONES
from fleet.text.tone import Tone
from reports.onboarding.actions_taken import actions_taken
from reports.onboarding.columns_read import of_columns
from reports.onboarding.need import SPARE, UNKNOWN_DEVICE, needs
from reports.onboarding.onboarding import (
    FAULTY_LINE,
    NOT_CHECKED,
    REPAIR_PROPOSED,
    OnboardingFacts,
    onboarding_frame,
)
from reports.onboarding.summary import ORDER, summary
from reports.page.stages import stage_times
from reports.page.template import environment, shares
from reports.page.wording import legible

TONES = STATE_TONES | dict.fromkeys(
    (FAULTY_LINE, REPAIR_PROPOSED, UNKNOWN_DEVICE, SPARE, NOT_CHECKED), Tone.WARN.value
)
# A browser is slow with larger pages, and mails refuse them: some 5 MB. The table has all.
SHOWN_LINES, SHOWN_NEEDS = 5000, 2000


def to_html(facts: OnboardingFacts) -> str:
    """The whole report as one page; everything that came from outside is escaped."""
    frame, counts = onboarding_frame(facts), summary(facts)
    needed = needs(facts)
    shown = frame if len(frame) <= SHOWN_LINES else urgent_first(frame)[:SHOWN_LINES]
    started_at, ended_at = facts.started_at.astimezone(UTC), facts.ended_at.astimezone(UTC)
    return (
        _environment()
        .get_template("onboarding/onboarding.html.j2")
        .render(
            site=legible(facts.roster.site),
            run_name=legible(facts.run_name),
            system=legible(facts.system),
            started_at=started_at,
            ended_at=ended_at,
            took=(ended_at - started_at).total_seconds(),
            today=started_at.date(),
            dry_run=facts.dry_run,
            not_checked={legible(n): legible(why) for n, why in facts.not_checked.items()},
            mixed=len(facts.roster.by_connection) > 1,
            summary=counts,
            shares=shares(counts.counts),
            needs=needed[:SHOWN_NEEDS],
            needed=len(needed),
            stages=stage_times(frame),
            rows=list(shown.itertuples(index=False)),
            left=len(frame) - len(shown),
            **of_columns(facts.roster),
            repaired=[
                (legible(each.places), legible(each.first.column or "line"), legible(each.reason))
                for each in repairs_by_cause(facts.roster.repaired, "used")
            ],
            actions_taken=actions_taken(facts),
            decisions=facts.decisions,
            script_hash=_script_hash(),
        )
    )


def urgent_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines that need attention first, then those on their way, those in service last."""
    return frame.sort_values("state", key=lambda states: states.map(ORDER.index), kind="stable")


@cache
def _environment() -> Environment:
    return environment({}, {"tones": TONES})


@cache
def _script_hash() -> str:
    """What the page's policy lets run: this script and no other, wherever it came from."""
    script = _environment().get_template("page/page.js").render()
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
