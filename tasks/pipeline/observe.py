"""Observe: what the system shows of a run's devices. No other module of `tasks` asks for that."""

from collections.abc import Awaitable, Callable, Sequence

from prefect import task

from fleet.device.device import Device
from fleet.state.observation import Observation
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.retries import READS

Observe = Callable[[ConnectionRun], Awaitable[Observation]]


async def observe(run: ConnectionRun, devices: Sequence[Device] | None = None) -> Observation:
    """What the system shows of `devices`, by default the run's: one call per kind of list."""
    run.recall_secrets()
    asked = run.desired.devices if devices is None else devices
    return await run.system.observe(run.desired.site, asked, run.keyring)


async def observed(run: ConnectionRun, devices: Sequence[Device] | None = None) -> Observation:
    """One observation of `devices`, by default the run's, as a task run: *observe edge-042*."""
    observation: Observation = await result_of(_observe(run, devices))
    return observation


@task(task_run_name="observe {run.subject}", **READS)
@failing_plainly
async def _observe(run: ConnectionRun, devices: Sequence[Device] | None) -> Observation:
    """One observation; it claims and changes nothing."""
    return await observe(run, devices)
