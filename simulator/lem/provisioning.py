"""What LEM does with an approved request: one step after the other, each of which takes time."""

from functools import partial

from simulator.agenda import Agenda
from simulator.draw import fraction
from simulator.lem.activation_request import STEPS, ActivationRequest, Progress, State, Step
from simulator.lem.device import device_id, device_of
from simulator.lem.records import Records
from simulator.lem.settings import LemSettings

NEXT = dict(zip(STEPS, [*STEPS][1:], strict=False))
NO_ANSWER = "License server did not answer"
NO_KEY = "No license key defined"
NO_DEVICE_LEFT = "Activation code allows no further device"


class Provisioning:
    """The requests that are on their way, and the devices they become."""

    def __init__(self, records: Records, agenda: Agenda, settings: LemSettings) -> None:
        self._records, self._agenda, self._settings = records, agenda, settings

    def resume(self) -> None:
        """Continue the steps that an earlier simulator had started."""
        for request in self._records.requests:
            if request.step_due is not None:
                self._plan(request, request.step_due)

    def approve(self, request: ActivationRequest, by: str, now: int) -> None:
        """Approve a pending request, and begin to provision its device."""
        request.state, request.updated_by = State.PROCESSING, by
        request.steps.append(Step("APPROVED", Progress.DONE, now))
        self._show_at("APPROVED", request, now)
        self._begin("CONFIRMED", request, now)

    def reject(self, request: ActivationRequest, by: str) -> None:
        """Reject a request, and stop what was being done for it."""
        request.state, request.updated_by, request.step_due = State.REJECTED, by, None
        self._records.devices.drop(self._device_id(request))
        self._records.requests.put(request)

    def deactivate(self, request: ActivationRequest, by: str) -> None:
        """Take an activated device out of service; the device list shows it as inactive."""
        request.state, request.updated_by = State.DEACTIVATED, by
        self._records.requests.put(request)
        device = self._records.devices.get(self._device_id(request))
        if device:
            device.status, device.online = "INACTIVE", False
            self._records.devices.put(device)

    def retry(self, request: ActivationRequest, now: int) -> None:
        """Run the failed step of a request again."""
        request.retries += 1
        request.state, request.message = State.PROCESSING, ""
        self._begin(request.steps.pop().name, request, now)

    def repair(self, request: ActivationRequest, now: int) -> None:
        """Let a request have no trouble from now on; a step that hung continues."""
        hung = request.state is State.PROCESSING and request.step_due is None
        request.behavior = "prompt"
        self._records.requests.put(request)
        if hung:
            self._plan(request, now + self._lasts(request))
            self._records.requests.put(request)

    def _begin(self, name: str, request: ActivationRequest, now: int) -> None:
        request.steps.append(Step(name, Progress.RUNNING, now))
        self._records.requests.put(request)
        if request.behavior != "stuck-approved":
            self._plan(request, now + self._lasts(request))

    def _lasts(self, request: ActivationRequest) -> int:
        """How long the step that a request is at takes, in milliseconds."""
        step, settings = request.steps[-1].name, self._settings
        drawn = fraction(self._records.seed, request.host_id, step, request.retries)
        off = settings.step_spread * (2 * drawn - 1)
        return round(settings.seconds_per_step * (1 + off) * 1000)

    def _plan(self, request: ActivationRequest, due: int) -> None:
        request.step_due = due
        self._agenda.at(due, partial(self._finish, request))

    def _finish(self, request: ActivationRequest, now: int) -> None:
        if request.step_due != now:  # rejected meanwhile
            return
        request.step_due = None
        step = request.steps[-1]
        step.updated_at = now
        step.message = self._trouble(request, step.name)
        if step.message:
            self._fail(request, step)
        else:
            self._succeed(request, step, now)
        self._records.requests.put(request)

    def _fail(self, request: ActivationRequest, step: Step) -> None:
        step.progress = Progress.FAILED
        request.state, request.message = State.FAILED, step.message or ""

    def _succeed(self, request: ActivationRequest, step: Step, now: int) -> None:
        step.progress = Progress.DONE
        if step.name.startswith("LICENSE") and not self._has_license(request):
            step.progress, step.message = Progress.SKIPPED, NO_KEY
        self._show_at(step.name, request, now)
        if step.name in NEXT:
            self._begin(NEXT[step.name], request, now)
        else:
            self._activate(request, now)

    def _activate(self, request: ActivationRequest, now: int) -> None:
        request.state, request.device_id = State.ACTIVATED, self._device_id(request)
        config = self._records.configs.get(request.code)
        if config and request.device_id not in config.usages:
            config.usages.append(request.device_id)
            self._records.configs.put(config)
        self._show_at("ACTIVATED", request, now)

    def _trouble(self, request: ActivationRequest, step: str) -> str | None:
        fails = {"fails-always": True, "fails-once": request.retries == 0}
        if step == self._settings.failing_step and fails.get(request.behavior):
            return NO_ANSWER
        config = self._records.configs.get(request.code)
        if step not in NEXT and config and config.full:
            return None if self._device_id(request) in config.usages else NO_DEVICE_LEFT
        return None

    def _has_license(self, request: ActivationRequest) -> bool:
        config = self._records.configs.get(request.code)
        return bool(config and config.license_skus)

    def _show_at(self, moment: str, request: ActivationRequest, now: int) -> None:
        known = self._records.devices.get(self._device_id(request))
        if moment == self._settings.device_visible and not (known and known.status == "ACTIVE"):
            visible = now + round(self._settings.device_visible_seconds * 1000)
            self._records.devices.put(device_of(request, self._records.seed, visible, now))

    def _device_id(self, request: ActivationRequest) -> str:
        return device_id(request.project, request.host_id, self._records.seed)
