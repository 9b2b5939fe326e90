"""What an attacker gives to a form, and reads of what comes back: the run's message."""

import asyncio

import pytest

from fleet.admission.policy_file import read_policy
from fleet.roster.reading import roster_of
from fleet.system.integrations import read_configuration
from fleet.text.expected import ExpectedError
from tasks.text.given_roster import given_roster
from tasks.text.given_text import given_text
from tasks.text.text_kind import INTEGRATIONS, POLICY

SECRET = "hunter2-of-plant-7"  # what must never come back
GOOD = "device,mac\nedge-1,00:1a:2b:3c:4d:5e\n"


def onboarded(roster, seconds=30):
    """What onboard-site reads: the names of the devices."""
    sent = asyncio.run(given_roster(str(roster), seconds))
    return [device.name for device in roster_of(sent, "plant-7", "lem").devices]


def backtested(policy):
    """What backtest-policy reads."""
    return read_policy(asyncio.run(given_text(str(policy), POLICY)), "given")


def integrated(configuration):
    """What configure-integrations reads."""
    return read_configuration(asyncio.run(given_text(str(configuration), INTEGRATIONS)))


def refused(read, *given):
    """The message that the attacker reads."""
    with pytest.raises(ExpectedError) as error:
        read(*given)
    return str(error.value)


def allow(monkeypatch, *hosts, networks=""):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", ",".join(hosts))
    monkeypatch.setenv("MUSTER_ROSTER_NETWORKS", networks)
