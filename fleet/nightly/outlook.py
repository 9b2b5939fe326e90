"""An outlook: what happens next to one device at one place and when, by the rules of the nights."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.action.action import Approve, Confirm, Reject, Retry
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.rule import NightRule, Remediation
from fleet.nightly.rules import NightRules
from fleet.nightly.story import NEVER, DeviceObservation, Story
from fleet.state.device_state import State
from fleet.status.holds import NO_REVIEW

FORM = "the review's run, in the Prefect UI, has the form."


@dataclass(frozen=True)
class Outlook:
    """What happens next, as sentences."""

    story: Story
    observation: DeviceObservation
    rules: NightRules
    now: datetime

    def __str__(self) -> str:
        at_work = (f"The run {each.run!r} works on it now." for each in self.story.at_work)
        return " ".join([*at_work, *self._next()])

    def _next(self) -> Iterator[str]:
        observation = self.observation
        if observation.status is None:
            yield "That depends on what its system shows, which could not be observed."
        elif observation.is_retired:
            yield from map(self._about, observation.findings)
            if not observation.findings:
                yield "Nothing: it was taken out of service. Every night checks that it stays so."
        elif not observation.is_listed:
            yield self._unlisted()
        else:
            yield self._planned() or self._first()
            yield from (
                self._beside(each) for each in observation.findings if not self._is_its(each)
            )

    def _unlisted(self) -> str:
        if self.observation.is_serving:
            return f"Nothing by itself: it is on no roster. {FindingKind.UNLISTED.record.remedy}"
        return "Nothing: it is on no roster, and no run manages it."

    def _planned(self) -> str:
        """What the next run does for it; an enrollment only where a rule says so."""
        status, system_profile = self.observation.status, self.observation.system_profile
        action = status.action if status else None
        if isinstance(action, Confirm):
            return f"{self._runs} notes that it is in service."
        if isinstance(action, Approve) and system_profile:
            return f"{self._runs} will {system_profile.admit} it."
        if isinstance(action, Reject | Retry):
            return f"{self._runs} will {action.kind.record.label} it: {action.reason}."
        return ""

    def _first(self) -> str:
        """What becomes of what is wrong with the device itself."""
        if self.observation.finding:
            return self._about(self.observation.finding)
        if self.observation.status and self.observation.status.state is State.IN_SERVICE:
            return "Nothing: it is in service."
        again = f"{self._runs} observes it again."
        is_held = self.observation.status and self.observation.status.state is State.HELD
        return f"{NO_REVIEW} {again}" if is_held else again

    def _is_its(self, finding: Finding) -> bool:
        return finding.subject == self.story.device

    def _beside(self, finding: Finding) -> str:
        return f"Beside it, {finding.subject} is held ({finding.reason}): {self._about(finding)}"

    def _about(self, finding: Finding) -> str:
        """What nights do about a finding, and what a person should."""
        rule = self.rules.of(self.story.site, finding.kind)
        found = self.story.found(self.observation.place, finding.kind)
        actions = found.actions if found else 0
        messages = [self._until_then(finding)]
        if self._is_possible(rule.do, finding):
            messages.append(self._by_rule(rule, finding, actions))
        elif not (finding.kind.record.may_pass or finding.kind.record.is_reviewed):
            messages.append("Nothing by itself.")
        if not self._is_possible(rule.do, finding) or rule.is_exhausted(actions):
            messages.append(self._step(rule, finding))
        return " ".join(filter(None, messages))

    def _until_then(self, finding: Finding) -> str:
        """What goes on meanwhile."""
        if finding.kind.record.may_pass:
            return f"{self._runs} checks whether that has changed.{self._code()}"
        if not finding.kind.record.is_reviewed:
            return ""
        return f"People may decide until {utc(until)}: {FORM}" if (until := self._review) else ""

    def _is_possible(self, remediation: Remediation, finding: Finding) -> bool:
        """Whether nights can do that: a request is needed to retry or to reject."""
        if remediation is Remediation.REPORT:
            return False
        return finding.request_key is not None or not remediation.record.needs_request

    def _by_rule(self, rule: NightRule, finding: Finding, actions: int) -> str:
        """What nights do about it, how often they did and when they do so next."""
        record = rule.do.record
        count = f"{actions} of {rule.times} {record.noun} done"
        if rule.is_exhausted(actions):
            return f"Nothing more by itself: {count}."
        due = self._due(rule, finding)
        when = f"after {utc(due)}, by " if due > self.now else "by "
        return f"It is {record.done} {when}{self._runs[:1].lower()}{self._runs[1:]}: {count}."

    def _due(self, rule: NightRule, finding: Finding) -> datetime:
        """When nights may do something about it again, or for the first time."""
        found = self.story.found(self.observation.place, finding.kind)
        if found and found.last_action_at:
            return _later(found.last_action_at, rule.gap, 2 ** max(0, found.actions - 1))
        return _later(finding.since, rule.after)

    def _step(self, rule: NightRule, finding: Finding) -> str:
        """What a person should do, and from when on a report asks for it."""
        record = finding.kind.record
        if record.is_reviewed and self._review:
            return ""
        if finding.remedy == NO_REVIEW:
            return NO_REVIEW
        due = _later(finding.since, rule.after)
        later = f"From {utc(due)} on it is reported as {record.label!r}. "
        return f"{later if due > self.now else ''}{finding.remedy}"

    @property
    def _review(self) -> datetime | None:
        return self.story.review_until(self.observation.place, self.now)

    def _code(self) -> str:
        """Until when it may ask by its code."""
        status, enrollment = self.observation.status, self.observation.enrollment
        if enrollment is None or (status and status.request):
            return ""
        if enrollment.expires_at.year >= NEVER:
            return ""
        word = "expires" if enrollment.expires_at > self.now else "expired"
        return f" Its code {word} at {utc(enrollment.expires_at)}."

    @property
    def _runs(self) -> str:
        """The run that observes it next, at the beginning of a sentence."""
        if self.observation.next_run:
            return f"The run at {utc(self.observation.next_run)}"
        return f"The next {'ten-minute' if self.observation.is_watched else 'nightly'} run"


def _later(instant: datetime, gap: timedelta, times: int = 1) -> datetime:
    """`instant` and so many gaps, or the end of all calendars."""
    try:
        return instant + gap * times
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def utc(instant: datetime) -> str:
    """`instant` to the minute."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"
