"""Nights, rotations and retirements that crash at any boundary: carried on, and nothing lost."""

import asyncio

import pytest

from fleet.action.action import Retire, Rotate
from fleet.device.secret import SecretKind
from fleet.nightly.catalog import FindingKind
from tests.reliability.amount import sample
from tests.reliability.audit import sealed, unfinished, violations
from tests.reliability.clock import Clock
from tests.reliability.machine import LEASE, Machine
from tests.reliability.plant import Plant, digest
from tests.reliability.scenes import roster, set_up
from tests.reliability.seam import Crash, Seam, Seamed, Side, within

THREE = roster()
GATEWAY = THREE["provision-api"][0]
KEY_FINDINGS = {FindingKind.LOST, FindingKind.KEY_NOT_HELD}


class Story:
    """A plant whose devices are in service, but for one of LEM's that has not asked yet."""

    def __init__(self):
        self.plant = Plant()
        self.clock = Clock(self.plant)
        self.machine = Machine(self.plant, self.clock)

    async def begin(self):
        await set_up(self.plant, THREE, **{"edge-1": "never"})
        await Machine(self.plant, self.clock, rounds=3).onboard(THREE)

    async def crash(self, work, at):
        """What a machine does, to that boundary; its lease then ends."""
        seam = Seam(at)
        machine = Machine(self.plant, self.clock, Seamed(seam, self.plant.transport))
        try:
            with within(seam):
                await work(machine)
        except Crash:
            await self.clock.advance(LEASE)
        return seam


async def crossed(work, prepare):
    """All boundaries of `work` that nothing happens to."""
    story = Story()
    await story.begin()
    await prepare(story)
    return (await story.crash(work, 0)).crossed


async def nothing(_story):
    pass


async def ask(story):
    """The last device is switched on."""
    edge = {"name": "edge-2", "host_id": THREE["lem"][0].host_id}
    await story.plant.control("lem/boot", devices=[edge])


def night(machine):
    return machine.night()


def rotation(machine):
    return machine.change("provision-api", GATEWAY, Rotate)


def retirement(machine):
    return machine.change("provision-api", GATEWAY, Retire)


async def after_night(story):
    """What is wrong after the night crashed: the next one and a run carry on."""
    await story.machine.night()
    ended = await story.machine.onboard(THREE)
    return [*violations(await story.plant.record(), ended), *unfinished(ended)]


async def after_rotation(story):
    """What is wrong: until the next rotation, a key that is not held must be told; then it is."""
    reported = await key_is_reported(story)
    held = await key_is_held(story)
    await rotation(story.machine)
    return [
        *([] if reported or held else ["its key is neither held nor told as lost"]),
        *([] if await key_is_held(story) else ["after another rotation, its key is not held"]),
        *(["after another rotation, it is told as lost"] if await key_is_reported(story) else []),
    ]


async def key_is_reported(story):
    found = (await story.machine.night()).findings
    return any(each.kind in KEY_FINDINGS and each.device == GATEWAY.name for each in found)


async def key_is_held(story):
    """Whether the last token that is sealed is the one by which the device is known."""
    mine = [each for each in sealed() if each.device == GATEWAY.name]
    tokens = [each for each in mine if each.kind is SecretKind.PROVISION_TOKEN]
    known = (await story.plant.record()).keys[GATEWAY.name]
    return digest(tokens[-1].value.get_secret_value()) == known


async def after_retirement(story):
    """What is wrong: once it is made again, the device is out, and no night brings it back."""
    await retirement(story.machine)
    await story.machine.night()
    record = await story.plant.record()
    status, registered = record.status(GATEWAY.name), record.calls["registrations"]
    return [
        *([] if status == "REVOKED" else [f"it is {status}"]),
        *([] if registered[f"tenant-a/{GATEWAY.name}"] == 1 else ["it was registered again"]),
    ]


@pytest.mark.parametrize(
    ("work", "prepare", "carried_on"),
    [
        (night, ask, after_night),
        (rotation, nothing, after_rotation),
        (retirement, nothing, after_retirement),
    ],
    ids=["a night", "a rotation", "a retirement"],
)
def test_it_is_carried_on_after_a_crash_at_any_boundary(
    new_ledger, record_property, work, prepare, carried_on
):
    async def crashed_at(at):
        story = Story()
        await story.begin()
        await prepare(story)
        seam = await story.crash(work, at)
        return [f"{at} {seam.last}: {each}" for each in await carried_on(story)]

    new_ledger()
    every = asyncio.run(crossed(work, prepare))
    points = sample(range(1, len(every) + 1), 4)
    wrong = []
    for at in points:
        new_ledger()
        wrong += asyncio.run(crashed_at(at))

    record_property("crashes", len(points))
    assert [what for side, what in every if side is Side.BEFORE_CALL and what[:4] == "POST"]
    assert wrong == []
