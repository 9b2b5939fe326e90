"""A device's story for people: a headline, its status now, and everything that happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from fleet.device.request import Request
from fleet.nightly.outlook import Outlook, utc
from fleet.nightly.rules import NightRules
from fleet.nightly.story import DeviceObservation, Story
from fleet.state.device_state import State
from fleet.system.profile import Admission
from reports.device.events import described, held_secret
from reports.page.wording import clean, counted, plain

SHOWN = 500  # events; of more, the earliest are left out


class StoryReport:
    """One device's story and its status at each place, as Markdown or as plain text."""

    def __init__(
        self,
        story: Story,
        observations: Sequence[DeviceObservation],
        rules: NightRules,
        now: datetime,
    ) -> None:
        self.story = story
        self.observations = sorted(observations, key=_foremost)
        self._next = [
            str(Outlook(story, observation, rules, now)) for observation in self.observations
        ]

    @property
    def headline(self) -> str:
        """The device's status and its reason, and what happens next and when."""
        first, *others = self.observations
        name = f"{self.story.device} of {self.story.site}"
        more = (f" Also via {_called(each)}: {_status(each)}." for each in others)
        return clean(f"{name}: {_status(first)}. Next: {self._next[0]}{''.join(more)}")

    @property
    def not_checked(self) -> list[str]:
        """The places that were not checked."""
        return [_called(each) for each in self.observations if each.status is None]

    def markdown(self) -> str:
        """All of it for an artifact; texts of devices and people are escaped."""
        parts = [f"# {plain(self.story.device)} of {plain(self.story.site)}", plain(self.headline)]
        for place, facts in self._places():
            items = [f"- **{label}**: {plain(text)}" for label, text in facts]
            parts += [f"## Now, via {plain(place)}", "\n".join(items)]
        rows = [f"| {' | '.join(map(plain, row))} |" for row in self._rows()]
        table = ["| when | where | what | how |", "|---|---|---|---|", *rows]
        parts += ["## What happened (UTC)", *filter(None, [self._left_out]), "\n".join(table)]
        return "\n\n".join(parts)

    def lines(self) -> list[str]:
        """All of it for a terminal or a log, line by line."""
        lines = [self.headline]
        for place, facts in self._places():
            lines += ["", f"Now, via {clean(place)}"]
            lines += [f"  {label}: {clean(text)}" for label, text in facts]
        lines += ["", "What happened (UTC)", *filter(None, [self._left_out])]
        for when, where, what, how in self._rows():
            by = f" [{where}]" if len(self.observations) > 1 else ""
            lines.append(f"  {when}  {clean(f'{what}: {how}{by}')}")
        return lines

    def _places(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """The facts of each place; what is next at the first one is in the headline."""
        for number, observation in enumerate(self.observations):
            facts = [*_record(observation), *_shown(observation), *_step(observation)]
            facts += [("next", self._next[number])] if number else []
            held = [held_secret(each) for each in self.story.secrets(observation.place)]
            yield _called(observation), [*facts, ("secrets held", "; ".join(held) or "none")]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        by = {
            observation.place: observation.connection or observation.place
            for observation in self.observations
        }
        return [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", by.get(each.place, each.place), *described(each))
            for each in self.story.events[-SHOWN:]
        ]

    @property
    def _left_out(self) -> str:
        more = len(self.story.events) - SHOWN
        return f"{counted(more, 'earlier event')} left out." if more > 0 else ""


def _foremost(observation: DeviceObservation) -> tuple[bool, bool, float]:
    """Sort key: where a roster lists it and it was not retired, then where it changed last."""
    changed = observation.home.record.changed_at.timestamp() if observation.home else 0.0
    return not observation.is_listed, observation.is_retired, -changed


def _called(observation: DeviceObservation) -> str:
    place = f" ({observation.place})" if observation.place else ""
    return f"{observation.connection}{place}" if observation.connection else observation.place


def _status(observation: DeviceObservation) -> str:
    """Its state and why; of a place that was not checked, the last known one."""
    home, status = observation.home, observation.status
    last = f"{home.record.state.record.label} ({home.reason})" if home else ""
    if status is None:
        since = f". In the ledger since {utc(home.record.changed_at)}: {last}" if home else ""
        return f"not checked: {observation.not_checked.strip().rstrip('.')}{since}"
    if home and observation.is_retired and not observation.finding:
        return last
    reason = observation.finding.reason if observation.finding else status.reason
    is_out = home is not None and observation.is_retired and status.state is State.HELD
    state = State.RETIRED if is_out else status.state
    return f"{state.record.label} ({reason})"


def _record(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """What the roster and the ledger say of the device there."""
    if observation.home is None:
        yield "roster", "not in the ledger there"
        return
    record = observation.home.record
    device = record.device
    shows = [f"host id {device.host_id}"] if device.host_id else []
    shows += [f"MAC {mac}" for mac in device.macs]
    shows += [f"zero-touch profile {device.zero_touch}"] if device.zero_touch else []
    listed = "listed" if record.is_listed else "no longer on a roster"
    yield "roster", f"{listed}; {', '.join(shows) or 'identified by its name and code alone'}"
    yield (
        "ledger",
        f"{record.state.record.label} since {utc(record.changed_at)} ({observation.home.reason})",
    )


def _shown(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """What its system shows."""
    status = observation.status
    if status is None or observation.observed is None:
        yield "its system", f"not checked: {observation.not_checked}"
        return
    at = f"{observation.observed:%Y-%m-%d %H:%M:%S} UTC"
    request = status.request
    if request is None:
        yield f"its system at {at}", _unasked(observation)
        return
    serving = "in its device list" if observation.is_serving else "not in its device list"
    yield f"its system at {at}", f"request {request.id}: {_request(request)}; {serving}"


def _unasked(observation: DeviceObservation) -> str:
    """What its system shows of a device that does not ask."""
    profile = observation.system_profile
    if profile is None or profile.admission is Admission.BY_APPROVAL:
        return "no request"
    is_its_own = observation.enrollment is not None and not profile.shares_enrollments
    return "registered, and not activated" if is_its_own else "nothing is shown of it"


def _step(observation: DeviceObservation) -> Iterator[tuple[str, str]]:
    """The step of the pipeline at which it is, and the files to open for that."""
    if observation.step:
        files = f" ({', '.join(observation.modules)})" if observation.modules else ""
        yield "pipeline", f"{observation.step}: {observation.step.meaning}{files}"


def _request(request: Request) -> str:
    """A request, in the words of its system and of the device."""
    texts = {
        "": request.status or request.progress.value,
        "message": request.message,
        "hostname": request.hostname,
        "identity": str(request.identity) if request.identity else "",
        "hardware": request.hardware,
        "version": request.version,
        "asked at": utc(request.asked_at) if request.asked_at else "",
        "last step": " ".join(f"{each.name} {each.status}" for each in request.steps[-1:]),
        "site": request.site or "",
    }
    return ", ".join(f"{label} {text}".strip() for label, text in texts.items() if text)
